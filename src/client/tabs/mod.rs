//! Several tabs of one browser: one of them owns the socket, the others follow it.

pub(super) mod idle;
pub(super) mod leader;
pub mod session_sync;
pub(super) mod tab_message;
