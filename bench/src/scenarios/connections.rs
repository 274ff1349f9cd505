//! Connections without messages: the memory of idle ones, and the time to reconnect many.

use std::{io, time::Duration, time::Instant};

use crate::{
    figures::{Run, to_f64},
    process,
    receivers::Crowd,
    target::Target,
};

/// Time within which presence is announced and closed connections are freed.
const SETTLED: Duration = Duration::from_secs(3);

/// Opens idle connections. Reports the memory per connection and the traffic while nothing happens.
///
/// # Errors
/// A network error.
pub fn idle(
    target: &Target,
    count: usize,
    pid: u32,
    long: Duration,
    mut run: Run,
) -> io::Result<Run> {
    let before = process::resident(pid);
    let mut crowd = Crowd::gather(target, count, 200)?;
    crowd.rest(target, SETTLED)?;
    let opened = process::resident(pid);
    let (cpu, began) = (process::cpu(pid), Instant::now());
    let bytes = crowd.rest(target, long)?;
    run.note("connections", to_f64(u64::try_from(crowd.alive()).unwrap_or_default()));
    run.note(
        "KiB per connection",
        to_f64(opened.saturating_sub(before)) / 1024.0 / to_f64(u64::try_from(count).unwrap_or(1)),
    );
    run.note("MiB in all", to_f64(opened) / 1_048_576.0);
    run.note("bytes while idle", to_f64(bytes));
    run.note(
        "server's core",
        (process::cpu(pid) - cpu).as_secs_f64() / began.elapsed().as_secs_f64(),
    );
    Ok(run)
}

/// Reconnects this many clients at once: connect, upgrade, send `hello`, receive the missed events.
///
/// # Errors
/// A network error.
pub fn storm(
    target: &Target,
    count: usize,
    at_once: usize,
    pid: Option<u32>,
    mut run: Run,
) -> io::Result<Run> {
    let (began, own, server) = (Instant::now(), process::own_cpu(), pid.map(process::cpu));
    let crowd = Crowd::gather(target, count, at_once)?;
    let wall = began.elapsed();
    run.note(
        "resumes/s",
        to_f64(u64::try_from(count - crowd.refused).unwrap_or_default()) / wall.as_secs_f64(),
    );
    run.note("refused", to_f64(u64::try_from(crowd.refused).unwrap_or_default()));
    run.note_latencies("resume", &crowd.took);
    run.note(
        "KiB received each",
        to_f64(crowd.received()) / 1024.0 / to_f64(u64::try_from(count).unwrap_or(1)),
    );
    if let (Some(pid), Some(before)) = (pid, server) {
        run.note(
            "cpu us per resume",
            (process::cpu(pid) - before).as_secs_f64() * 1e6
                / to_f64(u64::try_from(count).unwrap_or(1)),
        );
    }
    run.note_own_use(process::own_cpu() - own, wall);
    Ok(run)
}
