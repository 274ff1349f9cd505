//! Drafts, and the three-way merge of drafts that were edited on several devices.

use serde::{Deserialize, Serialize};

use crate::domain::{ChatError, Seq};

/// Maximum characters of a draft. Above the limit of a message, so that a text too long to send is
/// not lost.
pub const DRAFT_LENGTH: usize = 40_000;

/// A draft as stored by the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The text.
    pub body: String,
    /// Position of its last change in the person's own stream.
    pub seq: Seq,
}

/// Checks the length of a draft.
///
/// # Errors
/// `too_large` at `body`.
pub fn check_length(body: String) -> Result<String, ChatError> {
    if body.chars().count() > DRAFT_LENGTH {
        return Err(ChatError::new(
            crate::domain::Code::TooLarge,
            format!("A draft can have up to {DRAFT_LENGTH} characters."),
        )
        .at("body"));
    }
    Ok(body)
}

/// Merges the local and the remote text, whose last common version is `base`. If both changed, the
/// result has both.
#[must_use]
pub fn merge(base: &str, here: String, there: String) -> String {
    if there == here || there == base {
        here
    } else if here == base {
        there
    } else if there.is_empty() {
        // Sent or discarded on the other device, continued here.
        here
    } else if here.is_empty() {
        there
    } else if let Some(more) = there.strip_prefix(base).filter(|_| !base.is_empty()) {
        concat(here, more.trim_start_matches('\n').to_owned())
    } else {
        concat(here, there)
    }
}

/// The text of a field without the sent part: what was typed after it, or a draft that [`concat`]
/// added. `None` if the field no longer contains the sent part.
#[must_use]
pub fn without_sent(text: &str, sent: &str) -> Option<String> {
    let after = text.strip_prefix(sent).map(|rest| rest.strip_prefix('\n').unwrap_or(rest));
    after.or_else(|| text.strip_suffix(sent)?.strip_suffix('\n')).map(str::to_owned)
}

/// Joins two texts. If one starts with the other, the longer one is returned: browsers restore the
/// text of a field as well.
#[must_use]
pub fn concat(first: String, second: String) -> String {
    if second.is_empty() || first.starts_with(&second) {
        first
    } else if first.is_empty() || second.starts_with(&first) {
        second
    } else {
        format!("{first}\n{second}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concat_keeps_both_texts_without_duplication() {
        for (first, second, expected) in [
            ("", "", ""),
            ("a", "", "a"),
            ("", "b", "b"),
            ("ab", "a", "ab"),
            ("a", "ab", "ab"),
            ("a", "b", "a\nb"),
        ] {
            assert_eq!(concat(first.into(), second.into()), expected);
        }
    }

    #[test]
    fn only_the_sent_text_is_removed_from_the_field() {
        for (text, sent, left) in [
            ("hello", "hello", Some("")),
            ("hello and more", "hello", Some(" and more")),
            ("hello\nmore", "hello", Some("more")),
            ("kept\nhello", "hello", Some("kept")),
            ("an older line\nkept\nhello", "hello", Some("an older line\nkept")),
            ("othello", "hello", None),
            ("hell", "hello", None),
            ("anything", "", Some("anything")),
            ("再见，朋友", "再见", Some("，朋友")),
        ] {
            assert_eq!(without_sent(text, sent).as_deref(), left, "{text} without {sent}");
        }
    }

    #[test]
    fn merge_takes_the_changed_side_and_keeps_both_on_conflict() {
        for (base, here, there, expected, why) in [
            ("", "", "hello", "hello", "begun there"),
            ("hello", "hello", "hello you", "hello you", "went on there"),
            ("hello", "hello you", "hello", "hello you", "went on here"),
            ("hello", "hello", "", "", "sent there"),
            ("hello", "hello you", "", "hello you", "sent there, and gone on here"),
            ("", "tea?", "coffee?", "tea?\ncoffee?", "begun in both"),
            ("a", "ab", "a\nc", "ab\nc", "both went on: what they share stands once"),
            ("a", "", "ab", "ab", "cleared here, gone on there"),
            ("a", "xyz", "qrs", "xyz\nqrs", "both wrote it anew"),
        ] {
            assert_eq!(merge(base, here.into(), there.into()), expected, "{why}");
        }
    }

    #[test]
    fn overlong_drafts_are_rejected() {
        assert!(check_length("x".repeat(DRAFT_LENGTH)).is_ok());
        assert_eq!(
            check_length("x".repeat(DRAFT_LENGTH + 1)).unwrap_err().field.as_deref(),
            Some("body")
        );
    }
}
