//! Many people share large files at once: throughput, and memory of the server.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    figures::{Run, to_f64},
    http::Asker,
    process,
};

/// Size of an upload chunk, the maximum of the protocol.
const PIECE: usize = 8 * 1024 * 1024;
/// How often the memory is sampled.
const LOOKS: Duration = Duration::from_millis(20);

/// Everybody uploads files one after another; the last ones are completed, and all are cancelled
/// afterwards.
///
/// # Errors
/// A network or server error.
pub fn share(
    address: SocketAddr,
    cookies: &[String],
    megabytes: usize,
    long: Duration,
    pid: Option<u32>,
    mut run: Run,
) -> io::Result<Run> {
    let (before, began) = (pid.map_or(0, process::resident), Instant::now());
    let (received, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let watch = {
        let over = Arc::clone(&over);
        thread::spawn(move || {
            let mut most = 0;
            while !over.load(Ordering::Relaxed) {
                most = most.max(pid.map_or(0, process::resident));
                thread::sleep(LOOKS);
            }
            most
        })
    };
    let one = |(n, cookie): (usize, &String)| {
        let (cookie, received) = (cookie.clone(), Arc::clone(&received));
        thread::spawn(move || {
            let mut uploads_started = 0;
            let mut ended = Ok(());
            while began.elapsed() < long && ended.is_ok() {
                ended = Asker::connect(address).and_then(|mut asker| {
                    upload(&mut asker, &cookie, n, uploads_started, megabytes * 1_000_000)
                });
                received.fetch_add(
                    ended.as_ref().map_or(0, |()| u64::try_from(megabytes).unwrap_or(0)),
                    Ordering::Relaxed,
                );
                uploads_started += 1;
            }
            (uploads_started, ended)
        })
    };
    let sharers: Vec<_> = cookies.iter().enumerate().map(one).collect();
    let (uploads_started, ended): (Vec<u64>, Vec<io::Result<()>>) = sharers
        .into_iter()
        .map(|sharer| {
            sharer.join().unwrap_or_else(|_| (0, Err(io::Error::other("a sharer failed"))))
        })
        .unzip();
    over.store(true, Ordering::Relaxed);
    let most = watch.join().unwrap_or(0);
    let took = began.elapsed();
    for (n, (uploads_started, cookie)) in uploads_started.into_iter().zip(cookies).enumerate() {
        let Ok(mut asker) = Asker::connect(address) else { continue };
        for round in 0..uploads_started {
            // The server may not know the last one.
            let _ = asker.ask("cancel_upload", &json!({ "file": id_of(n, round) }), Some(cookie));
        }
    }
    // After all have ended, so that files of a failed task are cancelled too.
    ended.into_iter().collect::<io::Result<()>>()?;
    run.note("MB/s", to_f64(received.load(Ordering::Relaxed)) / took.as_secs_f64());
    run.note(
        "files",
        to_f64(received.load(Ordering::Relaxed)) / to_f64(u64::try_from(megabytes).unwrap_or(1)),
    );
    run.note("MiB before", to_f64(before) / 1_048_576.0);
    run.note("MiB more at most", to_f64(most.saturating_sub(before)) / 1_048_576.0);
    Ok(run)
}

/// Unique noise, so that the server cannot reuse a stored file.
fn upload(asker: &mut Asker, cookie: &str, who: usize, round: u64, size: usize) -> io::Result<()> {
    let (snapshot, _) = asker.ask("snapshot", &json!({}), Some(cookie))?;
    let conversation = snapshot["conversations"][0]["conversation"]["id"].clone();
    let id = id_of(who, round);
    asker.ask(
        "start_upload",
        &json!({ "conversation": conversation, "file": id, "name": "noise.bin", "size": size }),
        Some(cookie),
    )?;
    let (mut state, mut at) = (u64::try_from(who).unwrap_or(0) << 32 | round | 1, 0);
    while at < size {
        let mut piece = vec![0; PIECE.min(size - at)];
        for chunk in piece.chunks_mut(8) {
            // xorshift64 by Marsaglia.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.copy_from_slice(&state.to_le_bytes()[..chunk.len()]);
        }
        asker.put(&format!("/files/{id}?at={at}"), cookie, &piece)?;
        at += piece.len();
    }
    Ok(())
}

fn id_of(who: usize, round: u64) -> String {
    format!("{:08x}-{:04x}-4000-8000-{:012x}", std::process::id(), who, round)
}
