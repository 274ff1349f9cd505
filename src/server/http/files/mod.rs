//! Files over HTTP: attachments, avatars, images of link previews, and the assets of the web app.

pub(super) mod assets;
pub(super) mod attachments;
pub(super) mod avatars;
pub(super) mod link_previews;
mod range;
