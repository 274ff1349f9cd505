//! Request bodies that were not read to their end. A client that is still sending may never see its
//! response: the rest is read and discarded within limits, and beyond those the response says
//! `Connection: close`.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    Error,
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::StreamExt;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, timeout, timeout_at};

use crate::domain::file::MAX_CHUNK_BYTES;

/// Maximum number of bytes that are discarded: a whole chunk of an upload.
const MAX_DRAINED: u64 = MAX_CHUNK_BYTES + 1024 * 1024;
/// How long that may take in all …
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);
/// … and how long the client may pause meanwhile.
const PAUSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The rest of a request body that its handler has dropped.
pub(in crate::server::http) struct UnreadBody {
    rest: Arc<Mutex<Option<Body>>>,
    /// The client waits for `100 Continue`: reading would ask for the body.
    expects_continue: bool,
}

impl UnreadBody {
    /// Watches the body of this request; `None` where it has none.
    pub(in crate::server::http) fn watch(request: Request) -> (Request, Option<Self>) {
        if request.body().is_end_stream() {
            return (request, None);
        }
        let rest = Arc::default();
        let expects_continue = request.headers().contains_key(header::EXPECT);
        let unread = Self { rest: Arc::clone(&rest), expects_continue };
        (request.map(|body| Body::new(WatchedBody { body: Some(body), rest })), Some(unread))
    }

    /// Reads and discards the rest, within the limits.
    pub(in crate::server::http) async fn drain(self, response: &mut Response) {
        let rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(rest) = rest else { return };
        let is_small = rest.size_hint().lower() <= MAX_DRAINED;
        if self.expects_continue || !is_small || !read_to_end(rest).await {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Whether the body ended within the limits.
async fn read_to_end(body: Body) -> bool {
    let mut chunks = body.into_data_stream();
    let (mut left, deadline) = (MAX_DRAINED, Instant::now() + DRAIN_TIMEOUT);
    loop {
        match timeout_at(deadline, timeout(PAUSE_TIMEOUT, chunks.next())).await {
            Ok(Ok(None)) => return true,
            Ok(Ok(Some(Ok(chunk)))) if chunk.len() as u64 <= left => left -= chunk.len() as u64,
            _ => return false,
        }
    }
}

/// A body that is handed back when it is dropped before its end.
struct WatchedBody {
    body: Option<Body>,
    rest: Arc<Mutex<Option<Body>>>,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for WatchedBody {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
