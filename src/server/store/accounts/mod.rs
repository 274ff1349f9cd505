//! People: accounts, display names, sessions and avatars.

pub(super) mod avatars;
pub(super) mod display_names;
pub(super) mod people;
pub(super) mod privacy;
pub(super) mod session_cache;
pub(super) mod sessions;

/// SHA-256 of a session's token.
pub type TokenHash = [u8; 32];
