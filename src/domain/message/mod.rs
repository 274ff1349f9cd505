//! Messages and their state after posting.

pub mod draft;
pub mod link_preview;
pub mod mention;
mod permissions;

use serde::{Deserialize, Serialize};

use super::{ConversationId, Millis, PersonId, Seq, emoji, link_preview::LinkPreview, markup};
pub use permissions::{
    RESTORE_MILLIS, UNDO_MILLIS, check_not_deleted, may_delete, may_edit, may_pin, may_react,
    may_remove_preview, may_resolve, may_restore,
};

/// Maximum number of different emoji on a message.
pub const MAX_DISTINCT_REACTIONS: usize = 20;
/// Maximum number of reactions on a message.
pub const MAX_REACTIONS: usize = 1_000;
/// Maximum number of saved messages of a person.
pub const MAX_SAVED: usize = 500;
/// Maximum bytes of an emoji; the longest existing ones have 35.
pub const EMOJI_BYTES: usize = 64;

/// State of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Time of the last edit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Millis>,
    /// Time of the deletion; its text is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Millis>,
    /// Who deleted it. Absent also for messages deleted before this was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_by: Option<PersonId>,
    /// Whether it is pinned in its conversation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Whether it is a question that is answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", rename = "settled")]
    pub resolved: bool,
    /// The reactions, ordered by emoji.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Positions of the replies to it, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "answered_by")]
    pub replies: Vec<Seq>,
    /// Preview of its link, unless there is none or the author removed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Box<LinkPreview>>,
}

impl State {
    /// Whether it is unchanged since the message was posted.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Adds or removes a reaction. Idempotent, whatever the spelling of the emoji. The emoji are
    /// sorted so that none moves under the pointer.
    pub fn react(&mut self, by: PersonId, emoji: &str, on: bool) {
        let spelling = emoji::spelling(emoji);
        match self
            .reactions
            .binary_search_by(|reaction| emoji::spelling(&reaction.emoji).cmp(&spelling))
        {
            Ok(place) => {
                let people = &mut self.reactions[place].people;
                if !on {
                    people.retain(|person| *person != by);
                } else if !people.contains(&by) {
                    people.push(by);
                }
                if people.is_empty() {
                    self.reactions.remove(place);
                }
            }
            Err(place) if on => {
                self.reactions.insert(place, Reaction { emoji: emoji.to_owned(), people: vec![by] })
            }
            Err(_) => {}
        }
    }

    /// Adds a reply.
    pub fn add_reply(&mut self, by: Seq) {
        if let Err(place) = self.replies.binary_search(&by) {
            self.replies.insert(place, by);
        }
    }
}

/// An emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// The people who reacted with it, in that order.
    pub people: Vec<PersonId>,
}

/// The message that another one replies to, as it is shown with the reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Its position.
    pub message: Seq,
    /// Its author.
    pub author: PersonId,
    /// Its excerpt, on one line; empty if it was deleted.
    pub excerpt: String,
}

/// An earlier version of an edited message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Time from which it was the current one.
    pub at: Millis,
    /// Its text.
    pub body: String,
}

/// Property by which the messages of a conversation can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageFlag {
    /// It is pinned.
    Pinned,
    /// It is a question that is not marked as answered.
    OpenQuestion,
}

/// A message in the list of pins, of open questions or of saved messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageExcerpt {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its position.
    pub seq: Seq,
    /// Time of the commit.
    pub at: Millis,
    /// Its author.
    pub author: PersonId,
    /// Its excerpt, on one line.
    pub excerpt: String,
}

/// Whether a message is a question: a line outside of code ends in a question mark, in any script.
#[must_use]
pub fn is_question(body: &str) -> bool {
    markup::facts(body).is_question
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ADA: PersonId = PersonId(Uuid::from_u128(1));
    const GRACE: PersonId = PersonId(Uuid::from_u128(2));
    const KOFI: PersonId = PersonId(Uuid::from_u128(3));

    #[test]
    fn reactions_are_idempotent_and_removable() {
        let mut state = State::default();
        for by in [GRACE, ADA, GRACE] {
            state.react(by, "👍", true);
        }
        assert_eq!(state.reactions, [Reaction { emoji: "👍".into(), people: vec![GRACE, ADA] }]);
        for by in [GRACE, GRACE, ADA, KOFI] {
            state.react(by, "👍", false);
        }
        assert!(state.is_plain());
        for (by, emoji) in
            [(ADA, "❤️"), (GRACE, "❤"), (KOFI, "👍🏽"), (KOFI, "👍"), (KOFI, "❤\u{fe0e}")]
        {
            state.react(by, emoji, true);
        }
        let shown: Vec<_> = state
            .reactions
            .iter()
            .map(|reaction| (reaction.emoji.as_str(), reaction.people.len()))
            .collect();
        assert_eq!(shown, [("❤️", 3), ("👍", 1), ("👍🏽", 1)]);
        state.react(ADA, "❤", false);
        assert_eq!(state.reactions[0].people, [GRACE, KOFI]);
    }

    #[test]
    fn a_question_mark_ends_a_line_outside_of_code() {
        for question in ["Why?", "Why?\nBecause.", "为什么？", "لماذا؟", "**Really?**", "What?!"]
        {
            assert!(is_question(question), "{question}");
        }
        for other in ["No.", "a ? b : c", "```\nwhy?\n```", "x;", ""] {
            assert!(!is_question(other), "{other}");
        }
    }
}
