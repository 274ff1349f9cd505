//! Connected clients: the registry of connections (`hub`), presence, one connection with its
//! outbound queue (`connection`), its lifecycle (`socket`, `frame_limit`), and the WebSocket codec
//! (`websocket`). Nothing else in the server holds a socket.

mod connection;
mod frame_limit;
mod hub;
mod presence;
mod socket;
mod websocket;

pub use hub::{Delivered, Hub};
pub use socket::serve;
pub use websocket::accept_key;
