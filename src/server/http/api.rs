//! The server functions as the framework mounts them, with what it lacks: a real status for every
//! error, one content type, and no redirects that another site could choose.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::provide_context;

use super::{
    forms,
    request::{body, media_type},
};
use crate::{
    domain::ChatError,
    server::{App, error::error_for},
};

/// Largest error body; errors have a few hundred bytes.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// `POST /api/{function}`: JSON in and out. The three functions that are needed before the Wasm app
/// has loaded also accept forms.
pub(super) async fn call(State(app): State<App>, request: Request) -> Response {
    if media_type::is(request.headers(), media_type::FORM) {
        return forms::from_api(app, request).await;
    }
    if !media_type::is(request.headers(), media_type::JSON) {
        return error_for(StatusCode::UNSUPPORTED_MEDIA_TYPE).into_response();
    }
    // Read here, because the framework would report a body that is too large as malformed.
    let (parts, body) = request.into_parts();
    let mut request = match body::read_body(body).await {
        Ok(body) => Request::from_parts(parts, Body::from(body)),
        Err(error) => return error.into_response(),
    };
    // With these two headers the framework would answer an error with a redirect that carries it to
    // the page that asked.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    request.headers_mut().remove(header::REFERER);
    let response =
        leptos_axum::handle_server_fns_with_context(move || provide_context(app.clone()), request)
            .await
            .into_response();
    let (status, is_text) = (
        response.status(),
        response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/json"),
    );
    match status {
        StatusCode::OK => response,
        StatusCode::BAD_REQUEST if is_text => ChatError::not_found().into_response(),
        _ => with_error_status(response).await,
    }
}

/// The framework answers every error with 500; the error itself is in the body.
async fn with_error_status(response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_ERROR_BODY).await.unwrap_or_default();
    match serde_json::from_slice::<ChatError>(&body) {
        Ok(error) => error.into_response(),
        Err(_) => error_for(parts.status).into_response(),
    }
}
