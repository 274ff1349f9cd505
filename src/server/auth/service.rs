//! Sign-up, sign-in and sign-out, for server functions and plain forms.

use super::{
    Token,
    current_user::{ClientInfo, CurrentUser},
    workspace::not_set_up,
};
use crate::{
    domain::{Person, Registration, account, person, secret_code},
    server::{
        App,
        error::AppError,
        names,
        store::{NewPerson, NewSession, registration_closed, username_taken, wrong_credentials},
    },
};

/// Maximum characters of a username that is looked up.
pub(super) const MAX_TYPED_USERNAME: usize = 64;

impl App {
    /// Registers a person and signs them in.
    ///
    /// # Errors
    /// `invalid` or `conflict` at the field at fault; `forbidden` where registration is closed, and
    /// from another machine while the workspace is empty;
    /// `not_found` for an invitation that does not work.
    pub async fn sign_up(
        &self,
        username: &str,
        display_name: &str,
        password: String,
        invitation: Option<&str>,
        client: &ClientInfo,
    ) -> Result<(Person, Token), AppError> {
        let username = person::username(username)?;
        let display_name = person::display_name(display_name)?;
        let is_empty = self.store.is_empty().await?;
        if is_empty && !client.is_local {
            return Err(not_set_up().into());
        }
        let registration = match self.config.registration {
            Some(fixed) => fixed,
            None => self.store.workspace().await?.registration,
        };
        let invitation = match invitation.filter(|code| !code.trim().is_empty()) {
            Some(code) => {
                let code = secret_code::normalize(code).ok_or_else(account::invalid_link)?;
                self.store.invitation_preview(&code).await?;
                Some(code)
            }
            None if registration == Registration::InviteOnly && !is_empty => {
                return Err(registration_closed().into());
            }
            None => None,
        };
        let new = self.new_person(username, display_name, password, invitation).await?;
        let person = self.store.register(new).await?;
        let token = self.start_session(&person, None, client).await?;
        Ok((person, token))
    }

    /// Checks the names and the password of a person to be registered, and hashes the password.
    pub(super) async fn new_person(
        &self,
        username: String,
        display_name: String,
        password: String,
        invitation: Option<String>,
    ) -> Result<NewPerson, AppError> {
        let username_key = names::username_key(&username);
        names::check_username_reserved(&username_key)?;
        names::check_display_name_reserved(&display_name)?;
        // Checked before hashing, so that a taken name costs nothing; the check inside the
        // transaction decides.
        if self.store.is_username_taken(&username_key).await? {
            return Err(username_taken().into());
        }
        self.store.check_display_name(&display_name).await?;
        self.hasher.check_strength(&password, &[&username, &display_name]).await?;
        Ok(NewPerson {
            username,
            username_key,
            display_name,
            password_hash: self.hasher.hash(password).await?,
            registration: self.config.registration,
            invitation,
        })
    }

    /// Signs a person in. The error does not say what is wrong, and takes the same time whether or
    /// not the username exists.
    ///
    /// # Errors
    /// `wrong_credentials`; `too_many` while the account is locked; `busy` when very many sign in
    /// at once.
    pub async fn sign_in(
        &self,
        username: &str,
        password: String,
        client: &ClientInfo,
    ) -> Result<(Person, Token), AppError> {
        if username.chars().count() > MAX_TYPED_USERNAME
            || password.chars().count() > *person::PASSWORD_LENGTH.end()
        {
            return Err(wrong_credentials().into());
        }
        let account = names::username_key(username.trim());
        self.limits.check_lockout(&account)?;
        let credentials = self.store.credentials(&account).await?;
        let (id, hash) = credentials.map_or((None, None), |(id, hash)| (Some(id), Some(hash)));
        let is_correct = self.hasher.verify(password, hash.clone()).await?;
        // Checked again: concurrent attempts may have locked the account meanwhile.
        self.limits.check_lockout(&account)?;
        let Some(id) = id.filter(|_| is_correct) else {
            self.limits.record_failure(&account);
            return Err(wrong_credentials().into());
        };
        self.limits.record_success(&account);
        let person = self.store.person(id).await?;
        let token = self.start_session(&person, hash, client).await?;
        Ok((person, token))
    }

    /// Ends the user's session.
    ///
    /// # Errors
    /// That it could not be written.
    pub async fn sign_out(&self, user: &CurrentUser) -> Result<(), AppError> {
        self.store.end_session(user.session).await
    }

    /// Starts a session. `verified`: the hash of the password that was checked, which must still be
    /// the person's.
    pub(super) async fn start_session(
        &self,
        person: &Person,
        verified: Option<String>,
        client: &ClientInfo,
    ) -> Result<Token, AppError> {
        let token = Token::random()?;
        let user_agent = client.user_agent.chars().filter(|c| !c.is_control()).take(200).collect();
        self.store
            .start_session(NewSession {
                person: person.id,
                token_hash: token.hash(),
                user_agent,
                replaces: client.session,
                verified,
            })
            .await?;
        Ok(token)
    }
}
