//! Usernames that could be taken for each other, and those that nobody may have.

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use crate::domain::ChatError;

/// Names that would speak for the house or for a role.
const RESERVED: [&str; 22] = [
    "admin",
    "administrator",
    "all",
    "anonymous",
    "bot",
    "channel",
    "chatbox",
    "everybody",
    "everyone",
    "guest",
    "help",
    "here",
    "me",
    "moderator",
    "nobody",
    "null",
    "owner",
    "root",
    "security",
    "support",
    "system",
    "undefined",
];

/// What a username looks like: two names that a reader could take for each other have the same key (UTS 39).
/// Usernames are kept in lower case, so that a capital I, which looks like a small l, never stands in one.
#[must_use]
pub fn key(username: &str) -> String {
    let plain: String = username.nfkc().collect::<String>().to_lowercase();
    skeleton(&plain).collect::<String>().to_lowercase()
}

/// Refuses names that would speak for the house.
///
/// # Errors
/// `conflict` at `username`, in the same words as for a name that is taken.
pub fn may_be_username(key_of_name: &str) -> Result<(), ChatError> {
    if RESERVED.iter().any(|name| key(name) == key_of_name) { Err(crate::server::store::taken()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_have_one_key() {
        for (one, other) in [("ada", "ADA"), ("kofi1", "kofil"), ("Ian", "ian"), ("modern", "rnodern"), ("bob0", "bobo")] {
            assert_eq!(key(one), key(other), "{one} and {other}");
        }
        for (one, other) in [("ada", "adam"), ("ian", "lan")] {
            assert_ne!(key(one), key(other), "{one} and {other}");
        }
    }

    #[test]
    fn nobody_is_admin() {
        for name in ["admin", "Admin", "adrnin", "EVERYONE", "everyOne"] {
            assert!(may_be_username(&key(name)).is_err(), "{name}");
        }
        for name in ["ada", "ali", "Ali"] {
            assert!(may_be_username(&key(name)).is_ok(), "{name}");
        }
    }
}
