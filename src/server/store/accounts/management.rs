//! Management of people by administrators: roles, deactivation, and the list of people.

use super::{
    audit_log::{Actor, Audit},
    people::{self, PersonRow},
};
use crate::{
    domain::{
        ChatError, Millis, Person, PersonId, Right, Role,
        account::{AuditAction, ManagedPerson, PAGE_SIZE, PeoplePage},
    },
    server::store::{Result, Store, StoreEvent, WriteTx},
};

/// Which people are listed.
#[derive(Clone, Debug, Default)]
pub struct PeopleQuery {
    /// A part of their username or display name; empty for all.
    pub text: String,
    /// Their role.
    pub role: Option<Role>,
    /// The last person of the previous page.
    pub after: Option<PersonId>,
}

#[derive(sqlx::FromRow)]
struct ManagedRow {
    #[sqlx(flatten)]
    person: PersonRow,
    created: Millis,
    last_used: Option<Millis>,
    sessions: i64,
}

impl Store {
    /// A page of people by display name, with their activity.
    ///
    /// # Errors
    /// A database error.
    pub async fn managed_people(&self, query: PeopleQuery) -> Result<PeoplePage> {
        let PeopleQuery { text, role, after } = query;
        let rows: Vec<ManagedRow> = sqlx::query_as(
            "select v.*, p.created, \
             (select max(last_used) from sessions s where s.person = p.id and s.expires > $5) \
             as last_used, \
             (select count(*) from sessions s where s.person = p.id and s.expires > $5) \
             as sessions \
             from people p join profiles v on v.id = p.id \
             where ($1 = '' or instr(lower(p.display_name), lower($1)) \
             or instr(p.username, lower($1))) and ($2 is null or p.role = $2) \
             and ($3 is null or (lower(p.display_name), p.id) > \
             (select lower(display_name), id from people where id = $3)) \
             order by lower(p.display_name), p.id limit $4",
        )
        .bind(text)
        .bind(role)
        .bind(after)
        .bind(PAGE_SIZE + 1)
        .bind(self.clock.now())
        .fetch_all(&self.readers)
        .await?;
        let more = rows.len() > PAGE_SIZE as usize;
        let people = rows
            .into_iter()
            .take(PAGE_SIZE as usize)
            .map(|row| ManagedPerson {
                person: row.person.into(),
                created: row.created,
                last_used: row.last_used,
                sessions: u32::try_from(row.sessions).unwrap_or_default(),
            })
            .collect();
        Ok(PeoplePage { people, more })
    }

    /// Changes the role of a person.
    ///
    /// # Errors
    /// `forbidden` for all but administrators; `not_found`; `conflict` for the last administrator.
    pub async fn set_role(&self, actor: Actor, person: PersonId, role: Role) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                tx.require(actor, Right::ManagePeople).await?;
                let before = people::profile(&mut tx.connection, person).await?;
                if before.role == role {
                    return Ok(());
                }
                if before.role == Role::Administrator {
                    tx.require_other_administrator(person).await?;
                }
                sqlx::query("update people set role = $2 where id = $1")
                    .bind(person)
                    .bind(role)
                    .execute(&mut tx.connection)
                    .await?;
                // Issued by or for somebody with other rights.
                tx.void_resets(person).await?;
                tx.profile_updated(person).await?;
                let audit = Audit::new(AuditAction::RoleChanged, actor).on(person);
                tx.audit(audit.detail(role.as_str())).await
            })
        })
        .await
    }

    /// Deactivates an account: its sessions end, and nobody can sign in to it.
    ///
    /// # Errors
    /// `forbidden` for all but administrators and the person; `not_found`; `conflict` for the last
    /// administrator.
    pub async fn deactivate(&self, actor: Actor, person: PersonId) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                if actor.person != person {
                    tx.require(actor, Right::ManagePeople).await?;
                }
                let before = people::profile(&mut tx.connection, person).await?;
                if before.deactivated {
                    return Ok(());
                }
                if before.role == Role::Administrator {
                    tx.require_other_administrator(person).await?;
                }
                sqlx::query("update people set deactivated = $2 where id = $1")
                    .bind(person)
                    .bind(tx.now)
                    .execute(&mut tx.connection)
                    .await?;
                // First, so that their sockets are told the reason.
                tx.emit(StoreEvent::Deactivated(person));
                tx.end_sessions_of(person, None).await?;
                tx.void_resets(person).await?;
                tx.profile_updated(person).await?;
                tx.audit(Audit::new(AuditAction::Deactivated, actor).on(person)).await
            })
        })
        .await
    }

    /// Reactivates an account: the person can sign in again.
    ///
    /// # Errors
    /// `forbidden` for all but administrators; `not_found`.
    pub async fn reactivate(&self, actor: Actor, person: PersonId) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                tx.require(actor, Right::ManagePeople).await?;
                if !people::profile(&mut tx.connection, person).await?.deactivated {
                    return Ok(());
                }
                sqlx::query("update people set deactivated = null where id = $1")
                    .bind(person)
                    .execute(&mut tx.connection)
                    .await?;
                tx.profile_updated(person).await?;
                tx.audit(Audit::new(AuditAction::Reactivated, actor).on(person)).await
            })
        })
        .await
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// `forbidden` for all but administrators; `not_found`.
    pub async fn end_sessions(&self, actor: Actor, person: PersonId) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                tx.require(actor, Right::ManagePeople).await?;
                people::profile(&mut tx.connection, person).await?;
                tx.end_sessions_of(person, None).await?;
                tx.audit(Audit::new(AuditAction::SessionsEnded, actor).on(person)).await
            })
        })
        .await
    }
}

impl WriteTx {
    /// Checks inside the transaction whether somebody has a right: the role may just have changed.
    pub(super) async fn require(&mut self, actor: Actor, right: Right) -> Result<()> {
        let by = self.active_person(actor.person).await?;
        Ok(by.require(right)?)
    }

    /// The role of somebody who acts in this transaction: they may just have been deactivated.
    pub(in crate::server::store) async fn active_role(&mut self, person: PersonId) -> Result<Role> {
        Ok(self.active_person(person).await?.role)
    }

    async fn active_person(&mut self, person: PersonId) -> Result<Person> {
        let found = people::profile(&mut self.connection, person).await?;
        if found.deactivated {
            return Err(ChatError::no_session().into());
        }
        Ok(found)
    }

    /// Checks that the workspace keeps an administrator without this person.
    async fn require_other_administrator(&mut self, person: PersonId) -> Result<()> {
        let other: Option<(i64,)> = sqlx::query_as(
            "select 1 from people where role = 'administrator' and deactivated is null \
             and id <> $1 limit 1",
        )
        .bind(person)
        .fetch_optional(&mut self.connection)
        .await?;
        if other.is_none() {
            return Err(ChatError::conflict(
                "The workspace needs an administrator. Make somebody else an administrator first.",
            )
            .into());
        }
        Ok(())
    }
}
