//! Asks another server for a page: each hop is checked anew and goes to the very address that was checked, and all of it is
//! bounded in time and size. Nothing of a reader or a writer goes along.

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
    Outside,
    address::{self, Site},
};

/// Redirects that are followed.
const MOST_HOPS: usize = 3;
/// Addresses of one name that are tried.
const MOST_TRIED: usize = 4;
/// Most bytes of an answer's head, and most headers in it.
const LARGEST_HEAD: usize = 32 * 1024;
const MOST_HEADERS: usize = 100;
/// Most bytes of a page that are read; what is said of it stands at its beginning.
const LARGEST_PAGE: usize = 1024 * 1024;
/// Most bytes of a picture; a larger one is left.
const LARGEST_PICTURE: usize = 5 * 1024 * 1024;
/// Who asks: whoever runs a site can know, and refuse.
const AGENT: &str = concat!("ChatBox/", env!("CARGO_PKG_VERSION"), " (link preview)");

/// Why a link shows nothing. Without the link: what people write does not stand in logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) &'static str);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What was fetched.
pub(super) struct Got {
    /// From where, at the end.
    pub(super) from: Url,
    /// What it says it is.
    pub(super) kind: String,
    pub(super) bytes: Vec<u8>,
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Matter {
    /// The beginning of a page.
    Page,
    /// A whole picture.
    Picture,
}

impl Matter {
    const fn accepts(self) -> &'static str {
        match self {
            Self::Page => "text/html, application/xhtml+xml;q=0.9",
            Self::Picture => "image/jpeg, image/png, image/webp, image/gif",
        }
    }

    fn is(self, kind: &str) -> bool {
        let kind = kind.split(';').next().map_or("", str::trim_end);
        match self {
            Self::Page => matches!(kind, "text/html" | "application/xhtml+xml"),
            Self::Picture => matches!(kind, "image/jpeg" | "image/png" | "image/webp" | "image/gif"),
        }
    }
}

/// Fetches what is at this address, if it is what is asked for and is there by this time.
pub(super) async fn fetch(outside: &Outside, url: Url, matter: Matter, end: Instant) -> Result<Got, Refused> {
    timeout_at(end, follow(outside, url, matter)).await.unwrap_or(Err(Refused("timeout")))
}

async fn follow(outside: &Outside, mut url: Url, matter: Matter) -> Result<Got, Refused> {
    for _ in 0..=MOST_HOPS {
        let site = address::check(outside, &url).await?;
        let (response, _connection) = ask(outside, &site, &url, matter).await?;
        if !response.status().is_redirection() {
            return read(url, response, matter).await;
        }
        let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).ok_or(Refused("redirect without a location"))?;
        url = url.join(to).map_err(|_| Refused("invalid redirect"))?;
    }
    Err(Refused("too many redirects"))
}

type Asked = (Response<Incoming>, AbortOnDropHandle<()>);

/// Asks one server, by one connection of its own.
async fn ask(outside: &Outside, site: &Site, url: &Url, matter: Matter) -> Result<Asked, Refused> {
    let mut addresses = site.addresses.clone();
    // Many servers have no way to IPv6.
    addresses.sort_by_key(std::net::IpAddr::is_ipv6);
    let mut connected = None;
    for address in addresses.into_iter().take(MOST_TRIED) {
        connected = (outside.dial)(SocketAddr::new(address, site.port)).await.ok();
        if connected.is_some() {
            break;
        }
    }
    let stream = connected.ok_or(Refused("cannot connect"))?;
    if !site.https {
        return send(stream, site, url, matter).await;
    }
    let stream = tls(outside)
        .and_then(|tls| Ok(tls.connect(ServerName::try_from(site.host.clone()).map_err(io::Error::other)?, stream)))
        .map_err(|_| Refused("invalid server name"))?;
    send(stream.await.map_err(|_| Refused("TLS handshake failed"))?, site, url, matter).await
}

fn tls(outside: &Outside) -> io::Result<TlsConnector> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(Arc::clone(&outside.roots))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn send<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, site: &Site, url: &Url, matter: Matter) -> Result<Asked, Refused> {
    let broken = |_| Refused("invalid response");
    let mut how = http1::Builder::new();
    how.max_buf_size(LARGEST_HEAD).max_headers(MOST_HEADERS);
    let (mut sender, connection) = how.handshake::<_, Empty<Bytes>>(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = AbortOnDropHandle::new(tokio::spawn(async move {
        // How it ends is seen by who reads the answer.
        let _ = connection.await;
    }));
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or(&site.host)),
        None => url.host_str().unwrap_or(&site.host).to_owned(),
    };
    let request = Request::get(&url[url::Position::BeforePath..url::Position::AfterQuery])
        .header(header::HOST, host)
        .header(header::USER_AGENT, AGENT)
        .header(header::ACCEPT, matter.accepts())
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close")
        .body(Empty::new())
        .map_err(|_| Refused("invalid URL"))?;
    Ok((sender.send_request(request).await.map_err(broken)?, connection))
}

async fn read(from: Url, response: Response<Incoming>, matter: Matter) -> Result<Got, Refused> {
    if response.status() != StatusCode::OK {
        return Err(Refused("status is not 200"));
    }
    let named = |name| response.headers().get(name).map(|value: &header::HeaderValue| value.to_str().unwrap_or("?").trim().to_ascii_lowercase());
    // It was asked for as it is: what comes packed all the same may be of any size.
    if named(header::CONTENT_ENCODING).is_some_and(|packed| packed != "identity") {
        return Err(Refused("compressed response"));
    }
    let kind = named(header::CONTENT_TYPE).unwrap_or_default();
    if !matter.is(&kind) {
        return Err(Refused("unexpected content type"));
    }
    let (mut body, mut bytes) = (response.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refused("incomplete response"))?;
        let Some(data) = frame.data_ref() else { continue };
        let known = bytes.len();
        if matter == Matter::Picture {
            bytes.extend_from_slice(data);
            if bytes.len() > LARGEST_PICTURE {
                return Err(Refused("image is too large"));
            }
            continue;
        }
        bytes.extend_from_slice(&data[..data.len().min(LARGEST_PAGE - known)]);
        if bytes.len() == LARGEST_PAGE || ends_head(&bytes[known.saturating_sub(8)..]) {
            break;
        }
    }
    Ok(Got { from, kind, bytes })
}

/// Whether a page's head ends here: the rest is not waited for.
fn ends_head(bytes: &[u8]) -> bool {
    let is = |part: &[u8], mark: &[u8]| part.len() >= mark.len() && part[..mark.len()].eq_ignore_ascii_case(mark);
    bytes.iter().enumerate().any(|(at, byte)| *byte == b'<' && (is(&bytes[at..], b"</head") || is(&bytes[at..], b"<body")))
}
