//! The workspace: its name, its settings, and who may register.

use serde::{Deserialize, Serialize};

use super::{ChatError, Role, name};

/// Maximum characters of a workspace's name.
pub const NAME_LENGTH: usize = 60;

/// Who can register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Registration {
    /// Anyone who can reach the server.
    #[default]
    Open,
    /// The first person; after that, only people with an invitation.
    InviteOnly,
}

/// A derived `Deserialize` would add another deserializer to the Wasm.
impl TryFrom<String> for Registration {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name).ok_or("an unknown registration mode")
    }
}

impl Registration {
    /// Both modes.
    pub const ALL: [Self; 2] = [Self::Open, Self::InviteOnly];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InviteOnly => "invite_only",
        }
    }

    /// The mode with this name, also in the form of the command line (`invite-only`).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name.replace('-', "_"))
    }

    /// Parses the mode of a request.
    ///
    /// # Errors
    /// `invalid` at `registration`.
    pub fn of(name: &str) -> Result<Self, ChatError> {
        Self::parse(name)
            .ok_or_else(|| ChatError::invalid("registration", "Choose who can register."))
    }
}

/// The settings of the workspace. What the command line sets has precedence over what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its name: what people sign in to.
    pub name: String,
    /// Who can register.
    pub registration: Registration,
    /// Whether links in messages get previews.
    pub link_previews: bool,
    /// The lowest role that creates groups.
    pub group_creators: Role,
    /// Whether administrators see the list of next steps.
    pub next_steps: bool,
}

impl Workspace {
    /// Checks whether people with this role create groups.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn may_create_groups(&self, role: Role) -> Result<(), ChatError> {
        may_create_groups(self.group_creators, role)
    }
}

/// Checks whether somebody creates groups where this role is the lowest that does.
///
/// # Errors
/// `forbidden`.
pub fn may_create_groups(lowest: Role, role: Role) -> Result<(), ChatError> {
    if role.includes(lowest) {
        return Ok(());
    }
    Err(ChatError::forbidden(match lowest {
        Role::Administrator => "Only administrators create groups in this workspace.",
        _ => "Only moderators and administrators create groups in this workspace.",
    }))
}

/// What everybody sees of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicWorkspace {
    /// Its name.
    pub name: String,
    /// The lowest role that creates groups.
    #[serde(default, skip_serializing_if = "Role::is_default")]
    pub group_creators: Role,
}

impl From<Workspace> for PublicWorkspace {
    fn from(of: Workspace) -> Self {
        Self { name: of.name, group_creators: of.group_creators }
    }
}

/// What an administrator sees of the workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceSettings {
    /// The settings that apply.
    pub workspace: Workspace,
    /// The settings that the command line sets, which cannot be changed: `registration` or
    /// `link_previews`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<String>,
    /// What of the next steps is done: `people`, `group` or `public_address`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub done: Vec<String>,
}

/// A change of the settings. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkspaceChange {
    /// Its name.
    pub name: Option<String>,
    /// Who can register.
    pub registration: Option<Registration>,
    /// Whether links in messages get previews.
    pub link_previews: Option<bool>,
    /// The lowest role that creates groups.
    pub group_creators: Option<Role>,
    /// Whether administrators see the list of next steps.
    pub next_steps: Option<bool>,
}

impl WorkspaceChange {
    /// The settings after the change.
    #[must_use]
    pub fn apply_to(self, before: Workspace) -> Workspace {
        Workspace {
            name: self.name.unwrap_or(before.name),
            registration: self.registration.unwrap_or(before.registration),
            link_previews: self.link_previews.unwrap_or(before.link_previews),
            group_creators: self.group_creators.unwrap_or(before.group_creators),
            next_steps: self.next_steps.unwrap_or(before.next_steps),
        }
    }
}

/// Normalizes and checks a workspace's name: see [`name`].
///
/// # Errors
/// `invalid` at `field`.
pub fn name_of(field: &'static str, typed: &str) -> Result<String, ChatError> {
    name::Rule { field, noun: "workspace name", longest: NAME_LENGTH, names: true }.check(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_modes_round_trip() {
        for mode in Registration::ALL {
            assert_eq!(Registration::parse(mode.as_str()), Some(mode));
        }
        assert_eq!(Registration::parse("invite-only"), Some(Registration::InviteOnly));
        assert!(
            Registration::of("closed").is_err_and(|e| e.field.as_deref() == Some("registration"))
        );
    }

    #[test]
    fn groups_are_created_from_the_lowest_role_up() {
        for (lowest, may) in [
            (Role::Member, [true, true, true]),
            (Role::Moderator, [true, true, false]),
            (Role::Administrator, [true, false, false]),
        ] {
            assert_eq!(Role::ALL.map(|role| may_create_groups(lowest, role).is_ok()), may);
        }
    }
}
