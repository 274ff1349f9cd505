//! The browser's half of the app, without any view. `state` is what the client knows, `connection` feeds it with events of the
//! server, `tabs` elects the tab that owns the socket, `actions` are what a person can do. `send_queue`, `uploads` and `drafts`
//! keep what is not yet on the server. Everything hangs on one context, [`use_chat`].

pub mod actions;
pub mod browser;
pub mod connection;
pub mod drafts;
pub mod rendering;
pub mod search;
pub mod send_queue;
pub mod state;
pub mod tabs;
pub mod uploads;

pub use state::{AppState, ConnectionStatus, FatalError, ScrollTarget, use_app_state};
