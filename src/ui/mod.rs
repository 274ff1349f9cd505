//! What one sees: views that read slices and call intents. In reading order: the document (`shell`), the routes (`app`), the
//! pages, the workspace with its sidebar and conversation, and the small things that know nothing of chat (`kit`).

mod ahead;
pub mod app;
pub mod conversation;
mod face;
mod finding;
mod form_drafts;
mod group;
pub mod keys;
pub mod kit;
pub mod later;
mod name;
pub mod pages;
mod people_picker;
mod profile;
mod profile_card;
pub mod rings;
pub mod search;
pub mod shell;
pub mod sidebar;
mod status;
mod switcher;
mod undo;
pub mod workspace;
