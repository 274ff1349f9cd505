//! Notification levels of a conversation, and muting it.

use serde::{Deserialize, Serialize};

use crate::domain::{ChatError, Millis, time::DAY};

/// Which messages of a conversation notify a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum NotificationLevel {
    /// All messages.
    #[default]
    Everything,
    /// Messages that mention the person.
    Mentions,
    /// None.
    Nothing,
    /// None, and the sidebar does not list the conversation.
    Hidden,
}

/// A derived `Deserialize` would add another deserializer to the Wasm.
impl TryFrom<String> for NotificationLevel {
    type Error = &'static str;

    fn try_from(as_str: String) -> Result<Self, Self::Error> {
        Self::parse(&as_str).ok_or("a level that is not known")
    }
}

/// Maximum duration of a mute, in milliseconds: 31 days.
pub const MAX_MUTE: Millis = 31 * DAY;

impl NotificationLevel {
    /// All levels, the most notifications first.
    pub const ALL: [Self; 4] = [Self::Everything, Self::Mentions, Self::Nothing, Self::Hidden];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Mentions => "mentions",
            Self::Nothing => "nothing",
            Self::Hidden => "hidden",
        }
    }

    /// Parses the name of a level.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }

    /// Whether it is the default level.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::Everything
    }
}

/// Checks the end of a mute.
///
/// # Errors
/// `invalid` at `muted_until` if it is in the past or too far ahead.
pub fn may_mute(until: Millis, now: Millis) -> Result<(), ChatError> {
    let blame = |words: &str| Err(ChatError::invalid("muted_until", words));
    if until <= now {
        return blame(
            "This time is in the past. Choose a later time and check your device's clock.",
        );
    }
    if until - now > MAX_MUTE {
        blame(
            "A conversation can be muted for up to 31 days. To mute it for longer, change its \
             notification level.",
        )
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutes_end_within_31_days() {
        assert_eq!(may_mute(101, 100), Ok(()));
        assert_eq!(may_mute(100 + MAX_MUTE, 100), Ok(()));
        for until in [Millis::MIN, 0, 100, 101 + MAX_MUTE, Millis::MAX] {
            assert_eq!(
                may_mute(until, 100).unwrap_err().field.as_deref(),
                Some("muted_until"),
                "{until}"
            );
        }
    }

    #[test]
    fn levels_round_trip() {
        for level in NotificationLevel::ALL {
            assert_eq!(
                (NotificationLevel::parse(level.as_str()), level.is_default()),
                (Some(level), level == NotificationLevel::default())
            );
        }
        assert_eq!(NotificationLevel::parse("loud"), None);
    }
}
