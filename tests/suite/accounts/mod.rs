//! Accounts: sign-up and sign-in, names, authorisation, and sessions.

pub(crate) mod authorisation;
pub(crate) mod browser_sessions;
pub(crate) mod names;
mod sessions;
pub(crate) mod sign_in;
mod sign_up;
