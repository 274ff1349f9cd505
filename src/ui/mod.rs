//! The views. They read state and call actions. In reading order: the document (`shell`), the
//! routes (`app`), `pages`, `workspace` with `sidebar` and `conversation`, `kit`, which knows
//! nothing of chat, and `text`, which holds every text. The pages of people who are not signed in
//! (`pages/auth`) are rendered by the server only.

pub mod app;
pub mod conversation;
mod form_drafts;
pub mod kit;
pub mod lazy;
pub mod markup;
pub mod pages;
pub mod people;
pub mod search;
pub mod shell;
pub mod sidebar;
mod text;
mod type_ahead;
pub mod workspace;
