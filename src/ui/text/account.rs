//! Texts of the pages of people who are not signed in, and of the account menu.

// Setting up.
pub const SETUP_TITLE: &str = "Set up";
pub const SETUP_HEADING: &str = "Create your workspace";
pub const SETUP_LEAD: &str = "You will be its administrator. You can change all of this later.";
pub const SETUP_CODE: &str = "Setup code";
pub const SETUP_CODE_HINT: &str = "The server writes it to its log when it starts.";
pub const WORKSPACE_NAME: &str = "Workspace name";
pub const WORKSPACE_NAME_HINT: &str = "Your team, school or course.";
pub const YOUR_ACCOUNT: &str = "Your account";
pub const WHO_CAN_REGISTER: &str = "Who can register";
pub const CREATE_WORKSPACE: &str = "Create workspace";

// Signing in.
pub const SIGN_IN_HEADING: &str = "Welcome back";
pub const SIGN_IN_LEAD: &str = "Sign in to your conversations.";
pub const SIGN_IN: &str = "Sign in";
pub const FORGOT_PASSWORD: &str = "Forgot password?";
/// Before the link to sign-up.
pub const NEW_HERE: &str = "New here? ";

// Signing up.
pub const SIGN_UP_HEADING: &str = "Create your account";
pub const SIGN_UP_LEAD: &str = "You will join Everyone and can message anyone here.";
pub const SIGN_UP: &str = "Create account";
/// Before the link to sign-in.
pub const ALREADY_REGISTERED: &str = "Already registered? ";
pub const USERNAME: &str = "Username";
pub const USERNAME_HINT: &str = "2 to 32 letters, digits, dots, underscores or hyphens.";
pub const DISPLAY_NAME: &str = "Display name";
pub const DISPLAY_NAME_HINT: &str = "Shown to others, in any script.";
pub const PASSWORD_HINT: &str = "At least 8 characters. A few unrelated words work best.";

// A new password.
pub const RECOVER_TITLE: &str = "Forgot password";
pub const RECOVER_HEADING: &str = "Set a new password";
pub const RECOVER_LEAD: &str = "Use one of the recovery codes that you saved.";
pub const RECOVERY_CODE: &str = "Recovery code";
pub const RECOVERY_CODE_HINT: &str = "24 letters and digits. Each code works once.";
pub const NO_RECOVERY_CODE: &str = "No recovery code? Ask an administrator of this workspace for \
                                    a reset link.";
pub const RESET_HEADING: &str = "Choose a new password";
pub const RESET_LEAD: &str = "You will be signed out on all other devices.";
pub const NEW_PASSWORD: &str = "New password";
pub const SET_NEW_PASSWORD: &str = "Set new password";
pub const BACK_TO_SIGN_IN: &str = "Back to sign-in";
pub const INVALID_LINK_TITLE: &str = "Link not valid";
pub const INVALID_LINK_HEADING: &str = "This link does not work";
pub const INVALID_LINK_LEAD: &str =
    "It has expired or was already used. Ask the person who sent it for a new one.";

// Invitations.
pub const JOIN_TITLE: &str = "Invitation";
pub const JOIN_LEAD: &str = "You are invited. Create your account to begin.";
pub const JOIN_GROUPS_LEAD: &str = "You are invited to join with your account.";
pub const JOINED_LEAD: &str = "You already have an account here.";
pub const JOIN: &str = "Join";
pub const GO_TO_CONVERSATIONS: &str = "Go to your conversations";

/// Such as "Join Physics and Chemistry", or with the name of the workspace.
pub fn join_heading(groups: &[String], workspace: &str) -> String {
    let mut heading = "Join ".to_owned();
    if groups.is_empty() {
        heading += workspace;
    }
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            heading += super::separator(at, groups.len());
        }
        heading += group;
    }
    heading
}

// The account menu.
pub const ACCOUNT: &str = "Account";
pub const SIGN_OUT: &str = "Sign out";
