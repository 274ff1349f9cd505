//! The way to the world outside: how a name becomes addresses, and how an address is dialled. Both are given from outside of
//! this room, so that a test is the world. No option of the program reaches them.

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

/// What comes of asking the world outside.
pub type Answer<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// How the server reaches others. Nothing is decided here: which addresses may be dialled is checked before.
#[derive(Clone)]
pub struct Outside {
    /// All addresses of a name.
    pub resolve: Arc<dyn Fn(String) -> Answer<Vec<IpAddr>> + Send + Sync>,
    /// A connection to exactly this address.
    pub dial: Arc<dyn Fn(SocketAddr) -> Answer<TcpStream> + Send + Sync>,
    /// By whom certificates must be signed.
    pub roots: Arc<RootCertStore>,
    /// How long one page may take, redirects and all.
    pub patience: Duration,
    /// How many messages are looked at now, or wait for it.
    pub busy: Arc<watch::Sender<usize>>,
}

impl Default for Outside {
    fn default() -> Self {
        Self {
            resolve: Arc::new(|name| Box::pin(async move { Ok(lookup_host((name, 0)).await?.map(|found| found.ip()).collect()) })),
            dial: Arc::new(|to| Box::pin(TcpStream::connect(to))),
            roots: Arc::new(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()),
            patience: Duration::from_secs(5),
            busy: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outside").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// Counted as long as it lives.
pub(super) struct Busy(Arc<watch::Sender<usize>>);

impl Busy {
    pub(super) fn begin(outside: &Outside) -> Self {
        outside.busy.send_modify(|busy| *busy += 1);
        Self(Arc::clone(&outside.busy))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.send_modify(|busy| *busy = busy.saturating_sub(1));
    }
}
