//! Checks and parts of an incoming request: its origin, its media type, and its body.

pub(super) mod body;
pub(super) mod media_type;
pub(super) mod origin;
pub(super) mod unread_body;
