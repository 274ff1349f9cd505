//! Those who are connected: who hears what (`hub`), who is there (`presence`), the server's end of one socket (`line`)
//! and what waits there (`queue`), its life (`socket`), and its language (`wire`). Nothing else in the server holds a socket.

mod hub;
mod line;
mod presence;
mod queue;
mod socket;
mod wire;

pub use hub::Hub;
pub use socket::upgrade;
