//! Changing a password, and setting a new one with a recovery code or a reset.

use super::{
    Token,
    code::{code_hash, random_code},
    current_user::{ClientInfo, CurrentUser},
    service::MAX_TYPED_USERNAME,
};
use crate::{
    domain::{
        ChatError, Person, PersonId,
        account::{PasswordReset, RECOVERY_CODES, RecoveryCodes, invalid_link},
        person, secret_code,
    },
    server::{App, error::AppError, names, store::wrong_recovery_code},
};

impl App {
    /// Changes the password of the current user, and ends their other sessions.
    ///
    /// # Errors
    /// `invalid` at `current` or `new`; `too_many` after several wrong passwords.
    pub async fn change_password(
        &self,
        user: &CurrentUser,
        current: String,
        new: String,
    ) -> Result<(), AppError> {
        let Person { username, display_name, .. } = &user.person;
        self.check_new_password(&new, &[username, display_name]).await?;
        let current_hash = self.confirm_password(user, current, "current").await?;
        if self.hasher.verify(new.clone(), Some(current_hash.clone())).await? {
            return Err(ChatError::invalid(
                "new",
                "This is your current password. Choose another.",
            )
            .into());
        }
        let new_hash = self.hasher.hash(new).await?;
        self.store.change_password(user.actor(), current_hash, new_hash).await
    }

    /// Replaces the recovery codes of the current user.
    ///
    /// # Errors
    /// `invalid` at `password` for a wrong one; `too_many` after several.
    pub async fn recovery_codes(
        &self,
        user: &CurrentUser,
        password: String,
    ) -> Result<RecoveryCodes, AppError> {
        let current = self.confirm_password(user, password, "password").await?;
        let codes = (0..RECOVERY_CODES).map(|_| random_code()).collect::<Result<Vec<_>, _>>()?;
        let hashes = codes.iter().filter_map(|code| code_hash(code)).collect();
        self.store.set_recovery_codes(user.actor(), current, hashes).await?;
        Ok(RecoveryCodes { codes: codes.iter().map(|code| secret_code::grouped(code)).collect() })
    }

    /// Sets a new password with a recovery code, and signs the person in. Nobody guesses a code, so
    /// that guesses lock nothing: a stranger could otherwise keep a person out.
    ///
    /// # Errors
    /// `wrong_credentials` for a code that does not work; `invalid` at `new`.
    pub async fn recover(
        &self,
        username: &str,
        code: &str,
        new: String,
        client: &ClientInfo,
    ) -> Result<(Person, Token), AppError> {
        if username.chars().count() > MAX_TYPED_USERNAME {
            return Err(wrong_recovery_code().into());
        }
        let account = names::username_key(username.trim());
        let code = code_hash(code).ok_or_else(wrong_recovery_code)?;
        // Before hashing, so that a wrong code costs little; the transaction decides.
        self.store.check_recovery_code(&account, code).await?;
        self.check_new_password(&new, &[username]).await?;
        let new_hash = self.hasher.hash(new).await?;
        let person = self.store.recover(account.clone(), code, new_hash.clone()).await?;
        self.limits.record_success(&account);
        let token = self.start_session(&person, Some(new_hash), client).await?;
        Ok((person, token))
    }

    /// Issues a password reset for somebody else.
    ///
    /// # Errors
    /// `forbidden`, `not_found` or `conflict` by the rules.
    pub async fn issue_reset(
        &self,
        user: &CurrentUser,
        person: PersonId,
    ) -> Result<PasswordReset, AppError> {
        let code = random_code()?;
        let hash = code_hash(&code).ok_or_else(ChatError::internal)?;
        let expires = self.store.issue_reset(user.actor(), person, hash).await?;
        Ok(PasswordReset { path: format!("/reset/{code}"), code, expires })
    }

    /// Sets a new password with a reset, and signs the person in.
    ///
    /// # Errors
    /// `invalid` at `new`; `not_found` for a reset that does not work.
    pub async fn reset_password(
        &self,
        code: &str,
        new: String,
        client: &ClientInfo,
    ) -> Result<(Person, Token), AppError> {
        let code = code_hash(code).ok_or_else(invalid_link)?;
        // Before hashing, so that a void link costs little; the transaction decides.
        self.store.check_reset(code).await?;
        self.check_new_password(&new, &[]).await?;
        let new_hash = self.hasher.hash(new).await?;
        let person = self.store.reset_password(code, new_hash.clone()).await?;
        let token = self.start_session(&person, Some(new_hash), client).await?;
        Ok((person, token))
    }

    /// Checks the password of the current user, and returns its hash.
    async fn confirm_password(
        &self,
        user: &CurrentUser,
        password: String,
        field: &str,
    ) -> Result<String, AppError> {
        let wrong = || ChatError::invalid(field, "Incorrect password.");
        if password.chars().count() > *person::PASSWORD_LENGTH.end() {
            return Err(wrong().into());
        }
        // Not by username, which can be changed without the password.
        let account = format!("person {}", user.person.id);
        self.limits.check_lockout(&account)?;
        let hash = self.store.password_hash(user.person.id).await?;
        let is_correct = self.hasher.verify(password, hash.clone()).await?;
        self.limits.check_lockout(&account)?;
        match hash.filter(|_| is_correct) {
            Some(hash) => {
                self.limits.record_success(&account);
                Ok(hash)
            }
            None => {
                self.limits.record_failure(&account);
                Err(wrong().into())
            }
        }
    }

    /// Checks the strength of a new password.
    async fn check_new_password(&self, new: &str, names: &[&str]) -> Result<(), AppError> {
        match self.hasher.check_strength(new, names).await {
            Err(AppError::Client(error)) if error.field.is_some() => Err(error.at("new").into()),
            other => other,
        }
    }
}
