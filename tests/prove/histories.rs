//! State after events = state after reload: random histories of every kind of change, seen by every
//! role, through the app's own slices and law, on sockets that double, hold back, lose and mix up
//! what they bring.

use std::sync::Arc;

use chatbox::{
    domain::{ConversationId, Entry, HistoryPage, Kind, Seq, Summary},
    protocol::{ServerEvent, StreamId, close},
    server::clock,
};
use futures_util::future::join_all;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use serde_json::json;

use crate::{
    browser::{Browser, Socket, View},
    harness::{
        fake_web::{FakeWeb, html},
        server::TestServer,
        user::{TestClient, TestUser, new_id},
    },
    measure::{Dice, long, measured, times},
};

/// Somebody, with what their browser knows.
struct Seat {
    person: TestUser,
    browser: Browser,
    socket: Option<Socket>,
    /// What was told and not yet taken in.
    inbox: Vec<(StreamId, Entry)>,
    /// Every conversation it ever looked at.
    opened: Vec<ConversationId>,
}

const BODIES: [&str; 14] = [
    "hello",
    "look: http://ducks.example/",
    "http://geese.example/ or http://ducks.example/",
    "[this](http://ducks.example/) and not `http://geese.example/`",
    "@ada and @kofi, look",
    "@everyone",
    "why, @grace?",
    "two\n\nlines",
    "🦆 Zoë </script>",
    "a\tb\u{2028}c",
    "x",
    "long",
    "spaced",
    "wide",
];

fn body(dice: &mut Dice) -> String {
    match *dice.pick(&BODIES) {
        "long" => "word ".repeat(dice.between(10, 500)),
        "spaced" => format!("a{}b", "\n".repeat(dice.between(380, 420))),
        "wide" => {
            format!("{}字", "\t ".repeat(dice.between(190, 210)).trim_start())
                + &"字".repeat(dice.between(100, 140))
        }
        body => body.to_owned(),
    }
}

impl Seat {
    async fn take(person: TestUser) -> Self {
        let browser = Browser::of(person.client.takes_snapshot().await.unwrap());
        let mut seat =
            Self { person, browser, socket: None, inbox: Vec::new(), opened: Vec::new() };
        seat.connect().await;
        seat
    }

    /// Connects again with the marks, and hears what was missed.
    async fn connect(&mut self) {
        // What was told and not taken in is lost with the page's attention: the marks say so.
        self.inbox.clear();
        self.socket = Some(Socket::open(&self.person.client, &self.browser.hello()).await.unwrap());
        self.hear(|event| *event == ServerEvent::CaughtUp).await;
    }

    async fn hear(&mut self, last: impl Fn(&ServerEvent) -> bool) {
        loop {
            let event = match self.socket.as_mut().unwrap().tells().await {
                Ok(event) => event,
                // On a busy machine it may have been silent for too long; coming back tells the
                // rest.
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
                ServerEvent::Resync { .. } => self.renew().await,
                _ => {}
            }
            if done {
                return;
            }
        }
    }

    /// Begins anew from a snapshot, as the app does.
    async fn renew(&mut self) {
        self.browser = Browser::of(self.person.client.takes_snapshot().await.unwrap());
    }

    /// Takes in what was told: some of it twice, some late, and what is followed by more of its
    /// stream perhaps not at all.
    async fn take_in(&mut self, dice: &mut Dice) {
        let mut events = std::mem::take(&mut self.inbox);
        if dice.often(50) {
            for n in (0..events.len()).rev() {
                let followed = events
                    .iter()
                    .any(|(stream, later)| *stream == events[n].0 && later.seq > events[n].1.seq);
                match dice.below(10) {
                    0 if followed => drop(events.remove(n)),
                    1 => events.insert(dice.between(n, events.len()), events[n].clone()),
                    // Between streams a socket keeps the order.
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
            let mut gap = self.browser.take(stream, entry);
            while let Some((stream, mark)) = gap.take() {
                let StreamId::Conversation(conversation) = stream else {
                    self.renew().await;
                    continue;
                };
                // It may be theirs no more: then their own stream says so, further on.
                for entry in
                    self.person.client.all_after(conversation, mark).await.unwrap_or_default()
                {
                    gap = self.browser.take(stream, entry).or(gap);
                }
            }
        }
    }

    /// Looks at a conversation: its newest page is loaded.
    async fn open(&mut self, conversation: ConversationId) {
        if self.browser.shown(conversation).is_none() {
            let page: HistoryPage = match self
                .person
                .client
                .gets_from("history", json!({ "conversation": conversation, "limit": 20 }))
                .await
            {
                Ok(page) => page,
                Err(status) => return assert_eq!(status, 404),
            };
            self.browser.timelines.open(conversation).replace(page);
            self.opened.push(conversation);
        }
    }

    /// Does something at random; what the server says to it is the other tests' matter.
    async fn act(&mut self, dice: &mut Dice, others: &[String]) {
        let client = self.person.client.clone();
        let (groups, all) =
            (self.browser.of_kind(Kind::Group), self.browser.conversations.listed());
        let place = *dice.pick(&all);
        let group = if groups.is_empty() { place } else { *dice.pick(&groups) };
        let other = dice.pick(others).clone();
        let ask = async |function: &str, arguments| client.call(function, arguments).await.status;
        // A message of late, most often; sometimes something else.
        let head = usize::try_from(self.browser.conversations.find(place).unwrap().head.0).unwrap();
        let message = dice.between(head.saturating_sub(12).max(1), head.max(1));
        let about = json!({ "conversation": place, "seq": message, "on": dice.often(60), "emoji": *dice.pick(&["👍", "🎉", "👀"]), "body": body(dice), "from": message });
        match dice.below(49) {
            41 | 42 => {
                let file =
                    upload(&client, place, &format!("{}.txt", dice.below(9)), b"hi".to_vec()).await;
                let body = if dice.often(50) { String::new() } else { body(dice) };
                ask("post_message", json!({ "conversation": place, "client_id": new_id(), "body": body, "files": [file] })).await;
            }
            43..=45 => drop(ask("remove_preview", about).await),
            46 | 47 => {
                let file = if dice.often(70) {
                    Some(upload(&client, group, "face.png", spot()).await)
                } else {
                    None
                };
                ask("set_group_face", json!({ "conversation": group, "file": file })).await;
            }
            39 | 40 => {
                let level = *dice.pick(&["everything", "mentions", "nothing", "hidden"]);
                let until = dice.often(50).then(|| clock::now() + 3_600_000);
                ask(
                    "set_level",
                    json!({ "conversation": place, "level": level, "muted_until": until }),
                )
                .await;
            }
            48 => drop(ask("pin_conversation", about).await),
            20..=22 => drop(ask("edit_message", about).await),
            23 | 24 => drop(ask("delete_message", about).await),
            25 => drop(ask("restore_message", about).await),
            26..=28 => drop(ask("react", about).await),
            29 => drop(ask("pin_message", about).await),
            30 => drop(ask("settle_question", about).await),
            31 => drop(ask("mark_unread", about).await),
            37 => drop(ask("set_reading", json!({ "by_hand": dice.often(50) })).await),
            34 => drop(ask("save_message", about).await),
            38 => drop(
                ask("set_status", json!({ "text": format!("status {}", dice.below(3)) })).await,
            ),
            35 | 36 => {
                // Gone on from what is known here, or from something that is long another text.
                let known = self
                    .browser
                    .conversations
                    .find(place)
                    .and_then(|summary| summary.draft.clone())
                    .map(|draft| draft.seq);
                let body = if dice.often(30) { String::new() } else { body(dice) };
                ask("keep_draft", json!({ "conversation": place, "body": body, "after": known }))
                    .await;
            }
            32 | 33 => {
                let answer = json!({ "conversation": place, "client_id": new_id(), "body": body(dice), "answers": message });
                ask("post_message", answer).await;
            }
            0..=6 => drop(
                ask(
                    "post_message",
                    json!({ "conversation": place, "client_id": new_id(), "body": body(dice) }),
                )
                .await,
            ),
            7 | 8 => {
                let members: Vec<_> = others.iter().filter(|_| dice.often(40)).collect();
                let made: Result<Summary, u16> = client
                    .gets_from("create_group", json!({ "name": "Physics", "members": members }))
                    .await;
                self.browser.conversations.insert(made.unwrap());
            }
            9 => {
                if let Ok(made) =
                    client.gets_from::<Summary>("open_direct", json!({ "person": other })).await
                {
                    self.browser.conversations.insert(made);
                }
            }
            10 => drop(
                ask(
                    "rename_group",
                    json!({ "conversation": group, "name": format!("Group {}", dice.below(100)) }),
                )
                .await,
            ),
            11 | 12 => {
                drop(ask("add_members", json!({ "conversation": group, "people": [other] })).await)
            }
            13 | 14 => {
                drop(ask("remove_member", json!({ "conversation": group, "person": other })).await)
            }
            15 => drop(ask("leave_group", json!({ "conversation": group })).await),
            16 | 17 => {
                let head = self.browser.conversations.find(place).unwrap().head.0;
                let upto =
                    Seq(u64::try_from(dice.between(0, usize::try_from(head).unwrap())).unwrap());
                self.browser.conversations.mark_read(place, upto);
                ask("mark_read", json!({ "conversation": place, "upto": upto })).await;
            }
            18 => self.open(place).await,
            _ => drop(self.socket.take()),
        }
    }

    /// What the browser shows must be what it would show after a reload.
    async fn is_as_after_a_reload(&self, story: &str) {
        let fresh = Browser::of(self.person.client.takes_snapshot().await.unwrap());
        let (known, reloaded) = (self.browser.view(), fresh.view());
        assert!(
            known == reloaded,
            "{story}, {}:{}",
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
                .map(Arc::new)
                .collect();
            assert!(
                shown == stored,
                "{story}, {}: the history shown\n{shown:#?}\nand the one that is kept\n{stored:#?}",
                self.person.name
            );
            assert_eq!(
                self.browser.timelines.find(conversation).unwrap().has_older(),
                before > Seq::START && !stored.is_empty()
            );
        }
        assert_eq!(
            self.browser.strays(&self.opened),
            [],
            "{story}, {}: histories are kept that are theirs no more",
            self.person.name
        );
    }
}

/// A file that is uploaded and not sent.
async fn upload(
    client: &TestClient,
    conversation: ConversationId,
    name: &str,
    bytes: Vec<u8>,
) -> String {
    let file = new_id();
    client.call("start_upload", json!({ "conversation": conversation, "file": file, "name": name, "size": bytes.len() })).await;
    let put = client
        .request("PUT", &format!("/files/{file}?at=0"))
        .header("content-type", "application/octet-stream");
    client.send(put.body(bytes)).await;
    file
}

/// The smallest of pictures.
fn spot() -> Vec<u8> {
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes).write_image(&[90, 140, 60], 1, 1, ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// The conversations that look otherwise.
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

/// One history, from the state of the server.
async fn history(
    number: usize,
    server: &TestServer,
    fake_web: &FakeWeb,
    seats: &mut Vec<Seat>,
) -> usize {
    let dice = &mut Dice::of(1_000 + number as u64);
    let mut acts = 0;
    for _ in 0..dice.between(2, 6) {
        if dice.often(8) && seats.len() < 12 {
            let name = format!("newcomer{}", seats.len());
            seats.push(Seat::take(server.user(&name).await).await);
        }
        let everybody: Vec<String> = seats.iter().map(|seat| seat.person.id.clone()).collect();
        for _ in 0..dice.between(1, 6) {
            let who = dice.below(seats.len());
            seats[who].act(dice, &everybody).await;
            acts += 1;
        }
        if dice.often(40) {
            // All at once: in which order is the server's choice.
            acts += seats.len();
            join_all(seats.iter_mut().enumerate().map(async |(n, seat)| {
                seat.act(&mut Dice::of((number * 100 + n) as u64), &everybody).await
            }))
            .await;
        }
        // What links lead to is told whenever it is known: all of it, before the marker.
        fake_web.idle().await;
        let marker = format!("marker {}", new_id());
        let everyone = seats[0].browser.everyone().to_string();
        seats[0].person.post(&everyone, &marker).await;
        let is_marker = |event: &ServerEvent| matches!(event, ServerEvent::Change { change: chatbox::domain::Change::Posted { body, .. }, .. } if *body == marker);
        for seat in seats.iter_mut() {
            if seat.socket.is_some() {
                seat.hear(is_marker).await;
            } else if dice.often(60) {
                seat.connect().await;
            } else {
                continue;
            }
            if dice.often(70) {
                seat.take_in(dice).await;
                seat.is_as_after_a_reload(&format!("history {number}")).await;
            }
        }
    }
    acts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn state_after_events_equals_state_after_reload() {
    let (servers, each) = (times(4, 400), 25);
    let mut acts = 0;
    let all: Vec<usize> = (0..servers).collect();
    for few in all.chunks(3) {
        let runs = join_all(few.iter().map(async |number| {
            let fake_web = FakeWeb::new().await;
            for name in ["ducks.example", "geese.example"] {
                fake_web
                    .serve(&format!("{name}/"), html(&format!("<title>All about {name}</title>")));
            }
            let server = TestServer::with_config(|config| {
                config.limits = false;
                config.transport = fake_web.transport.clone();
            });
            let mut seats = Vec::new();
            for name in ["ada", "grace", "kofi", "mei", "noor"] {
                seats.push(Seat::take(server.user(name).await).await);
            }
            let mut acts = 0;
            for n in 0..each {
                acts += history(number * each + n, &server, &fake_web, &mut seats).await;
            }
            acts
        }));
        acts += runs.await.into_iter().sum::<usize>();
        if long() {
            println!("{} histories, {acts} operations so far", (few[few.len() - 1] + 1) * each);
        }
    }
    measured(
        "state after events = state after reload",
        &format!("{} random histories, {acts} operations, 0 differences", servers * each),
    );
}
