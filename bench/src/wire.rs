//! A connection under load: it never waits, hands out whole frames, and keeps what is not whole
//! yet.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    time::Instant,
};

use mio::{Interest, Registry, Token, net::TcpStream};

use crate::{http, ws};

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The network is still connecting it.
    Opening,
    /// It is not a WebSocket yet.
    Upgrading,
    /// All that was missed is being told.
    Greeting,
    /// It hears all that happens, or may be sent by.
    Live,
    /// The other side ended it.
    Gone,
}

/// One connection.
pub struct Wire {
    stream: TcpStream,
    /// How far it is.
    pub stage: Stage,
    /// When it was begun.
    pub began: Instant,
    /// Bytes it has received.
    pub received: u64,
    kept: Vec<u8>,
    unsent: Vec<u8>,
}

impl Wire {
    /// Begins to connect.
    ///
    /// # Errors
    /// What the network said.
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

    /// Sends, now or as soon as the network takes it.
    pub fn send(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
        self.flush();
    }

    /// The network takes bytes again; the first time it means that the connection is there.
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

    /// Reads all that is there and hands on each part that `whole` finds to be complete.
    pub fn read(&mut self, buffer: &mut [u8], mut part: impl FnMut(&mut Self, &[u8]) -> usize) {
        loop {
            // What was not whole last time stands before what comes now.
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

    /// Reads a socket: each text frame is handed to `heard`; pings are answered. While it is
    /// upgrading, the answer to that.
    pub fn read_frames(&mut self, buffer: &mut [u8], mut heard: impl FnMut(&mut Self, &[u8])) {
        self.read(buffer, |wire, bytes| {
            if wire.stage == Stage::Upgrading {
                let Some((status, used)) = http::measure(bytes) else { return 0 };
                wire.stage = if status == 101 { Stage::Greeting } else { Stage::Gone };
                heard(wire, b"");
                return used;
            }
            let Some(frame) = ws::first(bytes) else { return 0 };
            match frame.opcode {
                1 | 2 => heard(wire, &bytes[frame.payload.clone()]),
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
