//! Roles in the workspace and in groups, and the table of what each may do.

use serde::{Deserialize, Serialize};

use crate::domain::ChatError;

/// Role of a person in the workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Role {
    /// Runs the workspace.
    Administrator,
    /// Deals with messages and reports.
    Moderator,
    /// Everybody else.
    #[default]
    Member,
}

/// A derived `Deserialize` would add another deserializer to the Wasm.
impl TryFrom<String> for Role {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name).ok_or("an unknown role")
    }
}

/// What a role of the workspace can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// See the administration: people with their activity.
    ViewAdministration,
    /// Change the roles of people, deactivate them, end their sessions, and let them reset their
    /// passwords.
    ManagePeople,
    /// Create and revoke invitations to the workspace.
    Invite,
    /// Read the audit log.
    ReadAuditLog,
    /// Let members who registered by one's invitation reset their passwords.
    ResetPasswordsOfInvited,
    /// Change the settings of the workspace.
    ManageWorkspace,
    /// Delete and restore messages of others in Everyone and in one's groups.
    ModerateMessages,
}

impl Role {
    /// All roles, the one with the most rights first.
    pub const ALL: [Self; 3] = [Self::Administrator, Self::Moderator, Self::Member];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Moderator => "moderator",
            Self::Member => "member",
        }
    }

    /// The role with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether somebody with this role may give others a role by an invitation.
    #[must_use]
    pub const fn may_invite_as(self, role: Self) -> bool {
        match role {
            Self::Administrator => self.may(Right::ManagePeople),
            Self::Moderator | Self::Member => self.may(Right::Invite),
        }
    }

    /// Whether it is the role of most people.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is this role or one with more rights.
    #[must_use]
    pub const fn includes(self, other: Self) -> bool {
        self as u8 <= other as u8
    }

    /// Whether the role includes a right.
    #[must_use]
    pub const fn may(self, right: Right) -> bool {
        match self {
            Self::Administrator => true,
            Self::Moderator => matches!(
                right,
                Right::ViewAdministration
                    | Right::Invite
                    | Right::ResetPasswordsOfInvited
                    | Right::ModerateMessages
            ),
            Self::Member => false,
        }
    }
}

/// Parses the role of a request.
///
/// # Errors
/// `invalid` at `role`.
pub fn of(name: &str) -> Result<Role, ChatError> {
    Role::parse(name)
        .ok_or_else(|| ChatError::invalid("role", "Choose administrator, moderator or member."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_includes_the_rights_of_the_ones_below_it() {
        use Right::{
            Invite, ManagePeople, ManageWorkspace, ModerateMessages, ReadAuditLog,
            ResetPasswordsOfInvited, ViewAdministration,
        };
        for (right, may) in [
            (ViewAdministration, [true, true, false]),
            (ManagePeople, [true, false, false]),
            (Invite, [true, true, false]),
            (ReadAuditLog, [true, false, false]),
            (ResetPasswordsOfInvited, [true, true, false]),
            (ManageWorkspace, [true, false, false]),
            (ModerateMessages, [true, true, false]),
        ] {
            assert_eq!(Role::ALL.map(|role| role.may(right)), may, "{right:?}");
        }
    }

    #[test]
    fn roles_round_trip() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("owner"), None);
        assert_eq!(Role::default(), Role::Member);
    }
}
