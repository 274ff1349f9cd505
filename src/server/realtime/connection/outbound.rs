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
            let sent = self.sent;
            let (queue, _) = self.next();
            let mut slices = [IoSlice::new(&[]); MOST_SLICES];
            let mut count = 0;
            for (slice, frame) in slices.iter_mut().zip(queue.iter()) {
                let skip = if count == 0 { sent } else { 0 };
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

    /// The queue that is being written, and how many bytes wait in it: what is live only after the greeting.
    fn next(&mut self) -> (&mut VecDeque<Bytes>, &mut usize) {
        if self.greeting.is_empty() && self.greeted { (&mut self.live, &mut self.live_bytes) } else { (&mut self.greeting, &mut self.greeting_bytes) }
    }

    /// So many bytes have left.
    fn forget(&mut self, written: usize) {
        // Counted from the beginning of the first frame.
        let mut sent = self.sent + written;
        let (queue, bytes) = self.next();
        while let Some(frame) = queue.pop_front_if(|frame| frame.len() <= sent) {
            sent -= frame.len();
            *bytes -= frame.len();
        }
        if queue.is_empty() {
            queue.shrink_to(ROOM_KEPT);
        }
        self.sent = sent;
    }

    /// Nothing but this follows what is half written.
    pub(super) fn last(&mut self, frame: Bytes) {
        let is_torn = self.sent > 0;
        let torn = self.next().0.pop_front().filter(|_| is_torn);
        let last: VecDeque<_> = torn.into_iter().chain([frame]).collect();
        (self.greeting_bytes, self.live_bytes) = (last.iter().map(Bytes::len).sum(), 0);
        (self.greeting, self.live, self.greeted) = (last, VecDeque::new(), false);
    }

    /// Nothing is written any more.
    pub(super) fn end(&mut self) {
        *self = Self { over: true, ..Self::default() };
    }
}
