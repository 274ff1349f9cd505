//! People: what everybody may know of a person, and what a username, a display name and a password may be.
//! Look-alikes and common passwords need tables that only the server has: see `server/names` and `server/auth/password.rs`.

use serde::{Deserialize, Serialize};

use super::{ChatError, FileId, PersonId, Seq, name, text};

/// A registered person, as everybody sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who it is.
    pub id: PersonId,
    /// What they sign in with and are tagged by: unique, compared without case.
    pub username: String,
    /// What they are called on the screen, in any script.
    pub display_name: String,
    /// What they say of themselves for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Their picture: it lies at `/faces/<id>/<side>`, a square of 256, 96 or 48 pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<FileId>,
}

/// What somebody says of themselves beside their name: at least one of both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// One emoji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// A few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Status {
    /// Of these parts; nothing of none.
    #[must_use]
    pub fn of(emoji: Option<String>, text: Option<String>) -> Option<Self> {
        (emoji.is_some() || text.is_some()).then_some(Self { emoji, text })
    }

    /// Both in one line.
    #[must_use]
    pub fn words(&self) -> String {
        let parts: Vec<&str> = [&self.emoji, &self.text].into_iter().flatten().map(String::as_str).collect();
        parts.join(" ")
    }
}

/// What a person lets others know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// Whether others see up to where this person has read.
    pub shows_reading: bool,
    /// Whether others see that this person is typing.
    pub shows_typing: bool,
    /// Whether others see that this person is online, and when they last were. While they do not, nobody sees them typing.
    #[serde(default = "shown")]
    pub shows_presence: bool,
}

const fn shown() -> bool {
    true
}

/// Up to where somebody has seen a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// Who.
    pub person: PersonId,
    /// Up to where; 0 is nothing, or not told.
    pub upto: Seq,
    /// Up to where it has reached a device of theirs: told of conversations of two.
    #[serde(default, skip_serializing_if = "nothing")]
    pub delivered: Seq,
}

/// As serde asks.
fn nothing(upto: &Seq) -> bool {
    upto.is_start()
}

impl Reader {
    /// The same, after something else was heard of what has reached people.
    #[must_use]
    pub fn heard(readers: Vec<Self>, delivered: impl IntoIterator<Item = (PersonId, Seq)>) -> Vec<Self> {
        let mut readers = readers;
        for (person, upto) in delivered {
            match readers.iter_mut().find(|reader| reader.person == person) {
                Some(reader) => reader.delivered = reader.delivered.max(upto),
                None => readers.push(Self { person, upto: Seq::START, delivered: upto }),
            }
        }
        readers
    }
}

/// Most members of a conversation in which it is told who has read what.
pub const MOST_READERS: usize = 200;

/// Fewest and most characters of a username.
pub const USERNAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=32;
/// Most characters of a display name.
pub const DISPLAY_NAME_LENGTH: usize = 40;
/// Sides of the pictures of people, in pixels.
pub const FACES: [u32; 3] = [256, 96, 48];
/// Most characters of a status.
pub const STATUS_LENGTH: usize = 80;
/// Fewest and most characters of a password.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// A username as it was typed, without blanks around it and in lower case: an `I` could be read as an `l`.
///
/// # Errors
/// `invalid` at `username`, when it is not 2 to 32 letters, digits or `._-` with a letter or digit at both ends.
pub fn username(typed: &str) -> Result<String, ChatError> {
    let name = typed.trim().to_ascii_lowercase();
    let blame = |message: &str| Err(ChatError::invalid("username", message));
    if name.is_empty() {
        return blame("Enter a username.");
    }
    if !USERNAME_LENGTH.contains(&name.chars().count()) {
        return blame("Use a username of 2 to 32 characters.");
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
        return blame(
            "A username can contain only letters from a to z, digits, dots, underscores and hyphens. Your display name can be in any script.",
        );
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || !name.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return blame("A username must begin and end with a letter or a digit.");
    }
    Ok(name)
}

/// A display name as it is kept: see [`name`].
///
/// # Errors
/// `invalid` at `display_name`, in words that say what to change.
pub fn display_name(typed: &str) -> Result<String, ChatError> {
    name::Rule { field: "display_name", noun: "display name", longest: DISPLAY_NAME_LENGTH, names: true }.check(typed)
}

/// What a display name looks like to whoever reads it: people whose names have the same key share a name.
#[must_use]
pub fn name_key(display_name: &str) -> String {
    let visible: String = display_name.chars().filter(|c| !text::is_invisible(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The words of a status as they are kept, by the rule for names; nothing, if there are none.
///
/// # Errors
/// `invalid` at `text`, in words that say what to change.
pub fn status_text(typed: &str) -> Result<Option<String>, ChatError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    name::Rule { field: "text", noun: "status", longest: STATUS_LENGTH, names: false }.check(typed).map(Some)
}

/// Checks a new password's length; nothing is trimmed or changed.
///
/// # Errors
/// `invalid` at `password`, when it is shorter than 8 or longer than 128 characters.
pub fn password(typed: &str) -> Result<(), ChatError> {
    if PASSWORD_LENGTH.contains(&typed.chars().count()) {
        return Ok(());
    }
    Err(ChatError::invalid("password", "Use a password of 8 to 128 characters."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_plain_and_short() {
        for good in ["ada", "a.b", "kofi_2", "X9", " grace "] {
            assert!(username(good).is_ok(), "{good}");
        }
        assert_eq!(username("KofI").unwrap(), "kofi");
        for bad in ["a", "", "ада", "a b", ".ada", "ada-", "ad\u{200b}a", &"x".repeat(33)] {
            assert_eq!(username(bad).unwrap_err().field.as_deref(), Some("username"), "{bad}");
        }
    }

    #[test]
    fn display_names_follow_the_rule_for_names() {
        assert_eq!(display_name("  Ada \n Lovelace ").unwrap(), "Ada Lovelace");
        for bad in ["", "a\u{202e}b", "---", &"x".repeat(41)] {
            assert_eq!(display_name(bad).unwrap_err().field.as_deref(), Some("display_name"), "{bad:?}");
        }
    }

    #[test]
    fn names_that_look_the_same_have_one_key() {
        for (one, other) in [
            ("Maria Silva", "maria SILVA"),
            ("Maria Silva", " Maria \u{a0}Silva"),
            ("Ольга Петрова", "ОЛЬГА петрова"),
            ("Zoë", "ZOË"),
            ("نور\u{200c}ها", "نورها"),
        ] {
            assert_eq!(name_key(one), name_key(other), "{one} and {other}");
        }
        for (one, other) in [("Maria Silva", "Maria Silvá"), ("Anna", "Ana"), ("李 雷", "李雷")] {
            assert_ne!(name_key(one), name_key(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_status_is_a_line_or_nothing() {
        assert_eq!(status_text(" \n ").unwrap(), None);
        assert_eq!(status_text(" on  holiday\nuntil May ").unwrap(), Some("on holiday until May".into()));
        for bad in ["\u{200b}", "a\u{202e}b", &"x".repeat(81)] {
            assert_eq!(status_text(bad).unwrap_err().field.as_deref(), Some("text"), "{bad:?}");
        }
        assert_eq!(Status::of(Some("🎉".into()), Some("done".into())).unwrap().words(), "🎉 done");
        assert_eq!(Status::of(None, None), None);
    }

    #[test]
    fn passwords_are_counted_in_characters() {
        assert!(password("1234567").is_err());
        assert!(password("ééééééé8").is_ok());
        assert!(password(&"x".repeat(129)).is_err());
    }
}
