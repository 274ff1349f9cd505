//! The real program on a disk with injected faults.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use tokio::time::interval;

use crate::harness::user::{TestClient, http_client};

/// Longest time for a start or an exit.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A running program, killed on drop.
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

/// The library that injects disk faults, compiled once.
fn fault_library() -> &'static Path {
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
            "a C compiler (cc) is required, as for SQLite: install gcc or clang"
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

    /// The same at a given address; the exit code if it ends before it is ready.
    pub(crate) async fn start_at(
        address: SocketAddr,
        data: &Path,
        faults: &[(&str, String)],
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
        for (name, value) in faults {
            if name.starts_with("CHATBOX_") {
                command.env(name, value);
            } else {
                command
                    .env("LD_PRELOAD", fault_library())
                    .env("PROVE_FOLDER", data)
                    .env(format!("PROVE_{name}"), value);
            }
        }
        let http = http_client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut program =
            Self { child: command.spawn().unwrap(), base: format!("http://{address}"), log, http };
        let (mut poll, began) = (interval(Duration::from_millis(10)), Instant::now());
        loop {
            poll.tick().await;
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
                began.elapsed() < TIMEOUT,
                "the program does not become ready: {}",
                program.log()
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

    /// Sends SIGKILL.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits for the exit; the exit code, `None` after a signal.
    pub(crate) async fn wait_for_exit(&mut self) -> Option<i32> {
        let (mut poll, began) = (interval(Duration::from_millis(5)), Instant::now());
        loop {
            poll.tick().await;
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(began.elapsed() < TIMEOUT, "the program does not end: {}", self.log());
        }
    }

    /// Its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Anonymous memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        self.status("RssAnon:")
    }

    /// Peak resident memory, in bytes.
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// Resets the peak.
    pub(crate) fn reset_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    fn status(&self, what: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Number of open file descriptors.
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
