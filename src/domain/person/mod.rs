//! People: what everybody may know of a person, their role (`role`) and account (`account`), and
//! what a username, a display name and a password may be. Look-alikes and common passwords need tables that only the server has: see
//! `server/names` and `server/auth/password.rs`.

pub mod account;
pub mod device;
pub mod role;
pub mod secret_code;

use serde::{Deserialize, Serialize};

use super::{ChatError, FileId, PersonId, Right, Role, Seq, name, script};

/// Public profile of a registered person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// The name to sign in with and to mention: unique, case-insensitive.
    pub username: String,
    /// The name that is shown, in any script.
    pub display_name: String,
    /// Their status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Their avatar, served at `/faces/<id>/<side>` as a square of 256, 96 or 48 pixels.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "face")]
    pub avatar: Option<FileId>,
    /// Their role in the workspace.
    #[serde(default)]
    pub role: Role,
    /// What they do, in a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Their time zone, as an IANA name such as `Africa/Accra`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether the account is deactivated: the person cannot sign in, and what they wrote stays.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deactivated: bool,
}

impl Person {
    /// Checks whether the person has a right in the workspace.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require(&self, right: Right) -> Result<(), ChatError> {
        if self.role.may(right) {
            return Ok(());
        }
        Err(ChatError::forbidden(if Role::Moderator.may(right) {
            "Only administrators and moderators of this workspace can do this."
        } else {
            "Only administrators of this workspace can do this."
        }))
    }
}

#[cfg(test)]
impl Person {
    /// A member who has set nothing.
    pub(crate) fn named(id: PersonId, username: &str, display_name: &str) -> Self {
        Self {
            id,
            username: username.to_owned(),
            display_name: display_name.to_owned(),
            status: None,
            avatar: None,
            role: Role::Member,
            title: None,
            time_zone: None,
            deactivated: false,
        }
    }
}

/// Status of a person: an emoji, a text or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// An emoji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    /// A line of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Status {
    /// A status of these parts; `None` without any.
    #[must_use]
    pub fn of(emoji: Option<String>, text: Option<String>) -> Option<Self> {
        (emoji.is_some() || text.is_some()).then_some(Self { emoji, text })
    }

    /// Both on one line.
    #[must_use]
    pub fn words(&self) -> String {
        let parts: Vec<&str> =
            [&self.emoji, &self.text].into_iter().flatten().map(String::as_str).collect();
        parts.join(" ")
    }
}

/// What others see of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    /// Whether others see their read receipts.
    pub shows_reading: bool,
    /// Whether others see them typing.
    pub shows_typing: bool,
    /// Whether others see when they are or were online. If not, nobody sees them typing either.
    #[serde(default = "default_true")]
    pub shows_presence: bool,
}

const fn default_true() -> bool {
    true
}

/// Read and delivery receipt of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadReceipt {
    /// The member.
    pub person: PersonId,
    /// Read position; 0 if nothing is read or receipts are hidden.
    pub upto: Seq,
    /// Position that reached a device of theirs; only in direct conversations.
    #[serde(default, skip_serializing_if = "is_start")]
    pub delivered: Seq,
}

/// For `skip_serializing_if`.
fn is_start(upto: &Seq) -> bool {
    upto.is_start()
}

impl ReadReceipt {
    /// Adds delivery positions to receipts.
    #[must_use]
    pub fn merge_delivered(
        receipts: Vec<Self>,
        delivered: impl IntoIterator<Item = (PersonId, Seq)>,
    ) -> Vec<Self> {
        let mut receipts = receipts;
        for (person, upto) in delivered {
            match receipts.iter_mut().find(|receipt| receipt.person == person) {
                Some(receipt) => receipt.delivered = receipt.delivered.max(upto),
                None => receipts.push(Self { person, upto: Seq::START, delivered: upto }),
            }
        }
        receipts
    }
}

/// Maximum number of members of a conversation that has read receipts.
pub const MAX_MEMBERS_WITH_RECEIPTS: usize = 200;

/// Minimum and maximum characters of a username.
pub const USERNAME_LENGTH: std::ops::RangeInclusive<usize> = 2..=32;
/// Maximum characters of a display name.
pub const DISPLAY_NAME_LENGTH: usize = 40;
/// Sides of avatars, in pixels.
pub const AVATAR_SIZES: [u32; 3] = [256, 96, 48];
/// Maximum characters of a status.
pub const STATUS_LENGTH: usize = 80;
/// Maximum characters of a title.
pub const TITLE_LENGTH: usize = 80;
/// Minimum and maximum characters of a password.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// Normalizes and checks a username: trimmed and in lower case, because an `I` looks like an `l`.
///
/// # Errors
/// `invalid` at `username` unless it is 2 to 32 letters, digits or `._-` with a letter or digit at
/// both ends.
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
            "A username can contain only letters from a to z, digits, dots, underscores and \
             hyphens. Your display name can be in any script.",
        );
    }
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric())
        || !name.ends_with(|c: char| c.is_ascii_alphanumeric())
    {
        return blame("A username must begin and end with a letter or a digit.");
    }
    Ok(name)
}

/// Normalizes and checks a display name: see [`name`].
///
/// # Errors
/// `invalid` at `display_name`.
pub fn display_name(typed: &str) -> Result<String, ChatError> {
    name::Rule {
        field: "display_name",
        noun: "display name",
        longest: DISPLAY_NAME_LENGTH,
        names: true,
    }
    .check(typed)
}

/// Comparison key of a display name: names with the same key look the same.
#[must_use]
pub fn name_key(display_name: &str) -> String {
    let visible: String = display_name.chars().filter(|c| !script::is_invisible(*c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Normalizes and checks the text of a status by the rule for names; `None` if it is empty.
///
/// # Errors
/// `invalid` at `text`.
pub fn status_text(typed: &str) -> Result<Option<String>, ChatError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    name::Rule { field: "text", noun: "status", longest: STATUS_LENGTH, names: false }
        .check(typed)
        .map(Some)
}

/// Normalizes and checks a title by the rule for names; `None` if it is empty.
///
/// # Errors
/// `invalid` at `title`.
pub fn title(typed: &str) -> Result<Option<String>, ChatError> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    name::Rule { field: "title", noun: "title", longest: TITLE_LENGTH, names: false }
        .check(typed)
        .map(Some)
}

/// Checks the name of a time zone; `None` if it is empty.
///
/// # Errors
/// `invalid` at `time_zone` unless it looks like an IANA name.
pub fn time_zone(typed: &str) -> Result<Option<String>, ChatError> {
    const LONGEST: usize = 64;
    let name = typed.trim();
    let is_name = name.len() <= LONGEST
        && name.split('/').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
        });
    match (name.is_empty(), is_name) {
        (true, _) => Ok(None),
        (false, true) => Ok(Some(name.to_owned())),
        (false, false) => Err(ChatError::invalid(
            "time_zone",
            "Choose a time zone such as Africa/Accra or Europe/London.",
        )),
    }
}

/// Checks the length of a new password. Nothing is trimmed or changed.
///
/// # Errors
/// `invalid` at `password` unless it has 8 to 128 characters.
pub fn password(typed: &str) -> Result<(), ChatError> {
    if PASSWORD_LENGTH.contains(&typed.chars().count()) {
        return Ok(());
    }
    Err(ChatError::invalid("password", "Use a password of 8 to 128 characters."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code;

    #[test]
    fn usernames_are_short_ascii() {
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
            assert_eq!(
                display_name(bad).unwrap_err().field.as_deref(),
                Some("display_name"),
                "{bad:?}"
            );
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
        for (one, other) in [("Maria Silva", "Maria Silvá"), ("Anna", "Ana"), ("李 雷", "李雷")]
        {
            assert_ne!(name_key(one), name_key(other), "{one} and {other}");
        }
    }

    #[test]
    fn a_status_is_one_line_or_none() {
        assert_eq!(status_text(" \n ").unwrap(), None);
        assert_eq!(
            status_text(" on  holiday\nuntil May ").unwrap(),
            Some("on holiday until May".into())
        );
        for bad in ["\u{200b}", "a\u{202e}b", &"x".repeat(81)] {
            assert_eq!(status_text(bad).unwrap_err().field.as_deref(), Some("text"), "{bad:?}");
        }
        assert_eq!(Status::of(Some("🎉".into()), Some("done".into())).unwrap().words(), "🎉 done");
        assert_eq!(Status::of(None, None), None);
    }

    #[test]
    fn titles_and_time_zones_are_one_line_or_none() {
        assert_eq!(title(" Head  of\nPhysics ").unwrap().as_deref(), Some("Head of Physics"));
        assert_eq!(title(" "), Ok(None));
        assert_eq!(title(&"x".repeat(81)).unwrap_err().field.as_deref(), Some("title"));
        for good in ["Africa/Accra", "America/Argentina/Ushuaia", "Etc/GMT+5", "UTC"] {
            assert_eq!(time_zone(good).unwrap().as_deref(), Some(good));
        }
        assert_eq!(time_zone(""), Ok(None));
        for bad in ["Accra!", "/etc/passwd", "Africa//Accra", "é", &"x".repeat(65)] {
            assert_eq!(time_zone(bad).unwrap_err().field.as_deref(), Some("time_zone"), "{bad}");
        }
    }

    #[test]
    fn rights_come_from_the_role() {
        let mut ada = Person::named(PersonId(uuid::Uuid::nil()), "ada", "Ada");
        assert!(ada.require(Right::Invite).is_err(), "members");
        ada.role = Role::Moderator;
        assert_eq!(ada.require(Right::Invite), Ok(()));
        assert_eq!(ada.require(Right::ManagePeople).unwrap_err().code, Code::Forbidden);
        ada.role = Role::Administrator;
        assert_eq!(ada.require(Right::ManagePeople), Ok(()));
    }

    #[test]
    fn password_length_is_in_characters() {
        assert!(password("1234567").is_err());
        assert!(password("ééééééé8").is_ok());
        assert!(password(&"x".repeat(129)).is_err());
    }
}
