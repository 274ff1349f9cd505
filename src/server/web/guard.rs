//! What every request passes: it is logged, answered with safe headers, refused when another site sent it, and given its caller.

use std::{any::Any, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::origin;
use crate::{
    domain::ChatError,
    server::{App, caller, clock},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// One line per request: what, how it ended, how long it took. No message, no name, no token: a path holds at most an id.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let (method, path, began) = (request.method().clone(), request.uri().path().to_owned(), Instant::now());
    let id = clock::id().simple().to_string();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let path: String = path.chars().take(100).collect();
    if response.status().is_server_error() {
        tracing::error!(%id, %method, ?path, status, micros, "request");
    } else {
        tracing::info!(%id, %method, ?path, status, micros, "request");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Headers on every answer, whatever its status: a page brings its own policy, everything else gets the strictest.
pub(super) async fn headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
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
    response
}

/// Refuses what another site sends in somebody's name.
pub(super) async fn same_origin(State(app): State<App>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !origin::may_change(request.headers(), app.config.origin.as_deref()) {
        return ChatError::forbidden("This request came from another site.").into_response();
    }
    // Nothing here unpacks a body: what is sent packed is not read.
    if changes && request.headers().contains_key(header::CONTENT_ENCODING) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    next.run(request).await
}

/// Finds out who asks.
pub(super) async fn caller(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/pkg/") {
        return next.run(request).await;
    }
    next.run(caller::recognise(app, request).await).await
}

/// A panic is a defect: logged, and answered like any other failure of the server.
#[expect(clippy::needless_pass_by_value, reason = "the layer calls it so")]
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let words = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = words.unwrap_or("unknown"), "a request panicked");
    ChatError::internal().into_response()
}
