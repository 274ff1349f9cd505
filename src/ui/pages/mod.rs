//! The pages that are not a conversation.

pub mod not_found;
pub mod saved;
pub mod settings;
pub mod sign_in;
pub mod sign_up;
mod status_form;
