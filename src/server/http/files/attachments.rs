//! Files on their way in and out. Out they go to who may read the message, as something to keep; shown in place is only what this
//! server has drawn itself.

use axum::{
    body::Body,
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::range;
use crate::{
    domain::{Attachment, ChatError, Code, FileId, file::FileKind},
    server::{App, auth::current_user::Caller, error::Failure, images::Format, storage::Keep, store::Served},
};

/// What nobody may do with a file that is opened by itself: run, frame, load anything.
pub(in crate::server::http) const POLICY: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'; frame-ancestors 'none'");
/// What lies under an id never changes. Whoever signs in next in this browser is somebody else.
pub(in crate::server::http) const KEEP: HeaderValue = HeaderValue::from_static("private, max-age=3600, immutable");
/// Where an upload goes on.
#[derive(Debug, serde::Deserialize)]
pub(in crate::server::http) struct From {
    #[serde(default)]
    at: u64,
    /// `file` keeps a picture as it came.
    #[serde(default, rename = "as")]
    keep: Option<String>,
}

/// Which form of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    Large,
    Small,
}

/// `PUT /files/{id}?at=…`, and `&as=file` where nothing is to be made of it: the next bytes of an upload.
pub(in crate::server::http) async fn receive(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    from: Result<Query<From>, QueryRejection>,
    request: Request,
) -> Response {
    let taken = async {
        app.limits.call(caller.person.id)?;
        let id = id.parse::<FileId>().map_err(|_| ChatError::not_found())?;
        let Query(from) =
            from.map_err(|_| ChatError::new(Code::Malformed, "`at` must be the number of bytes that the server has received.").at("at"))?;
        let keep = match from.keep.as_deref() {
            None => Keep::Shown,
            Some("file") => Keep::AsFile,
            Some(_) => return Err(ChatError::new(Code::Malformed, "`as` must be `file` or absent.").at("as")),
        };
        let share = app.store.upload(caller.person.id, id).await?;
        app.receive(share, keep, from.at, &mut request.into_body().into_data_stream()).await
    };
    match taken.await {
        Ok(upload) => axum::Json(upload).into_response(),
        Err(error) => error.into_response(),
    }
}

/// `GET /files/{id}`: the whole file, to keep.
pub(in crate::server::http) async fn whole(app: State<App>, caller: Caller, id: Path<String>, method: Method, headers: HeaderMap) -> Response {
    serve(app, caller, id, Form::Whole, &method, &headers).await
}

/// `GET /files/{id}/large`: a picture, to be looked at by itself.
pub(in crate::server::http) async fn large(app: State<App>, caller: Caller, id: Path<String>, method: Method, headers: HeaderMap) -> Response {
    serve(app, caller, id, Form::Large, &method, &headers).await
}

/// `GET /files/{id}/small`: a picture, for between messages.
pub(in crate::server::http) async fn small(app: State<App>, caller: Caller, id: Path<String>, method: Method, headers: HeaderMap) -> Response {
    serve(app, caller, id, Form::Small, &method, &headers).await
}

async fn serve(State(app): State<App>, caller: Caller, Path(id): Path<String>, form: Form, method: &Method, headers: &HeaderMap) -> Response {
    let found = async {
        let id = id.parse::<FileId>().map_err(|_| ChatError::not_found())?;
        let served = app.store.file(caller.person.id, id).await?;
        if form != Form::Whole && served.file.kind != FileKind::Picture {
            return Err(Failure::from(ChatError::not_found()));
        }
        answer(&app, served, form, method, headers).await
    };
    found.await.unwrap_or_else(|failure| ChatError::from(failure).into_response())
}

async fn answer(app: &App, served: Served, form: Form, method: &Method, asked: &HeaderMap) -> Result<Response, Failure> {
    let Served { file, objects } = served;
    let object = match form {
        Form::Whole => None,
        Form::Large => objects.large.as_ref(),
        Form::Small => objects.small.as_ref().or(objects.large.as_ref()),
    };
    let object = object.unwrap_or(&objects.whole).clone();
    let tag = HeaderValue::from_str(&format!(
        "\"{}{}\"",
        file.id,
        if form == Form::Small {
            "s"
        } else if form == Form::Large {
            "l"
        } else {
            ""
        }
    ))
    .unwrap_or(HeaderValue::from_static("\"\""));
    if range::has(asked, &tag) {
        return Ok(with(StatusCode::NOT_MODIFIED, Body::empty(), &tag));
    }
    let size = app.size_of_bytes(&object).await?;
    let (status, part) = match range::wanted(method, asked, &tag, size) {
        Ok(None) => (StatusCode::OK, 0..size),
        Ok(Some(part)) => (StatusCode::PARTIAL_CONTENT, part),
        Err(()) => {
            let mut response = with(StatusCode::RANGE_NOT_SATISFIABLE, Body::empty(), &tag);
            insert(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
    };
    let body = if method == Method::HEAD { Body::empty() } else { Body::from_stream(app.stream_bytes(&object, part.clone())) };
    let mut response = with(status, body, &tag);
    insert(&mut response, header::CONTENT_LENGTH, &(part.end - part.start).to_string());
    response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if status == StatusCode::PARTIAL_CONTENT {
        insert(&mut response, header::CONTENT_RANGE, &format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1)));
    }
    let drawn = object_ending(&object).and_then(Format::by_ending).map(Format::media);
    let media = drawn.or(objects.media.as_deref()).unwrap_or("application/octet-stream");
    insert(&mut response, header::CONTENT_TYPE, media);
    insert(&mut response, header::CONTENT_DISPOSITION, &disposition(&file, form));
    Ok(response)
}

/// Only what was drawn here has one.
fn object_ending(object: &str) -> Option<&str> {
    object.split_once('.').map(|(_, ending)| ending)
}

fn with(status: StatusCode, body: Body, tag: &HeaderValue) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag.clone());
    headers.insert(header::CACHE_CONTROL, KEEP);
    headers.insert(header::VARY, HeaderValue::from_static("cookie"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

fn insert(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// RFC 6266: a name that old programs read, and the true one.
fn disposition(file: &Attachment, form: Form) -> String {
    let kind = if form == Form::Whole { "attachment" } else { "inline" };
    let plain: String = file.name.chars().map(|c| if c.is_ascii_graphic() && !"\"\\%".contains(c) || c == ' ' { c } else { '_' }).collect();
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
    fn a_name_splits_no_header() {
        let file = |name: &str| Attachment { name: name.into(), ..Attachment::default() };
        assert_eq!(disposition(&file("a b.pdf"), Form::Whole), "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf");
        assert_eq!(
            disposition(&file("\"; x=\"\r\n é"), Form::Small),
            "inline; filename=\"_; x=___ _\"; filename*=UTF-8''%22%3B%20x%3D%22%0D%0A%20%C3%A9"
        );
    }
}
