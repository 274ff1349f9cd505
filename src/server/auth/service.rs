//! Registering, signing in and signing out, for whoever asks: a server function or a plain form.

use super::{
    Token,
    current_user::{Browser, Caller},
};
use crate::{
    domain::{ChatError, Code, Person, person},
    server::{
        App, auth,
        config::Registration,
        error::Failure,
        store::{NewPerson, NewSession, by_invitation, taken},
    },
};

impl App {
    /// Registers somebody and signs them in.
    ///
    /// # Errors
    /// `invalid` or `conflict` at the field that is to blame; `forbidden` where registration is closed.
    pub async fn sign_up(&self, username: &str, display_name: &str, password: String, browser: &Browser) -> Result<(Person, Token), Failure> {
        let username = person::username(username)?;
        let display_name = person::display_name(display_name)?;
        auth::check_strength(&password, &[&username, &display_name])?;
        let only_first = self.config.registration == Registration::InviteOnly;
        if only_first && !self.store.is_empty().await? {
            return Err(by_invitation().into());
        }
        let username_key = auth::username_key(&username);
        auth::may_be_username(&username_key)?;
        auth::may_be_display_name(&display_name)?;
        // Asked before hashing, so that a taken name costs nothing; what counts is the answer inside the transaction.
        if self.store.is_taken(&username_key).await? {
            return Err(taken().into());
        }
        self.store.may_be_called(&display_name).await?;
        let password_hash = self.hasher.hash(password).await?;
        let person = self.store.register(NewPerson { username, username_key, display_name, password_hash, only_first }).await?;
        let token = self.begin_session(&person, browser).await?;
        Ok((person, token))
    }

    /// Signs somebody in. What is wrong is not said, and it takes the same time whether or not the name exists.
    ///
    /// # Errors
    /// `wrong_credentials`; `too_many` while the account is closed; `busy` when very many sign in at once.
    pub async fn sign_in(&self, username: &str, password: String, browser: &Browser) -> Result<(Person, Token), Failure> {
        if username.chars().count() > 64 || password.chars().count() > *person::PASSWORD_LENGTH.end() {
            return Err(wrong().into());
        }
        let account = auth::username_key(username.trim());
        self.limits.may_try(&account)?;
        let found = self.store.credentials(&account).await?;
        let (id, hash) = found.map_or((None, None), |(id, hash)| (Some(id), Some(hash)));
        let right = self.hasher.verify(password, hash).await?;
        // Asked again: tries that ran at the same time may have closed the account meanwhile.
        self.limits.may_try(&account)?;
        let Some(id) = id.filter(|_| right) else {
            self.limits.missed(&account);
            return Err(wrong().into());
        };
        self.limits.succeeded(&account);
        let person = self.store.person(id).await?;
        let token = self.begin_session(&person, browser).await?;
        Ok((person, token))
    }

    /// Ends the caller's session.
    ///
    /// # Errors
    /// Only that it could not be written.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Failure> {
        self.store.end_session(caller.session).await
    }

    async fn begin_session(&self, person: &Person, browser: &Browser) -> Result<Token, Failure> {
        let token = Token::random()?;
        let device = browser.device.chars().filter(|c| !c.is_control()).take(200).collect();
        self.store.begin_session(NewSession { person: person.id, token_hash: token.hash(), device, instead_of: browser.session }).await?;
        Ok(token)
    }
}

fn wrong() -> ChatError {
    ChatError::new(Code::WrongCredentials, "Incorrect username or password.")
}
