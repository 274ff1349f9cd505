//! The WebSocket upgrade: checks the session, the origin and the rate limit, then hands the
//! connection to `realtime`.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Version, header},
    response::{IntoResponse, Response},
};
use hyper::upgrade::Upgraded;
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade::downcast};

use super::{connection::TimedStream, request::origin};
use crate::{
    domain::{ChatError, Code},
    server::{App, auth::current_user::CurrentUser, realtime},
};

/// `GET /ws`.
pub(super) async fn upgrade(
    State(app): State<App>,
    user: Option<CurrentUser>,
    mut request: Request,
) -> Response {
    if request.method() != Method::GET {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")]).into_response();
    }
    let allowed = || {
        let user = user.ok_or_else(ChatError::no_session)?;
        if !origin::is_same_origin(request.headers(), app.config.origin.as_deref()) {
            return Err(ChatError::forbidden(
                "This connection came from another site. Open ChatBox at its own address and try \
                 again.",
            ));
        }
        app.limits.socket(user.person.id)?;
        Ok(user)
    };
    let user = match allowed() {
        Ok(user) => user,
        Err(error) => return error.into_response(),
    };
    let accept_key = (request.version() == Version::HTTP_11)
        .then(|| realtime::accept_key(request.headers()))
        .flatten();
    let Some(accept_key) = accept_key else {
        return ChatError::new(Code::Malformed, "This address accepts WebSocket connections only.")
            .into_response();
    };
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgraded.await.map(downcast::<TokioIo<TimedStream>>) {
            Ok(Ok(parts)) => {
                // Copied: even an empty slice would keep the buffer of the request alive for as
                // long as the socket.
                let first = parts.read_buf.to_vec();
                drop(parts.read_buf);
                realtime::serve(
                    &app.hub,
                    &app.store,
                    user.person.id,
                    user.session,
                    parts.io.into_inner().into_stream(),
                    first,
                )
                .await;
            }
            Ok(Err(other)) => drop::<Upgraded>(other),
            // The client left before the upgrade.
            Err(error) => tracing::debug!(%error, "WebSocket upgrade failed"),
        }
    });
    let upgrade = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept_key),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, upgrade).into_response()
}
