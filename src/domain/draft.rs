//! What somebody began and did not send, on several devices: how two texts that were changed apart come together.

use serde::{Deserialize, Serialize};

use super::{ChatError, Seq};

/// Most characters that are kept of a draft: more than a message has, because what is too long to send is not lost either.
pub const DRAFT_LENGTH: usize = 40_000;

/// What was begun, as the server holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The text.
    pub body: String,
    /// The place, in the person's own stream, of the change that made it so.
    pub seq: Seq,
}

/// Checks what is to be kept.
///
/// # Errors
/// `too_large` at `body`.
pub fn checked(body: String) -> Result<String, ChatError> {
    if body.chars().count() > DRAFT_LENGTH {
        return Err(ChatError::new(super::Code::TooLarge, format!("A draft can have up to {DRAFT_LENGTH} characters.")).at("body"));
    }
    Ok(body)
}

/// What stands here from now on, where both places last agreed on `base`. Neither loses anything: where both went on, both stand.
#[must_use]
pub fn reconcile(base: &str, here: String, there: String) -> String {
    if there == here || there == base {
        here
    } else if here == base {
        there
    } else if there.is_empty() {
        // Sent or given up there; here it goes on.
        here
    } else if here.is_empty() {
        there
    } else if let Some(more) = there.strip_prefix(base).filter(|_| !base.is_empty()) {
        both(here, more.trim_start_matches('\n').to_owned())
    } else {
        both(here, there)
    }
}

/// What is left of a field when this part of it is sent: what was typed after it, or a draft that [`both`] put beside it. `None`: it is
/// no longer there as it was.
#[must_use]
pub fn without(text: &str, sent: &str) -> Option<String> {
    let after = text.strip_prefix(sent).map(|rest| rest.strip_prefix('\n').unwrap_or(rest));
    after.or_else(|| text.strip_suffix(sent)?.strip_suffix('\n')).map(str::to_owned)
}

/// Two texts of which neither may be lost; a browser that brings back what a field held brings it twice.
#[must_use]
pub fn both(first: String, second: String) -> String {
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
    fn of_two_texts_neither_is_lost_and_none_is_doubled() {
        for (first, second, expected) in [("", "", ""), ("a", "", "a"), ("", "b", "b"), ("ab", "a", "ab"), ("a", "ab", "ab"), ("a", "b", "a\nb")] {
            assert_eq!(both(first.into(), second.into()), expected);
        }
    }

    #[test]
    fn what_is_sent_leaves_the_field_and_nothing_else_does() {
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
            assert_eq!(without(text, sent).as_deref(), left, "{text} without {sent}");
        }
    }

    #[test]
    fn who_went_on_alone_is_followed_and_where_both_went_on_both_stand() {
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
            assert_eq!(reconcile(base, here.into(), there.into()), expected, "{why}");
        }
    }

    #[test]
    fn what_is_far_too_long_is_refused() {
        assert!(checked("x".repeat(DRAFT_LENGTH)).is_ok());
        assert_eq!(checked("x".repeat(DRAFT_LENGTH + 1)).unwrap_err().field.as_deref(), Some("body"));
    }
}
