//! Fetches a page from another server: each redirect is checked anew and dials the checked address,
//! and time and size are bounded. Nothing of a reader or author is sent.

use std::{fmt, io, net::SocketAddr, sync::Arc};

use http_body_util::{BodyExt, Empty};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, timeout_at},
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, crypto::ring, pki_types::ServerName},
};
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use super::{
    Transport,
    address::{self, ResolvedHost},
};
use crate::domain::file::ImageFormat;

/// Maximum number of redirects.
const MAX_REDIRECTS: usize = 3;
/// Addresses of one name that are tried.
const MAX_ADDRESSES_TRIED: usize = 4;
/// Maximum number of bytes and most headers of a response's head.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 100;
/// Maximum number of bytes of a page that are read; the metadata is at its beginning.
const MAX_PAGE: usize = 1024 * 1024;
/// Maximum number of bytes of an image.
const MAX_IMAGE: usize = 5 * 1024 * 1024;
/// The `User-Agent`, so that the owner of a site can recognize and reject it.
const AGENT: &str = concat!("ChatBox/", env!("CARGO_PKG_VERSION"), " (link preview)");

/// Why there is no preview. Without the URL: links are not logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FetchError(pub(super) &'static str);

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A fetched resource.
pub(super) struct Fetched {
    /// Its final URL.
    pub(super) from: Url,
    /// Its `Content-Type`.
    pub(super) content_type: String,
    pub(super) bytes: Vec<u8>,
}

/// The expected resource.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// The beginning of a page.
    Page,
    /// A whole image.
    Image,
}

impl Resource {
    const fn accepts(self) -> &'static str {
        match self {
            Self::Page => "text/html, application/xhtml+xml;q=0.9",
            Self::Image => ImageFormat::ACCEPT,
        }
    }

    fn is(self, content_type: &str) -> bool {
        let content_type = content_type.split(';').next().map_or("", str::trim_end);
        match self {
            Self::Page => matches!(content_type, "text/html" | "application/xhtml+xml"),
            Self::Image => ImageFormat::from_media_type(content_type).is_some(),
        }
    }
}

/// Fetches a URL, if it is the expected resource and arrives before the deadline.
pub(super) async fn fetch(
    transport: &Transport,
    url: Url,
    resource: Resource,
    deadline: Instant,
) -> Result<Fetched, FetchError> {
    timeout_at(deadline, follow(transport, url, resource))
        .await
        .unwrap_or(Err(FetchError("timeout")))
}

async fn follow(
    transport: &Transport,
    mut url: Url,
    resource: Resource,
) -> Result<Fetched, FetchError> {
    for _ in 0..=MAX_REDIRECTS {
        let site = address::check(transport, &url).await?;
        let (response, _connection) = ask(transport, &site, &url, resource).await?;
        if !response.status().is_redirection() {
            return read(url, response, resource).await;
        }
        let to = response
            .headers()
            .get(header::LOCATION)
            .and_then(|to| to.to_str().ok())
            .ok_or(FetchError("redirect without a location"))?;
        url = url.join(to).map_err(|_| FetchError("invalid redirect"))?;
    }
    Err(FetchError("too many redirects"))
}

type ResponseAndTask = (Response<Incoming>, AbortOnDropHandle<()>);

/// Requests a URL over a connection of its own.
async fn ask(
    transport: &Transport,
    site: &ResolvedHost,
    url: &Url,
    resource: Resource,
) -> Result<ResponseAndTask, FetchError> {
    let mut addresses = site.addresses.clone();
    // Many servers have no IPv6 route.
    addresses.sort_by_key(std::net::IpAddr::is_ipv6);
    let mut connected = None;
    for address in addresses.into_iter().take(MAX_ADDRESSES_TRIED) {
        connected = (transport.dial)(SocketAddr::new(address, site.port)).await.ok();
        if connected.is_some() {
            break;
        }
    }
    let stream = connected.ok_or(FetchError("cannot connect"))?;
    if !site.https {
        return send(stream, site, url, resource).await;
    }
    let stream = tls(transport)
        .and_then(|tls| {
            Ok(tls.connect(
                ServerName::try_from(site.host.clone()).map_err(io::Error::other)?,
                stream,
            ))
        })
        .map_err(|_| FetchError("invalid server name"))?;
    send(stream.await.map_err(|_| FetchError("TLS handshake failed"))?, site, url, resource).await
}

fn tls(transport: &Transport) -> io::Result<TlsConnector> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(Arc::clone(&transport.roots))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn send<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    site: &ResolvedHost,
    url: &Url,
    resource: Resource,
) -> Result<ResponseAndTask, FetchError> {
    let broken = |_| FetchError("invalid response");
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD).max_headers(MAX_HEADERS);
    let (mut sender, connection) =
        builder.handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = AbortOnDropHandle::new(tokio::spawn(async move {
        // Errors show where the response is read.
        let _ = connection.await;
    }));
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or(&site.host)),
        None => url.host_str().unwrap_or(&site.host).to_owned(),
    };
    let request = Request::get(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(header::HOST, host)
        .header(header::USER_AGENT, AGENT)
        .header(header::ACCEPT, resource.accepts())
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close")
        .body(Empty::new())
        .map_err(|_| FetchError("invalid URL"))?;
    Ok((sender.send_request(request).await.map_err(broken)?, connection))
}

async fn read(
    from: Url,
    response: Response<Incoming>,
    resource: Resource,
) -> Result<Fetched, FetchError> {
    if response.status() != StatusCode::OK {
        return Err(FetchError("status is not 200"));
    }
    let named = |name| {
        response.headers().get(name).map(|value: &header::HeaderValue| {
            value.to_str().unwrap_or("?").trim().to_ascii_lowercase()
        })
    };
    // `identity` was requested: a compressed response could expand to any size.
    if named(header::CONTENT_ENCODING).is_some_and(|packed| packed != "identity") {
        return Err(FetchError("compressed response"));
    }
    let content_type = named(header::CONTENT_TYPE).unwrap_or_default();
    if !resource.is(&content_type) {
        return Err(FetchError("unexpected content type"));
    }
    let (mut body, mut bytes) = (response.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| FetchError("incomplete response"))?;
        let Some(data) = frame.data_ref() else { continue };
        let known = bytes.len();
        if resource == Resource::Image {
            bytes.extend_from_slice(data);
            if bytes.len() > MAX_IMAGE {
                return Err(FetchError("image is too large"));
            }
            continue;
        }
        bytes.extend_from_slice(&data[..data.len().min(MAX_PAGE - known)]);
        if bytes.len() == MAX_PAGE || ends_html_head(&bytes[known.saturating_sub(8)..]) {
            break;
        }
    }
    Ok(Fetched { from, content_type, bytes })
}

/// Whether the head of a page ends here: the rest is not awaited.
fn ends_html_head(bytes: &[u8]) -> bool {
    let is = |part: &[u8], signature: &[u8]| {
        part.len() >= signature.len() && part[..signature.len()].eq_ignore_ascii_case(signature)
    };
    bytes.iter().enumerate().any(|(at, byte)| {
        *byte == b'<' && (is(&bytes[at..], b"</head") || is(&bytes[at..], b"<body"))
    })
}
