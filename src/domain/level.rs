//! What of a conversation rings for a person, as that person has chosen: a level, and for a while nothing at all.

use serde::{Deserialize, Serialize};

use super::{ChatError, Millis};

/// What of a conversation rings for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Level {
    /// Every message.
    #[default]
    Everything,
    /// Messages that mention this person.
    Mentions,
    /// Nothing.
    Nothing,
    /// Nothing, and the list leaves the conversation out.
    Hidden,
}

/// As any text is read: the reader that is derived for an enum would be one more in every browser.
impl TryFrom<String> for Level {
    type Error = &'static str;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        Self::of(&word).ok_or("a level that is not known")
    }
}

/// How far ahead the end of a mute may be, in milliseconds: 31 days.
pub const LONGEST_MUTE: Millis = 31 * 24 * 3_600_000;

impl Level {
    /// All of them, the loudest first.
    pub const ALL: [Self; 4] = [Self::Everything, Self::Mentions, Self::Nothing, Self::Hidden];

    /// As it is written down.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Mentions => "mentions",
            Self::Nothing => "nothing",
            Self::Hidden => "hidden",
        }
    }

    /// Reads what was written down.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.word() == word)
    }

    /// Whether it goes without saying.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::Everything
    }
}

/// May a conversation be muted until this moment?
///
/// # Errors
/// `invalid` at `muted_until`, when it has passed or is too far ahead.
pub fn may_mute(until: Millis, now: Millis) -> Result<(), ChatError> {
    let blame = |words: &str| Err(ChatError::invalid("muted_until", words));
    if until <= now {
        return blame("This time is in the past. Choose a later time and check your device's clock.");
    }
    if until - now > LONGEST_MUTE {
        blame("A conversation can be muted for up to 31 days. To mute it for longer, change its notification level.")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mute_ends_later_than_now_and_within_a_month() {
        assert_eq!(may_mute(101, 100), Ok(()));
        assert_eq!(may_mute(100 + LONGEST_MUTE, 100), Ok(()));
        for until in [Millis::MIN, 0, 100, 101 + LONGEST_MUTE, Millis::MAX] {
            assert_eq!(may_mute(until, 100).unwrap_err().field.as_deref(), Some("muted_until"), "{until}");
        }
    }

    #[test]
    fn a_level_is_read_as_it_was_written() {
        for level in Level::ALL {
            assert_eq!((Level::of(level.word()), level.is_usual()), (Some(level), level == Level::default()));
        }
        assert_eq!(Level::of("loud"), None);
    }
}
