//! What waits to be written to one socket: frames that others share, in order, and how far the first of them has left.

use std::{
    collections::VecDeque,
    io::{ErrorKind, IoSlice},
};

use axum::body::Bytes;
use tokio::net::TcpStream;

/// Most frames in one system call.
const MAX_SLICES: usize = 64;
/// A queue that was longer than this gives its memory back.
const KEPT_CAPACITY: usize = 8;

/// What is to be written.
#[derive(Default)]
pub(super) struct OutboundQueue {
    /// What was missed: before anything that is live.
    pub(super) backlog: VecDeque<Bytes>,
    pub(super) live: VecDeque<Bytes>,
    /// How many bytes wait in each.
    pub(super) backlog_bytes: usize,
    pub(super) live_bytes: usize,
    /// How many bytes of the first frame have left.
    pub(super) sent: usize,
    /// Whether what is live may leave: the greeting is complete.
    pub(super) is_live: bool,
    /// Somebody is going to flush it.
    pub(super) flush_scheduled: bool,
    /// The network takes nothing for now; the socket's task waits until it does.
    pub(super) blocked: bool,
    /// Nothing is written any more: the other side has gone, or the goodbye is next.
    pub(super) closed: bool,
}

impl OutboundQueue {
    /// Writes frames until none wait or the network takes no more.
    pub(super) fn write(&mut self, stream: &TcpStream) -> Result<(), ErrorKind> {
        loop {
            let sent = self.sent;
            let (queue, _) = self.current();
            let mut slices = [IoSlice::new(&[]); MAX_SLICES];
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
            self.advance(written);
        }
    }

    /// The queue that is being written, and how many bytes wait in it: what is live only after the greeting.
    fn current(&mut self) -> (&mut VecDeque<Bytes>, &mut usize) {
        if self.backlog.is_empty() && self.is_live { (&mut self.live, &mut self.live_bytes) } else { (&mut self.backlog, &mut self.backlog_bytes) }
    }

    /// So many bytes have left.
    fn advance(&mut self, written: usize) {
        // Counted from the beginning of the first frame.
        let mut sent = self.sent + written;
        let (queue, bytes) = self.current();
        while let Some(frame) = queue.pop_front_if(|frame| frame.len() <= sent) {
            sent -= frame.len();
            *bytes -= frame.len();
        }
        if queue.is_empty() {
            queue.shrink_to(KEPT_CAPACITY);
        }
        self.sent = sent;
    }

    /// Nothing but this follows what is half written.
    pub(super) fn set_final_frame(&mut self, frame: Bytes) {
        let is_partial = self.sent > 0;
        let partial = self.current().0.pop_front().filter(|_| is_partial);
        let frames: VecDeque<_> = partial.into_iter().chain([frame]).collect();
        (self.backlog_bytes, self.live_bytes) = (frames.iter().map(Bytes::len).sum(), 0);
        (self.backlog, self.live, self.is_live) = (frames, VecDeque::new(), false);
    }

    /// Nothing is written any more.
    pub(super) fn close(&mut self) {
        *self = Self { closed: true, ..Self::default() };
    }
}
