//! People who write as fast as they can and remember what was acknowledged, and the look into the
//! file afterwards.

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

/// How many write at once.
const PENS: usize = 8;

/// Somebody who writes on several devices at once, until the server is gone.
pub(crate) struct Writers {
    pens: JoinSet<Vec<String>>,
    count: Arc<AtomicUsize>,
    more: Arc<Notify>,
}

impl Writers {
    pub(crate) fn start(who: &TestUser, place: &str) -> Self {
        let (count, more, mut pens) =
            (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()), JoinSet::new());
        for pen in 0..PENS {
            let (who, place, count, more) =
                (who.clone(), place.to_owned(), Arc::clone(&count), Arc::clone(&more));
            pens.spawn(async move {
                let mut acknowledged = Vec::new();
                loop {
                    let id = new_id();
                    let message = json!({ "conversation": place, "client_id": id, "body": format!("{pen} still here") });
                    match who.client.request("POST", "/api/post_message").json(&message).send().await {
                        Ok(answer) if answer.status() == 200 => acknowledged.push(id),
                        _ => return acknowledged,
                    }
                    count.fetch_add(1, Ordering::Relaxed);
                    more.notify_one();
                }
            });
        }
        Self { pens, count, more }
    }

    /// Waits until so many were acknowledged, or nobody writes any more.
    pub(crate) async fn wrote(&self, so_many: usize) {
        while self.count.load(Ordering::Relaxed) < so_many && Arc::strong_count(&self.count) > 1 {
            let _ = timeout(Duration::from_millis(50), self.more.notified()).await;
        }
    }

    /// `Some` once so many were acknowledged, `None` when nobody writes any more.
    pub(crate) async fn wrote_or_ended(&self, so_many: usize) -> Option<usize> {
        self.wrote(so_many).await;
        Some(self.count.load(Ordering::Relaxed)).filter(|count| *count >= so_many)
    }

    /// The ids of all that was acknowledged, once the server has gone.
    pub(crate) async fn stop(mut self) -> Vec<String> {
        let mut acknowledged = Vec::new();
        while let Some(own) = self.pens.join_next().await {
            acknowledged.extend(own.unwrap());
        }
        acknowledged
    }
}

/// Registers Ada, and says which conversation is Everyone.
pub(crate) async fn ada_in(server: &Program) -> (TestUser, String) {
    let answer = server
        .client()
        .call("sign_up", json!({ "username": "ada", "display_name": "Ada", "password": PASSWORD }))
        .await;
    let ada = TestUser::of("ada", &answer, server.client());
    let everyone = ada.everyone().await;
    (ada, everyone)
}

/// The same person at a server that was started again.
pub(crate) fn goes_to(person: &TestUser, server: &Program) -> TestUser {
    let mut person = person.clone();
    person.client = crate::harness::user::TestClient {
        cookie: person.client.cookie.clone(),
        ..server.client()
    };
    person
}

async fn look_into(data: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(data.join("chatbox.sqlite"))
        .read_only(true)
        .connect()
        .await
        .unwrap()
}

/// How many of these are not in the file. The file must be whole, its streams dense, and nothing in
/// it twice.
pub(crate) async fn lost(data: &Path, acknowledged: &BTreeSet<String>) -> usize {
    let mut file = look_into(data).await;
    let whole: Vec<String> = sqlx::query("pragma integrity_check")
        .fetch_all(&mut file)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(whole, ["ok"], "the file is whole");
    assert!(
        sqlx::query("pragma foreign_key_check").fetch_all(&mut file).await.unwrap().is_empty(),
        "nothing refers to what is not there"
    );
    let holes: i64 = sqlx::query(
        "select count(*) from (select 1 from changes \
         group by stream having max(seq) <> count(*) or min(seq) <> 1)",
    )
    .fetch_one(&mut file)
    .await
    .unwrap()
    .get(0);
    assert_eq!(holes, 0, "every stream is dense");
    let rows = sqlx::query("select client_id from changes where client_id is not null")
        .fetch_all(&mut file)
        .await
        .unwrap();
    let stored: Vec<String> =
        rows.iter().map(|row| row.get::<uuid::Uuid, _>(0).to_string()).collect();
    let once: BTreeSet<&String> = stored.iter().collect();
    assert_eq!(once.len(), stored.len(), "nothing is there twice");
    acknowledged.iter().filter(|id| !once.contains(id)).count()
}
