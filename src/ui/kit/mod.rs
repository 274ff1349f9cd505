//! The small things that every screen is made of. They know nothing of chat.

pub mod avatar;
pub mod button;
pub mod dialog;
pub mod field;
pub mod icon;
pub mod markup;
pub mod popover;
pub mod time;
pub mod words;
