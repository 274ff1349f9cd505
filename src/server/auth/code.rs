//! Codes of recovery, password resets and invitations: made from the system's randomness, and
//! stored as hashes.

use sha2::{Digest, Sha256};

use crate::{
    domain::secret_code::{self, ALPHABET, LENGTH},
    server::{error::AppError, store::CodeHash},
};

/// A new random code in its canonical form.
///
/// # Errors
/// The system gave no randomness.
pub fn random_code() -> Result<String, AppError> {
    let mut bytes = [0_u8; LENGTH];
    getrandom::fill(&mut bytes).map_err(|e| AppError::Internal(e.to_string().into()))?;
    // 256 is a multiple of 32: every character is equally likely.
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

/// The hash of a typed code, as it is stored. `None` if it cannot be a code.
#[must_use]
pub fn code_hash(typed: &str) -> Option<CodeHash> {
    secret_code::normalize(typed).map(|code| Sha256::digest(code.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_canonical_and_differ() {
        let (one, other) = (random_code().unwrap(), random_code().unwrap());
        assert_eq!(secret_code::normalize(&one).as_deref(), Some(one.as_str()));
        assert_ne!(one, other);
        assert_eq!(code_hash(&secret_code::grouped(&one).to_lowercase()), code_hash(&one));
        assert_eq!(code_hash("short"), None);
    }
}
