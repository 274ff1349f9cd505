//! Conversations: Everyone, two people, or a group; and who may do what in them.
//!
//! The rules are the paper's: only the creator of a group adds and removes; members may leave; nobody leaves Everyone.

use serde::{Deserialize, Serialize};

use super::{ChatError, ConversationId, FileId, Millis, PersonId, name};

/// Which of the three a conversation is. It never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// All registered people, present and future; there is one.
    Everyone,
    /// Two people.
    Direct,
    /// Those its creator chose.
    Group,
}

/// A conversation itself, without its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Which one.
    pub id: ConversationId,
    /// What kind it is.
    pub kind: Kind,
    /// A group's name; the others are named by what they are.
    pub name: Option<String>,
    /// Who made the group; nobody for the others.
    pub creator: Option<PersonId>,
    /// When it was made.
    pub created: Millis,
    /// Of a group: its own picture, which lies where those of people do, for its members. Without one it is shown by theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<FileId>,
}

/// Most characters of a group's name.
pub const GROUP_NAME_LENGTH: usize = 60;
/// Most people that one request can add to a group.
pub const MOST_ADDED_AT_ONCE: usize = 500;
/// What the conversation of all is called.
pub const EVERYONE: &str = "Everyone";

/// A group's name as it is kept: see [`name`].
///
/// # Errors
/// `invalid` at `name`.
pub fn group_name(typed: &str) -> Result<String, ChatError> {
    name::Rule { field: "name", noun: "group name", longest: GROUP_NAME_LENGTH, names: true }.check(typed)
}

impl Conversation {
    /// May this member rename it?
    ///
    /// # Errors
    /// `conflict` where there is nothing to rename, `forbidden` for all but the creator.
    pub fn may_rename(&self, who: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "change the name")
    }

    /// May this member give it a picture, or take it away?
    ///
    /// # Errors
    /// As for its name.
    pub fn may_picture(&self, who: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "change the picture")
    }

    /// May this member add people?
    ///
    /// # Errors
    /// `conflict` in Everyone and between two, `forbidden` for all but the creator.
    pub fn may_add(&self, who: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "add people")
    }

    /// May this member remove that person?
    ///
    /// # Errors
    /// `conflict` in Everyone, between two, and for the creator themself; `forbidden` for all but the creator.
    pub fn may_remove(&self, who: PersonId, whom: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "remove people")?;
        if Some(whom) == self.creator {
            return Err(ChatError::conflict("The creator of a group cannot be removed."));
        }
        Ok(())
    }

    /// May this member leave?
    ///
    /// # Errors
    /// `conflict` in Everyone, between two, and for the creator, without whom nobody could add or remove.
    pub fn may_leave(&self, who: PersonId) -> Result<(), ChatError> {
        match self.kind {
            Kind::Everyone => Err(ChatError::conflict("You cannot leave Everyone.")),
            Kind::Direct => Err(ChatError::conflict("You cannot leave a direct conversation.")),
            Kind::Group if self.creator == Some(who) => {
                Err(ChatError::conflict("You cannot leave a group that you created. Nobody else can manage its members."))
            }
            Kind::Group => Ok(()),
        }
    }

    /// May this member ring everyone in it, by `@everyone`? Without the right those are plain words.
    ///
    /// # Errors
    /// `conflict` in Everyone and between two, `forbidden` for all but the creator.
    pub fn may_ring_everyone(&self, who: PersonId) -> Result<(), ChatError> {
        self.creators_only(who, "notify everyone")
    }

    fn creators_only(&self, who: PersonId, deed: &str) -> Result<(), ChatError> {
        match self.kind {
            Kind::Everyone => Err(ChatError::conflict(format!("You cannot {deed} in Everyone."))),
            Kind::Direct => Err(ChatError::conflict(format!("You cannot {deed} in a direct conversation. Create a group instead."))),
            Kind::Group if self.creator == Some(who) => Ok(()),
            Kind::Group => Err(ChatError::forbidden(format!("Only the creator of the group can {deed}."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Code;
    use uuid::Uuid;

    fn of(kind: Kind, creator: Option<PersonId>) -> Conversation {
        Conversation { id: ConversationId(Uuid::nil()), kind, name: None, creator, created: 0, face: None }
    }

    #[test]
    fn only_the_creator_adds_removes_and_renames_and_cannot_go() {
        let (ada, grace) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let group = of(Kind::Group, Some(ada));
        assert!(group.may_ring_everyone(ada).is_ok() && group.may_ring_everyone(grace).is_err());
        assert!(
            group.may_add(ada).is_ok() && group.may_remove(ada, grace).is_ok() && group.may_rename(ada).is_ok() && group.may_picture(ada).is_ok()
        );
        assert_eq!(group.may_picture(grace).unwrap_err().code, Code::Forbidden);
        assert_eq!(group.may_add(grace).unwrap_err().code, Code::Forbidden);
        assert_eq!(group.may_remove(grace, grace).unwrap_err().code, Code::Forbidden);
        assert_eq!(group.may_remove(ada, ada).unwrap_err().code, Code::Conflict);
        assert_eq!(group.may_leave(ada).unwrap_err().code, Code::Conflict);
        assert!(group.may_leave(grace).is_ok());
    }

    #[test]
    fn everyone_and_pairs_stay_what_they_are() {
        let ada = PersonId(Uuid::from_u128(1));
        for kind in [Kind::Everyone, Kind::Direct] {
            let it = of(kind, None);
            for refused in
                [it.may_add(ada), it.may_remove(ada, ada), it.may_rename(ada), it.may_picture(ada), it.may_leave(ada), it.may_ring_everyone(ada)]
            {
                assert_eq!(refused.unwrap_err().code, Code::Conflict);
            }
        }
    }
}
