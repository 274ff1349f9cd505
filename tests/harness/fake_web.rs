//! A fake web on this machine: names, addresses and sites. It records lookups, connections and
//! requests.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use chatbox::server::content::link_preview::Transport;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{RootCertStore, ServerConfig, crypto::ring, pki_types::PrivatePkcs8KeyDer},
};

/// A public address. Nothing of this machine connects to it.
pub(crate) const PUBLIC: &str = "93.184.216.34";

/// The response of a site.
#[derive(Clone)]
pub(crate) enum Page {
    /// These bytes, including the head, and then the end.
    Is(Vec<u8>),
    /// These bytes, once it is released.
    Held(Arc<Notify>, Vec<u8>),
    /// These bytes, then endless repetitions of the second ones.
    Endless(Vec<u8>, Vec<u8>),
    /// These bytes, then nothing, without an end.
    Silent(Vec<u8>),
}

/// An HTML page.
pub(crate) fn html(text: &str) -> Page {
    answer("text/html; charset=utf-8", "", text.as_bytes())
}

/// A response of this content type, with further header lines.
pub(crate) fn answer(kind: &str, more: &str, body: &[u8]) -> Page {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n{more}\r\n",
        body.len()
    );
    Page::Is([head.as_bytes(), body].concat())
}

/// An image of one colour, with metadata that must be removed.
pub(crate) fn picture(width: u32, height: u32) -> Page {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_exif_metadata(b"the secret place".to_vec()).unwrap();
    encoder
        .write_image(
            &[90, 140, 60].repeat((width * height) as usize),
            width,
            height,
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    answer("image/png", "", &bytes)
}

pub(crate) fn redirect(to: &str) -> Page {
    Page::Is(
        format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes(),
    )
}

#[derive(Default)]
struct Known {
    /// The addresses of a name at the first, second … lookup; the last one stays.
    names: HashMap<String, Vec<Vec<IpAddr>>>,
    /// By host and path.
    pages: HashMap<String, Page>,
    resolved: Vec<String>,
    dialled: Vec<SocketAddr>,
    asked: Vec<String>,
}

/// The web outside of a test server.
#[derive(Clone)]
pub(crate) struct FakeWeb {
    known: Arc<Mutex<Known>>,
    pub transport: Transport,
    asks: Arc<Notify>,
}

impl FakeWeb {
    /// A web in which no name resolves yet.
    pub(crate) async fn new() -> Self {
        let known: Arc<Mutex<Known>> = Arc::default();
        let asks = Arc::new(Notify::new());
        let (plain, tls) = (
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
            TcpListener::bind("127.0.0.1:0").await.unwrap(),
        );
        let (plain_address, tls_address) = (plain.local_addr().unwrap(), tls.local_addr().unwrap());
        let (acceptor, roots) = self_signed("secret.example");
        for (listener, acceptor) in [(plain, None), (tls, Some(acceptor))] {
            let (known, asks) = (Arc::clone(&known), Arc::clone(&asks));
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (known, asks, acceptor) =
                        (Arc::clone(&known), Arc::clone(&asks), acceptor.clone());
                    tokio::spawn(async move {
                        match acceptor {
                            None => drop(serve(stream, &known, &asks).await),
                            Some(acceptor) => {
                                if let Ok(stream) = acceptor.accept(stream).await {
                                    let _ = serve(stream, &known, &asks).await;
                                }
                            }
                        }
                    });
                }
            });
        }
        let (resolving, dialling) = (Arc::clone(&known), Arc::clone(&known));
        let transport = Transport {
            resolve: Arc::new(move |name| {
                let mut known = resolving.lock().unwrap();
                known.resolved.push(name.clone());
                let addresses_of_name = known.names.get_mut(&name);
                let found = addresses_of_name
                    .map(|all| if all.len() > 1 { all.remove(0) } else { all[0].clone() });
                Box::pin(async move { found.ok_or_else(|| io::ErrorKind::NotFound.into()) })
            }),
            dial: Arc::new(move |to| {
                dialling.lock().unwrap().dialled.push(to);
                Box::pin(TcpStream::connect(if to.port() == 443 {
                    tls_address
                } else {
                    plain_address
                }))
            }),
            roots: Arc::new(roots),
            timeout: Duration::from_secs(5),
            in_flight: Arc::new(watch::Sender::new(0)),
        };
        Self { known, transport, asks }
    }

    /// Sets what a name resolves to, at the first, second … lookup.
    pub(crate) fn resolve_to(&self, name: &str, addresses: &[&[&str]]) -> &Self {
        let all = addresses
            .iter()
            .map(|lookup| lookup.iter().map(|address| address.parse().unwrap()).collect())
            .collect();
        self.known.lock().unwrap().names.insert(name.to_owned(), all);
        self
    }

    /// Sets the response of a site at `news.example/path`.
    pub(crate) fn serve(&self, address: &str, page: Page) -> &Self {
        let host = address.split('/').next().unwrap();
        let known = self.known.lock().unwrap().names.contains_key(host);
        if !known {
            self.resolve_to(host, &[&[PUBLIC]]);
        }
        self.known.lock().unwrap().pages.insert(address.to_owned(), page);
        self
    }

    /// Waits until no preview is in progress.
    pub(crate) async fn idle(&self) {
        self.transport.in_flight.subscribe().wait_for(|busy| *busy == 0).await.unwrap();
    }

    /// Waits for a request.
    pub(crate) async fn requested(&self) {
        self.asks.notified().await;
    }

    /// The addresses that were dialled since the last call.
    pub(crate) fn dialled(&self) -> Vec<String> {
        std::mem::take(&mut self.known.lock().unwrap().dialled)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// The names that were resolved since the last call.
    pub(crate) fn resolved(&self) -> Vec<String> {
        std::mem::take(&mut self.known.lock().unwrap().resolved)
    }

    /// The heads of the requests since the last call.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.known.lock().unwrap().asked)
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    known: &Mutex<Known>,
    asks: &Notify,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let page = known.lock().unwrap().pages.get(&format!("{host}{path}")).cloned();
    known.lock().unwrap().asked.push(head.clone());
    asks.notify_one();
    match page.unwrap_or_else(|| {
        Page::Is(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec())
    }) {
        Page::Is(bytes) => stream.write_all(&bytes).await?,
        Page::Held(until, bytes) => {
            until.notified().await;
            stream.write_all(&bytes).await?;
        }
        Page::Endless(bytes, more) => {
            stream.write_all(&bytes).await?;
            while stream.write_all(&more).await.is_ok() {}
        }
        Page::Silent(bytes) => {
            stream.write_all(&bytes).await?;
            // Until the peer disconnects.
            let _ = stream.read_u8().await;
        }
    }
    stream.shutdown().await
}

/// A certificate for this name, and its root.
fn self_signed(name: &str) -> (TlsAcceptor, RootCertStore) {
    let certificate = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = config
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), roots)
}

/// A web that cannot be reached.
pub(crate) fn unreachable() -> Transport {
    Transport {
        resolve: Arc::new(|_| Box::pin(async { Err(io::ErrorKind::NotFound.into()) })),
        dial: Arc::new(|_| Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) })),
        ..Transport::default()
    }
}
