//! People: their names, avatars, status and profiles, and picking some of them.

pub(super) mod avatar_editor;
pub(super) mod conversation_avatar;
pub(super) mod person_name;
pub(super) mod person_status;
pub(super) mod picker;
pub(super) mod profile_card;
pub(super) mod profile_link;
