//! The server's end of one socket, as the hub sees it: a bounded queue, and a way to close it. A slow reader harms only itself.

use std::sync::{
    Arc,
    atomic::{AtomicU16, AtomicUsize, Ordering},
};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, mpsc};

use crate::{domain::PersonId, protocol::close, server::store::TokenHash};

/// Most frames that wait for one socket.
const MOST_FRAMES: usize = 256;
/// Most bytes that wait for one socket.
const MOST_BYTES: usize = 1024 * 1024;

/// The end that is written to. The other end is [`Queue`].
pub(super) struct Line {
    pub(super) person: PersonId,
    pub(super) session: TokenHash,
    frames: mpsc::Sender<Utf8Bytes>,
    waiting: Arc<AtomicUsize>,
    closing: Arc<Closing>,
}

/// The end that the socket's task reads.
pub(super) struct Queue {
    frames: mpsc::Receiver<Utf8Bytes>,
    waiting: Arc<AtomicUsize>,
    closing: Arc<Closing>,
}

#[derive(Default)]
struct Closing {
    code: AtomicU16,
    told: Notify,
}

pub(super) fn line(person: PersonId, session: TokenHash) -> (Arc<Line>, Queue) {
    let (sender, receiver) = mpsc::channel(MOST_FRAMES);
    let (waiting, closing) = (Arc::new(AtomicUsize::new(0)), Arc::new(Closing::default()));
    let line = Line { person, session, frames: sender, waiting: Arc::clone(&waiting), closing: Arc::clone(&closing) };
    (Arc::new(line), Queue { frames: receiver, waiting, closing })
}

impl Line {
    /// Hands over a change. A queue that is full closes the line: its client resumes from its marks.
    pub(super) fn push(&self, frame: &Utf8Bytes) {
        let bytes = self.waiting.fetch_add(frame.len(), Ordering::Relaxed) + frame.len();
        if bytes > MOST_BYTES || self.frames.try_send(frame.clone()).is_err() {
            self.close(close::SLOW);
        }
    }

    /// Hands over what may be lost: dropped when half the queue is full.
    pub(super) fn hint(&self, frame: &Utf8Bytes) {
        if self.frames.capacity() > MOST_FRAMES / 2 && self.waiting.load(Ordering::Relaxed) < MOST_BYTES / 2 {
            self.push(frame);
        }
    }

    /// Closes the line; the first reason counts.
    pub(super) fn close(&self, code: u16) {
        let _ = self.closing.code.compare_exchange(0, code, Ordering::AcqRel, Ordering::Relaxed);
        self.closing.told.notify_one();
    }
}

impl Queue {
    /// Waits for frames and takes all that are there, so that they leave in one write. 0: the hub is gone.
    pub(super) async fn take(&mut self, frames: &mut Vec<Utf8Bytes>) -> usize {
        let taken = self.frames.recv_many(frames, MOST_FRAMES).await;
        let bytes = frames.iter().map(|frame| frame.len()).sum();
        self.waiting.fetch_sub(bytes, Ordering::Relaxed);
        taken
    }

    /// A handle on the reason for closing, which outlives borrows of the queue.
    pub(super) fn closing(&self) -> Ending {
        Ending(Arc::clone(&self.closing))
    }
}

/// Waits for a line to be closed.
pub(super) struct Ending(Arc<Closing>);

impl Ending {
    /// The code it is closed with.
    pub(super) async fn code(&self) -> u16 {
        loop {
            let told = self.0.told.notified();
            match self.0.code.load(Ordering::Acquire) {
                0 => told.await,
                code => return code,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[tokio::test]
    async fn a_full_queue_closes_the_line_and_hints_are_dropped_before() {
        let (line, mut queue) = line(PersonId(Uuid::nil()), [0; 32]);
        let frame = Utf8Bytes::from_static("x");
        (0..MOST_FRAMES).for_each(|_| line.hint(&frame));
        let mut taken = Vec::new();
        assert_eq!(queue.take(&mut taken).await, MOST_FRAMES / 2, "hints stop at half");
        (0..=MOST_FRAMES).for_each(|_| line.push(&frame));
        assert_eq!(queue.closing().code().await, close::SLOW);
        line.close(close::RESTART);
        assert_eq!(queue.closing().code().await, close::SLOW, "the first reason counts");
    }

    #[tokio::test]
    async fn a_megabyte_that_waits_closes_the_line() {
        let (line, queue) = line(PersonId(Uuid::nil()), [0; 32]);
        let frame = Utf8Bytes::from("x".repeat(40 * 1024));
        (0..27).for_each(|_| line.push(&frame));
        assert_eq!(queue.closing().code().await, close::SLOW);
    }
}
