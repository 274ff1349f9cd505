//! One person of a history: their client, their browser's state, and its socket.

use std::sync::Arc;

use chatbox::{
    domain::{Change, ConversationId, Entry, HistoryPage, Role, Seq},
    protocol::{ServerEvent, StreamId, close},
};
use serde_json::json;

use crate::{
    browser::{Browser, Socket, View},
    harness::user::TestUser,
    measure::Rng,
};

/// A person with the state of their browser.
pub(super) struct Participant {
    pub(super) person: TestUser,
    pub(super) browser: Browser,
    pub(super) socket: Option<Socket>,
    /// Events that were received and not yet applied.
    pub(super) inbox: Vec<(StreamId, Entry)>,
    /// Every conversation that was opened.
    pub(super) opened: Vec<ConversationId>,
}

impl Participant {
    pub(super) async fn join(person: TestUser) -> Self {
        let browser = Browser::of(person.client.fetch_snapshot().await.unwrap());
        let mut participant =
            Self { person, browser, socket: None, inbox: Vec::new(), opened: Vec::new() };
        participant.connect().await;
        participant
    }

    /// Reconnects with the cursors and receives what was missed.
    pub(super) async fn connect(&mut self) {
        // Events that were not applied are lost with the page; the cursors do not include them.
        self.inbox.clear();
        self.socket = Some(Socket::open(&self.person.client, &self.browser.hello()).await.unwrap());
        self.recv_until(|event| *event == ServerEvent::CaughtUp).await;
    }

    pub(super) async fn recv_until(&mut self, last: impl Fn(&ServerEvent) -> bool) {
        loop {
            let event = match self.socket.as_mut().unwrap().recv().await {
                Ok(event) => event,
                // On a busy machine the socket may time out; reconnecting delivers the rest.
                Err(code) => {
                    assert!(close::may_reconnect(code), "closed with {code}");
                    return Box::pin(self.connect()).await;
                }
            };
            let done = last(&event);
            match event {
                ServerEvent::Change { stream, seq, at, change } => {
                    self.inbox.push((stream, Entry { seq, at, change }))
                }
                ServerEvent::Resync { .. } => self.resync().await,
                _ => {}
            }
            if done {
                return;
            }
        }
    }

    /// Starts again from a snapshot, as the application does.
    async fn resync(&mut self) {
        self.browser = Browser::of(self.person.client.fetch_snapshot().await.unwrap());
    }

    /// Applies the received events: some repeated, some delayed, and some dropped if a later one of
    /// their stream follows.
    pub(super) async fn apply_inbox(&mut self, rng: &mut Rng) {
        let mut events = std::mem::take(&mut self.inbox);
        if rng.chance(50) {
            for n in (0..events.len()).rev() {
                let followed = events
                    .iter()
                    .any(|(stream, later)| *stream == events[n].0 && later.seq > events[n].1.seq);
                match rng.below(10) {
                    0 if followed => drop(events.remove(n)),
                    1 => events.insert(rng.between(n, events.len()), events[n].clone()),
                    // Reorders within a stream only.
                    2 => {
                        if let Some(earlier) =
                            events[..n].iter().rposition(|(stream, _)| *stream == events[n].0)
                        {
                            events.swap(n, earlier);
                        }
                    }
                    _ => {}
                }
            }
        }
        for (stream, entry) in events {
            let mut gap = self.browser.apply(stream, entry);
            while let Some((stream, mark)) = gap.take() {
                let StreamId::Conversation(conversation) = stream else {
                    self.resync().await;
                    continue;
                };
                // The person may have lost access; their own stream reports that later.
                for entry in
                    self.person.client.all_after(conversation, mark).await.unwrap_or_default()
                {
                    gap = self.browser.apply(stream, entry).or(gap);
                }
            }
        }
    }

    /// Opens a conversation and loads its newest page.
    pub(super) async fn open(&mut self, conversation: ConversationId) {
        if self.browser.shown(conversation).is_none() {
            let page: HistoryPage = match self
                .person
                .client
                .call_as("history", json!({ "conversation": conversation, "limit": 20 }))
                .await
            {
                Ok(page) => page,
                Err(status) => return assert_eq!(status, 404),
            };
            self.browser.timelines.open(conversation).replace(page);
            self.opened.push(conversation);
        }
    }

    /// Checks that the state equals the state after a reload.
    pub(super) async fn assert_equals_reload(&self, context: &str) {
        let fresh = Browser::of(self.person.client.fetch_snapshot().await.unwrap());
        let (known, reloaded) = (self.browser.view(), fresh.view());
        assert!(
            known == reloaded,
            "{context}, {}:{}",
            self.person.name,
            differences(&known, &reloaded)
        );
        for conversation in fresh.conversations.listed() {
            let Some(shown) = self.browser.shown(conversation) else { continue };
            let before = Seq(shown.first().map_or(1, |entry| entry.seq.0) - 1);
            let stored: Vec<_> = self
                .person
                .client
                .all_shown_after(conversation, before)
                .await
                .unwrap()
                .into_iter()
                .map(as_shown)
                .collect();
            let shown: Vec<_> = shown.iter().map(|entry| as_shown(Entry::clone(entry))).collect();
            assert!(
                shown == stored,
                "{context}, {}: the timeline shows\n{shown:#?}\nbut stored is\n{stored:#?}",
                self.person.name
            );
            assert_eq!(
                self.browser.timelines.find(conversation).unwrap().has_older(),
                before > Seq::START && !stored.is_empty()
            );
        }
        assert_eq!(
            self.browser.stale_timelines(&self.opened),
            [],
            "{context}, {}: timelines of lost conversations remain",
            self.person.name
        );
    }
}

/// An entry with what a row shows of it: the names of a newcomer come from the roster, which later
/// changes of the profile reach.
fn as_shown(mut entry: Entry) -> Arc<Entry> {
    if let Change::Registered { newcomer } = &mut entry.change {
        newcomer.display_name.clear();
        newcomer.role = Role::default();
    }
    Arc::new(entry)
}

/// The differing lines of two views.
fn differences(known: &View, reloaded: &View) -> String {
    let (known, reloaded) = (known.lines(), reloaded.lines());
    let only = |these: &[String], those: &[String]| {
        these
            .iter()
            .filter(|line| !those.contains(line))
            .map(|line| format!("\n  {line}"))
            .collect::<String>()
    };
    format!(
        "\nafter the events{}\nafter a reload{}",
        only(&known, &reloaded),
        only(&reloaded, &known)
    )
}
