//! Timeouts of a connection: the head of a request must arrive soon after its first byte, and an
//! idle connection is kept for longer than clients and proxies keep theirs, so that none is closed
//! while a request is on its way.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::task::AtomicWaker;
use hyper::body::{Body, Frame, SizeHint};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// How long the head of a request may take, from its first byte.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be idle. Proxies and client pools keep theirs for 60 to 120 seconds.
const IDLE_TIMEOUT: Duration = Duration::from_secs(180);

const IDLE: u8 = 0;
const HEAD: u8 = 1;
const BUSY: u8 = 2;

/// The phase of a connection.
#[derive(Default)]
pub(super) struct Phase {
    state: AtomicU8,
    /// Wakes the connection's task when it waits while a request is served.
    waker: AtomicWaker,
}

impl Phase {
    /// The head of a request has arrived. The connection is idle again when the returned guard is
    /// dropped.
    pub(super) fn begin_request(self: &Arc<Self>) -> RequestGuard {
        self.state.store(BUSY, Ordering::Release);
        RequestGuard(Arc::clone(self))
    }
}

/// Held while a request is served.
pub(super) struct RequestGuard(Arc<Phase>);

impl Drop for RequestGuard {
    fn drop(&mut self) {
        self.0.state.store(IDLE, Ordering::Release);
        // So that the idle timeout starts now.
        self.0.waker.wake();
    }
}

/// A connection with timeouts.
pub(super) struct TimedStream {
    stream: TcpStream,
    phase: Arc<Phase>,
    timer: Pin<Box<Sleep>>,
    /// The phase that the timer was set for.
    timer_phase: Option<u8>,
}

impl TimedStream {
    pub(super) fn new(stream: TcpStream, phase: Arc<Phase>) -> Self {
        Self { stream, phase, timer: Box::pin(sleep(IDLE_TIMEOUT)), timer_phase: Some(IDLE) }
    }

    /// The connection without timeouts.
    pub(super) fn into_stream(self) -> TcpStream {
        self.stream
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buffer) {
            if buffer.filled().len() > before
                && self
                    .phase
                    .state
                    .compare_exchange(IDLE, HEAD, Ordering::AcqRel, Ordering::Relaxed)
                    .is_ok()
            {
                self.timer_phase = None;
            }
            return Poll::Ready(read);
        }
        self.phase.waker.register(cx.waker());
        let phase = self.phase.state.load(Ordering::Acquire);
        let timeout = match phase {
            IDLE => IDLE_TIMEOUT,
            HEAD => HEAD_TIMEOUT,
            _ => {
                self.timer_phase = None;
                return Poll::Pending;
            }
        };
        if self.timer_phase.replace(phase) != Some(phase) {
            self.timer.as_mut().reset(Instant::now() + timeout);
        }
        ready!(self.timer.as_mut().poll(cx));
        // An idle connection ends cleanly, an incomplete request with an error, both without a
        // response.
        Poll::Ready(if phase == IDLE { Ok(()) } else { Err(io::ErrorKind::TimedOut.into()) })
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// A response body that keeps the connection busy while it is written.
pub(super) struct GuardedBody<B> {
    body: B,
    _serving: RequestGuard,
}

impl<B> GuardedBody<B> {
    pub(super) fn new(body: B, serving: RequestGuard) -> Self {
        Self { body, _serving: serving }
    }
}

impl<B: Body + Unpin> Body for GuardedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
