//! The WebSocket codec of the server (RFC 6455): the handshake, frames that are encoded once and
//! shared by all recipients, and a decoder that holds no memory while idle. It does no IO:
//! `connection` writes, `socket` reads.

mod decode;
mod encode;
mod handshake;

use crate::protocol::close;

pub(super) use decode::{DecodeError, FrameDecoder, Incoming};
pub(super) use encode::{close_frame, empty_close_frame, ping_frame, pong_frame, text_frame};
pub use handshake::accept_key;

impl DecodeError {
    /// The code with which the server closes.
    pub(super) const fn close_code(self) -> u16 {
        match self {
            Self::Protocol => close::INVALID_FRAME,
            Self::InvalidText => close::INVALID_TEXT,
            Self::TooLarge => close::TOO_LARGE,
            Self::TooManyFragments => close::RATE,
        }
    }
}

#[cfg(test)]
mod tests;
