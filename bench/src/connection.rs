//! A non-blocking connection under load: it hands out whole frames and buffers partial ones.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    time::Instant,
};

use mio::{Interest, Registry, Token, net::TcpStream};

use crate::{http, ws};

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connecting.
    Opening,
    /// Connected, not upgraded.
    Upgrading,
    /// Receiving the missed events.
    Greeting,
    /// Up to date, or ready for sending.
    Live,
    /// Closed by the peer.
    Gone,
}

/// One connection.
pub struct Wire {
    stream: TcpStream,
    /// Its state.
    pub stage: Stage,
    /// Time of the connect.
    pub began: Instant,
    /// Bytes it has received.
    pub received: u64,
    kept: Vec<u8>,
    unsent: Vec<u8>,
}

impl Wire {
    /// Starts to connect.
    ///
    /// # Errors
    /// A network error.
    pub fn begin(address: SocketAddr, registry: &Registry, token: usize) -> io::Result<Self> {
        let began = Instant::now();
        let mut stream = TcpStream::connect(address)?;
        registry.register(&mut stream, Token(token), Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            stream,
            stage: Stage::Opening,
            began,
            received: 0,
            kept: Vec::new(),
            unsent: Vec::new(),
        })
    }

    /// Sends now, or when the socket is writable.
    pub fn send(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
        self.flush();
    }

    /// The socket is writable; the first time this means that it is connected.
    pub fn writable(&mut self) -> bool {
        let opened = self.stage == Stage::Opening && self.stream.peer_addr().is_ok();
        if opened {
            let _ = self.stream.set_nodelay(true);
            self.stage = Stage::Upgrading;
        }
        self.flush();
        opened
    }

    fn flush(&mut self) {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(0) => self.stage = Stage::Gone,
                Ok(n) => drop(self.unsent.drain(..n)),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) =>
                {
                    return;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.stage = Stage::Gone,
            }
            if self.stage == Stage::Gone {
                return;
            }
        }
    }

    /// Reads everything available and hands on each part that `whole` finds complete.
    pub fn read(&mut self, buffer: &mut [u8], mut part: impl FnMut(&mut Self, &[u8]) -> usize) {
        loop {
            // An incomplete part of the last read comes first.
            let held = self.kept.len();
            if held * 2 > buffer.len() {
                self.stage = Stage::Gone;
                return;
            }
            buffer[..held].copy_from_slice(&self.kept);
            let room = buffer.len() - held;
            match self.stream.read(&mut buffer[held..]) {
                Ok(0) => return self.stage = Stage::Gone,
                Ok(n) => {
                    self.received += u64::try_from(n).unwrap_or_default();
                    let mut used = 0;
                    while used < held + n {
                        match part(self, &buffer[used..held + n]) {
                            0 => break,
                            more => used += more,
                        }
                    }
                    self.kept.clear();
                    self.kept.extend_from_slice(&buffer[used..held + n]);
                    if n < room {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.stage = Stage::Gone,
            }
        }
    }

    /// Reads a socket: calls `on_text` for each text frame and answers pings. During the upgrade it
    /// reads the response.
    pub fn read_frames(&mut self, buffer: &mut [u8], mut on_text: impl FnMut(&mut Self, &[u8])) {
        self.read(buffer, |wire, bytes| {
            if wire.stage == Stage::Upgrading {
                let Some((status, used)) = http::measure(bytes) else { return 0 };
                wire.stage = if status == 101 { Stage::Greeting } else { Stage::Gone };
                on_text(wire, b"");
                return used;
            }
            let Some(frame) = ws::first(bytes) else { return 0 };
            match frame.opcode {
                1 | 2 => on_text(wire, &bytes[frame.payload.clone()]),
                8 => wire.stage = Stage::Gone,
                9 => {
                    let mut pong = Vec::new();
                    ws::put_masked(&mut pong, 10, &bytes[frame.payload.clone()]);
                    wire.send(&pong);
                }
                _ => {}
            }
            frame.payload.end
        });
    }
}
