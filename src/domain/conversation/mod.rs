//! Conversations: Everyone, direct or group; and who may do what in them.
//!
//! Only the creator of a group adds and removes members. Members may leave a group. Nobody leaves
//! Everyone.

pub mod notification_level;
pub mod snapshot;

use serde::{Deserialize, Serialize};

use super::{ChatError, ConversationId, FileId, Millis, PersonId, name};

/// Kind of a conversation. It never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// All registered people, present and future. There is one.
    Everyone,
    /// Two people.
    Direct,
    /// The people its creator added.
    Group,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Everyone, Self::Direct, Self::Group];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Direct => "direct",
            Self::Group => "group",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A conversation without its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Its kind.
    pub kind: Kind,
    /// Name of a group; `None` for the other kinds.
    pub name: Option<String>,
    /// Creator of a group; `None` for the other kinds.
    pub creator: Option<PersonId>,
    /// Time of its creation.
    pub created: Millis,
    /// Avatar of a group, served to its members at the path of people's avatars. Without one,
    /// clients show its members' avatars.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "face")]
    pub avatar: Option<FileId>,
}

/// Maximum characters of a group's name.
pub const GROUP_NAME_LENGTH: usize = 60;
/// Maximum number of people that one request can add to a group.
pub const MAX_MEMBERS_PER_REQUEST: usize = 500;
/// Title of the conversation of all people.
pub const EVERYONE: &str = "Everyone";

/// Normalizes and checks a group's name: see [`name`].
///
/// # Errors
/// `invalid` at `name`.
pub fn group_name(typed: &str) -> Result<String, ChatError> {
    name::Rule { field: "name", noun: "group name", longest: GROUP_NAME_LENGTH, names: true }
        .check(typed)
}

impl Conversation {
    /// Checks whether a member may rename it.
    ///
    /// # Errors
    /// `conflict` if it is not a group, `forbidden` for everyone but the creator.
    pub fn may_rename(&self, who: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "change the name")
    }

    /// Checks whether a member may change or remove its avatar.
    ///
    /// # Errors
    /// As [`may_rename`](Self::may_rename).
    pub fn may_change_avatar(&self, who: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "change the picture")
    }

    /// Checks whether a member may add people.
    ///
    /// # Errors
    /// `conflict` if it is not a group, `forbidden` for everyone but the creator.
    pub fn may_add(&self, who: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "add people")
    }

    /// Checks whether a member may remove another.
    ///
    /// # Errors
    /// `conflict` if it is not a group and for the creator themself; `forbidden` for everyone but
    /// the creator.
    pub fn may_remove(&self, who: PersonId, whom: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "remove people")?;
        if Some(whom) == self.creator {
            return Err(ChatError::conflict("The creator of a group cannot be removed."));
        }
        Ok(())
    }

    /// Checks whether a member may leave.
    ///
    /// # Errors
    /// `conflict` if it is not a group, and for the creator, without whom nobody could add or
    /// remove members.
    pub fn may_leave(&self, who: PersonId) -> Result<(), ChatError> {
        match self.kind {
            Kind::Everyone => Err(ChatError::conflict("You cannot leave Everyone.")),
            Kind::Direct => Err(ChatError::conflict("You cannot leave a direct conversation.")),
            Kind::Group if self.creator == Some(who) => Err(ChatError::conflict(
                "You cannot leave a group that you created. Nobody else can manage its members.",
            )),
            Kind::Group => Ok(()),
        }
    }

    /// Checks whether a member may notify all members with `@everyone`. Without the right it is
    /// plain text.
    ///
    /// # Errors
    /// `conflict` if it is not a group, `forbidden` for everyone but the creator.
    pub fn may_mention_everyone(&self, who: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "notify everyone")
    }

    fn creators_only(&self, who: PersonId, action: &str) -> Result<(), ChatError> {
        match self.kind {
            Kind::Everyone => Err(ChatError::conflict(format!("You cannot {action} in Everyone."))),
            Kind::Direct => Err(ChatError::conflict(format!(
                "You cannot {action} in a direct conversation. Create a group instead."
            ))),
            Kind::Group if self.creator == Some(who) => Ok(()),
            Kind::Group => {
                Err(ChatError::forbidden(format!("Only the creator of the group can {action}.")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code;
    use uuid::Uuid;

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
    fn only_the_creator_manages_a_group_and_cannot_leave() {
        let (ada, grace) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let group = of(Kind::Group, Some(ada));
        assert!(
            group.may_mention_everyone(ada).is_ok() && group.may_mention_everyone(grace).is_err()
        );
        assert!(
            group.may_add(ada).is_ok()
                && group.may_remove(ada, grace).is_ok()
                && group.may_rename(ada).is_ok()
                && group.may_change_avatar(ada).is_ok()
        );
        assert_eq!(group.may_change_avatar(grace).unwrap_err().code, Code::Forbidden);
        assert_eq!(group.may_add(grace).unwrap_err().code, Code::Forbidden);
        assert_eq!(group.may_remove(grace, grace).unwrap_err().code, Code::Forbidden);
        assert_eq!(group.may_remove(ada, ada).unwrap_err().code, Code::Conflict);
        assert_eq!(group.may_leave(ada).unwrap_err().code, Code::Conflict);
        assert!(group.may_leave(grace).is_ok());
    }

    #[test]
    fn everyone_and_direct_conversations_cannot_be_managed() {
        let ada = PersonId(Uuid::from_u128(1));
        for kind in [Kind::Everyone, Kind::Direct] {
            let it = of(kind, None);
            for refused in [
                it.may_add(ada),
                it.may_remove(ada, ada),
                it.may_rename(ada),
                it.may_change_avatar(ada),
                it.may_leave(ada),
                it.may_mention_everyone(ada),
            ] {
                assert_eq!(refused.unwrap_err().code, Code::Conflict);
            }
        }
    }
}
