//! Passwords. Only their Argon2id hash is stored. A hash takes 19 MiB and tens of milliseconds, so
//! at most two run at once; the others are queued.

use std::{sync::Arc, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use tokio::sync::Semaphore;

use crate::{
    domain::{ChatError, Code, person},
    server::error::AppError,
};

/// Maximum number of hashes at once: more would be slower and take more memory.
const MAX_CONCURRENT: usize = 2;
/// Maximum number of queued hashes: a whole school that signs in within a minute.
const MAX_QUEUED: usize = 512;
/// Longest wait in the queue.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(20);

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Hasher {
    argon: Arc<Argon2<'static>>,
    permits: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// A hash that matches no password. It is verified for unknown usernames, so that they take the
    /// same time.
    dummy_hash: Arc<str>,
}

impl Hasher {
    /// With the parameters that OWASP recommends, or weak ones for tests.
    #[must_use]
    pub fn new(quick: bool) -> Self {
        let params =
            if quick { Params::new(8, 1, 1, None) } else { Params::new(19_456, 2, 1, None) }
                .unwrap_or(Params::DEFAULT);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy_hash = argon
            .hash_password(b"nobody has this password")
            .map(|hash| hash.to_string())
            .unwrap_or_default();
        Self {
            argon: Arc::new(argon),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            queue: Arc::new(Semaphore::new(MAX_QUEUED)),
            dummy_hash: dummy_hash.into(),
        }
    }

    /// Hashes a password with a new salt. The result contains the parameters.
    ///
    /// # Errors
    /// `busy` when too many wait.
    pub async fn hash(&self, password: String) -> Result<String, AppError> {
        self.run(move |argon| {
            argon
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|e| AppError::Internal(e.to_string().into()))
        })
        .await?
    }

    /// Whether the password matches the hash. Without a hash it takes the same time and does not
    /// match.
    ///
    /// # Errors
    /// `busy` when too many wait.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AppError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy_hash.to_string());
        let is_correct = self
            .run(move |argon| {
                PasswordHash::new(&hash)
                    .is_ok_and(|hash| argon.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(is_correct && known)
    }

    /// Rejects weak passwords: see [`check_strength`]. Queued like a hash, because it takes as long.
    ///
    /// # Errors
    /// `invalid` at `password`; `busy` when too many wait.
    pub async fn check_strength(&self, password: &str, names: &[&str]) -> Result<(), AppError> {
        person::password(password)?;
        let password = password.to_owned();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let check = move |_: &Argon2| {
            check_strength(&password, &names.iter().map(String::as_str).collect::<Vec<_>>())
        };
        Ok(self.run(check).await??)
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Argon2) -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let _waiting = self.queue.clone().try_acquire_owned().map_err(|_| busy())?;
        let permit = tokio::time::timeout(QUEUE_TIMEOUT, self.permits.clone().acquire_owned())
            .await
            .map_err(|_| busy())?;
        let permit = permit.map_err(|_| busy())?;
        let argon = Arc::clone(&self.argon);
        tokio::task::spawn_blocking(move || {
            // The permit moves into the job: a cancelled request must not release it while the hash
            // still runs.
            let _permit = permit;
            job(&argon)
        })
        .await
        .map_err(|e| AppError::Internal(e.into()))
    }
}

fn busy() -> ChatError {
    ChatError {
        retry_after: Some(5),
        ..ChatError::new(Code::Busy, "Many people are signing in. Try again in a moment.")
    }
}

/// Rejects passwords that are too short, too long, common, or only the person's own names.
///
/// # Errors
/// `invalid` at `password`.
pub fn check_strength(password: &str, names: &[&str]) -> Result<(), ChatError> {
    // A password with so few guesses is on common lists.
    const FEWEST_GUESSES: u64 = 10_000;
    // The time grows with the square of the length, and with the substitutions of letters.
    const ESTIMATED: usize = 32;
    person::password(password)?;
    let beginning: String = password.chars().take(ESTIMATED).collect();
    if zxcvbn::zxcvbn(&beginning, names).guesses() < FEWEST_GUESSES {
        return Err(ChatError::invalid(
            "password",
            "This password is too easy to guess. Choose another, such as a few unrelated words.",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_passwords_are_rejected() {
        for common in [
            "password",
            "12345678",
            "qwertyuiop",
            "iloveyou",
            "baseball",
            "trustno1",
            "aaaaaaaa",
            "Password",
            "password1",
        ] {
            assert!(check_strength(common, &[]).is_err(), "{common}");
        }
        assert!(check_strength("kofimensah", &["kofimensah", "Kofi"]).is_err(), "one's own name");
        for good in ["tree-lamp-41", "correct horse battery", "zaq8!pondX", "пароль-река-7"]
        {
            assert!(check_strength(good, &[]).is_ok(), "{good}");
        }
    }

    #[tokio::test]
    async fn only_the_whole_password_verifies() {
        let hasher = Hasher::new(true);
        let long = "x".repeat(100) + "Y";
        let hash = hasher.hash(long.clone()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(hasher.verify(long.clone(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(long[..72].to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(long.to_lowercase(), Some(hash)).await.unwrap());
        assert!(!hasher.verify("nobody has this password".into(), None).await.unwrap());
    }
}
