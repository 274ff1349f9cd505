//! Names that could be taken for each other, and those that nobody may have: usernames and display names.

mod display_names;
mod reserved;

pub use display_names::{Likeness, VERSION as LIKENESS_VERSION, likeness};
pub use reserved::{may_be_display_name, may_be_group_name, may_be_username};

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// What a username looks like: two names that a reader could take for each other have the same key (UTS 39).
/// Usernames are kept in lower case, so that a capital I, which looks like a small l, never stands in one.
#[must_use]
pub fn key(username: &str) -> String {
    let plain: String = username.nfkc().collect::<String>().to_lowercase();
    skeleton(&plain).collect::<String>().to_lowercase()
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
}
