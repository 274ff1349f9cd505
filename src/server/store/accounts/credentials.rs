//! Passwords and the codes that replace a forgotten one. Only hashes are stored.

use super::{
    TokenHash,
    audit_log::{Actor, Audit},
    people,
};
use crate::{
    domain::{
        ChatError, Code, Millis, Person, PersonId, Right, Role,
        account::{AuditAction, RESET_LIFETIME, invalid_link},
    },
    server::store::{Result, Store, StoreEvent, WriteTx},
};

/// SHA-256 of a code.
pub type CodeHash = [u8; 32];

impl Store {
    /// The password hash of an account that can sign in.
    ///
    /// # Errors
    /// A database error.
    pub async fn password_hash(&self, person: PersonId) -> Result<Option<String>> {
        let row: Option<(String,)> = sqlx::query_as(
            "select password_hash from people where id = $1 and deactivated is null",
        )
        .bind(person)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|(hash,)| hash))
    }

    /// Replaces a password that is still `current`, and ends all other sessions.
    ///
    /// # Errors
    /// `conflict` when the password was changed meanwhile.
    pub async fn change_password(&self, actor: Actor, current: String, new: String) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                let changed = sqlx::query(
                    "update people set password_hash = $3 where id = $1 and password_hash = $2",
                )
                .bind(actor.person)
                .bind(current)
                .bind(new)
                .execute(&mut tx.connection)
                .await?;
                if changed.rows_affected() == 0 {
                    return Err(password_changed().into());
                }
                tx.void_resets(actor.person).await?;
                tx.end_sessions_of(actor.person, actor.session).await?;
                tx.audit(Audit::new(AuditAction::PasswordChanged, actor).on(actor.person)).await
            })
        })
        .await
    }

    /// Replaces the recovery codes of a person whose password is still `current`.
    ///
    /// # Errors
    /// `conflict` when the password was changed meanwhile.
    pub async fn set_recovery_codes(
        &self,
        actor: Actor,
        current: String,
        codes: Vec<CodeHash>,
    ) -> Result<()> {
        self.write(move |tx| {
            Box::pin(async move {
                let same: Option<(i64,)> =
                    sqlx::query_as("select 1 from people where id = $1 and password_hash = $2")
                        .bind(actor.person)
                        .bind(current)
                        .fetch_optional(&mut tx.connection)
                        .await?;
                if same.is_none() {
                    return Err(password_changed().into());
                }
                sqlx::query("delete from recovery_codes where person = $1")
                    .bind(actor.person)
                    .execute(&mut tx.connection)
                    .await?;
                for code in codes {
                    sqlx::query("insert into recovery_codes (person, code_hash) values ($1, $2)")
                        .bind(actor.person)
                        .bind(code.to_vec())
                        .execute(&mut tx.connection)
                        .await?;
                }
                tx.audit(Audit::new(AuditAction::RecoveryCodesGenerated, actor).on(actor.person))
                    .await
            })
        })
        .await
    }

    /// How many recovery codes a person has left.
    ///
    /// # Errors
    /// A database error.
    pub async fn unused_recovery_codes(&self, person: PersonId) -> Result<usize> {
        let (count,): (i64,) = sqlx::query_as(
            "select count(*) from recovery_codes where person = $1 and used is null",
        )
        .bind(person)
        .fetch_one(&self.readers)
        .await?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// Whether a recovery code works.
    ///
    /// # Errors
    /// `wrong_credentials` when it does not, for any reason.
    pub async fn check_recovery_code(&self, username_key: &str, code: CodeHash) -> Result<()> {
        let found: Option<(i64,)> = sqlx::query_as(
            "select 1 from people p join recovery_codes r on r.person = p.id \
             and r.code_hash = $2 where p.username_key = $1 and p.deactivated is null \
             and r.used is null",
        )
        .bind(username_key)
        .bind(code.to_vec())
        .fetch_optional(&self.readers)
        .await?;
        found.map(|_| ()).ok_or_else(|| wrong_recovery_code().into())
    }

    /// Sets a new password with a recovery code, which is then used, and ends all sessions.
    ///
    /// # Errors
    /// `wrong_credentials` for any reason: whether the account exists is not told.
    pub async fn recover(
        &self,
        username_key: String,
        code: CodeHash,
        password_hash: String,
    ) -> Result<Person> {
        self.write(move |tx| {
            Box::pin(async move {
                let used: Option<(PersonId,)> = sqlx::query_as(
                    "update recovery_codes set used = $3 where code_hash = $2 and used is null \
                     and person = (select id from people where username_key = $1 \
                     and deactivated is null) returning person",
                )
                .bind(username_key)
                .bind(code.to_vec())
                .bind(tx.now)
                .fetch_optional(&mut tx.connection)
                .await?;
                let (person,) = used.ok_or_else(wrong_recovery_code)?;
                tx.replace_password(person, password_hash, AuditAction::AccountRecovered).await
            })
        })
        .await
    }

    /// Stores a password reset for a person, in place of earlier ones. Returns its expiry.
    ///
    /// # Errors
    /// `not_found` and `forbidden` by the rules; `conflict` for oneself.
    pub async fn issue_reset(
        &self,
        actor: Actor,
        person: PersonId,
        code: CodeHash,
    ) -> Result<Millis> {
        self.write(move |tx| Box::pin(tx.issue_reset(actor, person, code))).await
    }

    /// Whether a password reset works.
    ///
    /// # Errors
    /// `not_found` when it does not.
    pub async fn check_reset(&self, code: CodeHash) -> Result<()> {
        let found: Option<(i64,)> = sqlx::query_as(
            "select 1 from password_resets r join people p on p.id = r.person \
             where r.code_hash = $1 and r.expires > $2 and p.deactivated is null",
        )
        .bind(code.to_vec())
        .bind(self.clock.now())
        .fetch_optional(&self.readers)
        .await?;
        found.map(|_| ()).ok_or_else(|| invalid_link().into())
    }

    /// Sets a new password with a reset, which is then void, and ends all sessions.
    ///
    /// # Errors
    /// `not_found` when the reset does not work.
    pub async fn reset_password(&self, code: CodeHash, password_hash: String) -> Result<Person> {
        self.write(move |tx| {
            Box::pin(async move {
                let used: Option<(PersonId,)> = sqlx::query_as(
                    "delete from password_resets where code_hash = $1 and expires > $2 \
                     and exists (select 1 from people p where p.id = password_resets.person \
                     and p.deactivated is null) \
                     returning person",
                )
                .bind(code.to_vec())
                .bind(tx.now)
                .fetch_optional(&mut tx.connection)
                .await?;
                let (person,) = used.ok_or_else(invalid_link)?;
                // Whoever knew the old password may have generated some.
                sqlx::query("delete from recovery_codes where person = $1")
                    .bind(person)
                    .execute(&mut tx.connection)
                    .await?;
                tx.replace_password(person, password_hash, AuditAction::PasswordReset).await
            })
        })
        .await
    }
}

impl WriteTx {
    /// Sets a password without a session: all sessions end, and unused resets are void.
    async fn replace_password(
        &mut self,
        person: PersonId,
        password_hash: String,
        action: AuditAction,
    ) -> Result<Person> {
        sqlx::query("update people set password_hash = $2 where id = $1")
            .bind(person)
            .bind(password_hash)
            .execute(&mut self.connection)
            .await?;
        self.void_resets(person).await?;
        self.end_sessions_of(person, None).await?;
        self.audit(Audit::new(action, Actor::of(person)).on(person)).await?;
        people::profile(&mut self.connection, person).await
    }

    async fn issue_reset(
        &mut self,
        actor: Actor,
        person: PersonId,
        code: CodeHash,
    ) -> Result<Millis> {
        let by = people::profile(&mut self.connection, actor.person).await?;
        let of = people::profile(&mut self.connection, person).await?;
        if by.id == of.id {
            return Err(ChatError::conflict(
                "You are signed in. Change your own password in the settings.",
            )
            .into());
        }
        if by.deactivated {
            return Err(ChatError::no_session().into());
        }
        let may_reset = by.role.may(Right::ManagePeople)
            || by.role.may(Right::ResetPasswordsOfInvited)
                && of.role == Role::Member
                && self.was_invited_by(of.id, by.id).await?;
        if !may_reset {
            return Err(ChatError::forbidden(
                "Only administrators, and moderators for members whom they invited, can reset a \
                 password.",
            )
            .into());
        }
        let expires = self.insert_reset(&of, Some(by.id), code).await?;
        self.audit(Audit::new(AuditAction::ResetIssued, actor).on(person)).await?;
        Ok(expires)
    }

    /// Whether somebody registered by an invitation of another person.
    async fn was_invited_by(&mut self, person: PersonId, creator: PersonId) -> Result<bool> {
        let found: Option<(i64,)> = sqlx::query_as(
            "select 1 from people p join invitations i on i.id = p.invitation \
             where p.id = $1 and i.creator = $2",
        )
        .bind(person)
        .bind(creator)
        .fetch_optional(&mut self.connection)
        .await?;
        Ok(found.is_some())
    }

    /// Stores a password reset in place of earlier ones. Returns its expiry.
    pub(super) async fn insert_reset(
        &mut self,
        of: &Person,
        issuer: Option<PersonId>,
        code: CodeHash,
    ) -> Result<Millis> {
        if of.deactivated {
            return Err(
                ChatError::conflict("This account is deactivated. Reactivate it first.").into()
            );
        }
        self.void_resets(of.id).await?;
        let expires = self.now + RESET_LIFETIME;
        sqlx::query(
            "insert into password_resets (code_hash, person, issuer, created, expires) \
             values ($1, $2, $3, $4, $5)",
        )
        .bind(code.to_vec())
        .bind(of.id)
        .bind(issuer)
        .bind(self.now)
        .bind(expires)
        .execute(&mut self.connection)
        .await?;
        Ok(expires)
    }

    /// Deletes the password resets of a person, and those that they issued.
    pub(super) async fn void_resets(&mut self, person: PersonId) -> Result<()> {
        sqlx::query("delete from password_resets where person = $1 or issuer = $1")
            .bind(person)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Ends the sessions of a person, except for one.
    pub(super) async fn end_sessions_of(
        &mut self,
        person: PersonId,
        except: Option<TokenHash>,
    ) -> Result<()> {
        let ended: Vec<(Vec<u8>,)> = sqlx::query_as(
            "delete from sessions where person = $1 and token_hash is not $2 returning token_hash",
        )
        .bind(person)
        .bind(except.map(|hash| hash.to_vec()))
        .fetch_all(&mut self.connection)
        .await?;
        let ended: Vec<TokenHash> =
            ended.into_iter().filter_map(|(hash,)| TokenHash::try_from(hash).ok()).collect();
        if !ended.is_empty() {
            self.emit(StoreEvent::SessionsEnded(ended));
        }
        Ok(())
    }
}

/// The password is no longer the one that was checked.
fn password_changed() -> ChatError {
    ChatError::conflict("Your password was changed meanwhile. Reload the page and try again.")
}

/// The username or the recovery code is wrong, or the code was used.
#[must_use]
pub fn wrong_recovery_code() -> ChatError {
    ChatError::new(Code::WrongCredentials, "Incorrect username or recovery code.")
}
