//! UI components that know nothing of chat.

pub mod avatar;
pub mod button;
pub mod dom;
pub mod emoji;
pub mod field;
pub mod form;
pub(in crate::ui) mod fuzzy_match;
pub mod icon;
pub mod overlay;
pub mod refetch;
pub mod shortcut;
pub mod suggestion_list;
pub mod tab_stop;
pub mod time;
