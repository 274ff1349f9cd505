//! Renders the markup tree of messages.

mod mentions;
mod view;

pub use crate::domain::markup::{ends_in_code, is_marked_up};
pub use mentions::{Mention, MentionResolver};
pub use view::RichText;
