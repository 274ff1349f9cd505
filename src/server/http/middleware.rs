//! What every request passes: it is logged, answered with safe headers, refused when another site sent it, and given its caller. An
//! error is answered with the documented body, also where the framework has refused.

use std::{any::Any, panic::AssertUnwindSafe, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use super::request::{origin, unread_body::Unread};
use crate::{
    domain::ChatError,
    server::{App, auth::current_user, clock, error::error_for},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// All of it, in this order. One function, because each layer of the framework copies all layers below it for each request.
pub(super) async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let line = Line::of(&request);
    // Whatever panics below is answered, logged and given its headers like everything else.
    let (request, unread) = Unread::watch(request);
    let answer = AssertUnwindSafe(answer(&app, request, next)).catch_unwind().await;
    let mut response = with_error_body(answer.unwrap_or_else(panicked), &line.path);
    if let Some(unread) = unread {
        unread.settle(&mut response).await;
    }
    headers(&app, &mut response);
    line.write(&mut response);
    response
}

async fn answer(app: &App, request: Request, next: Next) -> Response {
    if let Some(refusal) = for_another_host(app, &request).or_else(|| from_another_site(app, &request)) {
        return refusal;
    }
    if request.uri().path().starts_with("/pkg/") {
        return next.run(request).await;
    }
    next.run(current_user::recognise(app, request).await).await
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

/// The documented body for an error that has none: the framework answers with plain text, or with nothing.
fn with_error_body(mut response: Response, path: &str) -> Response {
    let status = response.status();
    // Supervisors read the state of the data as text.
    if !(status.is_client_error() || status.is_server_error()) || (path == "/readyz" && status == StatusCode::SERVICE_UNAVAILABLE) {
        return response;
    }
    let is_ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| {
        let kind = kind.as_bytes();
        kind == b"application/json" || kind.starts_with(b"text/html")
    });
    if is_ours {
        return response;
    }
    let (parts, body) = error_for(status).into_response().into_parts();
    let headers = response.headers_mut();
    for of_another_body in [header::CONTENT_LENGTH, header::CACHE_CONTROL, header::ETAG] {
        headers.remove(of_another_body);
    }
    headers.extend(parts.headers);
    *response.body_mut() = body;
    response
}

/// Without an origin that whoever runs it has named, this is a server for its own machine.
fn for_another_host(app: &App, request: &Request) -> Option<Response> {
    let known = app.config.origin.is_some() || origin::is_for_this_machine(request.uri(), request.version(), request.headers());
    (!known).then(|| error_for(StatusCode::MISDIRECTED_REQUEST).into_response())
}

/// Refuses what another site sends in somebody's name.
fn from_another_site(app: &App, request: &Request) -> Option<Response> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !origin::may_change(request.headers(), app.config.origin.as_deref()) {
        return Some(ChatError::forbidden("This request came from another site. Open ChatBox at its own address and try again.").into_response());
    }
    // Nothing here unpacks a body: what is sent packed is not read.
    let packed = changes && request.headers().contains_key(header::CONTENT_ENCODING);
    packed.then(|| error_for(StatusCode::UNSUPPORTED_MEDIA_TYPE).into_response())
}

/// A panic is a defect: logged, and answered like any other failure of the server.
fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let words = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = words.unwrap_or("unknown"), "request handler panicked");
    ChatError::internal().into_response()
}
