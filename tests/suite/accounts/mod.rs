//! Accounts: sign-up and sign-in, names, authorisation, and sessions of one browser.

pub(crate) mod authorisation;
pub(crate) mod browser_sessions;
pub(crate) mod names;
pub(crate) mod sign_in;
