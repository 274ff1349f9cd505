//! Reserved names: those that stand for the server, a role, or everyone.

use unicode_security::skeleton;

use super::{
    display_names::{confusable_forms, fold, normalize, skeleton_key},
    username_key,
};
use crate::domain::{ChatError, conversation::EVERYONE};

/// Reserved usernames; confusable ones are rejected too.
const USERNAMES: [&str; 22] = [
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

/// Reserved display names; confusable ones are rejected too.
const DISPLAY_NAMES: [&str; 14] = [
    "Admin",
    "Administrator",
    "All",
    "Anonymous",
    "Channel",
    "ChatBox",
    "Deleted user",
    "Everyone",
    "Here",
    "Moderator",
    "Owner",
    "Support",
    "System",
    "You",
];

/// Rejects reserved usernames.
///
/// # Errors
/// `conflict` at `username`.
pub fn check_username_reserved(key_of_name: &str) -> Result<(), ChatError> {
    let is_reserved = USERNAMES.iter().any(|name| username_key(name) == key_of_name);
    if is_reserved {
        Err(ChatError::conflict("This username is reserved. Choose another.").at("username"))
    } else {
        Ok(())
    }
}

/// Rejects reserved display names, also several such words: "ChatBox Support".
///
/// # Errors
/// `conflict` at `display_name`.
pub fn check_display_name_reserved(name: &str) -> Result<(), ChatError> {
    let is_reserved_word =
        |name: &str| DISPLAY_NAMES.iter().any(|reserved| is_confusable_with(name, reserved));
    let mut words = name.split(' ').map(normalize).filter(|word| !word.is_empty()).peekable();
    let is_reserved = is_reserved_word(&normalize(name))
        || words.peek().is_some() && words.all(|word| is_reserved_word(&word));
    if is_reserved {
        Err(ChatError::conflict("This display name is reserved. Choose another.")
            .at("display_name"))
    } else {
        Ok(())
    }
}

/// Rejects a group name that stands for Everyone.
///
/// # Errors
/// `conflict` at `name`.
pub fn check_group_name_reserved(name: &str) -> Result<(), ChatError> {
    let is_reserved = is_confusable_with(&normalize(name), EVERYONE);
    if is_reserved {
        Err(ChatError::conflict("This group name is reserved. Choose another.").at("name"))
    } else {
        Ok(())
    }
}

/// Whether a normalized name could be confused with a reserved one, which is in Latin letters.
fn is_confusable_with(name: &str, reserved: &str) -> bool {
    let reserved = normalize(reserved);
    let (lower, upper) = (reserved.to_lowercase(), reserved.to_uppercase());
    let shown = |name: &str| skeleton(name).collect::<String>();
    // In everyday Latin letters `Ali` is a name and not `All`; with other letters or digits both
    // look the same.
    let is_disguised =
        confusable_forms(name).script != "Latin" || name.chars().any(|c| !c.is_alphabetic());
    without_marks(&fold(name)) == lower
        || shown(&name.to_lowercase()) == shown(&lower)
        || [&reserved, &lower, &upper].into_iter().any(|written| shown(name) == shown(written))
        || is_disguised && skeleton_key(name) == skeleton_key(&lower)
}

fn without_marks(name: &str) -> String {
    use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
    name.nfd().filter(|c| !is_combining_mark(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_usernames_are_rejected() {
        for name in ["admin", "Admin", "adrnin", "EVERYONE", "everyOne"] {
            assert_eq!(
                check_username_reserved(&username_key(name)).unwrap_err().message,
                "This username is reserved. Choose another.",
                "{name}"
            );
        }
        for name in ["ada", "ali", "Ali"] {
            assert!(check_username_reserved(&username_key(name)).is_ok(), "{name}");
        }
    }

    #[test]
    fn reserved_display_names_are_rejected() {
        for name in [
            "Admin",
            "ADMIN",
            "admin",
            "A d m i n",
            "Admin.",
            "@admin",
            "Ádmin",
            "Аdmin",
            "Adrnin",
            "AdmIn",
            "Adm1n",
            "ΑDΜΙΝ",
            "🄰🄳🄼🄸🄽",
            "🅐🅓🅜🅘🅝",
            "𝒜dmin",
            "ᴀᴅᴍɪɴ",
            "Everyone",
            "Еvеryоnе",
            "every one",
            "You",
            "Уоu",
            "Y0u",
            "YOU",
            "All",
            "AlI",
            "Al1",
            "all",
            "аll",
            "Here",
            "@here",
            "channel",
            "Deleted user",
            "deleted-user",
            "ChatBox",
            "Chat Box",
            "Chatb0x",
            "СhatBox",
            "ChatBox Support",
            "System Administrator",
            "Systern",
            "Support",
            "Owner",
            "Moderator",
            "Anonymous",
            "[Admin]",
            "Admin\u{301}",
        ] {
            assert_eq!(
                check_display_name_reserved(name).unwrap_err().message,
                "This display name is reserved. Choose another.",
                "{name} {:?}",
                confusable_forms(name)
            );
        }
    }

    #[test]
    fn reserved_group_names_are_rejected() {
        for name in
            ["Everyone", "everyone", "EVERY ONE", "Еveryone", "Everyone.", "Evеrуоnе", "#everyone"]
        {
            assert_eq!(
                check_group_name_reserved(name).unwrap_err().field.as_deref(),
                Some("name"),
                "{name}"
            );
        }
        for name in ["Everyone in 7b", "Support", "Admin", "All", "Everybody's plans"] {
            assert!(check_group_name_reserved(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn similar_but_ordinary_names_are_accepted() {
        for name in [
            "Ali",
            "ALI",
            "ali",
            "Ally",
            "Young",
            "Yu",
            "Amin",
            "Adminda",
            "Heré Mangue",
            "Owen",
            "Systema",
            "Ada Admin",
            "Herr",
            "Oliver Allen",
            "Yoü Li",
            "Ал",
            "王",
            "Ada",
        ] {
            assert!(
                check_display_name_reserved(name).is_ok(),
                "{name} {:?}",
                confusable_forms(name)
            );
        }
    }
}
