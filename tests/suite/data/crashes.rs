//! The program, killed while it works: acknowledged messages survive.

use std::{
    collections::BTreeSet,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{interval, timeout},
};

use crate::harness::{
    server::{PASSWORD, problems},
    user::{TestClient, TestUser, http_client, new_id},
};

/// A running program, killed on drop.
pub(crate) struct Running {
    program: Child,
    base: String,
}

impl Running {
    pub(crate) async fn start(data: &Path) -> Self {
        // Free a moment ago; the system rarely assigns the same port twice in a row.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let program = Command::new(env!("CARGO_BIN_EXE_chatbox"))
            .args(["serve", "--limits", "false", "--address", &address.to_string(), "--data"])
            .arg(data)
            .env("CHATBOX_LOG", "off")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let running = Self { program, base: format!("http://{address}") };
        let ready = async {
            let mut again = interval(Duration::from_millis(20));
            while running
                .client()
                .request("GET", "/readyz")
                .send()
                .await
                .map_or(true, |answer| answer.status() != 200)
            {
                again.tick().await;
            }
        };
        timeout(Duration::from_secs(20), ready).await.expect("the program starts");
        running
    }

    /// The process ID.
    pub(crate) fn id(&self) -> u32 {
        self.program.id()
    }

    /// Registers a user.
    pub(crate) async fn sign_up(&self, username: &str) -> TestUser {
        let answer = self
            .client()
            .call(
                "sign_up",
                json!({ "username": username, "display_name": username, "password": PASSWORD }),
            )
            .await;
        TestUser::of(username, &answer, self.client())
    }

    fn client(&self) -> TestClient {
        TestClient {
            http: http_client().build().unwrap(),
            base: self.base.clone(),
            cookie: None,
            headers: Vec::new(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL on Unix.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[tokio::test]
async fn acknowledged_messages_survive_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Running::start(folder.path()).await;
    let mut ada = server.sign_up("ada").await;
    let everyone = ada.everyone().await;
    let mut acknowledged = BTreeSet::new();
    for _ in 0..5 {
        let count = Arc::new(AtomicUsize::new(0));
        let mut writers = JoinSet::new();
        for _ in 0..8 {
            let (ada, everyone, count) = (ada.clone(), everyone.clone(), Arc::clone(&count));
            writers.spawn(async move {
                let mut confirmed = Vec::new();
                loop {
                    let id = new_id();
                    let message =
                        json!({ "conversation": everyone, "client_id": id, "body": "still here" });
                    match ada
                        .client
                        .request("POST", "/api/post_message")
                        .json(&message)
                        .send()
                        .await
                    {
                        Ok(answer) if answer.status() == 200 => confirmed.push(id),
                        _ => return confirmed,
                    }
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while count.load(Ordering::Relaxed) < 100 {
            tokio::task::yield_now().await;
        }
        drop(server);
        while let Some(confirmed) = writers.join_next().await {
            acknowledged.extend(confirmed.unwrap());
        }
        server = Running::start(folder.path()).await;
        ada.client = TestClient { cookie: ada.client.cookie.clone(), ..server.client() };
    }
    assert!(acknowledged.len() >= 500);
    let stored = ada.client_ids(&everyone).await;
    let once: BTreeSet<_> = stored.iter().cloned().collect();
    assert_eq!(once.len(), stored.len(), "nothing twice");
    assert_eq!(acknowledged.difference(&once).count(), 0, "of {} acknowledged", acknowledged.len());
    drop(server);
    assert_eq!(problems(folder.path()).await, [""; 0]);
}
