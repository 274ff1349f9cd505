//! What travels on the socket: what the server tells, what the browser says, and how both are written down.
//! `docs/protocol.md` is the description for people who write a client of their own.

pub mod client;
pub mod codec;
pub mod server;
pub mod stream;

pub use client::ClientCommand;
pub use server::{ServerEvent, Signal};
pub use stream::{Marks, StreamId};

/// The protocol's version: raised when an older client could misunderstand.
pub const VERSION: u32 = 1;
/// The header that names whom a request is made for: with somebody else's session it is refused.
pub const MADE_FOR: &str = "chatbox-person";
/// Largest first frame, in bytes: it names a mark for each conversation, and somebody may be in thousands.
pub const LARGEST_HELLO: usize = 256 * 1024;
/// Largest frame that a client may send after that, in bytes.
pub const LARGEST_COMMAND: usize = 4 * 1024;
/// Seconds within which the first frame must come.
pub const HELLO_WITHIN_SECONDS: u64 = 10;
/// Seconds between two beats of the server.
pub const BEAT_SECONDS: u64 = 25;
/// Seconds of silence after which a client takes its socket for dead.
pub const SILENCE_SECONDS: u64 = 45;
/// Most changes that are caught up one by one; beyond that the client fetches the part anew.
pub const MOST_CAUGHT_UP: u64 = 1_000;

/// Why a socket was closed: the first group may reconnect and resume, the second must not.
pub mod close {
    /// The server failed.
    pub const INTERNAL: u16 = 4000;
    /// The server restarts.
    pub const RESTART: u16 = 4001;
    /// This client reads too slowly.
    pub const SLOW: u16 = 4008;
    /// No answer to a ping.
    pub const HEARTBEAT: u16 = 4009;
    /// A change is missing and could not be fetched.
    pub const GAP: u16 = 4010;
    /// Too many frames.
    pub const RATE: u16 = 4029;
    /// Not this protocol.
    pub const PROTOCOL: u16 = 4002;
    /// A frame is larger than is taken.
    pub const TOO_LARGE: u16 = 1009;
    /// The session ended.
    pub const SESSION_ENDED: u16 = 4401;
    /// The account was deactivated.
    pub const DEACTIVATED: u16 = 4403;
    /// A newer socket of the same person took its place.
    pub const REPLACED: u16 = 4409;
    /// The app in this tab is too old.
    pub const RELOAD: u16 = 4426;

    /// Whether a client may connect again after this code.
    #[must_use]
    pub const fn may_return(code: u16) -> bool {
        !matches!(code, PROTOCOL | TOO_LARGE | SESSION_ENDED | DEACTIVATED | REPLACED | RELOAD)
    }
}
