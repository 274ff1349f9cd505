//! Overlays: dialogs and popovers.

pub mod confirm;
pub mod dialog;
pub mod popover;
