//! What the operator can do to accounts on the machine: `chatbox admin`. The audit log shows it
//! without an actor.

use super::{audit_log::Audit, credentials::CodeHash, people};
use crate::{
    domain::{ChatError, Millis, Person, PersonId, Role, account::AuditAction},
    server::store::{Result, Store, WriteTx},
};

impl Store {
    /// Makes somebody an administrator, and reactivates their account.
    ///
    /// # Errors
    /// `not_found` when nobody has this username.
    pub async fn promote(&self, username_key: String) -> Result<Person> {
        self.write(move |tx| {
            Box::pin(async move {
                let person = tx.person_with_username(&username_key).await?;
                let before = people::profile(&mut tx.connection, person).await?;
                sqlx::query("update people set role = $2, deactivated = null where id = $1")
                    .bind(person)
                    .bind(Role::Administrator)
                    .execute(&mut tx.connection)
                    .await?;
                // Issued by somebody with other rights.
                tx.void_resets(person).await?;
                if before.deactivated {
                    tx.audit(Audit::new(AuditAction::Reactivated, None).on(person)).await?;
                }
                let audit = Audit::new(AuditAction::RoleChanged, None).on(person);
                tx.audit(audit.detail(Role::Administrator.as_str())).await?;
                tx.profile_updated(person).await
            })
        })
        .await
    }

    /// Stores a password reset for somebody, in place of earlier ones. Returns its expiry.
    ///
    /// # Errors
    /// `not_found` when nobody has this username; `conflict` for a deactivated account.
    pub async fn issue_operator_reset(
        &self,
        username_key: String,
        code: CodeHash,
    ) -> Result<(Person, Millis)> {
        self.write(move |tx| {
            Box::pin(async move {
                let person = tx.person_with_username(&username_key).await?;
                let profile = people::profile(&mut tx.connection, person).await?;
                let expires = tx.insert_reset(&profile, None, code).await?;
                tx.audit(Audit::new(AuditAction::ResetIssued, None).on(person)).await?;
                Ok((profile, expires))
            })
        })
        .await
    }

    /// Ends all sessions of somebody.
    ///
    /// # Errors
    /// `not_found` when nobody has this username.
    pub async fn end_all_sessions(&self, username_key: String) -> Result<Person> {
        self.write(move |tx| {
            Box::pin(async move {
                let person = tx.person_with_username(&username_key).await?;
                tx.end_sessions_of(person, None).await?;
                tx.audit(Audit::new(AuditAction::SessionsEnded, None).on(person)).await?;
                people::profile(&mut tx.connection, person).await
            })
        })
        .await
    }
}

impl WriteTx {
    async fn person_with_username(&mut self, username_key: &str) -> Result<PersonId> {
        let found: Option<(PersonId,)> =
            sqlx::query_as("select id from people where username_key = $1")
                .bind(username_key)
                .fetch_optional(&mut self.connection)
                .await?;
        let (person,) = found.ok_or_else(ChatError::not_found)?;
        Ok(person)
    }
}
