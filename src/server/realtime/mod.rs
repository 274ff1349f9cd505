//! Those who are connected: who hears what (`hub`), who is there (`presence`), the server's end of one socket (`line`),
//! and its life (`socket`). Nothing else in the server holds a socket.

mod hub;
mod line;
mod presence;
mod socket;

pub use hub::Hub;
pub use socket::upgrade;
