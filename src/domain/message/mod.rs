//! Messages: their state after posting, and who may change it.

pub mod draft;
pub mod link_preview;

use serde::{Deserialize, Serialize};

use super::{
    ChatError, Conversation, ConversationId, Kind, Millis, PersonId, Seq, emoji,
    link_preview::LinkPreview, markup,
};

/// How long the client offers the author to undo a deletion.
pub const UNDO_MILLIS: Millis = 30_000;
/// Added to it for the latency of the request.
const UNDO_GRACE: Millis = 2_000;
/// How long the creator of a group may restore a message.
pub const RESTORE_MILLIS: Millis = 30 * 24 * 3600 * 1000;
/// Maximum number of different emoji on a message.
pub const MAX_EMOJI: usize = 20;
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

/// Checks whether a person may edit a message.
///
/// # Errors
/// `forbidden` for everyone but its author; `conflict` if it is deleted.
pub fn may_edit(who: PersonId, author: PersonId, state: &State) -> Result<(), ChatError> {
    if who != author {
        return Err(ChatError::forbidden("Only the author can edit a message."));
    }
    check_not_deleted(state)
}

/// Checks whether a person may delete a message.
///
/// # Errors
/// `forbidden` for everyone but its author and the creator of the group.
pub fn may_delete(it: &Conversation, who: PersonId, author: PersonId) -> Result<(), ChatError> {
    if who == author || it.creator == Some(who) {
        return Ok(());
    }
    Err(ChatError::forbidden("Only the author or the creator of the group can delete a message."))
}

/// Checks whether a person may restore a message. The creator of a group may for 30 days, no matter
/// who deleted it; the author may for 30 seconds, unless somebody else deleted it.
///
/// # Errors
/// `forbidden` for everyone else, and for the author of a message that the creator of the group
/// deleted; `conflict` if it is too late or the message is not deleted.
pub fn may_restore(
    it: &Conversation,
    who: PersonId,
    author: PersonId,
    state: &State,
    now: Millis,
) -> Result<(), ChatError> {
    let too_late = || ChatError::conflict("This message can no longer be restored.");
    let gone =
        now - state.deleted.ok_or_else(|| ChatError::conflict("This message is not deleted."))?;
    if it.creator == Some(who) {
        return if gone <= RESTORE_MILLIS { Ok(()) } else { Err(too_late()) };
    }
    if who != author {
        return Err(ChatError::forbidden(
            "Only the author or the creator of the group can restore a message.",
        ));
    }
    if state.deleted_by.is_some_and(|by| by != author) {
        return Err(ChatError::forbidden(
            "The creator of the group deleted this message. Only they can restore it.",
        ));
    }
    if gone <= UNDO_MILLIS + UNDO_GRACE { Ok(()) } else { Err(too_late()) }
}

/// Checks whether members may pin messages in a conversation.
///
/// # Errors
/// `conflict` in Everyone.
pub fn may_pin(it: &Conversation) -> Result<(), ChatError> {
    match it.kind {
        Kind::Everyone => Err(ChatError::conflict("You cannot pin messages in Everyone.")),
        Kind::Direct | Kind::Group => Ok(()),
    }
}

/// Checks whether a person may mark a question as answered or as open.
///
/// # Errors
/// `forbidden` for everyone but its author, the creator of the group and both people of a direct
/// conversation.
pub fn may_resolve(it: &Conversation, who: PersonId, author: PersonId) -> Result<(), ChatError> {
    if who == author || it.creator == Some(who) || it.kind == Kind::Direct {
        return Ok(());
    }
    Err(ChatError::forbidden(
        "Only the author or the creator of the group can mark a question as answered.",
    ))
}

/// Checks whether a person may remove a link preview.
///
/// # Errors
/// `forbidden` for everyone but the author of the message; `conflict` if it is deleted.
pub fn may_remove_preview(who: PersonId, author: PersonId, state: &State) -> Result<(), ChatError> {
    if who != author {
        return Err(ChatError::forbidden("Only the author can remove a link preview."));
    }
    check_not_deleted(state)
}

/// Checks that a message is not deleted.
///
/// # Errors
/// `conflict` if it is deleted.
pub fn check_not_deleted(state: &State) -> Result<(), ChatError> {
    if state.deleted.is_some() {
        return Err(ChatError::conflict("This message was deleted."));
    }
    Ok(())
}

/// Whether a message is a question: a line outside of code ends in a question mark, in any script.
#[must_use]
pub fn is_question(body: &str) -> bool {
    markup::facts(body).is_question
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Code, ConversationId};
    use uuid::Uuid;

    const ADA: PersonId = PersonId(Uuid::from_u128(1));
    const GRACE: PersonId = PersonId(Uuid::from_u128(2));
    const KOFI: PersonId = PersonId(Uuid::from_u128(3));

    fn of(kind: Kind, creator: Option<PersonId>) -> Conversation {
        Conversation {
            id: ConversationId(Uuid::nil()),
            kind,
            name: None,
            creator,
            created: 0,
            avatar: None,
        }
    }

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
    fn authors_may_restore_for_30_seconds_and_creators_for_30_days() {
        let group = of(Kind::Group, Some(GRACE));
        let by = |deleted_by| State { deleted: Some(0), deleted_by, ..State::default() };
        let code = |who, deleted_by, now| {
            may_restore(&group, who, ADA, &by(deleted_by), now).err().map(|error| error.code)
        };
        for deleted_by in [None, Some(ADA)] {
            assert_eq!(code(ADA, deleted_by, UNDO_MILLIS), None);
            assert_eq!(code(ADA, deleted_by, 35_000), Some(Code::Conflict));
        }
        assert_eq!(code(ADA, Some(GRACE), 1), Some(Code::Forbidden), "a moderator's deletion");
        for deleted_by in [ADA, GRACE] {
            assert_eq!(code(GRACE, Some(deleted_by), RESTORE_MILLIS), None);
            assert_eq!(code(GRACE, Some(deleted_by), RESTORE_MILLIS + 1), Some(Code::Conflict));
        }
        assert_eq!(code(KOFI, Some(ADA), 1), Some(Code::Forbidden));
        assert_eq!(
            may_restore(&group, ADA, ADA, &State::default(), 1).unwrap_err().code,
            Code::Conflict,
            "it stands"
        );
    }

    #[test]
    fn other_members_may_not_edit_delete_or_resolve() {
        let group = of(Kind::Group, Some(GRACE));
        assert!(
            may_edit(ADA, ADA, &State::default()).is_ok()
                && may_delete(&group, GRACE, ADA).is_ok()
                && may_resolve(&group, GRACE, ADA).is_ok()
        );
        assert_eq!(may_edit(GRACE, ADA, &State::default()).unwrap_err().code, Code::Forbidden);
        assert_eq!(may_delete(&group, KOFI, ADA).unwrap_err().code, Code::Forbidden);
        assert_eq!(may_resolve(&group, KOFI, ADA).unwrap_err().code, Code::Forbidden);
        let deleted = State { deleted: Some(1), ..State::default() };
        assert_eq!(may_edit(ADA, ADA, &deleted).unwrap_err().code, Code::Conflict);
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
