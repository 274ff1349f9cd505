//! The WebSocket protocol: server events, client commands, cursors, close codes and their JSON
//! encoding. `docs/protocol.md` describes it for authors of clients.

pub mod client;
pub mod codec;
pub mod server;
pub mod stream;

pub use client::ClientCommand;
pub use server::{ServerEvent, Signal};
pub use stream::{Cursors, StreamId};

/// Protocol version. Raised when an older client could misunderstand a frame.
pub const VERSION: u32 = 1;
/// Header with the person a request is made for. With the session of another person the request is
/// rejected.
pub const PERSON_HEADER: &str = "chatbox-person";
/// Maximum size of the first frame, in bytes. It has a cursor for each conversation, of which a
/// person may have thousands.
pub const MAX_HELLO_BYTES: usize = 256 * 1024;
/// Maximum size of all further frames of a client, in bytes.
pub const MAX_COMMAND_BYTES: usize = 4 * 1024;
/// Seconds within which the first frame must arrive.
pub const HELLO_TIMEOUT_SECONDS: u64 = 10;
/// Seconds between two heartbeats of the server.
pub const HEARTBEAT_SECONDS: u64 = 25;
/// Seconds without a frame after which a client reconnects.
pub const SILENCE_TIMEOUT_SECONDS: u64 = 45;
/// Maximum number of missed changes that are replayed. With more, the client fetches the stream
/// anew.
pub const MAX_REPLAYED: u64 = 1_000;

/// Close codes of the socket. [`may_reconnect`](close::may_reconnect) tells after which a client
/// may connect again.
pub mod close {
    /// The server failed.
    pub const INTERNAL: u16 = 4000;
    /// The server restarts.
    pub const RESTART: u16 = 4001;
    /// The client reads too slowly.
    pub const SLOW: u16 = 4008;
    /// No pong.
    pub const HEARTBEAT: u16 = 4009;
    /// A change is missing and could not be fetched.
    pub const GAP: u16 = 4010;
    /// Too many frames.
    pub const RATE: u16 = 4029;
    /// A violation of this protocol: the text is not a command that is allowed now.
    pub const PROTOCOL: u16 = 4002;
    /// A violation of RFC 6455.
    pub const INVALID_FRAME: u16 = 1002;
    /// Text that is not UTF-8.
    pub const INVALID_TEXT: u16 = 1007;
    /// A frame is too large.
    pub const TOO_LARGE: u16 = 1009;
    /// The session ended.
    pub const SESSION_ENDED: u16 = 4401;
    /// The account was deactivated.
    pub const DEACTIVATED: u16 = 4403;
    /// Replaced by a newer socket of the same person.
    pub const REPLACED: u16 = 4409;
    /// The client is outdated and must reload.
    pub const RELOAD: u16 = 4426;

    /// Whether a client may connect again after this code.
    #[must_use]
    pub const fn may_reconnect(code: u16) -> bool {
        !matches!(
            code,
            PROTOCOL
                | INVALID_FRAME
                | INVALID_TEXT
                | TOO_LARGE
                | SESSION_ENDED
                | DEACTIVATED
                | REPLACED
                | RELOAD
        )
    }
}
