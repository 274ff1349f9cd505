//! Accounts: sign-up and sign-in, names, roles, authorisation, passwords,
//! invitations, sessions, and the settings of the workspace.

pub(crate) mod authorisation;
pub(crate) mod browser_sessions;
mod invitations;
pub(crate) mod names;
mod operator;
mod passwords;
mod roles;
mod sessions;
pub(crate) mod sign_in;
mod sign_up;
mod workspace;
