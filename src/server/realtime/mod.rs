//! Those who are connected: who hears what (`hub`), who is there (`presence`), the server's end of one socket (`line`)
//! what waits there (`queue`) and what it was asked (`asked`), its life (`socket`; `heard`), and its language (`wire`). Nothing else in the server holds a socket.

mod connection;
mod frame_limit;
mod hub;
mod presence;
mod socket;
mod websocket;

pub use hub::{Delivered, Hub};
pub use socket::serve;
pub use websocket::accept_key;
