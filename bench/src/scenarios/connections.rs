//! Connections without messages: the memory of idle ones, and the time to reconnect many at once.

use std::{io, time::Duration, time::Instant};

use crate::{
    figures::{Run, to_f64},
    process,
    receivers::Receivers,
    target::Target,
};

/// Time within which presence is announced and the buffers of closed connections are freed.
const SETTLE_TIME: Duration = Duration::from_secs(3);
/// Concurrent connection attempts while idle connections are opened.
const CONNECT_CONCURRENCY: usize = 200;

/// Opens idle connections. Reports the memory per connection and the traffic while nothing happens.
///
/// # Errors
/// A network error.
pub fn idle(
    target: &Target,
    count: usize,
    pid: u32,
    duration: Duration,
    mut run: Run,
) -> io::Result<Run> {
    let before = process::resident(pid);
    let mut receivers = Receivers::connect(target, count, CONNECT_CONCURRENCY)?;
    receivers.keep_alive(target, SETTLE_TIME)?;
    let opened = process::resident(pid);
    let (cpu, started) = (process::cpu(pid), Instant::now());
    let bytes = receivers.keep_alive(target, duration)?;
    run.record("connections", to_f64(u64::try_from(receivers.ready()).unwrap_or_default()));
    run.record(
        "KiB per connection",
        to_f64(opened.saturating_sub(before)) / 1024.0 / to_f64(u64::try_from(count).unwrap_or(1)),
    );
    run.record("MiB in total", to_f64(opened) / 1_048_576.0);
    run.record("bytes while idle", to_f64(bytes));
    run.record(
        "server cpu use",
        (process::cpu(pid) - cpu).as_secs_f64() / started.elapsed().as_secs_f64(),
    );
    Ok(run)
}

/// Reconnects `count` clients, `concurrency` at a time: connect, upgrade, send `hello`, receive the
/// missed events.
///
/// # Errors
/// A network error.
pub fn storm(
    target: &Target,
    count: usize,
    concurrency: usize,
    pid: Option<u32>,
    mut run: Run,
) -> io::Result<Run> {
    let (started, generator, server) = (Instant::now(), process::own_cpu(), pid.map(process::cpu));
    let receivers = Receivers::connect(target, count, concurrency)?;
    let wall = started.elapsed();
    let resumed = u64::try_from(count - receivers.rejected).unwrap_or_default();
    let all = to_f64(u64::try_from(count).unwrap_or(1));
    run.record("resumes/s", to_f64(resumed) / wall.as_secs_f64());
    run.record("rejected", to_f64(u64::try_from(receivers.rejected).unwrap_or_default()));
    run.record_latencies("resume", &receivers.ready_after);
    run.record("KiB received each", to_f64(receivers.bytes_received()) / 1024.0 / all);
    if let (Some(pid), Some(before)) = (pid, server) {
        let used = (process::cpu(pid) - before).as_secs_f64();
        run.record("cpu us per resume", used * 1e6 / all);
    }
    run.record_generator_use(process::own_cpu() - generator, wall);
    Ok(run)
}
