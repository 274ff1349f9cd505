//! Health checks for supervisors and proxies: whether the process is alive, and whether it can
//! work.

use axum::{extract::State, http::StatusCode};

use crate::server::App;

/// The process responds.
pub(super) async fn liveness() -> &'static str {
    "ok"
}

/// The database responds too.
pub(super) async fn readiness(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.store.is_damaged().await {
        let message = "the database is damaged: stop ChatBox, run `chatbox verify` on the data \
                       folder and restore a backup";
        return (StatusCode::SERVICE_UNAVAILABLE, message);
    }
    match app.store.check().await {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(error) => {
            tracing::error!(?error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
