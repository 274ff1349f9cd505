//! Realtime: sockets, delivery, presence, and catching up.

mod autobahn;
pub(crate) mod catching_up;
pub(crate) mod delivery;
pub(crate) mod presence;
mod socket_frames;
pub(crate) mod sockets;
