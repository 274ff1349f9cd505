//! The client without its views. `state` holds what the client knows, `connection` feeds it with
//! server events, `tabs` elects the tab that owns the socket, and `actions` are what a user can do.
//! `send_queue`, `uploads` and `drafts` hold what the server does not have yet. There is one
//! context, [`use_app_state`].

pub mod actions;
pub mod browser;
pub mod connection;
pub mod drafts;
pub mod rendering;
pub mod search;
pub mod send_queue;
pub mod state;
pub mod tabs;
mod text;
pub mod uploads;

pub use state::{AppState, ConnectionStatus, FatalError, ScrollTarget, use_app_state};
