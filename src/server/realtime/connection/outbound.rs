//! The outbound queue of one connection: shared frames in order, and how much of the first one was
//! written.

use std::{
    collections::VecDeque,
    io::{ErrorKind, IoSlice},
};

use axum::body::Bytes;
use tokio::net::TcpStream;

/// Maximum number of frames in one system call.
const MAX_SLICES: usize = 64;
/// A queue that was longer than this frees its memory when it is empty.
const KEPT_CAPACITY: usize = 8;

/// The frames to be written.
#[derive(Default)]
pub(super) struct OutboundQueue {
    /// Missed events; they come before live ones.
    pub(super) backlog: VecDeque<Bytes>,
    pub(super) live: VecDeque<Bytes>,
    /// Bytes in each.
    pub(super) backlog_bytes: usize,
    pub(super) live_bytes: usize,
    /// Bytes of the first frame that were written.
    pub(super) sent: usize,
    /// Whether live events may be written: the backlog is complete.
    pub(super) is_live: bool,
    /// A flush is scheduled.
    pub(super) flush_scheduled: bool,
    /// The network accepts nothing; the socket's task waits until it does.
    pub(super) blocked: bool,
    /// Nothing more is written: the peer is gone, or the close frame is next.
    pub(super) closed: bool,
}

impl OutboundQueue {
    /// Writes frames until none are left or the network blocks.
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
            let written =
                stream.try_write_vectored(&slices[..count]).map_err(|error| error.kind())?;
            self.advance(written);
        }
    }

    /// The part that is being written and its size: live events only after the backlog.
    fn current(&mut self) -> (&mut VecDeque<Bytes>, &mut usize) {
        if self.backlog.is_empty() && self.is_live {
            (&mut self.live, &mut self.live_bytes)
        } else {
            (&mut self.backlog, &mut self.backlog_bytes)
        }
    }

    /// Removes bytes that were written.
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

    /// Drops everything but a partially written frame, and queues this one.
    pub(super) fn set_final_frame(&mut self, frame: Bytes) {
        let is_partial = self.sent > 0;
        let partial = self.current().0.pop_front().filter(|_| is_partial);
        let frames: VecDeque<_> = partial.into_iter().chain([frame]).collect();
        (self.backlog_bytes, self.live_bytes) = (frames.iter().map(Bytes::len).sum(), 0);
        (self.backlog, self.live, self.is_live) = (frames, VecDeque::new(), false);
    }

    /// Drops everything; nothing more is written.
    pub(super) fn close(&mut self) {
        *self = Self { closed: true, ..Self::default() };
    }
}
