//! Avatars of people, for everybody who is signed in, and of groups, for their members.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::range;
use crate::{
    domain::{ChatError, FileId, file::ImageFormat, person::AVATAR_SIZES},
    server::{App, auth::current_user::CurrentUser, error::AppError},
};

/// The content of an ID never changes. Another person may sign in next in this browser.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// `GET /faces/{id}/{side}`.
pub(in crate::server::http) async fn avatar(
    State(app): State<App>,
    user: CurrentUser,
    Path((id, side)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let response = async {
        let id = id.parse::<FileId>().map_err(|_| ChatError::not_found())?;
        let which = AVATAR_SIZES
            .iter()
            .position(|known| known.to_string() == side)
            .ok_or_else(ChatError::not_found)?;
        let blob = app.store.avatar(user.person.id, id).await?[which].clone();
        let tag = HeaderValue::from_str(&format!("\"{id}-{side}\""))
            .unwrap_or(HeaderValue::from_static("\"\""));
        let mut response = if range::is_not_modified(&headers, &tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let size = app.files.blob_size(&blob).await?;
            Body::from(app.files.read_blob(&blob, 0..size).await?).into_response()
        };
        let headers = response.headers_mut();
        let media = blob
            .rsplit('.')
            .next()
            .and_then(ImageFormat::from_extension)
            .map_or("application/octet-stream", ImageFormat::media_type);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        headers.insert(header::ETAG, tag);
        headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
        headers.insert(header::VARY, HeaderValue::from_static("cookie"));
        Ok::<_, AppError>(response)
    };
    response.await.unwrap_or_else(|error| ChatError::from(error).into_response())
}
