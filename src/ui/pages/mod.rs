//! The pages that are not a conversation.

pub mod administration;
pub mod auth;
pub mod not_found;
pub mod saved;
pub mod settings;
