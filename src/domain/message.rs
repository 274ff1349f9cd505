//! Messages: what becomes of one after it was written, and who may do that to it.

use serde::{Deserialize, Serialize};

use super::{ChatError, Conversation, ConversationId, Kind, Millis, PersonId, Seq, emoji, markup, preview::Preview};

/// How long the author may undo a deletion, as it is offered.
pub const UNDO_MILLIS: Millis = 30_000;
/// Added to that for the request's way to the server.
const UNDO_GRACE: Millis = 2_000;
/// How long the creator of a group may restore what was deleted in it.
pub const RESTORE_MILLIS: Millis = 30 * 24 * 3600 * 1000;
/// Most different emoji on a message.
pub const MOST_EMOJI: usize = 20;
/// Most reactions on a message, all together.
pub const MOST_REACTIONS: usize = 1_000;
/// Most messages that somebody saves.
pub const MOST_SAVED: usize = 500;
/// Most bytes of an emoji; the longest that there are have 35.
pub const EMOJI_BYTES: usize = 64;

/// What became of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// When its text was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Millis>,
    /// When it was deleted; its text is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Millis>,
    /// Who deleted it. Absent also for messages deleted before this was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_by: Option<PersonId>,
    /// Whether it is pinned in its conversation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Whether it is a question that was answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
    /// Who reacted with what, in the order of the emoji.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// The places of the messages that answer it, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered_by: Vec<Seq>,
    /// What its link leads to, where the server has looked and the author lets it stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Box<Preview>>,
}

impl State {
    /// Whether nothing became of it.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Somebody reacts, or takes it back. The same twice is as once, however the emoji is spelled. The emoji stand in an order of
    /// their own, so that none moves while somebody aims at it.
    pub fn react(&mut self, by: PersonId, emoji: &str, on: bool) {
        let spelling = emoji::spelling(emoji);
        match self.reactions.binary_search_by(|reaction| emoji::spelling(&reaction.emoji).cmp(&spelling)) {
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
            Err(place) if on => self.reactions.insert(place, Reaction { emoji: emoji.to_owned(), people: vec![by] }),
            Err(_) => {}
        }
    }

    /// Another message answers it.
    pub fn answer(&mut self, by: Seq) {
        if let Err(place) = self.answered_by.binary_search(&by) {
            self.answered_by.insert(place, by);
        }
    }
}

/// One emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// Which.
    pub emoji: String,
    /// Whose, in the order in which they came.
    pub people: Vec<PersonId>,
}

/// The message that another one answers, as far as it is shown with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// Its place.
    pub message: Seq,
    /// Who wrote it.
    pub author: PersonId,
    /// Its beginning, on one line; empty when it was deleted.
    pub excerpt: String,
}

/// What a message said earlier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Since when it said so.
    pub at: Millis,
    /// What.
    pub body: String,
}

/// What makes a message stand out in its conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It is pinned.
    Pinned,
    /// It asks something, and nobody has called it answered.
    OpenQuestion,
}

/// A message in a list: of those that stand out in a conversation, or that somebody has saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedMessage {
    /// Where it is.
    pub conversation: ConversationId,
    /// Its place.
    pub seq: Seq,
    /// When it was written.
    pub at: Millis,
    /// By whom.
    pub author: PersonId,
    /// Its beginning, on one line.
    pub excerpt: String,
}

/// May this person change a message's text?
///
/// # Errors
/// `forbidden` for all but its author; `conflict` when it is deleted.
pub fn may_edit(who: PersonId, author: PersonId, state: &State) -> Result<(), ChatError> {
    if who != author {
        return Err(ChatError::forbidden("Only the author can edit a message."));
    }
    stands(state)
}

/// May this person delete a message?
///
/// # Errors
/// `forbidden` for all but its author and the creator of the group.
pub fn may_delete(it: &Conversation, who: PersonId, author: PersonId) -> Result<(), ChatError> {
    if who == author || it.creator == Some(who) {
        return Ok(());
    }
    Err(ChatError::forbidden("Only the author or the creator of the group can delete a message."))
}

/// May this person restore a message? The creator of a group may for 30 days, whoever deleted it; its author may for 30 seconds,
/// unless somebody else deleted it.
///
/// # Errors
/// `forbidden` for everybody else, and for the author of a message that the creator of the group deleted; `conflict` when it is
/// too late, or when the message is not deleted.
pub fn may_restore(it: &Conversation, who: PersonId, author: PersonId, state: &State, now: Millis) -> Result<(), ChatError> {
    let too_late = || ChatError::conflict("This message can no longer be restored.");
    let gone = now - state.deleted.ok_or_else(|| ChatError::conflict("This message is not deleted."))?;
    if it.creator == Some(who) {
        return if gone <= RESTORE_MILLIS { Ok(()) } else { Err(too_late()) };
    }
    if who != author {
        return Err(ChatError::forbidden("Only the author or the creator of the group can restore a message."));
    }
    if state.deleted_by.is_some_and(|by| by != author) {
        return Err(ChatError::forbidden("The creator of the group deleted this message. Only they can restore it."));
    }
    if gone <= UNDO_MILLIS + UNDO_GRACE { Ok(()) } else { Err(too_late()) }
}

/// May members pin in this conversation?
///
/// # Errors
/// `conflict` in Everyone, where nobody has that right yet.
pub fn may_pin(it: &Conversation) -> Result<(), ChatError> {
    match it.kind {
        Kind::Everyone => Err(ChatError::conflict("You cannot pin messages in Everyone.")),
        Kind::Direct | Kind::Group => Ok(()),
    }
}

/// May this person say that a question is answered?
///
/// # Errors
/// `forbidden` for all but who asked, the creator of the group, and both of two.
pub fn may_settle(it: &Conversation, who: PersonId, author: PersonId) -> Result<(), ChatError> {
    if who == author || it.creator == Some(who) || it.kind == Kind::Direct {
        return Ok(());
    }
    Err(ChatError::forbidden("Only the author or the creator of the group can mark a question as answered."))
}

/// May this person take the preview of a link away?
///
/// # Errors
/// `forbidden` for all but the message's author; `conflict` when it is deleted.
pub fn may_remove_preview(who: PersonId, author: PersonId, state: &State) -> Result<(), ChatError> {
    if who != author {
        return Err(ChatError::forbidden("Only the author can remove a link preview."));
    }
    stands(state)
}

/// Can something still be done with a message?
///
/// # Errors
/// `conflict` when it is deleted.
pub fn stands(state: &State) -> Result<(), ChatError> {
    if state.deleted.is_some() {
        return Err(ChatError::conflict("This message was deleted."));
    }
    Ok(())
}

/// Whether a message asks something: a line of it ends in a question mark, in any script, outside of code.
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
        Conversation { id: ConversationId(Uuid::nil()), kind, name: None, creator, created: 0, face: None }
    }

    #[test]
    fn the_same_reaction_twice_is_as_once_and_taken_back_leaves_nothing() {
        let mut state = State::default();
        for by in [GRACE, ADA, GRACE] {
            state.react(by, "👍", true);
        }
        assert_eq!(state.reactions, [Reaction { emoji: "👍".into(), people: vec![GRACE, ADA] }]);
        for by in [GRACE, GRACE, ADA, KOFI] {
            state.react(by, "👍", false);
        }
        assert!(state.is_plain());
        for (by, emoji) in [(ADA, "❤️"), (GRACE, "❤"), (KOFI, "👍🏽"), (KOFI, "👍"), (KOFI, "❤\u{fe0e}")] {
            state.react(by, emoji, true);
        }
        let shown: Vec<_> = state.reactions.iter().map(|reaction| (reaction.emoji.as_str(), reaction.people.len())).collect();
        assert_eq!(shown, [("❤️", 3), ("👍", 1), ("👍🏽", 1)]);
        state.react(ADA, "❤", false);
        assert_eq!(state.reactions[0].people, [GRACE, KOFI]);
    }

    #[test]
    fn authors_restore_for_30_seconds_and_creators_for_30_days() {
        let group = of(Kind::Group, Some(GRACE));
        let by = |deleted_by| State { deleted: Some(0), deleted_by, ..State::default() };
        let code = |who, deleted_by, now| may_restore(&group, who, ADA, &by(deleted_by), now).err().map(|error| error.code);
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
        assert_eq!(may_restore(&group, ADA, ADA, &State::default(), 1).unwrap_err().code, Code::Conflict, "it stands");
    }

    #[test]
    fn others_neither_edit_nor_delete_nor_settle() {
        let group = of(Kind::Group, Some(GRACE));
        assert!(may_edit(ADA, ADA, &State::default()).is_ok() && may_delete(&group, GRACE, ADA).is_ok() && may_settle(&group, GRACE, ADA).is_ok());
        assert_eq!(may_edit(GRACE, ADA, &State::default()).unwrap_err().code, Code::Forbidden);
        assert_eq!(may_delete(&group, KOFI, ADA).unwrap_err().code, Code::Forbidden);
        assert_eq!(may_settle(&group, KOFI, ADA).unwrap_err().code, Code::Forbidden);
        let deleted = State { deleted: Some(1), ..State::default() };
        assert_eq!(may_edit(ADA, ADA, &deleted).unwrap_err().code, Code::Conflict);
    }

    #[test]
    fn a_question_ends_a_line_in_any_script_but_not_in_code() {
        for question in ["Why?", "Why?\nBecause.", "为什么？", "لماذا؟", "**Really?**", "What?!"] {
            assert!(is_question(question), "{question}");
        }
        for other in ["No.", "a ? b : c", "```\nwhy?\n```", "x;", ""] {
            assert!(!is_question(other), "{other}");
        }
    }
}
