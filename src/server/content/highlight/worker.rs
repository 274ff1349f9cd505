//! The render worker: a process of its own for code and formulas. Grammars and the formula parser
//! are third-party code that cannot be interrupted, but a process can be ended, and all its memory
//! is freed.

use std::{
    io::{BufRead, Write},
    process,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, Thread},
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::{code, math};
use crate::{
    domain::rendering::{MAX_TEXT_BYTES, RenderKind, RenderRequest, Span},
    protocol::codec,
};

/// The argument with which the server starts itself as a worker.
pub const ARGUMENT: &str = "typeset-worker";
/// CPU time for all texts of a request. Wall-clock time would charge a request for a busy machine.
pub(super) const REQUEST_CPU_TIME: Duration = Duration::from_millis(1_000);
/// CPU time for one text. The rest of code that takes longer stays plain.
const TEXT_CPU_TIME: Duration = Duration::from_millis(500);
/// After this much more CPU time the process ends.
const HARD_LIMIT_GRACE: Duration = Duration::from_millis(100);
/// How often the limits are checked.
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// Memory after which a worker takes no further text, in kB: it holds many grammars then.
const RECYCLE_MEMORY_KB: u64 = 128 * 1024;
/// Memory at which it ends at once, in kB.
const MAX_MEMORY_KB: u64 = 320 * 1024;
/// The formula parser is recursive.
pub(super) const STACK_SIZE: usize = 8 * 1024 * 1024;
/// Scheduling priority: message delivery comes first.
const NICENESS: i32 = 10;

/// A request to the worker, on one line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) texts: Vec<RenderRequest>,
    /// Remaining CPU time, in milliseconds.
    pub(super) millis: u64,
}

/// The result for one text, on one line, in the order of the texts.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct JobResult {
    pub(super) spans: Option<Vec<Span>>,
    /// CPU time that remains for the other texts, in milliseconds.
    pub(super) millis: u64,
    /// The worker exits after this result; another one continues.
    pub(super) is_last: bool,
}

/// Processes jobs from standard input until it is closed.
pub fn run() {
    let _ = rustix::process::setpriority_process(None, NICENESS);
    let watchdog = Watchdog::start();
    // Without a thread the process exits, and the server shows the texts as typed.
    if let Ok(work) = thread::Builder::new()
        .name("typeset".to_owned())
        .stack_size(STACK_SIZE)
        .spawn(move || serve(&watchdog))
    {
        let _ = work.join();
    }
}

fn serve(watchdog: &Watchdog) {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let Some(job) = line.ok().and_then(|line| codec::decode_json::<Job>(&line).ok()) else {
            return;
        };
        let end = cpu_time() + Duration::from_millis(job.millis);
        for request in &job.texts {
            let spans =
                watchdog.guard(end.min(cpu_time() + TEXT_CPU_TIME), |until| render(request, until));
            let millis =
                u64::try_from(end.saturating_sub(cpu_time()).as_millis()).unwrap_or_default();
            let is_last = resident_kb() > RECYCLE_MEMORY_KB;
            let Ok(text) = codec::encode_json(&JobResult { spans, millis, is_last }) else {
                return;
            };
            if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() || is_last {
                return;
            }
        }
    }
}

/// Renders a text; code that takes longer than the CPU time allows is highlighted in part.
fn render(request: &RenderRequest, until: Duration) -> Option<Vec<Span>> {
    let is_over = || cpu_time() >= until;
    if is_over() || request.text.len() > MAX_TEXT_BYTES {
        return None;
    }
    match request.kind {
        RenderKind::Code => code::highlight(&request.language, &request.text, is_over),
        RenderKind::Formula => math::render(&request.text, false),
        RenderKind::Display => math::render(&request.text, true),
    }
}

/// CPU time of this process.
fn cpu_time() -> Duration {
    let cpu_time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(cpu_time.tv_sec).unwrap_or_default(),
        u32::try_from(cpu_time.tv_nsec).unwrap_or_default(),
    )
}

/// Resident memory of this process, in kB; 0 if unknown.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}

/// Ends the process when a text exceeds its CPU time or memory.
struct Watchdog {
    /// Deadline as CPU time of the process, in microseconds; 0 between texts.
    until: Arc<AtomicU64>,
    watcher: Option<Thread>,
}

impl Watchdog {
    fn start() -> Self {
        let until = Arc::new(AtomicU64::new(0));
        let watched = Arc::clone(&until);
        let watchdog = move || {
            loop {
                match watched.load(Ordering::Acquire) {
                    0 => thread::park(),
                    until
                        if cpu_time() > Duration::from_micros(until)
                            || resident_kb() > MAX_MEMORY_KB =>
                    {
                        process::exit(1)
                    }
                    _ => thread::sleep(POLL_INTERVAL),
                }
            }
        };
        let watcher = thread::Builder::new().name("watch".to_owned()).spawn(watchdog).ok();
        Self { until, watcher: watcher.map(|watcher| watcher.thread().clone()) }
    }

    /// Runs `work`, which has until this CPU time.
    fn guard<T>(&self, until: Duration, work: impl FnOnce(Duration) -> Option<T>) -> Option<T> {
        // Without a watcher nothing could interrupt the work.
        let watcher = self.watcher.as_ref()?;
        self.until.store(
            u64::try_from((until + HARD_LIMIT_GRACE).as_micros()).unwrap_or(u64::MAX),
            Ordering::Release,
        );
        watcher.unpark();
        let done = work(until);
        self.until.store(0, Ordering::Release);
        done
    }
}
