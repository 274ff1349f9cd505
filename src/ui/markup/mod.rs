//! Rendering of messages: their markup tree as views, and the names of mentions in it.

mod mentions;
mod view;

pub use crate::domain::markup::{ends_in_code, is_marked_up};
pub use mentions::{Mention, MentionResolver};
pub use view::RichText;
