//! Many listeners at once: connecting them, waiting until all are up to date, and keeping them
//! alive.

use std::{
    io,
    time::{Duration, Instant},
};

use mio::{Events, Poll};

use crate::{
    connection::{Stage, Wire},
    figures::Latencies,
    target::{Heard, Target},
};

/// Longest wait.
const PATIENCE: Duration = Duration::from_secs(60);
/// Size of a read.
pub const BUFFER: usize = 512 * 1024;

/// The listeners.
pub struct Crowd {
    /// Reports readable sockets.
    pub poll: Poll,
    /// The connections; a token is an index.
    pub ears: Vec<Wire>,
    /// Time from the first byte to being up to date, per listener.
    pub took: Latencies,
    /// Number of rejected listeners.
    pub refused: usize,
}

impl Crowd {
    /// Connects `count` listeners, at most `at_once` at a time, and waits until all are up to date.
    ///
    /// # Errors
    /// A network error, or a timeout.
    pub fn gather(target: &Target, count: usize, at_once: usize) -> io::Result<Self> {
        let mut crowd = Self {
            poll: Poll::new()?,
            ears: Vec::with_capacity(count),
            took: Latencies::default(),
            refused: 0,
        };
        let (mut events, mut buffer, began) =
            (Events::with_capacity(1024), vec![0; BUFFER], Instant::now());
        let mut current = 0;
        while current + crowd.refused < count {
            while crowd.ears.len() < count && crowd.ears.len() - current - crowd.refused < at_once {
                let token = crowd.ears.len();
                crowd.ears.push(Wire::begin(target.address, crowd.poll.registry(), token)?);
            }
            crowd.poll.poll(&mut events, Some(Duration::from_millis(100)))?;
            for event in &events {
                let (token, before) = (event.token().0, crowd.ears[event.token().0].stage);
                crowd.attend(target, token, event.is_writable(), &mut buffer);
                let ear = &crowd.ears[token];
                match ear.stage {
                    Stage::Live if before != Stage::Live => {
                        current += 1;
                        crowd.took.add(ear.began.elapsed());
                    }
                    Stage::Gone if before == Stage::Live => {
                        return Err(io::Error::other("a listener was closed"));
                    }
                    Stage::Gone if before != Stage::Gone => crowd.refused += 1,
                    _ => {}
                }
            }
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other(format!(
                    "{current} of {count} listeners were current in time, {} refused",
                    crowd.refused
                )));
            }
        }
        Ok(crowd)
    }

    /// Keeps all connections alive for a while. Returns the number of received bytes.
    ///
    /// # Errors
    /// A network error.
    pub fn rest(&mut self, target: &Target, long: Duration) -> io::Result<u64> {
        let (mut events, mut buffer, began, before) =
            (Events::with_capacity(1024), vec![0; BUFFER], Instant::now(), self.received());
        while began.elapsed() < long {
            self.poll.poll(&mut events, Some(Duration::from_millis(50)))?;
            for event in &events {
                self.attend(target, event.token().0, event.is_writable(), &mut buffer);
            }
        }
        Ok(self.received() - before)
    }

    /// Number of open connections.
    #[must_use]
    pub fn alive(&self) -> usize {
        self.ears.iter().filter(|ear| ear.stage == Stage::Live).count()
    }

    /// Bytes received by all of them.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.ears.iter().map(|ear| ear.received).sum()
    }

    fn attend(&mut self, target: &Target, token: usize, writable: bool, buffer: &mut [u8]) {
        let ear = &mut self.ears[token];
        if writable && ear.writable() {
            ear.send(&target.upgrade(token, true));
        }
        if ear.stage != Stage::Opening {
            ear.read_frames(buffer, |ear, frame| greet(target, token, ear, frame));
        }
    }
}

/// The handshake of a listener until it is up to date.
pub fn greet(target: &Target, member: usize, ear: &mut Wire, frame: &[u8]) {
    if frame.is_empty() && ear.stage == Stage::Greeting {
        if let Some(hello) = target.hello(member) {
            ear.send(&hello);
        }
        return;
    }
    match target.read(frame) {
        Heard::Ready => ear.stage = Stage::Live,
        Heard::Answer(text) => {
            let mut answer = Vec::new();
            crate::ws::put_masked(&mut answer, 1, text.as_bytes());
            ear.send(&answer);
        }
        _ => {}
    }
}
