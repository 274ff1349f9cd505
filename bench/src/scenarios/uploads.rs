//! Many people upload large files at once: throughput, and memory of the server.

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
    http::HttpClient,
    process,
};

/// Size of an upload chunk, the maximum of the protocol.
const CHUNK_SIZE: usize = 8 * 1024 * 1024;
/// How often the memory is sampled.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(20);

/// Every person uploads files one after the other until `duration` is over. The last ones are
/// completed, and all are cancelled afterwards.
///
/// # Errors
/// A network or server error.
pub fn concurrent_uploads(
    address: SocketAddr,
    cookies: &[String],
    megabytes: usize,
    duration: Duration,
    pid: Option<u32>,
    mut run: Run,
) -> io::Result<Run> {
    let (before, started) = (pid.map_or(0, process::resident), Instant::now());
    let (megabytes_received, finished) =
        (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let sampler = {
        let finished = Arc::clone(&finished);
        thread::spawn(move || {
            let mut peak = 0;
            while !finished.load(Ordering::Relaxed) {
                peak = peak.max(pid.map_or(0, process::resident));
                thread::sleep(SAMPLE_INTERVAL);
            }
            peak
        })
    };
    let start_uploader = |(n, cookie): (usize, &String)| {
        let (cookie, megabytes_received) = (cookie.clone(), Arc::clone(&megabytes_received));
        thread::spawn(move || {
            let mut uploads_started = 0;
            let mut result = Ok(());
            while started.elapsed() < duration && result.is_ok() {
                result = HttpClient::connect(address).and_then(|mut client| {
                    upload(&mut client, &cookie, n, uploads_started, megabytes * 1_000_000)
                });
                megabytes_received.fetch_add(
                    result.as_ref().map_or(0, |()| u64::try_from(megabytes).unwrap_or(0)),
                    Ordering::Relaxed,
                );
                uploads_started += 1;
            }
            (uploads_started, result)
        })
    };
    let uploaders: Vec<_> = cookies.iter().enumerate().map(start_uploader).collect();
    let (uploads_started, results): (Vec<u64>, Vec<io::Result<()>>) = uploaders
        .into_iter()
        .map(|uploader| {
            uploader.join().unwrap_or_else(|_| (0, Err(io::Error::other("an uploader panicked"))))
        })
        .unzip();
    finished.store(true, Ordering::Relaxed);
    let peak = sampler.join().unwrap_or(0);
    let elapsed = started.elapsed();
    for (n, (uploads_started, cookie)) in uploads_started.into_iter().zip(cookies).enumerate() {
        let Ok(mut client) = HttpClient::connect(address) else { continue };
        for round in 0..uploads_started {
            // The server may not know the last one.
            let _ =
                client.call("cancel_upload", &json!({ "file": upload_id(n, round) }), Some(cookie));
        }
    }
    // After all have ended, so that files of a failed task are cancelled too.
    results.into_iter().collect::<io::Result<()>>()?;
    run.record("MB/s", to_f64(megabytes_received.load(Ordering::Relaxed)) / elapsed.as_secs_f64());
    run.record(
        "files",
        to_f64(megabytes_received.load(Ordering::Relaxed))
            / to_f64(u64::try_from(megabytes).unwrap_or(1)),
    );
    run.record("MiB before", to_f64(before) / 1_048_576.0);
    run.record("MiB growth, peak", to_f64(peak.saturating_sub(before)) / 1_048_576.0);
    Ok(run)
}

/// Uploads random data, so that the server cannot reuse a stored file.
fn upload(
    client: &mut HttpClient,
    cookie: &str,
    person: usize,
    round: u64,
    size: usize,
) -> io::Result<()> {
    let (snapshot, _) = client.call("snapshot", &json!({}), Some(cookie))?;
    let conversation = snapshot["conversations"][0]["conversation"]["id"].clone();
    let id = upload_id(person, round);
    client.call(
        "start_upload",
        &json!({ "conversation": conversation, "file": id, "name": "noise.bin", "size": size }),
        Some(cookie),
    )?;
    let (mut state, mut offset) = (u64::try_from(person).unwrap_or(0) << 32 | round | 1, 0);
    while offset < size {
        let mut chunk = vec![0; CHUNK_SIZE.min(size - offset)];
        for word in chunk.chunks_mut(8) {
            // xorshift64 by Marsaglia.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes()[..word.len()]);
        }
        client.put(&format!("/files/{id}?at={offset}"), cookie, &chunk)?;
        offset += chunk.len();
    }
    Ok(())
}

fn upload_id(person: usize, round: u64) -> String {
    format!("{:08x}-{:04x}-4000-8000-{:012x}", std::process::id(), person, round)
}
