//! The server functions as the framework mounts them, with what it lacks: a real status for every
//! error, one content type, and no redirects that another site could choose.

use axum::{
    body::Body,
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
    api::transport::ErrorSlot,
    domain::ChatError,
    server::{App, error::error_for},
};

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
    let failed = ErrorSlot::default();
    let slot = failed.clone();
    let context = move || {
        provide_context(app.clone());
        provide_context(slot.clone());
    };
    let response =
        leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    match (failed.get(), response.status()) {
        (Some(error), _) => error.into_response(),
        (None, StatusCode::OK) => response,
        // No function has this name.
        (None, StatusCode::BAD_REQUEST) => ChatError::not_found().into_response(),
        (None, status) => error_for(status).into_response(),
    }
}
