//! Whether the process is alive, and whether it can do its work: for supervisors and proxies.

use axum::{extract::State, http::StatusCode};

use crate::server::App;

/// The process answers.
pub(super) async fn process() -> &'static str {
    "ok"
}

/// The data file answers too.
pub(super) async fn data(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.store.check().await {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(failure) => {
            tracing::error!(?failure, "the data file does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the data file does not answer")
        }
    }
}
