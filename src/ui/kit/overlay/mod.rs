//! What floats over the page.

pub mod confirm;
pub mod dialog;
pub mod popover;
