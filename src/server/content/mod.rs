//! What the server does with the content of messages: images, highlighted code and formulas, link
//! previews, emoji.

pub mod emoji;
pub mod highlight;
pub mod images;
pub mod link_preview;
