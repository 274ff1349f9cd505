//! The network transport of link previews: name resolution and dialling. Tests replace both; no
//! command-line option does.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{TcpStream, lookup_host},
    sync::watch,
};
use tokio_rustls::rustls::RootCertStore;

/// The result of a network operation.
pub type TransportFuture<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// How the server connects to other servers. The addresses are checked before.
#[derive(Clone)]
pub struct Transport {
    /// Resolves all addresses of a name.
    pub resolve: Arc<dyn Fn(String) -> TransportFuture<Vec<IpAddr>> + Send + Sync>,
    /// Connects to exactly this address.
    pub dial: Arc<dyn Fn(SocketAddr) -> TransportFuture<TcpStream> + Send + Sync>,
    /// The trusted root certificates.
    pub roots: Arc<RootCertStore>,
    /// The timeout of one page, with its redirects.
    pub timeout: Duration,
    /// How many messages are queued or in progress.
    pub in_flight: Arc<watch::Sender<usize>>,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            resolve: Arc::new(|name| {
                Box::pin(async move {
                    Ok(lookup_host((name, 0)).await?.map(|found| found.ip()).collect())
                })
            }),
            dial: Arc::new(|to| Box::pin(TcpStream::connect(to))),
            roots: Arc::new(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()),
            timeout: Duration::from_secs(5),
            in_flight: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Counts one message as long as it lives.
pub(super) struct InFlight(Arc<watch::Sender<usize>>);

impl InFlight {
    pub(super) fn start(transport: &Transport) -> Self {
        transport.in_flight.send_modify(|in_flight| *in_flight += 1);
        Self(Arc::clone(&transport.in_flight))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.send_modify(|in_flight| *in_flight = in_flight.saturating_sub(1));
    }
}
