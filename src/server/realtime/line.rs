//! The server's end of one socket, as the hub sees it: a bounded queue of frames that others share, which whoever has filled
//! it writes out, and a way to close it. A slow reader harms only itself.
//!
//! There is no task between a message and the sockets: frames that were handed over together leave in one system call, made
//! by whoever flushes the line. The socket's own task is woken only when the network takes no more for now.

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

use super::{queue::Out, wire};
use crate::{domain::PersonId, protocol::close, server::store::TokenHash};

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
    closing: AtomicU16,
    to_close: Notify,
    to_write: Notify,
}

impl Line {
    pub(super) fn new(person: PersonId, session: TokenHash, stream: TcpStream) -> Self {
        Self { person, session, stream, out: Mutex::default(), closing: AtomicU16::new(0), to_close: Notify::new(), to_write: Notify::new() }
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

    /// Says why it ends, after the frame that is half written; what else waits is not sent.
    pub(super) async fn say_goodbye(&self, code: u16) {
        self.out().last(wire::goodbye(code));
        let _ = self.write_out().await;
        self.out().end();
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt, net::TcpListener};
    use uuid::Uuid;

    use super::*;

    /// A line, and the other end of its connection.
    async fn line() -> (Line, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let server = listener.accept().await.unwrap().0;
        (Line::new(PersonId(Uuid::nil()), [0; 32], server), client)
    }

    async fn read(client: &mut TcpStream, bytes: usize) -> Vec<u8> {
        let mut heard = vec![0; bytes];
        client.read_exact(&mut heard).await.unwrap();
        heard
    }

    #[tokio::test]
    async fn a_full_queue_closes_the_line_and_hints_are_dropped_before() {
        let (line, _client) = line().await;
        let frame = Bytes::from_static(b"x");
        assert!((0..MOST_FRAMES).all(|_| !line.hint(&frame)), "nobody writes before the greeting");
        assert_eq!(line.out().live.len(), MOST_FRAMES / 2, "hints stop at half");
        assert!((0..=MOST_FRAMES / 2).all(|_| !line.push(&frame)));
        assert_eq!(line.closed().await, close::SLOW);
        line.close(close::RESTART);
        assert_eq!(line.closed().await, close::SLOW, "the first reason counts");
    }

    #[tokio::test]
    async fn a_megabyte_that_waits_closes_the_line() {
        let (line, _client) = line().await;
        let frame = Bytes::from(vec![0; 40 * 1024]);
        assert!((0..27).all(|_| !line.push(&frame)));
        assert_eq!(line.closed().await, close::SLOW);
    }

    #[tokio::test]
    async fn the_greeting_comes_first_and_one_flush_takes_all_that_waits() {
        let (line, mut client) = line().await;
        assert!(!line.push(&Bytes::from_static(b"live,")));
        line.greet(Bytes::from_static(b"welcome,")).await.unwrap();
        line.greeted().await.unwrap();
        assert_eq!(read(&mut client, 13).await, b"welcome,live,");
        assert!(line.push(&Bytes::from_static(b"one,")), "the first asks for a flush");
        assert!(!line.push(&Bytes::from_static(b"two.")), "the next goes with it");
        line.flush();
        assert_eq!(read(&mut client, 8).await, b"one,two.");
        assert!(line.push(&Bytes::from_static(b"three")));
    }

    #[tokio::test]
    async fn who_was_told_to_go_hears_nothing_that_comes_after() {
        let (line, mut client) = line().await;
        line.greeted().await.unwrap();
        line.tell(&Bytes::from_static(b"before"));
        line.close(close::SESSION_ENDED);
        line.tell(&Bytes::from_static(b"after"));
        line.say_goodbye(close::SESSION_ENDED).await;
        assert_eq!(read(&mut client, 10).await, [b"before", &wire::goodbye(close::SESSION_ENDED)[..]].concat());
    }

    #[tokio::test]
    async fn more_at_once_than_the_queue_holds_is_no_fault_of_the_reader() {
        let (line, mut client) = line().await;
        line.greeted().await.unwrap();
        let asked = (0..10 * MOST_FRAMES).filter(|_| line.push(&Bytes::from_static(b"x"))).count();
        assert_eq!(asked, 1);
        assert_eq!(line.closing.load(Ordering::Acquire), 0, "not closed as slow");
        line.flush();
        assert_eq!(read(&mut client, 10 * MOST_FRAMES).await, vec![b'x'; 10 * MOST_FRAMES]);
    }

    #[tokio::test]
    async fn what_the_network_does_not_take_at_once_goes_when_it_does_and_no_frame_is_torn() {
        let (line, mut client) = line().await;
        line.greeted().await.unwrap();
        let mut told = Vec::new();
        // Until the buffers between the two are full, in the middle of a frame.
        while !line.out().blocked {
            let frame = Bytes::from(vec![u8::try_from(told.len() / 9_973 % 251).unwrap(); 9_973]);
            told.extend_from_slice(&frame);
            line.tell(&frame);
        }
        assert!(!line.push(&Bytes::from_static(b"waits")), "the socket's task goes on with it");
        told.extend_from_slice(b"waits");
        let heard = tokio::select! {
            heard = read(&mut client, told.len()) => heard,
            code = line.keep_writing() => panic!("it was closed with {code}"),
        };
        assert!(heard == told);
        while !line.out().blocked {
            line.tell(&Bytes::from(vec![7; 9_973]));
        }
        let torn = line.out().sent;
        let mut rest = Vec::new();
        tokio::join!(line.say_goodbye(close::RESTART), async {
            let goodbye = wire::goodbye(close::RESTART);
            while !rest.ends_with(&goodbye) {
                client.read_buf(&mut rest).await.unwrap();
            }
        });
        assert_eq!((rest.len() - 4) % 9_973, 0, "{torn} bytes of a frame had left, and the others followed");
        line.tell(&Bytes::from_static(b"too late"));
        assert!(line.out().live.is_empty());
    }
}
