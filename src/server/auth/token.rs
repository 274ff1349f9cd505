//! A session's token: 256 random bits for the cookie, of which the server keeps only a hash.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::{
    domain::ChatError,
    server::{error::AppError, store::TokenHash},
};

/// What the cookie holds. It has no `Debug`, so that it reaches no log.
pub struct Token(String);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// Only when the system gives no randomness.
    pub fn random() -> Result<Self, AppError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| AppError::Internal(e.to_string().into()))?;
        Ok(Self(bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })))
    }

    /// What somebody's cookie says, if it has a token's form.
    ///
    /// # Errors
    /// `no_session` for anything else.
    pub fn from_cookie(value: &str) -> Result<Self, ChatError> {
        if value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) { Ok(Self(value.to_owned())) } else { Err(ChatError::no_session()) }
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// For the cookie only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}
