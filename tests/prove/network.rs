//! Clients on a bad network: each displays every event once and in order, and each message is
//! stored once.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chatbox::{
    domain::{Change, ClientId, ConversationId, Entry, HistoryPage, Seq},
    protocol::{ServerEvent, StreamId, close},
};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    browser::{Browser, Socket},
    harness::{
        server::TestServer,
        user::{TestClient, TestUser, http_client, new_id},
    },
    measure::{Rng, report_row, times},
    proxy::Proxy,
};

/// A socket without events for this long counts as dead; the application waits 45 seconds.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(3);

/// The displayed entries of each conversation, in the order of display.
type Shown = BTreeMap<ConversationId, Vec<Arc<Entry>>>;
/// The last position of each conversation, once writing has ended.
type Ends = Option<BTreeMap<ConversationId, Seq>>;

/// A client that receives events and records what it displays.
struct Listener {
    client: TestClient,
    browser: Browser,
    shown: Shown,
    sockets: usize,
    resyncs: usize,
}

impl Listener {
    /// Reconnects until all events up to the goal are displayed.
    async fn listen(mut self, mut goal: watch::Receiver<Ends>) -> Self {
        let mut failures = 0_u32;
        loop {
            if let Ok(mut socket) = Socket::open(&self.client, &self.browser.hello()).await {
                self.sockets += 1;
                loop {
                    if goal.borrow_and_update().as_ref().is_some_and(|ends| self.has_reached(ends))
                    {
                        return self;
                    }
                    let event = tokio::select! {
                        event = timeout(SILENCE_TIMEOUT, socket.next()) => event,
                        _ = goal.changed() => continue,
                    };
                    match event {
                        Ok(Ok(event)) => {
                            failures = 0;
                            if self.handle(event).await.is_err() {
                                break;
                            }
                        }
                        Ok(Err(code)) if code != 0 => {
                            assert!(close::may_reconnect(code), "closed with {code}");
                            break;
                        }
                        Ok(Err(_)) | Err(_) => break,
                    }
                }
            }
            failures += 1;
            sleep(Duration::from_millis(u64::from(failures.min(10)) * 20)).await;
        }
    }

    fn has_reached(&self, ends: &BTreeMap<ConversationId, Seq>) -> bool {
        self.shown.iter().all(|(conversation, shown)| {
            shown.last().is_some_and(|last| last.seq >= ends[conversation])
        })
    }

    async fn handle(&mut self, event: ServerEvent) -> Result<(), u16> {
        match event {
            ServerEvent::Change { stream, seq, at, change } => {
                let mut gap = self.apply(stream, Entry { seq, at, change });
                while let Some((stream, cursor)) = gap.take() {
                    let StreamId::Conversation(conversation) = stream else {
                        return self.resync().await;
                    };
                    for entry in self.client.all_after(conversation, cursor).await? {
                        gap = self.apply(stream, entry).or(gap);
                    }
                }
                Ok(())
            }
            ServerEvent::Resync { .. } => self.resync().await,
            _ => Ok(()),
        }
    }

    /// Applies an event and records the entries that it adds to the display.
    fn apply(&mut self, stream: StreamId, entry: Entry) -> Option<(StreamId, Seq)> {
        let gap = self.browser.apply(stream, entry);
        let StreamId::Conversation(conversation) = stream else { return gap };
        if let Some(timeline) = self.browser.timelines.find_mut(conversation) {
            let log = self.shown.entry(conversation).or_default();
            let last = log.last().map_or(Seq::START, |entry| entry.seq);
            // New entries from the end; repeated or reordered ones would be recorded too.
            let new = timeline.entries().iter().rev().take_while(|entry| entry.seq > last).count();
            log.extend(timeline.entries()[timeline.entries().len() - new..].iter().cloned());
            timeline.drop_oldest();
        }
        gap
    }

    /// Loads a snapshot and the missed history.
    async fn resync(&mut self) -> Result<(), u16> {
        self.resyncs += 1;
        let mut browser = Browser::of(self.client.fetch_snapshot().await?);
        let mut read = Vec::new();
        for (conversation, log) in &self.shown {
            let head = browser.conversations.find(*conversation).unwrap().head;
            let last = log.last().map_or(Seq::START, |entry| entry.seq);
            let mut missed = self.client.all_after(*conversation, last).await?;
            missed.retain(|entry| entry.seq <= head);
            let page: HistoryPage = self
                .client
                .call_as("history", json!({ "conversation": conversation, "before": head.next() }))
                .await?;
            browser
                .timelines
                .open(*conversation)
                .replace(HistoryPage { more_after: false, ..page });
            read.push((*conversation, missed));
        }
        for (conversation, missed) in read {
            self.shown.get_mut(&conversation).unwrap().extend(missed.into_iter().map(Arc::new));
        }
        self.browser = browser;
        Ok(())
    }
}

/// Sends messages one at a time, each until it is acknowledged, with its client ID. Returns the
/// number of attempts.
async fn send_all(client: TestClient, conversation: ConversationId, ids: Vec<String>) -> usize {
    let mut attempts = 0;
    for (n, id) in ids.iter().enumerate() {
        let began = Instant::now();
        loop {
            attempts += 1;
            let message =
                json!({ "conversation": conversation, "client_id": id, "body": format!("{n}") });
            let request =
                client.request("POST", "/api/post_message").json(&message).timeout(SILENCE_TIMEOUT);
            if let Ok(answer) = request.send().await {
                assert_eq!(answer.status(), 200, "the message is valid");
                if answer.bytes().await.is_ok() {
                    break;
                }
            }
            sleep(Duration::from_millis(10)).await;
            assert!(began.elapsed() < Duration::from_secs(60), "a message cannot be sent");
        }
    }
    attempts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_network_loses_duplicates_and_reorders_nothing() {
    let (people, group_count, each, least) =
        (times(6, 50), times(2, 12), times(170, 400), times(20, 1_000));
    let server = TestServer::with_config(|config| config.limits = false);
    let proxy = Proxy::start(server.address, Rng::of(6)).await;
    let mut users: Vec<TestUser> = Vec::new();
    for n in 0..people {
        users.push(server.user(&format!("person{n}")).await);
    }
    // People are spread over the groups; some are in two.
    let mut conversations: Vec<ConversationId> = Vec::new();
    for group in 0..group_count {
        let members: Vec<&TestUser> = users
            .iter()
            .enumerate()
            .filter(|(n, _)| n % group_count == group || n % (group_count + 1) == group)
            .map(|(_, person)| person)
            .collect();
        conversations.push(
            members[0].create_group(&format!("Room {group}"), &members[1..]).await.parse().unwrap(),
        );
    }
    let (heads, goal) = watch::channel(Ends::None);
    let through_proxy = |person: &TestUser| {
        // One connection per request, so that the proxy decides about each.
        let http =
            http_client().pool_max_idle_per_host(0).timeout(SILENCE_TIMEOUT).build().unwrap();
        TestClient { http, base: format!("http://{}", proxy.address), ..person.client.clone() }
    };
    let (mut listening, mut written) = (Vec::new(), Vec::new());
    for (n, person) in users.iter().enumerate() {
        let mut browser = Browser::of(person.client.fetch_snapshot().await.unwrap());
        let mut shown = Shown::new();
        for conversation in conversations
            .iter()
            .filter(|conversation| browser.conversations.find(**conversation).is_some())
        {
            let page: HistoryPage = person
                .client
                .call_as("history", json!({ "conversation": conversation, "limit": 100 }))
                .await
                .unwrap();
            shown.insert(*conversation, page.entries.iter().cloned().map(Arc::new).collect());
            browser.timelines.open(*conversation).replace(page);
        }
        let conversation = conversations[n % group_count];
        let ids: Vec<String> = (0..each).map(|_| new_id()).collect();
        written.push((n, conversation, ids));
        let listener =
            Listener { client: through_proxy(person), browser, shown, sockets: 0, resyncs: 0 };
        listening.push(tokio::spawn(listener.listen(goal.clone())));
    }
    // Writing begins after every client has loaded every conversation.
    let writing: Vec<_> = written
        .iter()
        .map(|(n, conversation, ids)| {
            tokio::spawn(send_all(through_proxy(&users[*n]), *conversation, ids.clone()))
        })
        .collect();
    let attempts: usize = join_all(writing).await.into_iter().map(Result::unwrap).sum();
    // Idle sockets are cut too; write until there were enough cuts.
    let mut more = 0;
    while proxy.cuts() < least {
        let ids = vec![new_id()];
        send_all(through_proxy(&users[0]), conversations[0], ids.clone()).await;
        written.push((0, conversations[0], ids));
        more += 1;
    }
    proxy.disable();
    let mut stored: BTreeMap<ConversationId, Vec<Arc<Entry>>> = BTreeMap::new();
    for (group, conversation) in conversations.iter().enumerate() {
        let all = users[group].client.all_after(*conversation, Seq::START).await.unwrap();
        stored.insert(*conversation, all.into_iter().map(Arc::new).collect());
    }
    let posted = |entries: &[Arc<Entry>]| {
        entries.iter().filter(|entry| matches!(entry.change, Change::Posted { .. })).count()
    };
    let all: usize = stored.values().map(|entries| posted(entries)).sum();
    assert_eq!(all, people * each + more, "each retried message is stored once");
    for (n, conversation, ids) in &written {
        let wanted: Vec<ClientId> = ids.iter().map(|id| ClientId(id.parse().unwrap())).collect();
        let own = stored[conversation].iter().filter_map(|entry| match &entry.change {
            Change::Posted { author, client_id: Some(id), .. }
                if author.to_string() == users[*n].id && wanted.contains(id) =>
            {
                Some(*id)
            }
            _ => None,
        });
        assert_eq!(own.collect::<Vec<_>>(), wanted, "in the order of writing");
    }
    heads
        .send(Some(
            stored
                .iter()
                .map(|(conversation, entries)| (*conversation, entries.last().unwrap().seq))
                .collect(),
        ))
        .unwrap();
    let listeners = join_all(listening).await.into_iter().map(Result::unwrap);
    let (mut received, mut sockets, mut resyncs) = (0, 0, 0);
    for (listener, person) in listeners.zip(&users) {
        for (conversation, shown) in &listener.shown {
            let wrong =
                shown.iter().zip(&stored[conversation]).find(|(shown, stored)| shown != stored);
            assert!(
                *shown == stored[conversation],
                "{}: {} shown of {}, first {wrong:?}",
                person.name,
                shown.len(),
                stored[conversation].len()
            );
            received += shown.len();
        }
        let fresh = Browser::of(person.client.fetch_snapshot().await.unwrap());
        for conversation in listener.shown.keys() {
            let last = |browser: &Browser| {
                browser.conversations.find(*conversation).map(|summary| {
                    (summary.head, summary.last.clone(), summary.unread.count().min(999))
                })
            };
            assert_eq!(
                last(&listener.browser),
                last(&fresh),
                "{}: the list equals the one after a reload",
                person.name
            );
        }
        sockets += listener.sockets;
        resyncs += listener.resyncs;
    }
    report_row(
        "nothing lost, doubled or out of order on a bad network",
        &format!(
            "{people} clients, {all} messages ({attempts} attempts), {received} changes shown, {}, \
             {sockets} sockets, {resyncs} resyncs: 0 / 0 / 0",
            proxy.report()
        ),
    );
}
