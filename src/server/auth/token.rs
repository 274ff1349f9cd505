//! A session token: 256 random bits for the cookie. The server stores only its hash.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::{
    domain::ChatError,
    server::{error::AppError, store::TokenHash},
};

/// The value of the cookie. It has no `Debug`, so that it is never logged.
pub struct Token(String);

impl Token {
    /// A new random token.
    ///
    /// # Errors
    /// The system gave no randomness.
    pub fn random() -> Result<Self, AppError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| AppError::Internal(e.to_string().into()))?;
        Ok(Self(bytes.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })))
    }

    /// Parses the value of a cookie.
    ///
    /// # Errors
    /// `no_session` for anything that is not a token.
    pub fn from_cookie(value: &str) -> Result<Self, ChatError> {
        if value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(value.to_owned()))
        } else {
            Err(ChatError::no_session())
        }
    }

    /// The hash that is stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The token itself, for the cookie only.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}
