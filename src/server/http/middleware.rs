//! What applies to every request: logging, security headers, the cross-site check, and
//! authentication. Every error gets the documented body, also one of the framework.

use std::{any::Any, panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use super::request::{origin, unread_body::UnreadBody};
use crate::{
    domain::ChatError,
    server::{
        App,
        auth::{current_user, local_request},
        clock,
        error::error_for,
    },
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All of it, in this order. One function, because each layer of the framework copies all layers
/// below it for each request.
pub(super) async fn handle(State(app): State<App>, request: Request, next: Next) -> Response {
    let log = RequestLog::start(&request);
    // A panic in a handler is answered, logged and given its headers like any other error.
    let (request, unread_body) = UnreadBody::watch(request);
    let response = AssertUnwindSafe(respond(&app, request, next)).catch_unwind().await;
    let mut response = with_error_body(response.unwrap_or_else(panic_response), &log.path);
    if let Some(unread_body) = unread_body {
        unread_body.drain(&mut response).await;
    }
    headers(&app, &mut response);
    log.finish(&mut response);
    response
}

async fn respond(app: &App, request: Request, next: Next) -> Response {
    if let Some(rejection) =
        reject_foreign_host(app, &request).or_else(|| reject_cross_site(app, &request))
    {
        return rejection;
    }
    if request.uri().path().starts_with("/pkg/") {
        return next.run(request).await;
    }
    next.run(current_user::authenticate(app, request).await).await
}

/// One log line per request: what, its status, and its duration. No message, name or token: a path
/// contains at most an ID.
struct RequestLog {
    id: String,
    method: Method,
    path: String,
    started_at: Instant,
}

/// The path without the code of a password reset or an invitation.
fn logged_path(path: &str) -> String {
    for link in ["/reset/", "/join/"] {
        if path.starts_with(link) {
            return format!("{link}…");
        }
    }
    path.chars().take(100).collect()
}

impl RequestLog {
    fn start(request: &Request) -> Self {
        let path = logged_path(request.uri().path());
        Self {
            id: clock::id().simple().to_string(),
            method: request.method().clone(),
            path,
            started_at: Instant::now(),
        }
    }

    fn finish(self, response: &mut Response) {
        let Self { id, method, path, started_at } = self;
        let status = response.status().as_u16();
        let micros = u64::try_from(started_at.elapsed().as_micros()).unwrap_or(u64::MAX);
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

/// Security headers of every response: a page brings its own policy, everything else gets the
/// strictest.
fn headers(app: &App, response: &mut Response) {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
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

/// Adds the documented body to an error without one: the framework answers with plain text, or with
/// nothing.
fn with_error_body(mut response: Response, path: &str) -> Response {
    let status = response.status();
    // Supervisors read the state of the database as text.
    if !(status.is_client_error() || status.is_server_error())
        || (path == "/readyz" && status == StatusCode::SERVICE_UNAVAILABLE)
    {
        return response;
    }
    let has_error_body = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind == b"application/json" || kind.starts_with(b"text/html")
    });
    if has_error_body {
        return response;
    }
    let (parts, body) = error_for(status).into_response().into_parts();
    let headers = response.headers_mut();
    for stale in [header::CONTENT_LENGTH, header::CACHE_CONTROL, header::ETAG] {
        headers.remove(stale);
    }
    headers.extend(parts.headers);
    *response.body_mut() = body;
    response
}

/// Without a configured origin the server is for its own machine only.
fn reject_foreign_host(app: &App, request: &Request) -> Option<Response> {
    let is_allowed = app.config.origin.is_some()
        || local_request::is_loopback_request(request.uri(), request.version(), request.headers());
    (!is_allowed).then(|| error_for(StatusCode::MISDIRECTED_REQUEST).into_response())
}

/// Rejects cross-site requests.
fn reject_cross_site(app: &App, request: &Request) -> Option<Response> {
    let is_unsafe = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_unsafe && !origin::may_modify(request.headers(), app.config.origin.as_deref()) {
        return Some(
            ChatError::forbidden(
                "This request came from another site. Open ChatBox at its \
                 own address and try again.",
            )
            .into_response(),
        );
    }
    // Nothing here decompresses a body.
    let is_compressed = is_unsafe && request.headers().contains_key(header::CONTENT_ENCODING);
    is_compressed.then(|| error_for(StatusCode::UNSUPPORTED_MEDIA_TYPE).into_response())
}

/// A panic is a defect: logged, and answered like any other internal error.
fn panic_response(cause: Box<dyn Any + Send + 'static>) -> Response {
    let message = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = message.unwrap_or("unknown"), "request handler panicked");
    ChatError::internal().into_response()
}
