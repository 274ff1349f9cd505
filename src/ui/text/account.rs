//! Texts of signing in, signing up, and the account menu.

// Signing in.
pub const SIGN_IN_TITLE: &str = "Sign in · ChatBox";
pub const SIGN_IN_HEADING: &str = "Welcome back";
pub const SIGN_IN_LEAD: &str = "Sign in to your conversations.";
pub const SIGN_IN: &str = "Sign in";
/// Before the link to sign-up.
pub const NEW_HERE: &str = "New here? ";

// Signing up.
pub const SIGN_UP_TITLE: &str = "Create account · ChatBox";
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

// The account menu.
pub const ACCOUNT: &str = "Account";
pub const SIGN_OUT: &str = "Sign out";
