//! A test server with its own data folder on a free port. Dropping it stops it and verifies its
//! data.

use std::{fs::File, net::SocketAddr, path::Path, sync::Arc, thread, time::Duration};

use chatbox::server::{
    App,
    clock::Clock,
    config::{Config, DATA_FILE, LogFormat},
    http,
    storage::{FileStorage, Secret},
    store::{Access, DataFile},
};
use serde_json::json;
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime, sync::oneshot};

use super::{
    fake_web::unreachable,
    user::{TestClient, TestResponse, TestUser, http_client},
};

/// The password of all users, unless a test is about passwords.
pub(crate) const PASSWORD: &str = "tree-lamp-41";

pub(crate) struct TestServer {
    pub address: SocketAddr,
    folder: Arc<TempDir>,
    config: Config,
    threads: usize,
    http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
    /// Skips the check at the end, because the test damages the data file.
    pub is_damaged: bool,
}

impl TestServer {
    /// A server with the default configuration.
    pub(crate) fn new() -> Self {
        Self::with_config(|_| {})
    }

    /// A server with one thread, on which concurrent tasks take turns.
    pub(crate) fn single_threaded() -> Self {
        Self::of(1, |_| {})
    }

    /// A server with another configuration.
    pub(crate) fn with_config(change: impl FnOnce(&mut Config)) -> Self {
        Self::of(2, change)
    }

    fn of(threads: usize, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config {
            data: folder.path().join("data"),
            storage: FileStorage {
                files: None,
                s3_endpoint: None,
                s3_region: "here".into(),
                s3_key: String::new(),
                s3_secret: Secret::default(),
            },
            file_limit: 100,
            quota: 5_000,
            address: "127.0.0.1:0".parse().unwrap(),
            origin: None,
            registration: None,
            log_format: LogFormat::Text,
            limits: true,
            link_previews: None,
            transport: unreachable(),
            quick_hashes: true,
            setup_code: None,
            clock: Clock::default(),
            program: env!("CARGO_BIN_EXE_chatbox").into(),
        };
        change(&mut config);
        Self::start(Arc::new(folder), config, threads)
    }

    fn start(folder: Arc<TempDir>, config: Config, threads: usize) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (address_sender, address_receiver) = std::sync::mpsc::channel();
        let server_config = config.clone();
        // Runs in its own thread and runtime, so that `drop`, which cannot await, can stop it.
        let thread = thread::spawn(move || {
            let mut builder = if threads == 1 {
                runtime::Builder::new_current_thread()
            } else {
                runtime::Builder::new_multi_thread()
            };
            let runtime = builder.worker_threads(threads).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind(server_config.address).await.unwrap();
                let app = App::open(server_config).await.unwrap();
                address_sender.send(listener.local_addr().unwrap()).unwrap();
                http::serve(app, listener, async { drop(stopped.await) }).await.unwrap();
            });
        });
        let address = address_receiver.recv().expect("the server starts");
        let http = http_client().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self {
            address,
            folder,
            config,
            threads,
            http,
            stop: Some(stop),
            thread: Some(thread),
            is_damaged: false,
        }
    }

    /// The same server after a restart: another port, the same folder. Users follow with
    /// [`TestUser::switch_to`].
    pub(crate) fn restart(mut self) -> Self {
        self.end_and_unlock();
        Self::start(Arc::clone(&self.folder), self.config.clone(), self.threads)
    }

    /// The same after its data folder was changed while it was stopped.
    pub(crate) fn restart_after(mut self, meanwhile: impl FnOnce(&Path)) -> Self {
        self.end_and_unlock();
        meanwhile(&self.config.data);
        // The changed data is not checked at the end.
        self.is_damaged = true;
        Self::start(Arc::clone(&self.folder), self.config.clone(), self.threads)
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server ends cleanly");
        }
    }

    /// Stops the server and waits until its data folder can be opened again: a process that another
    /// test is starting has a copy of the lock until it runs its program.
    fn end_and_unlock(&mut self) {
        self.end();
        File::open(self.config.data.join("chatbox.lock")).unwrap().lock().unwrap();
    }

    pub(crate) fn data_folder(&self) -> &Path {
        &self.config.data
    }

    /// Moves the server's clock forwards, instead of waiting. Sessions last 30 days.
    pub(crate) fn advance_clock(&self, by: Duration) {
        self.config.clock.advance(i64::try_from(by.as_millis()).unwrap());
    }

    /// Moves the server's clock backwards.
    pub(crate) fn rewind_clock(&self, by: Duration) {
        self.config.clock.advance(-i64::try_from(by.as_millis()).unwrap());
    }

    /// A client without a session.
    pub(crate) fn client(&self) -> TestClient {
        TestClient {
            http: self.http.clone(),
            base: format!("http://{}", self.address),
            cookie: None,
            headers: Vec::new(),
        }
    }

    /// Registers a user.
    pub(crate) async fn user(&self, username: &str) -> TestUser {
        let answer = self.try_sign_up(username, PASSWORD).await;
        assert_eq!(answer.status, 200, "{username} registers: {}", answer.text);
        TestUser::of(username, &answer, self.client())
    }

    /// Tries to register.
    pub(crate) async fn try_sign_up(&self, username: &str, password: &str) -> TestResponse {
        let name: String = username
            .chars()
            .take(1)
            .flat_map(char::to_uppercase)
            .chain(username.chars().skip(1))
            .collect();
        self.client()
            .call(
                "sign_up",
                json!({ "username": username, "display_name": name, "password": password }),
            )
            .await
    }

    /// Tries to sign in.
    pub(crate) async fn try_sign_in(&self, username: &str, password: &str) -> TestResponse {
        self.client().call("sign_in", json!({ "username": username, "password": password })).await
    }

    /// The same user on another device.
    pub(crate) async fn second_device(&self, username: &str) -> TestUser {
        let answer = self.try_sign_in(username, PASSWORD).await;
        assert_eq!(answer.status, 200, "{username} signs in: {}", answer.text);
        TestUser::of(username, &answer, self.client())
    }
}

/// Registers this many users, in this order.
pub(crate) async fn users<const N: usize>(server: &TestServer) -> [TestUser; N] {
    const NAMES: [&str; 8] = ["ada", "grace", "kofi", "mei", "noor", "omar", "petra", "quinn"];
    let mut people = Vec::new();
    for name in NAMES.iter().take(N) {
        people.push(server.user(name).await);
    }
    people.try_into().unwrap_or_else(|_| panic!("at most {} users", NAMES.len()))
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.end();
        if thread::panicking() || self.is_damaged {
            return;
        }
        let data = self.config.data.clone();
        let problems = thread::spawn(move || {
            runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(problems(&data))
        });
        let problems = problems.join().unwrap();
        assert!(problems.is_empty(), "the data is intact and every stream dense: {problems:#?}");
    }
}

/// What `chatbox verify` reports of the database in a data folder without a server: damage, rows
/// that refer to nothing, and streams with gaps.
pub(crate) async fn problems(data: &Path) -> Vec<String> {
    let file = data.join(DATA_FILE);
    let mut file = DataFile::open(&file, Access::Exclusive).await.unwrap();
    let problems = file.problems().await;
    file.close().await;
    problems
}
