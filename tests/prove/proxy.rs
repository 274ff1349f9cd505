//! A bad network between clients and the server: delays, small writes, resets within frames, black
//! black_holes, half-closed connections and lost responses, chosen at random per connection.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::sleep,
};

use crate::measure::Rng;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// It is not cut.
    NotCut,
    /// Reset after this many bytes from the server, usually within a frame.
    Reset(usize),
    /// Everything after this many bytes is dropped silently.
    BlackHole(usize),
    /// The direction to the client is closed after this many bytes.
    HalfClosed(usize),
    /// The request arrives, the response does not.
    ResponseLost,
}

/// A proxy on its own address.
pub(crate) struct Proxy {
    pub address: SocketAddr,
    faults: Arc<Faults>,
}

struct Faults {
    rng: Mutex<Rng>,
    /// If false, new connections are not disturbed.
    on: AtomicBool,
    resets: AtomicUsize,
    black_holes: AtomicUsize,
    half_closed: AtomicUsize,
    responses: AtomicUsize,
}

impl Proxy {
    pub(crate) async fn start(server: SocketAddr, rng: Rng) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (resets, black_holes, half_closed, responses) = Default::default();
        let faults = Arc::new(Faults {
            rng: Mutex::new(rng),
            on: AtomicBool::new(true),
            resets,
            black_holes,
            half_closed,
            responses,
        });
        let shared = Arc::clone(&faults);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let faults = Arc::clone(&shared);
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(server).await {
                        faults.relay(client, server).await;
                    }
                });
            }
        });
        Self { address, faults }
    }

    /// Stops disturbing new connections.
    pub(crate) fn disable(&self) {
        self.faults.on.store(false, Ordering::Relaxed);
    }

    /// Number of connections cut.
    pub(crate) fn cuts(&self) -> usize {
        let faults = &self.faults;
        [&faults.resets, &faults.black_holes, &faults.half_closed, &faults.responses]
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// The counts for the report.
    pub(crate) fn report(&self) -> String {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let faults = &self.faults;
        let (resets, black_holes) = (count(&faults.resets), count(&faults.black_holes));
        let (half_closed, responses) = (count(&faults.half_closed), count(&faults.responses));
        format!(
            "{} cuts ({resets} resets, {black_holes} black holes, {half_closed} half-closed, \
             {responses} responses lost)",
            self.cuts()
        )
    }
}

impl Faults {
    /// Chooses how a connection ends, its delay in milliseconds and the size of its writes.
    fn choose(&self) -> (End, usize, usize) {
        let mut rng = self.rng.lock().unwrap();
        if !self.on.load(Ordering::Relaxed) {
            return (End::NotCut, 0, 64 * 1024);
        }
        let after = rng.between(300, 12_000);
        let end = match rng.below(20) {
            0..=4 => End::Reset(after),
            5 | 6 => End::BlackHole(after),
            7 | 8 => End::HalfClosed(after),
            9 | 10 => End::ResponseLost,
            _ => End::NotCut,
        };
        let late = if rng.chance(30) { rng.between(1, 15) } else { 0 };
        let slice = if rng.chance(30) { rng.between(1, 700) } else { 16 * 1024 };
        (end, late, slice)
    }

    async fn relay(&self, client: TcpStream, server: TcpStream) {
        let (end, late, slice) = self.choose();
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        // With a zero linger the connection is reset instead of closed.
        #[expect(deprecated, reason = "zero seconds do not block")]
        let _ = client.set_linger(Some(Duration::ZERO));
        let ((from_client, to_client), (from_server, to_server)) =
            (client.into_split(), server.into_split());
        let up = copy(from_client, to_server, usize::MAX, 0, 16 * 1024);
        let down = async {
            let until = match end {
                End::NotCut => usize::MAX,
                End::ResponseLost => 0,
                End::Reset(after) | End::BlackHole(after) | End::HalfClosed(after) => after,
            };
            let (mut from, mut to, cut) = copy(from_server, to_client, until, late, slice).await;
            if !cut {
                return;
            }
            let count = match end {
                End::NotCut => return,
                End::Reset(_) => &self.resets,
                End::BlackHole(_) => &self.black_holes,
                End::HalfClosed(_) => &self.half_closed,
                End::ResponseLost => &self.responses,
            };
            count.fetch_add(1, Ordering::Relaxed);
            match end {
                // The connection stays open until one side gives up.
                End::BlackHole(_) => {
                    let mut unreachable = vec![0; 16 * 1024];
                    while from.read(&mut unreachable).await.is_ok_and(|read| read > 0) {}
                }
                End::HalfClosed(_) => {
                    let _ = to.shutdown().await;
                    sleep(Duration::from_millis(200)).await;
                }
                _ => {}
            }
        };
        // Both directions end together.
        tokio::select! { _ = up => {}, () = down => {} }
    }
}

/// Copies bytes up to a limit. Returns whether the limit was reached.
async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    until: usize,
    late: usize,
    slice: usize,
) -> (OwnedReadHalf, OwnedWriteHalf, bool) {
    let mut initial_state = 0;
    let mut bytes = vec![0; slice.min(16 * 1024)];
    loop {
        let read = match from.read(&mut bytes).await {
            Ok(read) if read > 0 => read,
            _ => return (from, to, false),
        };
        if late > 0 {
            sleep(Duration::from_millis(late as u64)).await;
        }
        let now = read.min(until - initial_state);
        if to.write_all(&bytes[..now]).await.is_err() {
            return (from, to, false);
        }
        initial_state += now;
        if initial_state >= until {
            return (from, to, true);
        }
    }
}
