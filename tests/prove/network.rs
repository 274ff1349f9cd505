//! People who follow the protocol on a bad network: whatever it does, each of them shows every
//! change once and in order, and each message they wrote is kept once.

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
    measure::{Dice, measured, times},
    proxy::Proxy,
};

/// After this long without a word a socket counts as dead; the app waits 45 seconds.
const SILENCE: Duration = Duration::from_secs(3);

/// What somebody's screen showed of each conversation, in the order it came to it.
type Shown = BTreeMap<ConversationId, Vec<Arc<Entry>>>;
/// Where each conversation ends, once nobody writes any more.
type Ends = Option<BTreeMap<ConversationId, Seq>>;

/// Somebody who listens, with a screen that is looked at all the time.
struct Listener {
    client: TestClient,
    browser: Browser,
    shown: Shown,
    sockets: usize,
    resyncs: usize,
}

impl Listener {
    /// Connects, listens, and connects again, until the goal says that it has everything there is.
    async fn listen(mut self, mut goal: watch::Receiver<Ends>) -> Self {
        let mut misses = 0_u32;
        loop {
            if let Ok(mut socket) = Socket::open(&self.client, &self.browser.hello()).await {
                self.sockets += 1;
                loop {
                    if goal.borrow_and_update().as_ref().is_some_and(|ends| self.has_come_to(ends))
                    {
                        return self;
                    }
                    let event = tokio::select! {
                        event = timeout(SILENCE, socket.next()) => event,
                        _ = goal.changed() => continue,
                    };
                    match event {
                        Ok(Ok(event)) => {
                            misses = 0;
                            if self.hear(event).await.is_err() {
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
            misses += 1;
            sleep(Duration::from_millis(u64::from(misses.min(10)) * 20)).await;
        }
    }

    fn has_come_to(&self, ends: &BTreeMap<ConversationId, Seq>) -> bool {
        self.shown
            .iter()
            .all(|(place, shown)| shown.last().is_some_and(|last| last.seq >= ends[place]))
    }

    async fn hear(&mut self, event: ServerEvent) -> Result<(), u16> {
        match event {
            ServerEvent::Change { stream, seq, at, change } => {
                let mut gap = self.take(stream, Entry { seq, at, change });
                while let Some((stream, cursor)) = gap.take() {
                    let StreamId::Conversation(conversation) = stream else {
                        return self.renew().await;
                    };
                    for entry in self.client.all_after(conversation, cursor).await? {
                        gap = self.take(stream, entry).or(gap);
                    }
                }
                Ok(())
            }
            ServerEvent::Resync { .. } => self.renew().await,
            _ => Ok(()),
        }
    }

    /// What a change brings to the screen is written down.
    fn take(&mut self, stream: StreamId, entry: Entry) -> Option<(StreamId, Seq)> {
        let gap = self.browser.take(stream, entry);
        let StreamId::Conversation(conversation) = stream else { return gap };
        if let Some(timeline) = self.browser.timelines.find_mut(conversation) {
            let log = self.shown.entry(conversation).or_default();
            let last = log.last().map_or(Seq::START, |entry| entry.seq);
            // From behind: only what is new; what came again or out of order would stand in it too.
            let new = timeline.entries().iter().rev().take_while(|entry| entry.seq > last).count();
            log.extend(timeline.entries()[timeline.entries().len() - new..].iter().cloned());
            timeline.drop_oldest();
        }
        gap
    }

    /// Begins anew, and reads back to where it was.
    async fn renew(&mut self) -> Result<(), u16> {
        self.resyncs += 1;
        let mut browser = Browser::of(self.client.takes_snapshot().await?);
        let mut read = Vec::new();
        for (conversation, log) in &self.shown {
            let head = browser.conversations.find(*conversation).unwrap().head;
            let last = log.last().map_or(Seq::START, |entry| entry.seq);
            let mut missed = self.client.all_after(*conversation, last).await?;
            missed.retain(|entry| entry.seq <= head);
            let page: HistoryPage = self
                .client
                .gets_from(
                    "history",
                    json!({ "conversation": conversation, "before": head.next() }),
                )
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

/// Somebody's outbox: one message at a time, each until it is acknowledged, always under its own
/// id. Says how often it tried.
async fn writes(client: TestClient, place: ConversationId, ids: Vec<String>) -> usize {
    let mut tries = 0;
    for (n, id) in ids.iter().enumerate() {
        let began = Instant::now();
        loop {
            tries += 1;
            let message = json!({ "conversation": place, "client_id": id, "body": format!("{n}") });
            let request =
                client.request("POST", "/api/post_message").json(&message).timeout(SILENCE);
            if let Ok(answer) = request.send().await {
                assert_eq!(answer.status(), 200, "there is no reason to refuse it");
                if answer.bytes().await.is_ok() {
                    break;
                }
            }
            sleep(Duration::from_millis(10)).await;
            assert!(began.elapsed() < Duration::from_secs(60), "a message never goes");
        }
    }
    tries
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_network_loses_duplicates_and_reorders_nothing() {
    let (people, rooms, each, least) =
        (times(6, 50), times(2, 12), times(170, 400), times(20, 1_000));
    let server = TestServer::with_config(|config| config.limits = false);
    let proxy = Proxy::before(server.address, Dice::of(6)).await;
    let mut users: Vec<TestUser> = Vec::new();
    for n in 0..people {
        users.push(server.user(&format!("person{n}")).await);
    }
    // Each room has its share of the people; a few are in two.
    let mut places: Vec<ConversationId> = Vec::new();
    for room in 0..rooms {
        let members: Vec<&TestUser> = users
            .iter()
            .enumerate()
            .filter(|(n, _)| n % rooms == room || n % (rooms + 1) == room)
            .map(|(_, person)| person)
            .collect();
        places.push(
            members[0].create_group(&format!("Room {room}"), &members[1..]).await.parse().unwrap(),
        );
    }
    let (heads, goal) = watch::channel(Ends::None);
    let far = |person: &TestUser| {
        // A connection for each request: each has a fate of its own.
        let http = http_client().pool_max_idle_per_host(0).timeout(SILENCE).build().unwrap();
        TestClient { http, base: format!("http://{}", proxy.address), ..person.client.clone() }
    };
    let (mut listening, mut written) = (Vec::new(), Vec::new());
    for (n, person) in users.iter().enumerate() {
        let mut browser = Browser::of(person.client.takes_snapshot().await.unwrap());
        let mut shown = Shown::new();
        for place in places.iter().filter(|place| browser.conversations.find(**place).is_some()) {
            let page: HistoryPage = person
                .client
                .gets_from("history", json!({ "conversation": place, "limit": 100 }))
                .await
                .unwrap();
            shown.insert(*place, page.entries.iter().cloned().map(Arc::new).collect());
            browser.timelines.open(*place).replace(page);
        }
        let place = places[n % rooms];
        let ids: Vec<String> = (0..each).map(|_| new_id()).collect();
        written.push((n, place, ids));
        let listener = Listener { client: far(person), browser, shown, sockets: 0, resyncs: 0 };
        listening.push(tokio::spawn(listener.listen(goal.clone())));
    }
    // Only now, so that each has seen every conversation from its beginning.
    let writing: Vec<_> = written
        .iter()
        .map(|(n, place, ids)| tokio::spawn(writes(far(&users[*n]), *place, ids.clone())))
        .collect();
    let tries: usize = join_all(writing).await.into_iter().map(Result::unwrap).sum();
    // Idle sockets meet their fates as well: it goes on until there were enough of them.
    let mut more = 0;
    while proxy.cuts() < least {
        let ids = vec![new_id()];
        writes(far(&users[0]), places[0], ids.clone()).await;
        written.push((0, places[0], ids));
        more += 1;
    }
    proxy.heal();
    let mut stored: BTreeMap<ConversationId, Vec<Arc<Entry>>> = BTreeMap::new();
    for (room, place) in places.iter().enumerate() {
        let all = users[room].client.all_after(*place, Seq::START).await.unwrap();
        stored.insert(*place, all.into_iter().map(Arc::new).collect());
    }
    let posted = |entries: &[Arc<Entry>]| {
        entries.iter().filter(|entry| matches!(entry.change, Change::Posted { .. })).count()
    };
    let all: usize = stored.values().map(|entries| posted(entries)).sum();
    assert_eq!(
        all,
        people * each + more,
        "each message that was sent again and again is kept once"
    );
    for (n, place, ids) in &written {
        let wanted: Vec<ClientId> = ids.iter().map(|id| ClientId(id.parse().unwrap())).collect();
        let own = stored[place].iter().filter_map(|entry| match &entry.change {
            Change::Posted { author, client_id: Some(id), .. }
                if author.to_string() == users[*n].id && wanted.contains(id) =>
            {
                Some(*id)
            }
            _ => None,
        });
        assert_eq!(own.collect::<Vec<_>>(), wanted, "in the order they were written in");
    }
    heads
        .send(Some(
            stored.iter().map(|(place, entries)| (*place, entries.last().unwrap().seq)).collect(),
        ))
        .unwrap();
    let listeners = join_all(listening).await.into_iter().map(Result::unwrap);
    let (mut received, mut sockets, mut resyncs) = (0, 0, 0);
    for (listener, person) in listeners.zip(&users) {
        for (place, shown) in &listener.shown {
            let wrong = shown.iter().zip(&stored[place]).find(|(shown, stored)| shown != stored);
            assert!(
                *shown == stored[place],
                "{}: {} shown of {}, first {wrong:?}",
                person.name,
                shown.len(),
                stored[place].len()
            );
            received += shown.len();
        }
        let fresh = Browser::of(person.client.takes_snapshot().await.unwrap());
        for place in listener.shown.keys() {
            let last = |browser: &Browser| {
                browser.conversations.find(*place).map(|summary| {
                    (summary.head, summary.last.clone(), summary.unread.count().min(999))
                })
            };
            assert_eq!(
                last(&listener.browser),
                last(&fresh),
                "{}: the list says what it says after a reload",
                person.name
            );
        }
        sockets += listener.sockets;
        resyncs += listener.resyncs;
    }
    measured(
        "nothing lost, doubled or out of order on a bad network",
        &format!(
            "{people} clients, {all} messages ({tries} tries), {received} changes shown, {}, \
             {sockets} sockets, {resyncs} resyncs: 0 / 0 / 0",
            proxy.report()
        ),
    );
}
