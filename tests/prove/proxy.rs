//! A bad network between people and the server: late, in slices, cut inside a frame, silent, half
//! closed, or gone with the answer. What it does to which connection falls by its dice.

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

use crate::measure::Dice;

/// What happens to a connection in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nothing: it lives.
    Lives,
    /// Reset after so many bytes of the server's: inside a frame, most often.
    Reset(usize),
    /// From there on nothing comes through, and nothing says so.
    BlackHole(usize),
    /// The server's side is closed, the client's stays open.
    HalfClosed(usize),
    /// The request went through; the first byte of the answer ends it.
    AnswerLost,
}

/// The network, on an address of its own.
pub(crate) struct Proxy {
    pub address: SocketAddr,
    faults: Arc<Faults>,
}

struct Faults {
    dice: Mutex<Dice>,
    /// Off: everything goes through at once.
    on: AtomicBool,
    resets: AtomicUsize,
    holes: AtomicUsize,
    halves: AtomicUsize,
    responses: AtomicUsize,
}

impl Proxy {
    pub(crate) async fn before(server: SocketAddr, dice: Dice) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (resets, holes, halves, responses) = Default::default();
        let faults = Arc::new(Faults {
            dice: Mutex::new(dice),
            on: AtomicBool::new(true),
            resets,
            holes,
            halves,
            responses,
        });
        let shared = Arc::clone(&faults);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let faults = Arc::clone(&shared);
                tokio::spawn(async move {
                    if let Ok(server) = TcpStream::connect(server).await {
                        faults.join(client, server).await;
                    }
                });
            }
        });
        Self { address, faults }
    }

    /// From here on nothing goes wrong any more, for new connections.
    pub(crate) fn heal(&self) {
        self.faults.on.store(false, Ordering::Relaxed);
    }

    /// How many connections it has cut.
    pub(crate) fn cuts(&self) -> usize {
        let faults = &self.faults;
        [&faults.resets, &faults.holes, &faults.halves, &faults.responses]
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// In words.
    pub(crate) fn report(&self) -> String {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let faults = &self.faults;
        let (resets, holes) = (count(&faults.resets), count(&faults.holes));
        let (halves, responses) = (count(&faults.halves), count(&faults.responses));
        format!(
            "{} cuts ({resets} resets, {holes} black holes, {halves} half-closed, {responses} \
             answers lost)",
            self.cuts()
        )
    }
}

impl Faults {
    /// How a connection ends, and how its bytes come: how late (in milliseconds), and how many at
    /// once.
    fn fate(&self) -> (End, usize, usize) {
        let mut dice = self.dice.lock().unwrap();
        if !self.on.load(Ordering::Relaxed) {
            return (End::Lives, 0, 64 * 1024);
        }
        let after = dice.between(300, 12_000);
        let end = match dice.below(20) {
            0..=4 => End::Reset(after),
            5 | 6 => End::BlackHole(after),
            7 | 8 => End::HalfClosed(after),
            9 | 10 => End::AnswerLost,
            _ => End::Lives,
        };
        let late = if dice.often(30) { dice.between(1, 15) } else { 0 };
        let slice = if dice.often(30) { dice.between(1, 700) } else { 16 * 1024 };
        (end, late, slice)
    }

    async fn join(&self, client: TcpStream, server: TcpStream) {
        let (end, late, slice) = self.fate();
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        // Dropped with something unread, or told so, a connection is reset and not closed.
        #[expect(deprecated, reason = "zero seconds do not block")]
        let _ = client.set_linger(Some(Duration::ZERO));
        let ((from_client, to_client), (from_server, to_server)) =
            (client.into_split(), server.into_split());
        let up = carry(from_client, to_server, usize::MAX, 0, 16 * 1024);
        let down = async {
            let until = match end {
                End::Lives => usize::MAX,
                End::AnswerLost => 0,
                End::Reset(after) | End::BlackHole(after) | End::HalfClosed(after) => after,
            };
            let (mut from, mut to, cut) = carry(from_server, to_client, until, late, slice).await;
            if !cut {
                return;
            }
            let count = match end {
                End::Lives => return,
                End::Reset(_) => &self.resets,
                End::BlackHole(_) => &self.holes,
                End::HalfClosed(_) => &self.halves,
                End::AnswerLost => &self.responses,
            };
            count.fetch_add(1, Ordering::Relaxed);
            match end {
                // The server's words go nowhere; the connection stays for as long as either side
                // believes in it.
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
        // When one way ends, so does the other.
        tokio::select! { _ = up => {}, () = down => {} }
    }
}

/// Carries bytes until so many were carried; says whether it was that which ended it.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    until: usize,
    late: usize,
    slice: usize,
) -> (OwnedReadHalf, OwnedWriteHalf, bool) {
    let mut carried = 0;
    let mut bytes = vec![0; slice.min(16 * 1024)];
    loop {
        let read = match from.read(&mut bytes).await {
            Ok(read) if read > 0 => read,
            _ => return (from, to, false),
        };
        if late > 0 {
            sleep(Duration::from_millis(late as u64)).await;
        }
        let now = read.min(until - carried);
        if to.write_all(&bytes[..now]).await.is_err() {
            return (from, to, false);
        }
        carried += now;
        if carried >= until {
            return (from, to, true);
        }
    }
}
