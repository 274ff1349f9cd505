//! What every request passes: it is logged, answered with safe headers, refused when another site sent it, and given its caller.

use std::{any::Any, panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use super::origin;
use crate::{
    domain::ChatError,
    server::{App, caller, clock},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All of it, in this order. One function, because each layer of the framework copies all layers below it for each request.
pub(super) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let line = Line::of(&request);
    // Whatever panics below is answered, logged and given its headers like everything else.
    let answer = AssertUnwindSafe(answer(&app, request, next)).catch_unwind().await;
    let mut response = answer.unwrap_or_else(panicked);
    headers(&app, &mut response);
    line.write(&mut response);
    response
}

async fn answer(app: &App, request: Request, next: Next) -> Response {
    if let Some(refusal) = from_another_site(app, &request) {
        return refusal;
    }
    if request.uri().path().starts_with("/pkg/") {
        return next.run(request).await;
    }
    next.run(caller::recognise(app, request).await).await
}

/// One line per request: what, how it ended, how long it took. No message, no name, no token: a path holds at most an id.
struct Line {
    id: String,
    method: Method,
    path: String,
    began: Instant,
}

impl Line {
    fn of(request: &Request) -> Self {
        let path = request.uri().path().chars().take(100).collect();
        Self { id: clock::id().simple().to_string(), method: request.method().clone(), path, began: Instant::now() }
    }

    fn write(self, response: &mut Response) {
        let Self { id, method, path, began } = self;
        let status = response.status().as_u16();
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        if response.status().is_server_error() {
            tracing::error!(%id, %method, ?path, status, micros, "request");
        } else {
            tracing::info!(%id, %method, ?path, status, micros, "request");
        }
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
    }
}

/// Headers on every answer, whatever its status: a page brings its own policy, everything else gets the strictest.
fn headers(app: &App, response: &mut Response) {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CACHE_CONTROL, "private, no-store");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if app.config.is_https() {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

/// Refuses what another site sends in somebody's name.
fn from_another_site(app: &App, request: &Request) -> Option<Response> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !origin::may_change(request.headers(), app.config.origin.as_deref()) {
        return Some(ChatError::forbidden("This request came from another site.").into_response());
    }
    // Nothing here unpacks a body: what is sent packed is not read.
    let packed = changes && request.headers().contains_key(header::CONTENT_ENCODING);
    packed.then(|| StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response())
}

/// A panic is a defect: logged, and answered like any other failure of the server.
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let words = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = words.unwrap_or("unknown"), "a request panicked");
    ChatError::internal().into_response()
}
