//! One's account and the administration of accounts: sessions, password resets, people as
//! administrators see them, invitations, and the audit log.

use serde::{Deserialize, Serialize};

use crate::domain::{ChatError, ConversationId, Millis, Person, PersonId, Role, time::DAY};

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id: not its token, which only the browser knows.
    pub id: String,
    /// Browser and system in words.
    pub device: String,
    /// Time of the sign-in.
    pub created: Millis,
    /// When it was last used, to about 5 minutes.
    pub last_used: Millis,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// New recovery codes: shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// Each sets a new password once.
    pub codes: Vec<String>,
}

/// Number of recovery codes of a person.
pub const RECOVERY_CODES: usize = 10;

/// A new password reset: shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordReset {
    /// Its code.
    pub code: String,
    /// Path of the page on which the person chooses a new password.
    pub path: String,
    /// Time at which it stops working.
    pub expires: Millis,
}

/// Lifetime of a password reset, in milliseconds: 30 minutes.
pub const RESET_LIFETIME: Millis = 30 * 60 * 1000;

/// A person as the administration shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPerson {
    /// Their profile.
    pub person: Person,
    /// Time of the registration.
    pub created: Millis,
    /// When one of their sessions was last used, if any is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Millis>,
    /// Number of their sessions.
    pub sessions: u32,
}

/// A page of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeoplePage {
    /// By display name.
    pub people: Vec<ManagedPerson>,
    /// Whether there are more.
    pub more: bool,
}

/// Maximum characters of a search for people.
pub const MAX_PEOPLE_QUERY: usize = 100;
/// Maximum number of people, log entries or invitations in one answer.
pub const PAGE_SIZE: u32 = 50;

/// An invitation to the workspace, and to groups of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id.
    pub id: String,
    /// Its code, for its creator and those who could create it too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Path of the page on which people accept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Who created it.
    pub by: PersonId,
    /// Time of its creation.
    pub created: Millis,
    /// Time at which it stops working, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Millis>,
    /// Maximum number of people who can accept it, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// How many people accepted it, those who had an account included.
    pub used: u32,
    /// Who registered by it, the latest first.
    #[serde(default)]
    pub accepted: Vec<PersonId>,
    /// Their role in the workspace.
    pub role: Role,
    /// The groups that they join.
    #[serde(default)]
    pub groups: Vec<ConversationId>,
    /// Time of the revocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Millis>,
}

/// What an invitation tells somebody who is not signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationPreview {
    /// Names of the groups that they join.
    pub groups: Vec<String>,
}

/// Maximum number of groups of an invitation.
pub const MAX_INVITATION_GROUPS: usize = 20;
/// Maximum number of people who can accept an invitation with a limit.
pub const MAX_INVITATION_USES: u32 = 10_000;
/// Longest lifetime of an invitation that expires, in milliseconds: a year.
pub const MAX_INVITATION_LIFETIME: Millis = 366 * DAY;

/// Checks the limits of a new invitation.
///
/// # Errors
/// `invalid` at `expires_in` or `uses`.
pub fn check_invitation(expires_in: Option<Millis>, uses: Option<u32>) -> Result<(), ChatError> {
    if expires_in.is_some_and(|ms| !(1..=MAX_INVITATION_LIFETIME).contains(&ms)) {
        return Err(ChatError::invalid(
            "expires_in",
            "Choose a time of up to a year, or an invitation that does not expire.",
        ));
    }
    if uses.is_some_and(|uses| !(1..=MAX_INVITATION_USES).contains(&uses)) {
        return Err(ChatError::invalid("uses", "Choose a number from 1 to 10,000."));
    }
    Ok(())
}

/// The error for an invitation or reset that does not work: the same for all reasons, so that codes
/// cannot be probed.
#[must_use]
pub fn invalid_link() -> ChatError {
    ChatError {
        message: "This link has expired or was already used. Ask for a new one.".to_owned(),
        ..ChatError::not_found()
    }
}

/// Something that was done to accounts or the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum AuditAction {
    /// The workspace got its first administrator.
    WorkspaceCreated,
    /// Somebody changed their password.
    PasswordChanged,
    /// Somebody generated recovery codes.
    RecoveryCodesGenerated,
    /// Somebody set a new password with a recovery code.
    AccountRecovered,
    /// Somebody issued a password reset for another person.
    ResetIssued,
    /// Somebody set a new password with a reset.
    PasswordReset,
    /// Somebody ended all sessions of another person.
    SessionsEnded,
    /// The role of a person was changed; the detail is the new role.
    RoleChanged,
    /// An account was deactivated.
    Deactivated,
    /// An account was reactivated.
    Reactivated,
    /// An invitation was created; the detail is its id and role.
    InvitationCreated,
    /// Somebody registered by an invitation; the detail is its id and role.
    InvitationAccepted,
    /// An invitation was revoked; the detail is its id.
    InvitationRevoked,
    /// Somebody changed their username; the detail is the new one.
    UsernameChanged,
    /// The settings of the workspace were changed; the detail names them.
    WorkspaceChanged,
    /// A moderator deleted a message of somebody.
    MessageDeleted,
    /// A moderator restored a message of somebody.
    MessageRestored,
}

impl From<AuditAction> for &'static str {
    fn from(action: AuditAction) -> Self {
        action.as_str()
    }
}

impl TryFrom<String> for AuditAction {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name).ok_or("an unknown action")
    }
}

impl AuditAction {
    /// All actions.
    pub const ALL: [Self; 17] = [
        Self::WorkspaceCreated,
        Self::PasswordChanged,
        Self::RecoveryCodesGenerated,
        Self::AccountRecovered,
        Self::ResetIssued,
        Self::PasswordReset,
        Self::SessionsEnded,
        Self::RoleChanged,
        Self::Deactivated,
        Self::Reactivated,
        Self::InvitationCreated,
        Self::InvitationAccepted,
        Self::InvitationRevoked,
        Self::UsernameChanged,
        Self::WorkspaceChanged,
        Self::MessageDeleted,
        Self::MessageRestored,
    ];

    /// Its name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkspaceCreated => "workspace_created",
            Self::PasswordChanged => "password_changed",
            Self::RecoveryCodesGenerated => "recovery_codes_generated",
            Self::AccountRecovered => "account_recovered",
            Self::ResetIssued => "reset_issued",
            Self::PasswordReset => "password_reset",
            Self::SessionsEnded => "sessions_ended",
            Self::RoleChanged => "role_changed",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::InvitationCreated => "invitation_created",
            Self::InvitationAccepted => "invitation_accepted",
            Self::InvitationRevoked => "invitation_revoked",
            Self::UsernameChanged => "username_changed",
            Self::WorkspaceChanged => "workspace_changed",
            Self::MessageDeleted => "message_deleted",
            Self::MessageRestored => "message_restored",
        }
    }

    /// The action with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number, ascending with time.
    pub id: u64,
    /// When it was done.
    pub at: Millis,
    /// What was done.
    pub action: AuditAction,
    /// Who did it; `None` for the operator on the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<PersonId>,
    /// The session in which it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// To whom it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// In which group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
    /// What it is about, such as a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A page of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The latest first.
    pub entries: Vec<AuditEntry>,
    /// Whether there are earlier ones.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invitations_are_limited() {
        assert_eq!(check_invitation(None, None), Ok(()));
        assert_eq!(check_invitation(Some(MAX_INVITATION_LIFETIME), Some(10_000)), Ok(()));
        for (expires_in, uses, field) in [
            (Some(0), None, "expires_in"),
            (Some(-1), None, "expires_in"),
            (Some(Millis::MAX), None, "expires_in"),
            (None, Some(0), "uses"),
            (None, Some(10_001), "uses"),
        ] {
            let error = check_invitation(expires_in, uses).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{expires_in:?} {uses:?}");
        }
    }

    #[test]
    fn audit_actions_round_trip() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::parse(action.as_str()), Some(action));
        }
        assert_eq!(AuditAction::parse("signed_in"), None);
    }
}
