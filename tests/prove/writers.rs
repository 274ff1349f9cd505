//! Clients that write as fast as they can and record what was acknowledged, and the check of the
//! database afterwards.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use sqlx::{
    ConnectOptions, Row,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use tokio::{sync::Notify, task::JoinSet, time::timeout};

use crate::{
    harness::{
        server::PASSWORD,
        user::{TestUser, new_id},
    },
    program::Program,
};

/// Number of concurrent writers.
const WRITERS: usize = 8;

/// A person who writes on several devices until the server is gone.
pub(crate) struct Writers {
    writers: JoinSet<Vec<String>>,
    count: Arc<AtomicUsize>,
    more: Arc<Notify>,
}

impl Writers {
    pub(crate) fn start(who: &TestUser, conversation: &str) -> Self {
        let (count, more, mut writers) =
            (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()), JoinSet::new());
        for writer in 0..WRITERS {
            let (who, conversation, count, more) =
                (who.clone(), conversation.to_owned(), Arc::clone(&count), Arc::clone(&more));
            writers.spawn(async move {
                let mut acknowledged = Vec::new();
                loop {
                    let id = new_id();
                    let message = json!({
                        "conversation": conversation,
                        "client_id": id,
                        "body": format!("{writer} still here")
                    });
                    match who
                        .client
                        .request("POST", "/api/post_message")
                        .json(&message)
                        .send()
                        .await
                    {
                        Ok(answer) if answer.status() == 200 => acknowledged.push(id),
                        _ => return acknowledged,
                    }
                    count.fetch_add(1, Ordering::Relaxed);
                    more.notify_one();
                }
            });
        }
        Self { writers, count, more }
    }

    /// Waits until this many messages were acknowledged or all writers have ended.
    pub(crate) async fn wait_for_acknowledged(&self, count: usize) {
        while self.count.load(Ordering::Relaxed) < count && Arc::strong_count(&self.count) > 1 {
            let _ = timeout(Duration::from_millis(50), self.more.notified()).await;
        }
    }

    /// The same; `None` if all writers have ended before.
    pub(crate) async fn wait_for_acknowledged_or_end(&self, count: usize) -> Option<usize> {
        self.wait_for_acknowledged(count).await;
        Some(self.count.load(Ordering::Relaxed)).filter(|acknowledged| *acknowledged >= count)
    }

    /// The client IDs of all acknowledged messages, once the server is gone.
    pub(crate) async fn stop(mut self) -> Vec<String> {
        let mut acknowledged = Vec::new();
        while let Some(own) = self.writers.join_next().await {
            acknowledged.extend(own.unwrap());
        }
        acknowledged
    }
}

/// Registers Ada. Returns her and the ID of Everyone.
pub(crate) async fn sign_up_ada(server: &Program) -> (TestUser, String) {
    let answer = server
        .client()
        .call("sign_up", json!({ "username": "ada", "display_name": "Ada", "password": PASSWORD }))
        .await;
    let ada = TestUser::of("ada", &answer, server.client());
    let everyone = ada.everyone().await;
    (ada, everyone)
}

/// The same person at a restarted server.
pub(crate) fn at_server(person: &TestUser, server: &Program) -> TestUser {
    let mut person = person.clone();
    person.client = crate::harness::user::TestClient {
        cookie: person.client.cookie.clone(),
        ..server.client()
    };
    person
}

async fn open_database(data: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(data.join("chatbox.sqlite"))
        .read_only(true)
        .connect()
        .await
        .unwrap()
}

/// Counts acknowledged messages that are not stored. The database must be intact, its streams
/// dense, and client IDs unique.
pub(crate) async fn lost(data: &Path, acknowledged: &BTreeSet<String>) -> usize {
    let mut file = open_database(data).await;
    let problems: Vec<String> = sqlx::query("pragma integrity_check")
        .fetch_all(&mut file)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(problems, ["ok"], "the database is intact");
    assert!(
        sqlx::query("pragma foreign_key_check").fetch_all(&mut file).await.unwrap().is_empty(),
        "no dangling foreign key"
    );
    let gaps: i64 = sqlx::query(
        "select count(*) from (select 1 from changes \
         group by stream having max(seq) <> count(*) or min(seq) <> 1)",
    )
    .fetch_one(&mut file)
    .await
    .unwrap()
    .get(0);
    assert_eq!(gaps, 0, "every stream is dense");
    let rows = sqlx::query("select client_id from changes where client_id is not null")
        .fetch_all(&mut file)
        .await
        .unwrap();
    let stored: Vec<String> =
        rows.iter().map(|row| row.get::<uuid::Uuid, _>(0).to_string()).collect();
    let once: BTreeSet<&String> = stored.iter().collect();
    assert_eq!(once.len(), stored.len(), "client IDs are unique");
    acknowledged.iter().filter(|id| !once.contains(id)).count()
}
