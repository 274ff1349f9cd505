//! Changes of one's own profile: names, title and time zone.

use super::{
    audit_log::{Actor, Audit},
    display_names,
    people::{self, username_taken},
};
use crate::{
    domain::account::AuditAction,
    server::{
        names,
        store::{Result, Store, WriteTx},
    },
};

/// What changes in a profile, already validated; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// The username and its confusable key.
    pub username: Option<(String, String)>,
    /// The display name.
    pub display_name: Option<String>,
    /// The title; `Some(None)` removes it.
    pub title: Option<Option<String>>,
    /// The time zone; `Some(None)` removes it.
    pub time_zone: Option<Option<String>>,
}

impl Store {
    /// Changes a profile.
    ///
    /// # Errors
    /// `conflict` at `username` or `display_name`, when it is taken or looks like another one.
    pub async fn set_profile(&self, actor: Actor, change: ProfileChange) -> Result<()> {
        self.write(move |tx| Box::pin(tx.set_profile(actor, change))).await
    }
}

impl WriteTx {
    async fn set_profile(&mut self, actor: Actor, change: ProfileChange) -> Result<()> {
        let person = actor.person;
        let before = people::profile(&mut self.connection, person).await?;
        let mut after = before.clone();
        if let Some((username, key)) = change.username.filter(|(new, _)| *new != before.username) {
            let taken = sqlx::query(
                "update people set username = $2, username_key = $3 where id = $1 \
                 and not exists (select 1 from people where username_key = $3 and id <> $1)",
            )
            .bind(person)
            .bind(&username)
            .bind(key)
            .execute(&mut self.connection)
            .await?;
            if taken.rows_affected() == 0 {
                return Err(username_taken().into());
            }
            let audit = Audit::new(AuditAction::UsernameChanged, actor).on(person);
            self.audit(audit.detail(&*username)).await?;
            after.username = username;
        }
        if let Some(name) = change.display_name.filter(|new| *new != before.display_name) {
            let forms = names::confusable_forms(&name);
            display_names::check(&mut self.connection, &name, &forms, Some(person)).await?;
            display_names::delete(&mut self.connection, person).await?;
            display_names::insert(&mut self.connection, person, &name, forms).await?;
            after.display_name = name;
        }
        after.title = change.title.unwrap_or(after.title);
        after.time_zone = change.time_zone.unwrap_or(after.time_zone);
        // An unchanged profile is no event.
        if after == before {
            return Ok(());
        }
        sqlx::query(
            "update people set display_name = $2, title = $3, time_zone = $4 where id = $1",
        )
        .bind(person)
        .bind(after.display_name)
        .bind(after.title)
        .bind(after.time_zone)
        .execute(&mut self.connection)
        .await?;
        self.profile_updated(person).await?;
        Ok(())
    }
}
