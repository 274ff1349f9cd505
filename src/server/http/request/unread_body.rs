//! Request bodies that were not read to their end. A client that is still sending may never see its answer: what it sends is read and
//! dropped within bounds, and beyond those the answer says `Connection: close`.

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

use crate::domain::file::PIECE;

/// Most bytes that are read and dropped: a whole piece of an upload.
const MOST: u64 = PIECE + 1024 * 1024;
/// How long that may take in all …
const WITHIN: Duration = Duration::from_secs(5);
/// … and how long the client may pause meanwhile.
const PAUSE: Duration = Duration::from_secs(1);

/// What is left of a request's body once its handler has dropped it.
pub(in crate::server::http) struct Unread {
    rest: Arc<Mutex<Option<Body>>>,
    /// The client waits for `100 Continue` before it sends: reading would ask for the body.
    waits: bool,
}

impl Unread {
    /// Watches the body of this request; `None` where it has none.
    pub(in crate::server::http) fn watch(request: Request) -> (Request, Option<Self>) {
        if request.body().is_end_stream() {
            return (request, None);
        }
        let rest = Arc::default();
        let waits = request.headers().contains_key(header::EXPECT);
        let watched = Self { rest: Arc::clone(&rest), waits };
        (request.map(|body| Body::new(Watched { body: Some(body), rest })), Some(watched))
    }

    /// Reads and drops what was not read, as far as bounds allow.
    pub(in crate::server::http) async fn settle(self, response: &mut Response) {
        let rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(rest) = rest else { return };
        let small = rest.size_hint().lower() <= MOST;
        if self.waits || !small || !drain(rest).await {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

/// Whether the body came to its end within bounds.
async fn drain(body: Body) -> bool {
    let mut chunks = body.into_data_stream();
    let (mut left, deadline) = (MOST, Instant::now() + WITHIN);
    loop {
        match timeout_at(deadline, timeout(PAUSE, chunks.next())).await {
            Ok(Ok(None)) => return true,
            Ok(Ok(Some(Ok(chunk)))) if chunk.len() as u64 <= left => left -= chunk.len() as u64,
            _ => return false,
        }
    }
}

/// A body that is handed back when it is dropped before its end.
struct Watched {
    body: Option<Body>,
    rest: Arc<Mutex<Option<Body>>>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
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

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) {
            *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
