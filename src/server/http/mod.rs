//! The HTTP interface: routes and middleware. Only `pages` knows what a page looks like.

mod api;
mod connection;
mod files;
mod forms;
mod health;
mod middleware;
mod pages;
mod request;
mod serve;
mod websocket;

pub use serve::{listen, serve};

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{any, get, post},
};
use tower::ServiceBuilder;
use tower_http::{
    compression::{CompressionLayer, predicate::SizeAbove},
    timeout::RequestBodyTimeoutLayer,
};

use super::App;
use files::{assets, attachments, avatars, link_previews};
use request::body;

/// Responses up to this size are not compressed: they fit into one packet, and most are frequent.
const MIN_COMPRESSED: u64 = 1024;
/// How long a request body may pause.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// All routes with their middleware.
pub fn router(app: App) -> Router {
    pages::prepare();
    let pages = Router::new().fallback(pages::render).layer(CompressionLayer::new());
    Router::new()
        .route("/ws", any(websocket::upgrade))
        .route(
            "/api/{function}",
            post(api::call)
                .layer(CompressionLayer::new().compress_when(SizeAbove::new(MIN_COMPRESSED))),
        )
        .route("/faces/{id}/{side}", get(avatars::avatar))
        .route("/files/{id}", get(attachments::original).put(attachments::upload))
        .route("/files/{id}/large", get(attachments::large))
        .route("/files/{id}/small", get(attachments::small))
        .route("/sign-up", get(pages::render).post(forms::sign_up))
        .route("/sign-in", get(pages::render).post(forms::sign_in))
        .route("/setup", get(pages::render).post(forms::set_up))
        .route("/recover", get(pages::render).post(forms::recover))
        .route("/reset/{code}", get(pages::render).post(forms::reset))
        .route("/join/{code}", get(pages::render).post(forms::join))
        .route("/sign-out", post(forms::sign_out))
        .route("/theme", post(forms::theme))
        .route("/previews/{conversation}/{message}/{picture}", get(link_previews::image))
        .route("/healthz", get(health::liveness))
        .route("/readyz", get(health::readiness))
        .route("/pkg/{*file}", get(assets::file))
        .route("/favicon.svg", get(assets::file))
        .route("/favicon.png", get(assets::file))
        .route("/favicon-unread.png", get(assets::file))
        .route("/manifest.webmanifest", get(assets::file))
        .route("/robots.txt", get(assets::file))
        .route("/emoji.txt", get(assets::file))
        .route("/stix-two-math.woff2", get(assets::file))
        .merge(pages)
        .layer(
            ServiceBuilder::new()
                .layer(from_fn_with_state(app.clone(), middleware::handle))
                .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
                .layer(DefaultBodyLimit::max(body::MAX_BODY)),
        )
        .with_state(app)
}
