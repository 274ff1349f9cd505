//! What waits to be written to one socket: frames that others share, in order, and how far the first of them has left.

use std::{
    collections::VecDeque,
    io::{ErrorKind, IoSlice},
};

use axum::body::Bytes;
use tokio::net::TcpStream;

/// Most frames in one system call.
const MOST_SLICES: usize = 64;
/// A queue that was longer than this gives its memory back.
const ROOM_KEPT: usize = 8;

/// What is to be written.
#[derive(Default)]
pub(super) struct Out {
    /// What was missed: before anything that is live.
    pub(super) greeting: VecDeque<Bytes>,
    pub(super) live: VecDeque<Bytes>,
    /// How many bytes wait in each.
    pub(super) greeting_bytes: usize,
    pub(super) live_bytes: usize,
    /// How many bytes of the first frame have left.
    pub(super) sent: usize,
    /// Whether what is live may leave: the greeting is complete.
    pub(super) greeted: bool,
    /// Somebody is going to flush it.
    pub(super) expected: bool,
    /// The network takes nothing for now; the socket's task waits until it does.
    pub(super) blocked: bool,
    /// Nothing is written any more: the other side has gone, or the goodbye is next.
    pub(super) over: bool,
}

impl Out {
    /// Writes frames until none wait or the network takes no more.
    pub(super) fn write(&mut self, stream: &TcpStream) -> Result<(), ErrorKind> {
        loop {
            let queue = if self.greeting.is_empty() && self.greeted { &self.live } else { &self.greeting };
            let mut slices = [IoSlice::new(&[]); MOST_SLICES];
            let mut count = 0;
            for (slice, frame) in slices.iter_mut().zip(queue) {
                let skip = if count == 0 { self.sent } else { 0 };
                *slice = IoSlice::new(&frame[skip..]);
                count += 1;
            }
            if count == 0 {
                return Ok(());
            }
            let written = stream.try_write_vectored(&slices[..count]).map_err(|error| error.kind())?;
            self.forget(written);
        }
    }

    /// So many bytes have left.
    fn forget(&mut self, mut written: usize) {
        let (queue, bytes) = if self.greeting.is_empty() && self.greeted {
            (&mut self.live, &mut self.live_bytes)
        } else {
            (&mut self.greeting, &mut self.greeting_bytes)
        };
        while let Some(frame) = queue.front() {
            let left = frame.len() - self.sent;
            if written < left {
                self.sent += written;
                return;
            }
            written -= left;
            *bytes -= frame.len();
            self.sent = 0;
            queue.pop_front();
        }
        queue.shrink_to(ROOM_KEPT);
    }

    /// Nothing but this follows what is half written.
    pub(super) fn last(&mut self, frame: Bytes) {
        let from_greeting = !self.greeting.is_empty() || !self.greeted;
        let queue = if from_greeting { &mut self.greeting } else { &mut self.live };
        let torn = queue.pop_front().filter(|_| self.sent > 0);
        let last: VecDeque<_> = torn.into_iter().chain([frame]).collect();
        (self.greeting_bytes, self.live_bytes) = (last.iter().map(Bytes::len).sum(), 0);
        (self.greeting, self.live, self.greeted) = (last, VecDeque::new(), false);
    }

    /// Nothing is written any more.
    pub(super) fn end(&mut self) {
        *self = Self { over: true, ..Self::default() };
    }
}
