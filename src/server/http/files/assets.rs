//! The assets of the web app: embedded in a release build, from the site folder in development. The
//! app's files are in a folder named by a hash of all of them, so a browser may cache them for
//! ever, and never mixes two builds.

use std::sync::LazyLock;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::range;

/// Everything in the site folder, with the compressed files made at build time.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[exclude = "*.d.*"]
#[exclude = "*.json*"]
struct Site;

/// The folder of the app's files in the URLs of this build; empty in development, where they change
/// while the server runs.
static BUILD_HASH: LazyLock<String> = LazyLock::new(|| {
    if cfg!(debug_assertions) {
        return String::new();
    }
    let mut names: Vec<_> = Site::iter().filter(|name| name.starts_with("pkg/")).collect();
    names.sort();
    let mut all = Sha256::new();
    for name in names {
        all.update(name.as_bytes());
        all.update(Site::get(&name).map(|file| file.metadata.sha256_hash()).unwrap_or_default());
    }
    all.finalize()[..12].iter().map(|byte| format!("{byte:02x}")).collect::<String>() + "/"
});

/// The URL of one of the app's files.
#[must_use]
pub(in crate::server::http) fn url(file: &str) -> String {
    format!("/pkg/{}{file}", *BUILD_HASH)
}

/// Serves a file in the smallest encoding that the browser accepts.
pub(in crate::server::http) async fn file(request: Request) -> Response {
    let name = request.uri().path().trim_start_matches('/');
    // Files of another build do not exist here: a page that asks for one must be reloaded.
    let name = match name.strip_prefix("pkg/").map(|file| file.strip_prefix(BUILD_HASH.as_str())) {
        Some(None) => return StatusCode::NOT_FOUND.into_response(),
        Some(Some(file)) => &format!("pkg/{file}"),
        None => name,
    };
    let headers = request.headers();
    for (ending, encoding) in [(".br", "br"), (".gz", "gzip"), ("", "")] {
        if !encoding.is_empty() && !accepts(headers, encoding) {
            continue;
        }
        if let Some(found) = Site::get(&format!("{name}{ending}")) {
            return respond(name, found, encoding, headers);
        }
    }
    StatusCode::NOT_FOUND.into_response()
}

fn respond(
    name: &str,
    found: rust_embed::EmbeddedFile,
    encoding: &'static str,
    request_headers: &HeaderMap,
) -> Response {
    let hash: String =
        found.metadata.sha256_hash()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let content_type = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("webmanifest") => "application/manifest+json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    // Only files under a hash may be cached for ever.
    let cache_control = if name.starts_with("pkg/") && !cfg!(debug_assertions) {
        "public, max-age=31536000, immutable"
    } else {
        "public, no-cache"
    };
    let mut response = if HeaderValue::from_str(&tag)
        .is_ok_and(|tag| range::is_not_modified(request_headers, &tag))
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        found.data.into_owned().into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if !encoding.is_empty() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(|list| {
        list.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            parts.next() == Some(encoding) && parts.next() != Some("q=0")
        })
    })
}
