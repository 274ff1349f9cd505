//! Confusable and reserved names: usernames, display names and group names.

mod display_names;
mod reserved;

pub use display_names::{ConfusableForms, VERSION as CONFUSABLES_VERSION, confusable_forms};
pub use reserved::{
    check_display_name_reserved, check_group_name_reserved, check_username_reserved,
};

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// The confusable key of a username: look-alike names have the same key (UTS 39). Usernames are
/// stored in lower case, so that a capital I, which looks like a small l, never occurs.
#[must_use]
pub fn username_key(username: &str) -> String {
    let plain: String = username.nfkc().collect::<String>().to_lowercase();
    skeleton(&plain).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confusable_usernames_share_a_key() {
        for (one, other) in [
            ("ada", "ADA"),
            ("kofi1", "kofil"),
            ("Ian", "ian"),
            ("modern", "rnodern"),
            ("bob0", "bobo"),
        ] {
            assert_eq!(username_key(one), username_key(other), "{one} and {other}");
        }
        for (one, other) in [("ada", "adam"), ("ian", "lan")] {
            assert_ne!(username_key(one), username_key(other), "{one} and {other}");
        }
    }
}
