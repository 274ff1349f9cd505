//! The workspace and its people: settings, accounts, roles, sessions and passwords, invitations, profiles, and the audit log.

pub(super) mod audit_log;
pub(super) mod avatars;
pub(super) mod credentials;
pub(super) mod display_names;
pub(super) mod invitations;
pub(super) mod management;
pub(super) mod operator;
pub(super) mod people;
pub(super) mod privacy;
pub(super) mod profile;
pub(super) mod session_cache;
pub(super) mod sessions;
pub(super) mod workspace;

/// SHA-256 of a session's token.
pub type TokenHash = [u8; 32];
