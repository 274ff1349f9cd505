//! Many receiving connections at once: connects them, waits until all have received the events
//! they missed, and keeps them alive.

use std::{
    io,
    time::{Duration, Instant},
};

use mio::{Events, Poll};

use crate::{
    connection::{Connection, State},
    figures::Latencies,
    target::{Incoming, Role, Target},
};

/// Timeout for all receivers together to become ready.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);
/// Size of the read buffer, in bytes.
pub const READ_BUFFER_SIZE: usize = 512 * 1024;

/// The receiving connections.
pub struct Receivers {
    /// Reports readable sockets.
    pub poll: Poll,
    /// The connections; a token is an index.
    pub connections: Vec<Connection>,
    /// Time from the connect until ready, per receiver.
    pub ready_after: Latencies,
    /// Number of connections that the server rejected.
    pub rejected: usize,
}

impl Receivers {
    /// Connects `count` receivers, at most `concurrency` at a time, and waits until all are ready.
    ///
    /// # Errors
    /// A network error, or a timeout.
    pub fn connect(target: &Target, count: usize, concurrency: usize) -> io::Result<Self> {
        let mut receivers = Self {
            poll: Poll::new()?,
            connections: Vec::with_capacity(count),
            ready_after: Latencies::default(),
            rejected: 0,
        };
        let (mut events, mut buffer, started) =
            (Events::with_capacity(1024), vec![0; READ_BUFFER_SIZE], Instant::now());
        let mut ready = 0;
        while ready + receivers.rejected < count {
            while receivers.connections.len() < count
                && receivers.connections.len() - ready - receivers.rejected < concurrency
            {
                let token = receivers.connections.len();
                let connection =
                    Connection::connect(target.address, receivers.poll.registry(), token)?;
                receivers.connections.push(connection);
            }
            receivers.poll.poll(&mut events, Some(Duration::from_millis(100)))?;
            for event in &events {
                let (token, before) =
                    (event.token().0, receivers.connections[event.token().0].state);
                receivers.handle_event(target, token, event.is_writable(), &mut buffer);
                let connection = &receivers.connections[token];
                match connection.state {
                    State::Ready if before != State::Ready => {
                        ready += 1;
                        receivers.ready_after.add(connection.started.elapsed());
                    }
                    State::Closed if before == State::Ready => {
                        return Err(io::Error::other("the server closed a receiver"));
                    }
                    State::Closed if before != State::Closed => receivers.rejected += 1,
                    _ => {}
                }
            }
            if started.elapsed() > CONNECT_TIMEOUT {
                return Err(io::Error::other(format!(
                    "{ready} of {count} receivers were ready in time, {} rejected",
                    receivers.rejected
                )));
            }
        }
        Ok(receivers)
    }

    /// Keeps all connections alive for `duration`. Returns the number of bytes received meanwhile.
    ///
    /// # Errors
    /// A network error.
    pub fn keep_alive(&mut self, target: &Target, duration: Duration) -> io::Result<u64> {
        let (mut events, mut buffer, started, before) = (
            Events::with_capacity(1024),
            vec![0; READ_BUFFER_SIZE],
            Instant::now(),
            self.bytes_received(),
        );
        while started.elapsed() < duration {
            self.poll.poll(&mut events, Some(Duration::from_millis(50)))?;
            for event in &events {
                self.handle_event(target, event.token().0, event.is_writable(), &mut buffer);
            }
        }
        Ok(self.bytes_received() - before)
    }

    /// Number of connections that are ready.
    #[must_use]
    pub fn ready(&self) -> usize {
        self.connections.iter().filter(|connection| connection.state == State::Ready).count()
    }

    /// Bytes received by all connections.
    #[must_use]
    pub fn bytes_received(&self) -> u64 {
        self.connections.iter().map(|connection| connection.bytes_received).sum()
    }

    fn handle_event(&mut self, target: &Target, token: usize, writable: bool, buffer: &mut [u8]) {
        let connection = &mut self.connections[token];
        if writable && connection.on_writable() {
            connection.send(&target.upgrade(token, Role::Receiver));
        }
        if connection.state != State::Connecting {
            connection.read_frames(buffer, |connection, frame| {
                handshake(target, token, connection, frame);
            });
        }
    }
}

/// Handles a frame until the connection is ready: sends the first frame, replies to pings of the
/// protocol, and notices when the missed events are complete.
pub fn handshake(target: &Target, member: usize, connection: &mut Connection, frame: &[u8]) {
    if frame.is_empty() && connection.state == State::CatchingUp {
        if let Some(hello) = target.hello(member) {
            connection.send(&hello);
        }
        return;
    }
    match target.parse(frame) {
        Incoming::Ready => connection.state = State::Ready,
        Incoming::Ping(reply) => {
            let mut pong = Vec::new();
            crate::ws::put_masked(&mut pong, 1, reply.as_bytes());
            connection.send(&pong);
        }
        _ => {}
    }
}
