//! The small things that every screen is made of. They know nothing of chat.

pub mod avatar;
pub mod button;
pub mod confirm;
pub mod dialog;
pub mod emoji;
pub mod field;
pub mod fresh;
pub mod handmade;
pub mod hit;
pub mod icon;
pub mod markup;
pub mod offers;
pub mod popover;
pub mod shortcut;
pub mod tab_stop;
pub mod time;
pub mod words;
