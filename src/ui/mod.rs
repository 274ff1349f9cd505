//! What one sees: views that read slices and call intents. In reading order: the document (`shell`), the routes (`app`), the
//! pages, the workspace with its sidebar and conversation, and the small things that know nothing of chat (`kit`).

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
mod type_ahead;
pub mod workspace;
