//! Who may change a message or react to it, for how long, and how often.

use super::{MAX_DISTINCT_REACTIONS, MAX_REACTIONS, State};
use crate::domain::{ChatError, Conversation, Kind, Millis, PersonId, Right, Role};

/// How long the client offers the author to undo a deletion.
pub const UNDO_MILLIS: Millis = 30_000;
/// Added to it for the latency of the request.
const UNDO_GRACE: Millis = 2_000;
/// How long the creator of a group and moderators may restore a message.
pub const RESTORE_MILLIS: Millis = 30 * 24 * 3600 * 1000;

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

/// Whether somebody with this role in the workspace moderates a conversation that they are in. What
/// two people write to each other is moderated by nobody.
fn moderates(it: &Conversation, role: Role) -> bool {
    it.kind != Kind::Direct && role.may(Right::ModerateMessages)
}

/// Checks whether a person with this role in the workspace may delete a message.
///
/// # Errors
/// `forbidden` for everyone but its author, the creator of the group, and moderators.
pub fn may_delete(
    it: &Conversation,
    who: PersonId,
    role: Role,
    author: PersonId,
) -> Result<(), ChatError> {
    if who == author || it.creator == Some(who) || moderates(it, role) {
        return Ok(());
    }
    Err(ChatError::forbidden(
        "Only the author, the creator of the group or a moderator can delete a message.",
    ))
}

/// Checks whether a person with this role in the workspace may restore a message. Its author may for
/// 30 seconds (30 days in a group that they created), unless somebody else deleted it. The creator of
/// the group may for 30 days, unless a moderator deleted it. Moderators may for 30 days what somebody
/// else than its author deleted.
///
/// # Errors
/// `forbidden` for everyone else; `conflict` if it is too late or the message is not deleted.
pub fn may_restore(
    it: &Conversation,
    who: PersonId,
    role: Role,
    author: PersonId,
    state: &State,
    now: Millis,
) -> Result<(), ChatError> {
    let gone =
        now - state.deleted.ok_or_else(|| ChatError::conflict("This message is not deleted."))?;
    let is_creator = it.creator == Some(who);
    let by_other = state.deleted_by.filter(|by| *by != author);
    let by_moderator = by_other.is_some_and(|by| it.creator != Some(by));
    let limit = if who == author && by_other.is_none() && !is_creator {
        UNDO_MILLIS + UNDO_GRACE
    } else if who == author && by_other.is_some() {
        return Err(ChatError::forbidden(
            "Somebody else deleted this message. You cannot restore it.",
        ));
    } else if is_creator && !by_moderator || by_other.is_some() && moderates(it, role) {
        RESTORE_MILLIS
    } else if by_moderator {
        return Err(ChatError::forbidden(
            "A moderator deleted this message. Only moderators can restore it.",
        ));
    } else {
        return Err(ChatError::forbidden(
            "Only the author or the creator of the group can restore a message.",
        ));
    };
    if gone > limit {
        return Err(ChatError::conflict("This message can no longer be restored."));
    }
    Ok(())
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

/// Whether a reaction may be added to a message with this number of reactions and of different
/// emoji; `is_new` if it has none with this emoji.
///
/// # Errors
/// `conflict` when the message has [`MAX_REACTIONS`] or [`MAX_DISTINCT_REACTIONS`].
pub fn may_react(reactions: usize, distinct: usize, is_new: bool) -> Result<(), ChatError> {
    if reactions >= MAX_REACTIONS || is_new && distinct >= MAX_DISTINCT_REACTIONS {
        return Err(ChatError::conflict("This message has reached the limit of reactions."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Code, ConversationId};
    use uuid::Uuid;

    const ADA: PersonId = PersonId(Uuid::from_u128(1));
    const GRACE: PersonId = PersonId(Uuid::from_u128(2));
    const KOFI: PersonId = PersonId(Uuid::from_u128(3));
    const MEI: PersonId = PersonId(Uuid::from_u128(4));

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
    fn authors_may_restore_for_30_seconds_and_creators_for_30_days() {
        let group = of(Kind::Group, Some(GRACE));
        let by = |deleted_by| State { deleted: Some(0), deleted_by, ..State::default() };
        let code = |who, deleted_by, now| {
            may_restore(&group, who, Role::Member, ADA, &by(deleted_by), now)
                .err()
                .map(|error| error.code)
        };
        for deleted_by in [None, Some(ADA)] {
            assert_eq!(code(ADA, deleted_by, UNDO_MILLIS), None);
            assert_eq!(code(ADA, deleted_by, 35_000), Some(Code::Conflict));
        }
        assert_eq!(
            code(ADA, Some(GRACE), 1),
            Some(Code::Forbidden),
            "deleted by the creator of the group"
        );
        for deleted_by in [ADA, GRACE] {
            assert_eq!(code(GRACE, Some(deleted_by), RESTORE_MILLIS), None);
            assert_eq!(code(GRACE, Some(deleted_by), RESTORE_MILLIS + 1), Some(Code::Conflict));
        }
        assert_eq!(code(KOFI, Some(ADA), 1), Some(Code::Forbidden));
        assert_eq!(
            may_restore(&group, ADA, Role::Member, ADA, &State::default(), 1).unwrap_err().code,
            Code::Conflict,
            "it is not deleted"
        );
    }

    #[test]
    fn other_members_may_not_edit_delete_or_resolve() {
        let group = of(Kind::Group, Some(GRACE));
        assert!(
            may_edit(ADA, ADA, &State::default()).is_ok()
                && may_delete(&group, GRACE, Role::Member, ADA).is_ok()
                && may_resolve(&group, GRACE, ADA).is_ok()
        );
        assert_eq!(may_edit(GRACE, ADA, &State::default()).unwrap_err().code, Code::Forbidden);
        assert_eq!(may_delete(&group, KOFI, Role::Member, ADA).unwrap_err().code, Code::Forbidden);
        assert_eq!(may_resolve(&group, KOFI, ADA).unwrap_err().code, Code::Forbidden);
        let deleted = State { deleted: Some(1), ..State::default() };
        assert_eq!(may_edit(ADA, ADA, &deleted).unwrap_err().code, Code::Conflict);
    }

    #[test]
    fn moderators_delete_and_alone_restore_what_they_deleted() {
        let group = of(Kind::Group, Some(GRACE));
        let deleted = State { deleted: Some(0), deleted_by: Some(KOFI), ..State::default() };
        let restores = |it: &Conversation, who, role| {
            may_restore(it, who, role, ADA, &deleted, RESTORE_MILLIS).is_ok()
        };
        for role in [Role::Administrator, Role::Moderator] {
            for kind in [Kind::Group, Kind::Everyone] {
                assert!(may_delete(&of(kind, None), KOFI, role, ADA).is_ok());
                assert!(restores(&of(kind, None), MEI, role), "another moderator");
            }
            assert!(may_delete(&of(Kind::Direct, None), KOFI, role, ADA).is_err());
        }
        assert!(!restores(&group, GRACE, Role::Member), "the creator of the group");
        assert!(!restores(&group, ADA, Role::Member), "the author");
        assert!(!restores(&group, KOFI, Role::Member), "no longer a moderator");
        assert!(!restores(&group, ADA, Role::Administrator), "the author, who is a moderator");
        let own = State { deleted: Some(0), deleted_by: Some(ADA), ..State::default() };
        assert!(
            may_restore(&group, KOFI, Role::Administrator, ADA, &own, 1).is_err(),
            "what its author deleted"
        );
    }

    #[test]
    fn reactions_are_limited_per_message_and_by_different_emoji() {
        let code = |reactions, distinct, is_new| {
            may_react(reactions, distinct, is_new).err().map(|error| error.code)
        };
        assert_eq!(code(MAX_REACTIONS - 1, MAX_DISTINCT_REACTIONS - 1, true), None);
        assert_eq!(code(MAX_REACTIONS - 1, MAX_DISTINCT_REACTIONS, false), None);
        assert_eq!(code(20, MAX_DISTINCT_REACTIONS, true), Some(Code::Conflict));
        assert_eq!(code(MAX_REACTIONS, 1, false), Some(Code::Conflict));
    }
}
