//! The effect of sign-ins on deliveries: the same load without and with sign-ins at a fixed rate.
//! A sign-in is expensive, because the server hashes the password slowly on purpose.

use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    figures::{Latencies, Run, to_f64},
    http::HttpClient,
    people::PASSWORD,
    scenarios::deliver::{Load, deliver},
    target::Target,
};

/// Threads that sign in, which is also the maximum number of concurrent sign-ins.
const WORKERS: u32 = 8;
/// Part of the rate that must be reached; below it, a warning is printed.
const MIN_RATE: f64 = 0.9;
/// The figures of deliveries that are reported without and with sign-ins.
const FIGURES: [&str; 8] = [
    "receive p50 ms",
    "receive p99 ms",
    "commit p50 ms",
    "commit p99 ms",
    "server cpu use",
    "lost",
    "duplicated",
    "out of order",
];
/// The figures whose ratio is reported.
const RATIOS: [&str; 2] = ["receive p50 ms", "receive p99 ms"];

/// Sign-ins at a fixed rate.
pub struct SignIns {
    /// The accounts that sign in, in turn. All have the password of the benchmarks.
    pub usernames: Vec<String>,
    /// Sign-ins per second.
    pub rate: f64,
}

/// Measures deliveries in a group without sign-ins, then in another one with them.
///
/// # Errors
/// A network or server error.
pub fn sign_ins(
    groups: [&Target; 2],
    load: Load,
    sign_ins: &SignIns,
    mut run: Run,
) -> io::Result<Run> {
    // The warnings of a measurement name its peer and scenario.
    let deliveries =
        || Run { peer: run.peer.clone(), scenario: run.scenario.clone(), ..Run::default() };
    let without = deliver(groups[0], load, deliveries())?;
    let done = AtomicBool::new(false);
    let started = Instant::now();
    let (with, workers, elapsed) = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|n| {
                let (address, done) = (groups[1].address, &done);
                scope.spawn(move || sign_ins.work(n, address, started, done))
            })
            .collect();
        let with = deliver(groups[1], load, deliveries());
        done.store(true, Ordering::Relaxed);
        let elapsed = started.elapsed();
        let workers = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| Err(io::Error::other("a panic"))))
            .collect::<io::Result<Vec<Worker>>>();
        (with, workers, elapsed)
    });
    let (with, workers) = (with?, workers?);
    for (condition, figures) in [("without", &without.figures), ("with", &with.figures)] {
        for name in FIGURES {
            if let Some(figure) = figures.get(name) {
                run.record(&format!("{name} {condition}"), *figure);
            }
        }
    }
    for name in RATIOS {
        if let (Some(with), Some(without)) = (with.figures.get(name), without.figures.get(name)) {
            run.record(&format!("{name} with / without"), with / without);
        }
    }
    let mut latencies = Latencies::default();
    workers.iter().flat_map(|worker| &worker.latencies).for_each(|elapsed| latencies.add(*elapsed));
    let count: usize = workers.iter().map(|worker| worker.latencies.len()).sum();
    let failed = workers.iter().map(|worker| worker.failed).sum();
    let rate = to_f64(count as u64) / elapsed.as_secs_f64();
    if rate < sign_ins.rate * MIN_RATE {
        eprintln!("{} {}: only {rate:.1} sign-ins/s were possible", run.peer, run.scenario);
    }
    run.record("sign-ins/s", rate);
    run.record("sign-ins failed", to_f64(failed));
    run.record_latencies("sign-in", &latencies);
    Ok(run)
}

/// What one thread has done.
#[derive(Default)]
struct Worker {
    latencies: Vec<Duration>,
    failed: u64,
}

impl SignIns {
    /// Signs in every `WORKERS`-th account at its time, until `done`.
    fn work(
        &self,
        worker: u32,
        address: SocketAddr,
        started: Instant,
        done: &AtomicBool,
    ) -> io::Result<Worker> {
        let mut client = HttpClient::connect(address)?;
        let mut result = Worker::default();
        let usernames = self.usernames.iter().skip(worker as usize).step_by(WORKERS as usize);
        let mut accounts: Vec<(&String, Option<String>)> =
            usernames.map(|username| (username, None)).collect();
        for turn in 0_u32.. {
            let due = f64::from(turn) * f64::from(WORKERS) + f64::from(worker);
            let due = started + Duration::from_secs_f64(due / self.rate);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let index = (turn as usize).checked_rem(accounts.len());
            let Some((username, session)) = index.and_then(|index| accounts.get_mut(index)) else {
                break;
            };
            if done.load(Ordering::Relaxed) {
                break;
            }
            let sent_at = Instant::now();
            // With the cookie of the last session, which then ends: an account may have only 20.
            let arguments = json!({ "username": username, "password": PASSWORD });
            match client.call("sign_in", &arguments, session.as_deref()) {
                Ok((_, cookie)) => {
                    result.latencies.push(sent_at.elapsed());
                    *session = cookie;
                }
                Err(_) => result.failed += 1,
            }
        }
        for (_, session) in accounts.iter().filter(|(_, session)| session.is_some()) {
            client.call("sign_out", &json!({}), session.as_deref())?;
        }
        Ok(result)
    }
}
