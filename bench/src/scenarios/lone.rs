//! The cost of a lone message: messages are posted one by one in a group without receivers, and the
//! function `me`, which only checks the session, is called one by one for comparison.

use std::{
    io, thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    figures::{Latencies, Run, to_f64},
    http::HttpClient,
    process,
    target::Target,
};

/// Time before each measurement starts.
const WARM_UP: Duration = Duration::from_millis(500);
/// Time after the last call within which the server completes work that it deferred.
const SETTLE_TIME: Duration = Duration::from_millis(500);

/// Measures calls of `me`, then messages. The first member of the target is the current user.
///
/// # Errors
/// A network or server error.
pub fn lone(target: &Target, duration: Duration, pid: u32, mut run: Run) -> io::Result<Run> {
    let mut client = HttpClient::connect(target.address)?;
    let cookie = target.members.first().map(|member| member.cookie.clone());
    let mut call = |function: &str, arguments: &Value| {
        client.call(function, arguments, cookie.as_deref()).map(drop)
    };
    let (started, generator) = (Instant::now(), process::own_cpu());
    let (me, me_cpu) = measure(duration, pid, |_| call("me", &json!({})))?;
    let (messages, message_cpu) =
        measure(duration, pid, |index| call("post_message", &target.message_arguments(index)))?;
    run.record_latencies("me", &me);
    run.record_latencies("message", &messages);
    run.record("cpu us per me", me_cpu);
    run.record("cpu us per message", message_cpu);
    run.record("cpu per message / cpu per me", message_cpu / me_cpu);
    run.record_generator_use(process::own_cpu() - generator, started.elapsed());
    Ok(run)
}

/// Calls one by one for `duration`. Returns the latencies and the server CPU per call, in
/// microseconds.
fn measure(
    duration: Duration,
    pid: u32,
    mut call: impl FnMut(usize) -> io::Result<()>,
) -> io::Result<(Latencies, f64)> {
    let (started, mut index) = (Instant::now(), 0);
    while started.elapsed() < WARM_UP {
        call(index)?;
        index += 1;
    }
    let (started, cpu, first) = (Instant::now(), process::cpu(pid), index);
    let mut latencies = Latencies::default();
    while started.elapsed() < duration {
        let sent_at = Instant::now();
        call(index)?;
        latencies.add(sent_at.elapsed());
        index += 1;
    }
    thread::sleep(SETTLE_TIME);
    let calls = to_f64(u64::try_from(index - first).unwrap_or(1).max(1));
    Ok((latencies, (process::cpu(pid) - cpu).as_secs_f64() * 1e6 / calls))
}
