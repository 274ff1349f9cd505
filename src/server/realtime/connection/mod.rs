//! The server's end of one socket, as the hub sees it: a bounded queue of frames that others share, which whoever has filled
//! it writes out, and a way to close it. A slow reader harms only itself.
//!
//! There is no task between a message and the sockets: frames that were handed over together leave in one system call, made
//! by whoever flushes the line. The socket's own task is woken only when the network takes no more for now.

pub(super) mod delivery_acks;
mod outbound;

use std::{
    io::ErrorKind,
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

/// Most sockets of one person; the oldest gives way.
pub(super) const MAX_CONNECTIONS: usize = 10;
/// Most frames that wait for one socket.
const MAX_FRAMES: usize = 256;
/// Most bytes that wait for one socket.
const MAX_BYTES: usize = 1024 * 1024;
/// Greeting frames leave when so many bytes of them wait.
const BACKLOG_FLUSH_BYTES: usize = 16 * 1024;
/// How long the network may take nothing before the reader counts as gone.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// One socket, to be written to.
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
        Self { person, session, stream, queue, acks, close_code: AtomicU16::new(0), close_notify: Notify::new(), write_notify: Notify::new() }
    }

    /// Hands over a change. A queue that is full closes the line: its client resumes from its marks.
    /// True: it is to be flushed, and nobody else does.
    #[must_use]
    pub(super) fn send(&self, frame: &Bytes) -> bool {
        let mut queue = self.queue();
        // Who was told to go hears nothing that comes after, however long their task takes to notice.
        if queue.closed || self.close_code.load(Ordering::Acquire) != 0 {
            return false;
        }
        let full = |queue: &OutboundQueue| queue.live.len() >= MAX_FRAMES || queue.live_bytes + frame.len() > MAX_BYTES;
        if full(&queue) && queue.is_live && !queue.blocked {
            // Handed over faster than it was flushed: that is not the reader's fault.
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

    /// Hands over what may be lost: dropped when half the queue is full.
    #[must_use]
    pub(super) fn send_lossy(&self, frame: &Bytes) -> bool {
        let is_half_full = {
            let queue = self.queue();
            queue.live.len() >= MAX_FRAMES / 2 || queue.live_bytes >= MAX_BYTES / 2
        };
        !is_half_full && self.send(frame)
    }

    /// Asks behind what was handed over whether it has come; a question that is dropped heals by the next one.
    #[must_use]
    pub(super) fn request_ack(&self, positions: Positions) -> bool {
        let tag = self.acks().expect_ack(positions);
        self.send_lossy(&websocket::ping_frame(&tag))
    }

    /// Whether the other side was asked what this answers, and has not answered it yet.
    pub(super) fn awaits_ack(&self, tag: &[u8]) -> bool {
        self.acks().is_pending(tag)
    }

    /// What has come, by an answer of the other side to what it was asked.
    pub(super) fn acknowledge(&self, tag: &[u8]) -> Positions {
        self.acks().acknowledge(tag)
    }

    /// Hands over and writes at once.
    pub(super) fn send_now(&self, frame: &Bytes) {
        if self.send(frame) {
            self.flush();
        }
    }

    /// Writes what waits, as far as the network takes it.
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
            // The task hears of it where it reads.
            Err(_) => queue.close(),
        }
    }

    /// Part of the greeting. Waits while much of it has not left.
    ///
    /// # Errors
    /// The code to close with, when the network took nothing for too long.
    pub(super) async fn send_backlog(&self, frame: Bytes) -> Result<(), u16> {
        let must_flush = {
            let mut queue = self.queue();
            queue.backlog_bytes += frame.len();
            queue.backlog.push_back(frame);
            queue.backlog_bytes >= BACKLOG_FLUSH_BYTES
        };
        if must_flush { self.flush_all().await } else { Ok(()) }
    }

    /// The greeting is complete: from here on the line is live.
    ///
    /// # Errors
    /// As [`Connection::send_backlog`].
    pub(super) async fn go_live(&self) -> Result<(), u16> {
        self.queue().is_live = true;
        self.flush_all().await
    }

    /// Writes until nothing waits.
    ///
    /// # Errors
    /// As [`Connection::send_backlog`].
    pub(super) async fn flush_all(&self) -> Result<(), u16> {
        loop {
            self.flush();
            if !self.queue().blocked {
                return Ok(());
            }
            // An error of the connection shows when it is written to.
            let _ = timeout(WRITE_TIMEOUT, self.stream.writable()).await.map_err(|_| close::SLOW)?;
        }
    }

    /// Closes the line; the first reason counts.
    pub(super) fn close(&self, code: u16) {
        let _ = self.close_code.compare_exchange(0, code, Ordering::AcqRel, Ordering::Relaxed);
        self.close_notify.notify_one();
    }

    /// Goes on writing whenever the network takes more again, until it took nothing for too long: the code to close with.
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

    /// The code it is to be closed with, as soon as it is.
    pub(super) async fn closed(&self) -> u16 {
        loop {
            let notified = self.close_notify.notified();
            match self.close_code.load(Ordering::Acquire) {
                0 => notified.await,
                code => return code,
            }
        }
    }

    /// Sends this as the last frame, after the one that is half written; what else waits is not sent. Waits for as long as the network
    /// takes nothing.
    pub(super) async fn close_gracefully(&self, close_frame: Bytes) {
        self.queue().set_final_frame(close_frame);
        while self.flush_all().await.is_err() {}
        self.queue().close();
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
