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

use chatbox::server::{
    config::DATA_FILE,
    store::{Access, DataFile},
};
use serde_json::json;
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

/// Counts acknowledged messages that are not stored. The data must be intact, its streams dense,
/// and client IDs unique. A server is running on the data.
pub(crate) async fn lost(
    reader: &TestUser,
    conversation: &str,
    data: &Path,
    acknowledged: &BTreeSet<String>,
) -> usize {
    let mut file = DataFile::open(&data.join(DATA_FILE), Access::Shared).await.unwrap();
    assert_eq!(file.problems().await, [""; 0], "the data is intact");
    file.close().await;
    let stored = reader.client_ids(conversation).await;
    let once: BTreeSet<&String> = stored.iter().collect();
    assert_eq!(once.len(), stored.len(), "client IDs are unique");
    acknowledged.iter().filter(|id| !once.contains(id)).count()
}
