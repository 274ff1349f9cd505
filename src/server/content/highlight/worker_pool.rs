//! The pool of worker processes: started on demand, ended when idle.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::Instant,
};

use super::worker::{ARGUMENT, Job, JobResult, REQUEST_CPU_TIME};
use crate::{
    domain::rendering::{RenderRequest, Span},
    protocol::codec,
};

/// How long an idle worker is kept before it is ended and its memory freed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// CPU time charged for a text during which the worker exited.
const CRASH_COST: Duration = Duration::from_millis(500);

/// A clone is another handle to the same pool.
#[derive(Clone)]
pub(super) struct WorkerPool {
    program: Arc<Path>,
    idle: Arc<Mutex<Vec<(Worker, Instant)>>>,
}

/// A worker process, killed on drop.
struct Worker {
    _process: Child,
    to: ChildStdin,
    from: Lines<BufReader<ChildStdout>>,
    /// Whether it has completed a job before.
    has_completed_job: bool,
}

impl WorkerPool {
    pub(super) fn new(program: PathBuf) -> Self {
        Self { program: program.into(), idle: Arc::default() }
    }

    /// Spans of each text. A text during which the worker exits stays as typed, and another worker
    /// continues with the rest.
    ///
    /// # Errors
    /// No worker can be started.
    pub(super) async fn render(
        &self,
        texts: Vec<RenderRequest>,
    ) -> std::io::Result<Vec<Option<Vec<Span>>>> {
        let mut results = vec![None; texts.len()];
        // Shortest first, so that a long text cannot use up the CPU time of the others.
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|index| texts[*index].text.len());
        let mut waiting: VecDeque<(usize, RenderRequest)> = {
            let mut texts: Vec<Option<RenderRequest>> = texts.into_iter().map(Some).collect();
            order.into_iter().filter_map(|index| Some((index, texts[index].take()?))).collect()
        };
        let mut millis = u64::try_from(REQUEST_CPU_TIME.as_millis()).unwrap_or_default();
        while !waiting.is_empty() && millis > 0 {
            let mut worker = self.acquire()?;
            let job =
                Job { texts: waiting.iter().map(|(_, request)| request.clone()).collect(), millis };
            let is_healthy = worker.results(&job, &mut waiting, &mut millis, &mut results).await;
            if is_healthy {
                self.release(worker);
            }
        }
        Ok(results)
    }

    fn acquire(&self) -> std::io::Result<Worker> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| Worker::start(&self.program), |(worker, _)| Ok(worker))
    }

    fn release(&self, worker: Worker) {
        let idle = Arc::clone(&self.idle);
        idle.lock().unwrap_or_else(PoisonError::into_inner).push((worker, Instant::now()));
        tokio::spawn(async move {
            tokio::time::sleep(IDLE_TIMEOUT).await;
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(|(_, since)| since.elapsed() < IDLE_TIMEOUT);
        });
    }
}

impl Worker {
    fn start(program: &Path) -> std::io::Result<Self> {
        let mut process = Command::new(program)
            .arg(ARGUMENT)
            // The environment may contain secrets, such as the key of a bucket.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl+C must reach the server only, which ends its workers.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let (Some(to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(std::io::Error::other("a worker without pipes"));
        };
        Ok(Self {
            _process: process,
            to,
            from: BufReader::new(from).lines(),
            has_completed_job: false,
        })
    }

    /// Reads the results of a job and removes finished texts from `waiting`. Returns whether the
    /// worker can be reused.
    async fn results(
        &mut self,
        job: &Job,
        waiting: &mut VecDeque<(usize, RenderRequest)>,
        millis: &mut u64,
        results: &mut [Option<Vec<Span>>],
    ) -> bool {
        let asked = match codec::encode_json(job) {
            Ok(text) => self.to.write_all(format!("{text}\n").as_bytes()).await.is_ok(),
            Err(_) => false,
        };
        while let Some((index, request)) = waiting.pop_front() {
            let line = if asked { self.from.next_line().await.ok().flatten() } else { None };
            let Some(answer) = line.and_then(|line| codec::decode_json::<JobResult>(&line).ok())
            else {
                *millis = millis
                    .saturating_sub(u64::try_from(CRASH_COST.as_millis()).unwrap_or_default());
                if std::mem::take(&mut self.has_completed_job) {
                    // It may have exited before the request; retry with a new worker.
                    waiting.push_front((index, request));
                }
                return false;
            };
            (results[index], *millis) = (answer.spans, answer.millis);
            self.has_completed_job = false;
            if answer.is_last {
                return false;
            }
        }
        self.has_completed_job = true;
        true
    }
}
