//! Texts of the administration: people, invitations, audit log, settings.

use crate::domain::{Registration, Role, account::AuditAction};

use super::{count, list_of};

pub const ADMINISTRATION: &str = "Administration";
pub const PEOPLE: &str = "People";
pub const INVITATIONS: &str = "Invitations";
pub const AUDIT_LOG: &str = "Audit log";
pub const SETTINGS: &str = "Settings";
pub const NO_RIGHT: &str = "You do not have the right to open this page.";

// Roles.
pub const ROLE: &str = "Role";
pub const ALL_ROLES: &str = "All";

pub const fn role(role: Role) -> &'static str {
    match role {
        Role::Administrator => "Administrator",
        Role::Moderator => "Moderator",
        Role::Member => "Member",
    }
}

pub const fn role_hint(role: Role) -> &'static str {
    match role {
        Role::Administrator => "Manages people, roles, invitations, settings and the audit log.",
        Role::Moderator => {
            "Deletes messages in Everyone and in their groups, sees people and their activity, \
             invites people, and resets passwords of those invited."
        }
        Role::Member => "Uses the workspace.",
    }
}

// People.
pub const SEARCH_PEOPLE: &str = "Search people";
pub const NAME: &str = "Name";
pub const LAST_ACTIVE: &str = "Last active";
pub const REGISTERED: &str = "Registered";
pub const ACTIONS: &str = "Actions";
pub const NEVER: &str = "Signed out";
pub const DEACTIVATED: &str = "Deactivated";
pub const SHOW_MORE: &str = "Show more";

/// The label of the menu of a person.
pub fn actions_for(name: &str) -> String {
    format!("Actions for {name}")
}

pub const CHANGE_ROLE: &str = "Change role…";
pub const CHANGE_ROLE_TITLE: &str = "Change role";
pub const SAVE_ROLE: &str = "Save";
pub const RESET_PASSWORD: &str = "Reset password…";
pub const RESET_TITLE: &str = "Reset password";
pub const RESET_LEAD: &str = "Send this link to the person. It works once, within 30 minutes, and \
                              lets them choose a new password. It is not shown again.";
pub const RESET_LINK: &str = "Reset link";
pub const END_SESSIONS: &str = "End sessions";
pub const END_SESSIONS_QUESTION: &str = "End all sessions?";
pub const DEACTIVATE: &str = "Deactivate";
pub const DEACTIVATE_QUESTION: &str = "Deactivate this account?";
pub const REACTIVATE: &str = "Reactivate";
pub const REACTIVATE_QUESTION: &str = "Reactivate this account?";

pub fn end_sessions_consequence(name: &str) -> String {
    format!("{name} is signed out on all devices, and can sign in again.")
}

pub fn deactivate_consequence(name: &str) -> String {
    format!("{name} is signed out and can no longer sign in. Their messages and files stay.")
}

pub fn reactivate_consequence(name: &str) -> String {
    format!("{name} can sign in again, with the same password.")
}

// Invitations.
pub const NEW_INVITATION: &str = "New invitation";
pub const NO_INVITATIONS: &str = "No invitations yet.";
pub const EXPIRES: &str = "Expires";
pub const NUMBER_OF_USES: &str = "Number of uses";
pub const NUMBER_OF_USES_HINT: &str = "Leave empty for any number.";
pub const CREATE_INVITATION: &str = "Create invitation";
pub const INVITATION_LINK: &str = "Invitation link";
pub const INVITATION_LEAD: &str = "Send this link to the people who should join.";
pub const COPY_LINK: &str = "Copy link";
pub const REVOKE: &str = "Revoke";
pub const ENDED: &str = "no longer works";
pub const DOES_NOT_EXPIRE: &str = "does not expire";
/// Before the time.
pub const EXPIRES_AT: &str = "expires ";

/// A lifetime by its name.
pub fn lifetime(name: &str) -> &'static str {
    match name {
        "hour" => "In an hour",
        "day" => "In a day",
        "week" => "In a week",
        "month" => "In 30 days",
        _ => "Never",
    }
}

/// How many accepted an invitation, of how many who can.
pub fn uses(used: u32, limit: Option<u32>) -> String {
    match limit {
        Some(limit) => format!("{used} of {limit} used"),
        None => format!("used {}", count(used as usize, "time", "times")),
    }
}

pub fn created_by(name: &str) -> String {
    format!("Created by {name}")
}

pub fn accepted_by(names: &[String]) -> String {
    format!("Accepted by {}", list_of(names))
}

// The audit log.
pub const TIME: &str = "Time";
pub const BY: &str = "By";
pub const ACTION: &str = "Action";
pub const ALL_ACTIONS: &str = "All";
pub const PERSON: &str = "Person";
pub const DETAIL: &str = "Detail";
pub const SHOW_EARLIER: &str = "Show earlier";
/// Who did what was done on the machine.
pub const OPERATOR: &str = "Operator";

pub const fn action(action: AuditAction) -> &'static str {
    match action {
        AuditAction::WorkspaceCreated => "Created the workspace",
        AuditAction::PasswordChanged => "Changed their password",
        AuditAction::RecoveryCodesGenerated => "Generated recovery codes",
        AuditAction::AccountRecovered => "Used a recovery code",
        AuditAction::ResetIssued => "Issued a password reset",
        AuditAction::PasswordReset => "Used a password reset",
        AuditAction::SessionsEnded => "Ended all sessions",
        AuditAction::RoleChanged => "Changed the role",
        AuditAction::Deactivated => "Deactivated the account",
        AuditAction::Reactivated => "Reactivated the account",
        AuditAction::InvitationCreated => "Created an invitation",
        AuditAction::InvitationAccepted => "Registered by an invitation",
        AuditAction::InvitationRevoked => "Revoked an invitation",
        AuditAction::UsernameChanged => "Changed the username",
        AuditAction::WorkspaceChanged => "Changed the settings",
        AuditAction::MessageDeleted => "Deleted a message",
        AuditAction::MessageRestored => "Restored a message",
    }
}

/// The name of a setting.
fn setting(name: &str) -> String {
    match name {
        "name" => WORKSPACE_NAME,
        "registration" => WHO_CAN_REGISTER,
        "link_previews" => LINK_PREVIEWS,
        "group_creators" => WHO_CREATES_GROUPS,
        other => other,
    }
    .to_owned()
}

/// The detail of an entry: settings, a role, also after the id of an invitation, or a username. An id alone
/// tells nobody anything.
pub fn detail(action: AuditAction, detail: &str) -> String {
    if action == AuditAction::WorkspaceChanged {
        return list_of(&detail.split(' ').map(setting).collect::<Vec<_>>());
    }
    let word = detail.rsplit(' ').next().unwrap_or_default();
    match Role::parse(word) {
        Some(found) => role(found).to_owned(),
        None if detail.len() == 36 => String::new(),
        None => format!("@{detail}"),
    }
}

// Settings.
pub use super::account::{WHO_CAN_REGISTER, WORKSPACE_NAME};
pub const WORKSPACE_NAME_HINT: &str = "Shown on the sign-in page and above the conversations.";
pub const REGISTRATION_HINT: &str = "Invitations work with both.";
pub const LINK_PREVIEWS: &str = "Link previews";
pub const LINK_PREVIEWS_HINT: &str = "The server opens linked pages to show their title and picture, \
                                      so other sites see its address.";
pub const WHO_CREATES_GROUPS: &str = "Who can create groups";
pub const FIXED: &str = "Set in the configuration of the server.";

pub const fn registration(mode: Registration) -> &'static str {
    match mode {
        Registration::Open => "Anyone",
        Registration::InviteOnly => "Only people with an invitation",
    }
}

pub const fn group_creators(lowest: Role) -> &'static str {
    match lowest {
        Role::Member => "Everyone",
        Role::Moderator => "Moderators and administrators",
        Role::Administrator => "Administrators",
    }
}

// Next steps.
pub const NEXT_STEPS: &str = "Next steps";
pub const DISMISS: &str = "Dismiss";
pub const DONE: &str = "Done: ";
pub const STEP_PEOPLE: &str = "Invite people";
pub const STEP_PEOPLE_HINT: &str = "Create a link and send it to them.";
pub const STEP_GROUP: &str = "Create the first group";
pub const STEP_GROUP_HINT: &str = "Such as a class, a course or a project. Press + above your \
                                   conversations.";
pub const STEP_ADDRESS: &str = "Set the public address";
pub const STEP_ADDRESS_HINT: &str = "Start the server with --origin and the https:// address that \
                                     people open.";
pub const STEP_BACKUP: &str = "Back up every night";
pub const STEP_BACKUP_HINT: &str =
    "Run chatbox backup --to FOLDER on the server. It can keep running.";
pub const STEP_PHONE: &str = "Add it to your phone";
pub const STEP_PHONE_HINT: &str = "Open this address on the phone, then choose Add to Home Screen in \
                                   the browser's menu.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_counted() {
        assert_eq!(uses(1, None), "used 1 time");
        assert_eq!(uses(0, Some(30)), "0 of 30 used");
    }

    #[test]
    fn details_are_words() {
        let id = "01a22e47-58b6-7683-a958-084b8138d4b1";
        for (entry, shown) in [
            ("moderator", "Moderator"),
            (&format!("{id} member"), "Member"),
            (id, ""),
            ("augusta", "@augusta"),
        ] {
            assert_eq!(detail(AuditAction::RoleChanged, entry), shown);
        }
    }
}
