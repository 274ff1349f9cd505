//! A non-blocking connection under load: it returns complete frames and buffers partial ones.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
    time::Instant,
};

use mio::{Interest, Registry, Token, net::TcpStream};

use crate::{http, ws};

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Connecting.
    Connecting,
    /// Connected, not upgraded.
    Upgrading,
    /// Receiving the missed events.
    CatchingUp,
    /// Up to date, or ready for sending.
    Ready,
    /// Closed by the peer.
    Closed,
}

/// One connection.
pub struct Connection {
    stream: TcpStream,
    /// Its state.
    pub state: State,
    /// Time of the connect.
    pub started: Instant,
    /// Bytes it has received.
    pub bytes_received: u64,
    partial: Vec<u8>,
    unsent: Vec<u8>,
}

impl Connection {
    /// Starts to connect.
    ///
    /// # Errors
    /// A network error.
    pub fn connect(address: SocketAddr, registry: &Registry, token: usize) -> io::Result<Self> {
        let started = Instant::now();
        let mut stream = TcpStream::connect(address)?;
        registry.register(&mut stream, Token(token), Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            stream,
            state: State::Connecting,
            started,
            bytes_received: 0,
            partial: Vec::new(),
            unsent: Vec::new(),
        })
    }

    /// Sends now, or when the socket is writable.
    pub fn send(&mut self, bytes: &[u8]) {
        self.unsent.extend_from_slice(bytes);
        self.flush();
    }

    /// The socket is writable; the first time this means that it is connected.
    pub fn on_writable(&mut self) -> bool {
        let connected = self.state == State::Connecting && self.stream.peer_addr().is_ok();
        if connected {
            let _ = self.stream.set_nodelay(true);
            self.state = State::Upgrading;
        }
        self.flush();
        connected
    }

    fn flush(&mut self) {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(0) => self.state = State::Closed,
                Ok(n) => drop(self.unsent.drain(..n)),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) =>
                {
                    return;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.state = State::Closed,
            }
            if self.state == State::Closed {
                return;
            }
        }
    }

    /// Reads everything available. `consume` gets the unread bytes and returns the length of the
    /// first complete part, or 0 if it is incomplete.
    pub fn read(&mut self, buffer: &mut [u8], mut consume: impl FnMut(&mut Self, &[u8]) -> usize) {
        loop {
            // The incomplete part of the last read comes first.
            let pending = self.partial.len();
            if pending * 2 > buffer.len() {
                self.state = State::Closed;
                return;
            }
            buffer[..pending].copy_from_slice(&self.partial);
            let capacity = buffer.len() - pending;
            match self.stream.read(&mut buffer[pending..]) {
                Ok(0) => return self.state = State::Closed,
                Ok(n) => {
                    self.bytes_received += u64::try_from(n).unwrap_or_default();
                    let mut used = 0;
                    while used < pending + n {
                        match consume(self, &buffer[used..pending + n]) {
                            0 => break,
                            length => used += length,
                        }
                    }
                    self.partial.clear();
                    self.partial.extend_from_slice(&buffer[used..pending + n]);
                    if n < capacity {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.state = State::Closed,
            }
        }
    }

    /// Reads a socket: calls `on_text` for each text frame and answers pings. During the upgrade it
    /// reads the response.
    pub fn read_frames(&mut self, buffer: &mut [u8], mut on_text: impl FnMut(&mut Self, &[u8])) {
        self.read(buffer, |connection, bytes| {
            if connection.state == State::Upgrading {
                let Some((status, used)) = http::response_length(bytes) else { return 0 };
                connection.state = if status == 101 { State::CatchingUp } else { State::Closed };
                on_text(connection, b"");
                return used;
            }
            let Some(frame) = ws::first_frame(bytes) else { return 0 };
            match frame.opcode {
                1 | 2 => on_text(connection, &bytes[frame.payload.clone()]),
                8 => connection.state = State::Closed,
                9 => {
                    let mut pong = Vec::new();
                    ws::put_masked(&mut pong, 10, &bytes[frame.payload.clone()]);
                    connection.send(&pong);
                }
                _ => {}
            }
            frame.payload.end
        });
    }
}
