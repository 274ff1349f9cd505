//! The program itself, as an operator runs it, on a disk that may do what disks do.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use tokio::time::interval;

use crate::harness::user::{TestClient, http_client};

/// Longer than this the program takes neither to start nor to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program, running; killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    pub base: String,
    log: PathBuf,
    http: reqwest::Client,
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// What is laid under the program to make its disk fail, compiled once.
fn faults() -> &'static Path {
    static FAULTS: OnceLock<PathBuf> = OnceLock::new();
    FAULTS.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("faults-{}.so", std::process::id()));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/prove/program/faults.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .status();
        assert!(
            built.is_ok_and(|status| status.success()),
            "the faults of a disk need a C compiler (cc), as SQLite does: install gcc or clang"
        );
        library
    })
}

impl Program {
    /// Serves this folder, with these faults (`KILL_AT`, `COPIES` …; see `faults.c`) and settings
    /// (`CHATBOX_…`).
    pub(crate) async fn start(data: &Path, faults: &[(&str, String)]) -> Self {
        Self::start_at(free_port(), data, faults).await.expect("the program starts")
    }

    /// The same at an address of one's choice; the code it ended with if it did not come to serve.
    pub(crate) async fn start_at(
        address: SocketAddr,
        data: &Path,
        faulty: &[(&str, String)],
    ) -> Result<Self, Option<i32>> {
        let log = data.with_extension("log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_chatbox"));
        command
            .args(["serve", "--limits", "false", "--address", &address.to_string(), "--data"])
            .arg(data);
        command
            .env("CHATBOX_LOG", "error")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap());
        for (name, value) in faulty {
            if name.starts_with("CHATBOX_") {
                command.env(name, value);
            } else {
                command
                    .env("LD_PRELOAD", faults())
                    .env("PROVE_FOLDER", data)
                    .env(format!("PROVE_{name}"), value);
            }
        }
        let http = http_client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut program =
            Self { child: command.spawn().unwrap(), base: format!("http://{address}"), log, http };
        let (mut again, began) = (interval(Duration::from_millis(10)), Instant::now());
        loop {
            again.tick().await;
            if let Some(status) = program.child.try_wait().unwrap() {
                return Err(status.code());
            }
            if program
                .client()
                .request("GET", "/readyz")
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
            {
                return Ok(program);
            }
            assert!(
                began.elapsed() < PATIENCE,
                "the program does not come to serve: {}",
                program.said()
            );
        }
    }

    pub(crate) fn client(&self) -> TestClient {
        TestClient {
            http: self.http.clone(),
            base: self.base.clone(),
            cookie: None,
            headers: Vec::new(),
        }
    }

    /// SIGKILL: nothing is finished, nothing is flushed.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// SIGTERM: it may finish what it does.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits until it has ended by itself: the code it ended with, `None` after a signal.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let (mut again, began) = (interval(Duration::from_millis(5)), Instant::now());
        loop {
            again.tick().await;
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < PATIENCE, "the program does not end: {}", self.said());
        }
    }

    /// What it wrote to its log.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Bytes of memory that are its own.
    pub(crate) fn memory(&self) -> u64 {
        self.status("RssAnon:")
    }

    /// The most bytes of memory that it had at once, with what of its files is in memory.
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// From now on the peak is that of what comes.
    pub(crate) fn forgets_its_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    fn status(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// How many files and sockets it has open.
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end();
    }
}
