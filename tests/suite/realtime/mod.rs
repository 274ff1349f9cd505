//! Realtime: sockets, delivery, presence, and catching up.

pub(crate) mod catching_up;
pub(crate) mod delivery;
pub(crate) mod presence;
pub(crate) mod sockets;
