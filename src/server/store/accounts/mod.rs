//! People: accounts, display names, sessions and avatars.

pub(super) mod avatars;
pub(super) mod display_names;
pub(super) mod people;
pub(super) mod sessions;
