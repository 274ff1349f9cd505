//! Passwords: never kept, only their Argon2id hash. Hashing costs 19 MiB and tens of milliseconds each, so at most two run
//! at once and the others wait their turn.

use std::{sync::Arc, time::Duration};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use tokio::sync::Semaphore;

use crate::{
    domain::{ChatError, Code, person},
    server::error::AppError,
};

/// Hashes at once: more would only be slower, and take memory.
const MAX_CONCURRENT: usize = 2;
/// Those who may wait: a whole school that signs in at the same minute.
const MAX_QUEUED: usize = 512;
/// Longer than this nobody waits.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(20);

/// The one place where passwords are hashed and checked.
#[derive(Clone)]
pub struct Hasher {
    argon: Arc<Argon2<'static>>,
    permits: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// The hash of nothing anybody has: checked for names that do not exist, so that they take the same time.
    dummy_hash: Arc<str>,
}

impl Hasher {
    /// With the parameters OWASP asks for, or quick ones for tests.
    #[must_use]
    pub fn new(quick: bool) -> Self {
        let params = if quick { Params::new(8, 1, 1, None) } else { Params::new(19_456, 2, 1, None) }.unwrap_or(Params::DEFAULT);
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy_hash = argon.hash_password(b"nobody has this password").map(|hash| hash.to_string()).unwrap_or_default();
        Self {
            argon: Arc::new(argon),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            queue: Arc::new(Semaphore::new(MAX_QUEUED)),
            dummy_hash: dummy_hash.into(),
        }
    }

    /// A password's hash, with a fresh salt and its parameters.
    ///
    /// # Errors
    /// `busy` when too many wait.
    pub async fn hash(&self, password: String) -> Result<String, AppError> {
        self.run(move |argon| {
            argon.hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(|e| AppError::Internal(e.to_string().into()))
        })
        .await?
    }

    /// Whether the password is the one that was hashed. Without a hash it takes the same time and is wrong.
    ///
    /// # Errors
    /// `busy` when too many wait.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AppError> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.dummy_hash.to_string());
        let is_correct =
            self.run(move |argon| PasswordHash::new(&hash).is_ok_and(|hash| argon.verify_password(password.as_bytes(), &hash).is_ok())).await?;
        Ok(is_correct && known)
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce(&Argon2) -> T + Send + 'static) -> Result<T, AppError> {
        let _waiting = self.queue.clone().try_acquire_owned().map_err(|_| busy())?;
        let permit = tokio::time::timeout(QUEUE_TIMEOUT, self.permits.clone().acquire_owned()).await.map_err(|_| busy())?;
        let permit = permit.map_err(|_| busy())?;
        let argon = Arc::clone(&self.argon);
        tokio::task::spawn_blocking(move || {
            // The place is held in here: a request that is broken off must not free it while the hash still runs.
            let _permit = permit;
            job(&argon)
        })
        .await
        .map_err(|e| AppError::Internal(e.into()))
    }
}

fn busy() -> ChatError {
    ChatError { retry_after: Some(5), ..ChatError::new(Code::Busy, "Many people are signing in. Try again in a moment.") }
}

/// Refuses passwords that are too short, too long, among the commonest, or only the person's own names.
///
/// # Errors
/// `invalid` at `password`.
pub fn check_strength(password: &str, names: &[&str]) -> Result<(), ChatError> {
    // A password that so few guesses find is found by anybody who tries lists.
    const FEWEST_GUESSES: u64 = 10_000;
    person::password(password)?;
    if zxcvbn::zxcvbn(password, names).guesses() < FEWEST_GUESSES {
        return Err(ChatError::invalid("password", "This password is too easy to guess. Choose another, such as a few unrelated words."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_passwords_are_refused() {
        for common in ["password", "12345678", "qwertyuiop", "iloveyou", "baseball", "trustno1", "aaaaaaaa", "Password", "password1"] {
            assert!(check_strength(common, &[]).is_err(), "{common}");
        }
        assert!(check_strength("kofimensah", &["kofimensah", "Kofi"]).is_err(), "one's own name");
        for good in ["tree-lamp-41", "correct horse battery", "zaq8!pondX", "пароль-река-7"] {
            assert!(check_strength(good, &[]).is_ok(), "{good}");
        }
    }

    #[tokio::test]
    async fn only_the_whole_password_opens() {
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
