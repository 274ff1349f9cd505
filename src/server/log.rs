//! Log output that never blocks the caller: lines are queued in memory and written by one thread,
//! those of a short time together. Lines that do not fit are dropped and counted.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::AsFd,
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Maximum number of bytes that wait to be written.
const QUEUE_BYTES: usize = 256 * 1024;
/// Bytes that are written without waiting for more.
const BATCH_BYTES: usize = 64 * 1024;
/// How long the first line of a batch waits for others, so that a line costs no system call of its
/// own under load.
const BATCH_TIME: Duration = Duration::from_millis(20);
/// Memory kept between batches.
const BATCH_KEPT: usize = 64 * 1024;
/// How long the end of the process waits for the queue to be written.
const FLUSH_WITHIN: Duration = Duration::from_millis(500);

/// A queue of log lines with the thread that writes them.
#[derive(Clone)]
pub struct LogQueue(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    /// Signalled when there is something to write.
    filled: Condvar,
    /// Signalled when everything was written.
    drained: Condvar,
}

#[derive(Default)]
struct Queue {
    bytes: Vec<u8>,
    /// The thread holds bytes that are not written yet.
    writing: bool,
    /// Somebody waits until everything is written.
    flushing: bool,
    /// Lines dropped since the start.
    dropped: u64,
}

impl LogQueue {
    /// Starts the thread that writes to `output`. Without a thread every line is dropped.
    pub fn start(output: impl Write + Send + 'static) -> Self {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            filled: Condvar::new(),
            drained: Condvar::new(),
        });
        let writer = Arc::clone(&shared);
        let _ = thread::Builder::new().name("log".into()).spawn(move || writer.write_to(output));
        Self(shared)
    }

    /// Queues a line, or drops it if the queue is full. Never waits for the output.
    fn push(&self, line: &[u8]) {
        let mut queue = self.0.lock();
        if queue.bytes.len() + line.len() > QUEUE_BYTES {
            queue.dropped += 1;
            return;
        }
        let before = queue.bytes.len();
        queue.bytes.extend_from_slice(line);
        // Between these two the thread is waiting for the time of the batch, or writing.
        let wakes = before == 0 || (before < BATCH_BYTES && queue.bytes.len() >= BATCH_BYTES);
        drop(queue);
        if wakes {
            self.0.filled.notify_one();
        }
    }

    /// Waits until everything is written, but no longer than `within`.
    fn flush(&self, within: Duration) {
        let pending = |queue: &mut Queue| queue.writing || !queue.bytes.is_empty();
        let queue = self.write_now();
        drop(self.0.drained.wait_timeout_while(queue, within, pending));
    }

    /// Writes without waiting for more lines.
    fn write_now(&self) -> MutexGuard<'_, Queue> {
        let mut queue = self.0.lock();
        queue.flushing = true;
        self.0.filled.notify_one();
        queue
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut output: impl Write) {
        let (mut batch, mut reported) = (Vec::new(), 0);
        loop {
            let mut queue = self.lock();
            while queue.bytes.is_empty() {
                queue.writing = false;
                queue.flushing = false;
                self.drained.notify_all();
                queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
            let gathers = |queue: &mut Queue| queue.bytes.len() < BATCH_BYTES && !queue.flushing;
            (queue, _) = self
                .filled
                .wait_timeout_while(queue, BATCH_TIME, gathers)
                .unwrap_or_else(PoisonError::into_inner);
            queue.writing = true;
            std::mem::swap(&mut batch, &mut queue.bytes);
            drop(queue);
            // A closed pipe or a full disk: the log cannot say so.
            let written = output.write_all(&batch).and_then(|()| output.flush());
            let lines = u64::try_from(batch.split(|byte| *byte == b'\n').count().saturating_sub(1))
                .unwrap_or(u64::MAX);
            batch.clear();
            batch.shrink_to(BATCH_KEPT);
            let dropped = {
                let mut queue = self.lock();
                if written.is_err() {
                    queue.dropped += lines;
                }
                queue.dropped
            };
            // The total, so that a report which is itself dropped is made good by the next one.
            if written.is_ok() && dropped > reported {
                reported = dropped;
                tracing::warn!(
                    dropped,
                    "log lines dropped since the start: the log is not read fast enough"
                );
            }
        }
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = LineWriter<'a>;

    fn make_writer(&'a self) -> LineWriter<'a> {
        LineWriter(self)
    }
}

/// Writes one event, which the formatter hands over whole.
pub struct LineWriter<'a>(&'a LogQueue);

impl Write for LineWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static STDERR: LazyLock<LogQueue> = LazyLock::new(|| {
    // A descriptor of its own: the lock of `std::io::stderr` would be held while a write blocks.
    match io::stderr().as_fd().try_clone_to_owned() {
        Ok(stderr) => LogQueue::start(File::from(stderr)),
        Err(_) => LogQueue::start(io::sink()),
    }
});

/// The queue to standard error.
#[must_use]
pub fn stderr() -> LogQueue {
    STDERR.clone()
}

/// Writes what waits, and this sentence after it, before the process ends. Gives up after half a
/// second.
pub fn finish(sentence: Option<&str>) {
    if let Some(sentence) = sentence {
        STDERR.push(format!("chatbox: {sentence}\n").as_bytes());
    }
    STDERR.flush(FLUSH_WITHIN);
}

/// Logs panics: the default hook writes to standard error itself and would block there.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, cause = panic.payload_as_str().unwrap_or("unknown"), "panic");
        // A panic of the main thread ends the process.
        if thread::current().name() == Some("main") {
            STDERR.flush(FLUSH_WITHIN);
        } else {
            drop(STDERR.write_now());
        }
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// An output that takes a batch only when it is told to.
    struct Gate {
        open: mpsc::Receiver<()>,
        written: mpsc::Sender<Vec<u8>>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.open.recv().map_err(io::Error::other)?;
            self.written.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn gated() -> (LogQueue, mpsc::Sender<()>, mpsc::Receiver<Vec<u8>>) {
        let ((opens, open), (written, wrote)) = (mpsc::channel(), mpsc::channel());
        (LogQueue::start(Gate { open, written }), opens, wrote)
    }

    #[test]
    fn a_blocked_output_blocks_nobody_and_drops_whole_lines() {
        let (log, opens, wrote) = gated();
        let line = |n: usize| format!("{n:0>99}\n");
        log.push(line(0).as_bytes());
        // The thread holds the first line, and the queue is filled without a gap behind it.
        while !log.0.lock().writing {
            thread::yield_now();
        }
        for n in 1..3 * QUEUE_BYTES / 100 {
            log.push(line(n).as_bytes());
        }
        let dropped = log.0.lock().dropped;
        assert!(dropped >= QUEUE_BYTES as u64 / 100, "{dropped}");
        log.flush(Duration::from_millis(1));
        opens.send(()).unwrap();
        opens.send(()).unwrap();
        let text = [wrote.recv().unwrap(), wrote.recv().unwrap()].concat();
        assert_eq!(
            text,
            (0..text.len() / 100).map(line).collect::<String>().into_bytes(),
            "in order, and no line is torn"
        );
        assert_eq!(
            text.len() / 100 + usize::try_from(dropped).unwrap(),
            3 * QUEUE_BYTES / 100,
            "every line is written or counted"
        );
        log.push(b"later\n");
        opens.send(()).unwrap();
        assert_eq!(wrote.recv().unwrap(), b"later\n", "it goes on");
    }

    #[test]
    fn lines_of_a_failed_output_are_counted() {
        let (log, opens, wrote) = gated();
        drop(wrote);
        log.push(b"one\ntwo\n");
        opens.send(()).unwrap();
        log.flush(Duration::from_secs(10));
        assert_eq!(log.0.lock().dropped, 2);
    }

    #[test]
    fn flush_waits_until_everything_is_written() {
        let (log, opens, wrote) = gated();
        log.push(b"last words\n");
        let closing = thread::spawn({
            let log = log.clone();
            move || log.flush(Duration::from_secs(10))
        });
        opens.send(()).unwrap();
        closing.join().unwrap();
        assert_eq!(wrote.try_recv().unwrap(), b"last words\n");
    }
}
