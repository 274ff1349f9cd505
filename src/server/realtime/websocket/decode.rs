//! Decoding of client frames (RFC 6455, section 5). It uses the standard library only, so that the
//! fuzz target compiles this file without the server.

use std::str;

/// Maximum number of bytes of a control frame (section 5.5).
const MAX_CONTROL_PAYLOAD: usize = 125;
/// Maximum number of frames of one message.
pub(crate) const MAX_FRAGMENTS: usize = 256;
/// Maximum number of bytes of a header: two bytes, the extended length and the mask.
const MAX_HEADER: usize = 14;

pub(super) const CONTINUATION: u8 = 0x0;
pub(super) const TEXT: u8 = 0x1;
pub(super) const BINARY: u8 = 0x2;
pub(super) const CLOSE: u8 = 0x8;
pub(super) const PING: u8 = 0x9;
pub(super) const PONG: u8 = 0xa;
/// The bit of a message's last frame.
pub(super) const FINAL: u8 = 0x80;
/// The bits that only extensions use; none is negotiated.
const RESERVED: u8 = 0x70;
/// The bit of a control frame's opcode.
const CONTROL: u8 = 0x08;
/// The bit of a masked frame.
const MASKED: u8 = 0x80;

/// A message from the client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Incoming {
    Text(String),
    Binary,
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// With its code, if it has one.
    Close(Option<u16>),
}

/// Why bytes from the client cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// A frame that the RFC does not allow.
    Protocol,
    /// Text or a close reason that is not UTF-8.
    InvalidText,
    /// A message over the limit.
    TooLarge,
    /// A message of more than [`MAX_FRAGMENTS`] frames.
    TooManyFragments,
}

/// Decodes client frames from chunks of any size. A violation is reported at the first byte that
/// shows it, and nothing is decoded afterwards.
pub(crate) struct FrameDecoder {
    /// Bytes that arrived, and how many of them are decoded.
    input: Vec<u8>,
    position: usize,
    /// The header of the next frame, as far as it has arrived.
    header: [u8; MAX_HEADER],
    header_len: usize,
    /// The frame whose payload is arriving.
    frame: Option<Frame>,
    /// The payload of a control frame. It may come between the fragments of a message.
    control: Vec<u8>,
    /// The message of which not all frames have arrived.
    message: Option<PartialMessage>,
    /// Maximum number of bytes of a message; a larger one is rejected by its length, before it has
    /// arrived.
    limit: usize,
    failed: Option<DecodeError>,
}

/// A frame whose header has arrived.
struct Frame {
    opcode: u8,
    is_final: bool,
    /// Rotated, so that its first byte belongs to the next byte of the payload.
    mask: [u8; 4],
    /// Bytes of the payload that have not arrived.
    remaining: usize,
}

/// A message of which not all frames have arrived.
#[derive(Default)]
struct PartialMessage {
    is_text: bool,
    frames: usize,
    len: usize,
    /// Text only: binary messages are rejected by the caller, so their bytes are not kept.
    text: Vec<u8>,
    /// How much of the text is known to be UTF-8. The rest is an incomplete character.
    valid: usize,
}

impl FrameDecoder {
    /// A decoder with this limit and the bytes that have arrived already.
    pub(crate) fn new(limit: usize, input: Vec<u8>) -> Self {
        Self {
            input,
            position: 0,
            header: [0; MAX_HEADER],
            header_len: 0,
            frame: None,
            control: Vec::new(),
            message: None,
            limit,
            failed: None,
        }
    }

    /// Sets the limit for further messages.
    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Adds bytes that arrived. After an error they are dropped.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.input.extend_from_slice(bytes);
        }
    }

    /// The next complete message; `None` when all bytes are decoded.
    ///
    /// # Errors
    /// The first violation, again in every later call.
    pub(crate) fn next_message(&mut self) -> Result<Option<Incoming>, DecodeError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let decoded = self.decode();
        match &decoded {
            Ok(Some(_)) => {}
            // An idle socket holds no memory.
            Ok(None) => (self.input, self.position) = (Vec::new(), 0),
            Err(error) => {
                *self = Self { failed: Some(*error), ..Self::new(self.limit, Vec::new()) };
            }
        }
        decoded
    }

    fn decode(&mut self) -> Result<Option<Incoming>, DecodeError> {
        loop {
            if self.frame.is_none() {
                self.frame = self.read_header()?;
            }
            let Some(mut frame) = self.frame.take() else { return Ok(None) };
            self.read_payload(&mut frame)?;
            if frame.remaining > 0 {
                self.frame = Some(frame);
                return Ok(None);
            }
            if let Some(incoming) = self.finish_frame(&frame)? {
                return Ok(Some(incoming));
            }
        }
    }

    /// The next frame, once its header is complete.
    fn read_header(&mut self) -> Result<Option<Frame>, DecodeError> {
        while let Some(byte) = self.input.get(self.position) {
            self.header[self.header_len] = *byte;
            self.position += 1;
            self.header_len += 1;
            match self.header_len {
                1 => {
                    self.check_first_byte()?;
                    continue;
                }
                // Clients mask every frame.
                2 if self.header[1] & MASKED == 0 => return Err(DecodeError::Protocol),
                _ => {}
            }
            let (mask_begin, length) = match self.header[1] & !MASKED {
                126 => (4, self.extended_length(2)),
                127 => (10, self.extended_length(8)),
                length => (2, usize::from(length)),
            };
            if self.header_len == mask_begin {
                self.check_length(length)?;
            } else if self.header_len == mask_begin + 4 {
                self.header_len = 0;
                let mask = std::array::from_fn(|n| self.header[mask_begin + n]);
                return Ok(Some(self.begin_frame(mask, length)));
            }
        }
        Ok(None)
    }

    fn check_first_byte(&self) -> Result<(), DecodeError> {
        let first = self.header[0];
        let is_final = first & FINAL != 0;
        let is_expected = match first & 0x0f {
            CLOSE | PING | PONG => is_final,
            CONTINUATION => self.message.is_some(),
            TEXT | BINARY => self.message.is_none(),
            _ => false,
        };
        if first & RESERVED != 0 || !is_expected {
            return Err(DecodeError::Protocol);
        }
        let frames = self.message.as_ref().map_or(0, |message| message.frames);
        if first & CONTROL == 0 && !is_final && frames + 1 >= MAX_FRAGMENTS {
            return Err(DecodeError::TooManyFragments);
        }
        Ok(())
    }

    fn check_length(&self, length: usize) -> Result<(), DecodeError> {
        if self.header[0] & CONTROL != 0 {
            return if length > MAX_CONTROL_PAYLOAD { Err(DecodeError::Protocol) } else { Ok(()) };
        }
        let before = self.message.as_ref().map_or(0, |message| message.len);
        if before.saturating_add(length) > self.limit {
            return Err(DecodeError::TooLarge);
        }
        Ok(())
    }

    /// The extended length of this many bytes.
    fn extended_length(&self, bytes: usize) -> usize {
        let bytes = &self.header[2..2 + bytes];
        let length = bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
        usize::try_from(length).unwrap_or(usize::MAX)
    }

    fn begin_frame(&mut self, mask: [u8; 4], length: usize) -> Frame {
        let first = self.header[0];
        let opcode = first & 0x0f;
        if opcode & CONTROL == 0 {
            let message = self.message.get_or_insert_with(|| PartialMessage {
                is_text: opcode == TEXT,
                ..PartialMessage::default()
            });
            message.frames += 1;
            message.len += length;
        }
        Frame { opcode, is_final: first & FINAL != 0, mask, remaining: length }
    }

    /// Unmasks as much of the payload as has arrived.
    fn read_payload(&mut self, frame: &mut Frame) -> Result<(), DecodeError> {
        let arrived = &self.input[self.position..];
        let arrived = &arrived[..arrived.len().min(frame.remaining)];
        let unmasked = arrived.iter().zip(frame.mask.iter().cycle()).map(|(byte, key)| byte ^ key);
        if frame.opcode & CONTROL != 0 {
            self.control.extend(unmasked);
        } else if let Some(message) = self.message.as_mut().filter(|message| message.is_text) {
            reserve(&mut message.text, arrived.len(), self.limit);
            message.text.extend(unmasked);
            message.validate()?;
        }
        frame.mask.rotate_left(arrived.len() % 4);
        frame.remaining -= arrived.len();
        self.position += arrived.len();
        Ok(())
    }

    /// What a complete frame completes.
    fn finish_frame(&mut self, frame: &Frame) -> Result<Option<Incoming>, DecodeError> {
        Ok(Some(match frame.opcode {
            PING => Incoming::Ping(std::mem::take(&mut self.control)),
            PONG => Incoming::Pong(std::mem::take(&mut self.control)),
            CLOSE => Incoming::Close(parse_close_code(&std::mem::take(&mut self.control))?),
            _ if !frame.is_final => return Ok(None),
            _ => match self.message.take() {
                Some(message) if message.is_text => {
                    // An error is a character that the message cut off.
                    let text = String::from_utf8(message.text);
                    Incoming::Text(text.map_err(|_| DecodeError::InvalidText)?)
                }
                _ => Incoming::Binary,
            },
        }))
    }

    /// Bytes of memory that the decoder holds.
    #[cfg(test)]
    pub(super) fn memory(&self) -> usize {
        let text = self.message.as_ref().map_or(0, |message| message.text.capacity());
        self.input.capacity() + self.control.capacity() + text
    }
}

impl PartialMessage {
    /// Checks the text that was added.
    fn validate(&mut self) -> Result<(), DecodeError> {
        match str::from_utf8(&self.text[self.valid..]) {
            Ok(_) => self.valid = self.text.len(),
            Err(error) if error.error_len().is_none() => self.valid += error.valid_up_to(),
            Err(_) => return Err(DecodeError::InvalidText),
        }
        Ok(())
    }
}

/// Reserves space as `Vec` does, by doubling, but never for more than the limit.
fn reserve(text: &mut Vec<u8>, additional: usize, limit: usize) {
    let needed = text.len() + additional;
    if needed > text.capacity() {
        let capacity = text.capacity().saturating_mul(2).min(limit).max(needed);
        text.reserve_exact(capacity - text.len());
    }
}

/// The code of a close frame, if it has one (sections 5.5.1 and 7.4).
fn parse_close_code(payload: &[u8]) -> Result<Option<u16>, DecodeError> {
    let [high, low, reason @ ..] = payload else {
        return if payload.is_empty() { Ok(None) } else { Err(DecodeError::Protocol) };
    };
    let code = u16::from_be_bytes([*high, *low]);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(DecodeError::Protocol);
    }
    str::from_utf8(reason).map_err(|_| DecodeError::InvalidText)?;
    Ok(Some(code))
}
