//! Uploads and downloads of attachments. Files are downloads for those who may read the message;
//! only what this server encoded itself is displayed inline.

use axum::{
    body::Body,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::range;
use crate::{
    domain::{
        Attachment, ChatError, Code, FileId,
        file::{FileKind, ImageFormat},
    },
    server::{
        App, auth::current_user::CurrentUser, error::AppError, storage::UploadMode,
        store::StoredFile,
    },
};

/// A file that is opened by itself may do nothing: run, frame or load anything.
pub(in crate::server::http) const FILE_CSP: HeaderValue =
    HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");
/// The content of an ID never changes. Another person may sign in next in this browser.
pub(in crate::server::http) const CACHE_CONTROL: HeaderValue =
    HeaderValue::from_static("private, max-age=3600, immutable");
/// Where an upload continues.
#[derive(Debug, serde::Deserialize)]
pub(in crate::server::http) struct UploadParams {
    #[serde(default)]
    at: u64,
    /// `file` keeps an image as it is.
    #[serde(default, rename = "as")]
    mode: Option<String>,
}

/// The variant of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Variant {
    Original,
    Large,
    Small,
}

/// `PUT /files/{id}?at=…`, with `&as=file` to keep an image as it is: the next bytes of an upload.
pub(in crate::server::http) async fn upload(
    State(app): State<App>,
    user: CurrentUser,
    Path(id): Path<String>,
    from: Result<Query<UploadParams>, QueryRejection>,
    request: Request,
) -> Response {
    let result = async {
        app.limits.call(user.person.id)?;
        let id = id.parse::<FileId>().map_err(|_| ChatError::not_found())?;
        let Query(from) = from.map_err(|_| {
            ChatError::new(
                Code::Malformed,
                "`at` must be the number of bytes that the server has received.",
            )
            .at("at")
        })?;
        let mode = match from.mode.as_deref() {
            None => UploadMode::Display,
            Some("file") => UploadMode::AsFile,
            Some(_) => {
                return Err(
                    ChatError::new(Code::Malformed, "`as` must be `file` or absent.").at("as")
                );
            }
        };
        let mut chunks = request.into_body().into_data_stream();
        app.files.receive(user.person.id, id, mode, from.at, &mut chunks).await
    };
    match result.await {
        Ok(upload) => axum::Json(upload).into_response(),
        Err(error) => error.into_response(),
    }
}

/// `GET /files/{id}`: the whole file, as a download.
pub(in crate::server::http) async fn original(
    app: State<App>,
    user: CurrentUser,
    id: Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    serve(app, user, id, Variant::Original, &method, &headers).await
}

/// `GET /files/{id}/large`: an image for the viewer.
pub(in crate::server::http) async fn large(
    app: State<App>,
    user: CurrentUser,
    id: Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    serve(app, user, id, Variant::Large, &method, &headers).await
}

/// `GET /files/{id}/small`: an image for the message list.
pub(in crate::server::http) async fn small(
    app: State<App>,
    user: CurrentUser,
    id: Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    serve(app, user, id, Variant::Small, &method, &headers).await
}

async fn serve(
    State(app): State<App>,
    user: CurrentUser,
    Path(id): Path<String>,
    variant: Variant,
    method: &Method,
    headers: &HeaderMap,
) -> Response {
    let response = async {
        let id = id.parse::<FileId>().map_err(|_| ChatError::not_found())?;
        let stored = app.store.file(user.person.id, id).await?;
        if variant != Variant::Original && stored.file.kind != FileKind::Image {
            return Err(AppError::from(ChatError::not_found()));
        }
        respond(&app, stored, variant, method, headers).await
    };
    response.await.unwrap_or_else(|error| ChatError::from(error).into_response())
}

async fn respond(
    app: &App,
    stored: StoredFile,
    variant: Variant,
    method: &Method,
    request_headers: &HeaderMap,
) -> Result<Response, AppError> {
    let StoredFile { file, keys } = stored;
    let blob = match variant {
        Variant::Original => None,
        Variant::Large => keys.large.as_ref(),
        Variant::Small => keys.small.as_ref().or(keys.large.as_ref()),
    };
    let blob = blob.unwrap_or(&keys.whole).clone();
    let tag = HeaderValue::from_str(&format!(
        "\"{}{}\"",
        file.id,
        if variant == Variant::Small {
            "s"
        } else if variant == Variant::Large {
            "l"
        } else {
            ""
        }
    ))
    .unwrap_or(HeaderValue::from_static("\"\""));
    if range::is_not_modified(request_headers, &tag) {
        return Ok(respond_with(StatusCode::NOT_MODIFIED, Body::empty(), &tag));
    }
    let size = app.files.blob_size(&blob).await?;
    let (status, part) = match range::requested_range(method, request_headers, &tag, size) {
        Ok(None) => (StatusCode::OK, 0..size),
        Ok(Some(part)) => (StatusCode::PARTIAL_CONTENT, part),
        Err(()) => {
            let mut response = respond_with(StatusCode::RANGE_NOT_SATISFIABLE, Body::empty(), &tag);
            insert(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
    };
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        Body::from_stream(app.files.stream_blob(&blob, part.clone()))
    };
    let mut response = respond_with(status, body, &tag);
    insert(&mut response, header::CONTENT_LENGTH, &(part.end - part.start).to_string());
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if status == StatusCode::PARTIAL_CONTENT {
        insert(
            &mut response,
            header::CONTENT_RANGE,
            &format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1)),
        );
    }
    let image_type =
        extension(&blob).and_then(ImageFormat::from_extension).map(ImageFormat::media_type);
    let media = image_type.or(keys.media.as_deref()).unwrap_or("application/octet-stream");
    insert(&mut response, header::CONTENT_TYPE, media);
    insert(&mut response, header::CONTENT_DISPOSITION, &disposition(&file, variant));
    Ok(response)
}

/// The extension of a blob; only those encoded here have one.
fn extension(blob: &str) -> Option<&str> {
    blob.split_once('.').map(|(_, ending)| ending)
}

fn respond_with(status: StatusCode, body: Body, tag: &HeaderValue) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.clone());
    headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    headers.insert(header::VARY, HeaderValue::from_static("cookie"));
    headers.insert(header::CONTENT_SECURITY_POLICY, FILE_CSP);
    response
}

fn insert(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// RFC 6266: an ASCII name for old clients, and the real one.
fn disposition(file: &Attachment, variant: Variant) -> String {
    let kind = if variant == Variant::Original { "attachment" } else { "inline" };
    let plain: String = file
        .name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    let mut coded = String::new();
    for byte in file.name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            coded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_cannot_split_headers() {
        let file = |name: &str| Attachment { name: name.into(), ..Attachment::default() };
        assert_eq!(
            disposition(&file("a b.pdf"), Variant::Original),
            "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"
        );
        assert_eq!(
            disposition(&file("\"; x=\"\r\n é"), Variant::Small),
            "inline; filename=\"_; x=___ _\"; filename*=UTF-8''%22%3B%20x%3D%22%0D%0A%20%C3%A9"
        );
    }
}
