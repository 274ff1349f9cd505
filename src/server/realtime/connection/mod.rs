//! A connection: the server's end of one socket, as the hub sees it. It has a bounded queue of
//! shared frames, which the sender flushes, and can be closed. A slow reader harms only itself.
//!
//! No task stands between an event and the sockets: frames that were queued together leave in one
//! system call, made by whoever flushes the connection. The socket's own task is woken only when
//! the network blocks.

pub(super) mod delivery_acks;
mod outbound;

use std::{
    io::ErrorKind,
    net::Shutdown,
    os::fd::AsFd,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::body::Bytes;
use tokio::{net::TcpStream, sync::Notify, time::timeout};

use super::websocket;
use crate::{domain::PersonId, protocol::close, server::store::TokenHash};
use delivery_acks::{PendingAcks, Positions};
use outbound::OutboundQueue;

/// Maximum number of connections of one person; beyond that the oldest is closed.
pub(super) const MAX_CONNECTIONS: usize = 10;
/// Maximum number of frames in the queue.
const MAX_FRAMES: usize = 256;
/// Maximum number of bytes in the queue.
const MAX_BYTES: usize = 1024 * 1024;
/// The backlog is flushed when it has this many bytes.
const BACKLOG_FLUSH_BYTES: usize = 16 * 1024;
/// How long the network may block before the client counts as gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// An open connection.
pub(super) struct Connection {
    pub(super) person: PersonId,
    pub(super) session: TokenHash,
    pub(super) stream: TcpStream,
    queue: Mutex<OutboundQueue>,
    acks: Mutex<PendingAcks>,
    close_code: AtomicU16,
    close_notify: Notify,
    write_notify: Notify,
}

impl Connection {
    pub(super) fn new(person: PersonId, session: TokenHash, stream: TcpStream) -> Self {
        let (queue, acks) = (Mutex::default(), Mutex::default());
        Self {
            person,
            session,
            stream,
            queue,
            acks,
            close_code: AtomicU16::new(0),
            close_notify: Notify::new(),
            write_notify: Notify::new(),
        }
    }

    /// Queues an event. A full queue closes the connection: its client resumes from its cursors.
    /// Returns true when the caller must flush.
    #[must_use]
    pub(super) fn send(&self, frame: &Bytes) -> bool {
        let mut queue = self.queue();
        // Nothing is sent after a close was requested, however long its task takes to notice.
        if queue.closed || self.close_code.load(Ordering::Acquire) != 0 {
            return false;
        }
        let full = |queue: &OutboundQueue| {
            queue.live.len() >= MAX_FRAMES || queue.live_bytes + frame.len() > MAX_BYTES
        };
        if full(&queue) && queue.is_live && !queue.blocked {
            // Queued faster than it was flushed: that is not the reader's fault.
            self.write(&mut queue);
        }
        if full(&queue) {
            drop(queue);
            self.close(close::SLOW);
            return false;
        }
        queue.live_bytes += frame.len();
        queue.live.push_back(frame.clone());
        queue.is_live && !queue.blocked && !std::mem::replace(&mut queue.flush_scheduled, true)
    }

    /// Queues an ephemeral event. It is dropped when the queue is half full.
    #[must_use]
    pub(super) fn send_lossy(&self, frame: &Bytes) -> bool {
        let is_half_full = {
            let queue = self.queue();
            queue.live.len() >= MAX_FRAMES / 2 || queue.live_bytes >= MAX_BYTES / 2
        };
        !is_half_full && self.send(frame)
    }

    /// Queues a ping that confirms the events before it; the next one covers a dropped ping.
    #[must_use]
    pub(super) fn request_ack(&self, positions: Positions) -> bool {
        let tag = self.acks().expect_ack(positions);
        self.send_lossy(&websocket::ping_frame(&tag))
    }

    /// Whether an unanswered ping has this tag.
    pub(super) fn awaits_ack(&self, tag: &[u8]) -> bool {
        self.acks().is_pending(tag)
    }

    /// The positions that a pong confirms.
    pub(super) fn acknowledge(&self, tag: &[u8]) -> Positions {
        self.acks().acknowledge(tag)
    }

    /// Queues a frame and flushes.
    pub(super) fn send_now(&self, frame: &Bytes) {
        if self.send(frame) {
            self.flush();
        }
    }

    /// Writes the queue, as far as the network accepts it.
    pub(super) fn flush(&self) {
        let mut queue = self.queue();
        queue.flush_scheduled = false;
        self.write(&mut queue);
    }

    fn write(&self, queue: &mut OutboundQueue) {
        if queue.closed {
            return;
        }
        queue.blocked = false;
        match queue.write(&self.stream) {
            Ok(()) => {}
            Err(ErrorKind::WouldBlock) => {
                queue.blocked = true;
                self.write_notify.notify_one();
            }
            // The task notices when it reads.
            Err(_) => queue.close(),
        }
    }

    /// Sends a frame of the backlog. Waits while much of it is unsent.
    ///
    /// # Errors
    /// The close code, when the network blocked for too long.
    pub(super) async fn send_backlog(&self, frame: Bytes) -> Result<(), u16> {
        let must_flush = {
            let mut queue = self.queue();
            queue.backlog_bytes += frame.len();
            queue.backlog.push_back(frame);
            queue.backlog_bytes >= BACKLOG_FLUSH_BYTES
        };
        if must_flush { self.flush_all().await } else { Ok(()) }
    }

    /// Ends the backlog: from here on live events are sent.
    ///
    /// # Errors
    /// As [`Connection::send_backlog`].
    pub(super) async fn go_live(&self) -> Result<(), u16> {
        self.queue().is_live = true;
        self.flush_all().await
    }

    /// Writes until the queue is empty.
    ///
    /// # Errors
    /// As [`Connection::send_backlog`].
    pub(super) async fn flush_all(&self) -> Result<(), u16> {
        loop {
            self.flush();
            if !self.queue().blocked {
                return Ok(());
            }
            // A connection error shows when it is written to.
            let _ =
                timeout(WRITE_TIMEOUT, self.stream.writable()).await.map_err(|_| close::SLOW)?;
        }
    }

    /// Requests the close of the connection; the first code counts.
    pub(super) fn close(&self, code: u16) {
        let _ = self.close_code.compare_exchange(0, code, Ordering::AcqRel, Ordering::Relaxed);
        self.close_notify.notify_one();
    }

    /// Writes whenever the network accepts more, until it blocked for too long: returns the close
    /// code.
    pub(super) async fn write_when_writable(&self) -> u16 {
        loop {
            let notified = self.write_notify.notified();
            if !self.queue().blocked {
                notified.await;
            } else if let Err(code) = self.flush_all().await {
                return code;
            }
        }
    }

    /// Waits for a close request, and returns its code.
    pub(super) async fn closed(&self) -> u16 {
        loop {
            let notified = self.close_notify.notified();
            match self.close_code.load(Ordering::Acquire) {
                0 => notified.await,
                code => return code,
            }
        }
    }

    /// Sends this as the last frame, after a partially written one; the rest of the queue is
    /// dropped. Waits as long as the network blocks.
    pub(super) async fn close_gracefully(&self, close_frame: Bytes) {
        self.queue().set_final_frame(close_frame);
        while self.flush_all().await.is_err() {}
        self.queue().close();
    }

    /// Tells the client that nothing follows. What it still sends can be read.
    pub(super) fn shutdown_write(&self) {
        // Without a descriptor for the copy, the client waits for the end of the connection.
        if let Ok(copy) = self.stream.as_fd().try_clone_to_owned() {
            let _ = std::net::TcpStream::from(copy).shutdown(Shutdown::Write);
        }
    }

    fn acks(&self) -> MutexGuard<'_, PendingAcks> {
        self.acks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, OutboundQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
