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
use delivery_acks::{Asked, Places};
use outbound::Out;

/// Most sockets of one person; the oldest gives way.
pub(super) const MOST_LINES: usize = 10;
/// Most frames that wait for one socket.
const MOST_FRAMES: usize = 256;
/// Most bytes that wait for one socket.
const MOST_BYTES: usize = 1024 * 1024;
/// Greeting frames leave when so many bytes of them wait.
const GREETING_BYTES: usize = 16 * 1024;
/// How long the network may take nothing before the reader counts as gone.
const WRITE_WITHIN: Duration = Duration::from_secs(30);

/// One socket, to be written to.
pub(super) struct Line {
    pub(super) person: PersonId,
    pub(super) session: TokenHash,
    pub(super) stream: TcpStream,
    out: Mutex<Out>,
    asked: Mutex<Asked>,
    closing: AtomicU16,
    to_close: Notify,
    to_write: Notify,
}

impl Line {
    pub(super) fn new(person: PersonId, session: TokenHash, stream: TcpStream) -> Self {
        let (out, asked) = (Mutex::default(), Mutex::default());
        Self { person, session, stream, out, asked, closing: AtomicU16::new(0), to_close: Notify::new(), to_write: Notify::new() }
    }

    /// Hands over a change. A queue that is full closes the line: its client resumes from its marks.
    /// True: it is to be flushed, and nobody else does.
    #[must_use]
    pub(super) fn push(&self, frame: &Bytes) -> bool {
        let mut out = self.out();
        // Who was told to go hears nothing that comes after, however long their task takes to notice.
        if out.over || self.closing.load(Ordering::Acquire) != 0 {
            return false;
        }
        let full = |out: &Out| out.live.len() >= MOST_FRAMES || out.live_bytes + frame.len() > MOST_BYTES;
        if full(&out) && out.greeted && !out.blocked {
            // Handed over faster than it was flushed: that is not the reader's fault.
            self.write(&mut out);
        }
        if full(&out) {
            drop(out);
            self.close(close::SLOW);
            return false;
        }
        out.live_bytes += frame.len();
        out.live.push_back(frame.clone());
        out.greeted && !out.blocked && !std::mem::replace(&mut out.expected, true)
    }

    /// Hands over what may be lost: dropped when half the queue is full.
    #[must_use]
    pub(super) fn hint(&self, frame: &Bytes) -> bool {
        let half_full = {
            let out = self.out();
            out.live.len() >= MOST_FRAMES / 2 || out.live_bytes >= MOST_BYTES / 2
        };
        !half_full && self.push(frame)
    }

    /// Asks behind what was handed over whether it has come; a question that is dropped heals by the next one.
    #[must_use]
    pub(super) fn ask(&self, places: Places) -> bool {
        let tag = self.asked().ask(places);
        self.hint(&websocket::ping(&tag))
    }

    /// Whether the other side was asked what this answers, and has not answered it yet.
    pub(super) fn was_asked(&self, tag: &[u8]) -> bool {
        self.asked().is_open(tag)
    }

    /// What has come, by an answer of the other side to what it was asked.
    pub(super) fn answered(&self, tag: &[u8]) -> Places {
        self.asked().answered(tag)
    }

    /// Hands over and writes at once.
    pub(super) fn tell(&self, frame: &Bytes) {
        if self.push(frame) {
            self.flush();
        }
    }

    /// Writes what waits, as far as the network takes it.
    pub(super) fn flush(&self) {
        let mut out = self.out();
        out.expected = false;
        self.write(&mut out);
    }

    fn write(&self, out: &mut Out) {
        if out.over {
            return;
        }
        out.blocked = false;
        match out.write(&self.stream) {
            Ok(()) => {}
            Err(ErrorKind::WouldBlock) => {
                out.blocked = true;
                self.to_write.notify_one();
            }
            // The task hears of it where it reads.
            Err(_) => out.end(),
        }
    }

    /// Part of the greeting. Waits while much of it has not left.
    ///
    /// # Errors
    /// The code to close with, when the network took nothing for too long.
    pub(super) async fn greet(&self, frame: Bytes) -> Result<(), u16> {
        let much = {
            let mut out = self.out();
            out.greeting_bytes += frame.len();
            out.greeting.push_back(frame);
            out.greeting_bytes >= GREETING_BYTES
        };
        if much { self.write_out().await } else { Ok(()) }
    }

    /// The greeting is complete: from here on the line is live.
    ///
    /// # Errors
    /// As [`Line::greet`].
    pub(super) async fn greeted(&self) -> Result<(), u16> {
        self.out().greeted = true;
        self.write_out().await
    }

    /// Writes until nothing waits.
    ///
    /// # Errors
    /// As [`Line::greet`].
    pub(super) async fn write_out(&self) -> Result<(), u16> {
        loop {
            self.flush();
            if !self.out().blocked {
                return Ok(());
            }
            // An error of the connection shows when it is written to.
            let _ = timeout(WRITE_WITHIN, self.stream.writable()).await.map_err(|_| close::SLOW)?;
        }
    }

    /// Closes the line; the first reason counts.
    pub(super) fn close(&self, code: u16) {
        let _ = self.closing.compare_exchange(0, code, Ordering::AcqRel, Ordering::Relaxed);
        self.to_close.notify_one();
    }

    /// Goes on writing whenever the network takes more again, until it took nothing for too long: the code to close with.
    pub(super) async fn keep_writing(&self) -> u16 {
        loop {
            let told = self.to_write.notified();
            if !self.out().blocked {
                told.await;
            } else if let Err(code) = self.write_out().await {
                return code;
            }
        }
    }

    /// The code it is to be closed with, as soon as it is.
    pub(super) async fn closed(&self) -> u16 {
        loop {
            let told = self.to_close.notified();
            match self.closing.load(Ordering::Acquire) {
                0 => told.await,
                code => return code,
            }
        }
    }

    /// Sends this as the last frame, after the one that is half written; what else waits is not sent. Waits for as long as the network
    /// takes nothing.
    pub(super) async fn say_goodbye(&self, goodbye: Bytes) {
        self.out().last(goodbye);
        while self.write_out().await.is_err() {}
        self.out().end();
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
