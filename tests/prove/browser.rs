//! A browser without a screen: the state and the reducer of the application, fed by a real socket.

use std::{sync::Arc, time::Duration};

use chatbox::{
    api::conversations::InitialState,
    client::state::{
        conversations::Conversations,
        reducer::{OutOfOrder, Reducer},
        roster::Roster,
        timelines::Timelines,
    },
    domain::{ConversationId, Entry, HistoryPage, Kind, Person, Seq, Snapshot, Summary},
    protocol::{self, ClientCommand, Cursors, ServerEvent, StreamId, codec},
};
use futures_util::{SinkExt, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::harness::user::TestClient;

/// How long a test waits for an event.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The state of the application in a browser.
pub(crate) struct Browser {
    pub epoch: String,
    pub roster: Roster,
    pub conversations: Conversations,
    pub timelines: Timelines,
    out_of_order: OutOfOrder,
}

/// Everything of the state that a screen shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct View {
    cursors: Cursors,
    people: Vec<Person>,
    unread: usize,
    manual_read: bool,
    /// Titles and summaries in the order of the list, with sorted members.
    list: Vec<(String, Summary)>,
}

impl Browser {
    pub(crate) fn of(snapshot: Snapshot) -> Self {
        let Snapshot {
            epoch,
            me,
            privacy,
            head,
            people,
            online,
            idle,
            conversations,
            manual_read,
            ..
        } = snapshot;
        let (roster, conversations) = (
            Roster::new(people, online, idle),
            Conversations::new(&me, privacy, head, conversations).with_manual_read(manual_read),
        );
        Self {
            epoch,
            roster,
            conversations,
            timelines: Timelines::default(),
            out_of_order: OutOfOrder::default(),
        }
    }

    pub(crate) fn of_page(initial: InitialState) -> Self {
        let mut browser = Self::of(initial.snapshot);
        if let Some((conversation, page)) = initial.page {
            browser.timelines.open(conversation).replace(page);
        }
        browser
    }

    /// Applies an event. Returns the gap before it, if there is one.
    pub(crate) fn apply(&mut self, stream: StreamId, entry: Entry) -> Option<(StreamId, Seq)> {
        let mut reducer = Reducer {
            roster: &mut self.roster,
            conversations: &mut self.conversations,
            timelines: &mut self.timelines,
        };
        reducer.apply(&mut self.out_of_order, stream, entry).gap
    }

    pub(crate) fn hello(&self) -> ClientCommand {
        ClientCommand::Hello {
            v: protocol::VERSION,
            epoch: self.epoch.clone(),
            cursors: self.conversations.cursors(),
            idle: false,
        }
    }

    pub(crate) fn view(&self) -> View {
        let list = self.conversations.listed().into_iter().map(|id| {
            let mut summary = self.conversations.find(id).unwrap().clone();
            let title =
                self.conversations.title(&summary.conversation, &summary.members, &self.roster);
            summary
                .members
                .sort_by_key(|member| (self.roster.name(*member).to_lowercase(), *member));
            // The screen shows their number only.
            summary.unread.more = u32::try_from(summary.unread.count()).unwrap();
            summary.unread.seqs.clear();
            (title, summary)
        });
        View {
            cursors: self.conversations.cursors(),
            people: self.roster.all().cloned().collect(),
            unread: self.conversations.unread(),
            manual_read: self.conversations.manual_read(),
            list: list.collect(),
        }
    }

    /// The loaded entries of a conversation.
    pub(crate) fn shown(&self, conversation: ConversationId) -> Option<&[Arc<Entry>]> {
        self.timelines
            .find(conversation)
            .filter(|timeline| timeline.is_loaded())
            .map(|timeline| timeline.entries())
    }

    /// Conversations with a timeline that are not in the list.
    pub(crate) fn stale_timelines(&self, of: &[ConversationId]) -> Vec<ConversationId> {
        of.iter()
            .copied()
            .filter(|id| {
                self.conversations.find(*id).is_none() && self.timelines.find(*id).is_some()
            })
            .collect()
    }

    pub(crate) fn everyone(&self) -> ConversationId {
        self.conversations.everyone().unwrap()
    }

    /// The conversations of a kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> Vec<ConversationId> {
        let mut found: Vec<_> = self
            .conversations
            .all()
            .filter(|summary| summary.conversation.kind == kind)
            .map(|summary| summary.conversation.id)
            .collect();
        found.sort_unstable();
        found
    }
}

impl TestClient {
    /// Calls a function and decodes the response; the status on failure, 0 without a response.
    pub(crate) async fn call_as<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: Value,
    ) -> Result<T, u16> {
        let answer = self
            .request("POST", &format!("/api/{function}"))
            .json(&arguments)
            .send()
            .await
            .map_err(|_| 0_u16)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(|_| 0_u16)?;
        if status == 200 { codec::decode_json(&text).map_err(|_| 0) } else { Err(status) }
    }

    pub(crate) async fn fetch_snapshot(&self) -> Result<Snapshot, u16> {
        self.call_as("snapshot", json!({})).await
    }

    /// All events after a position.
    pub(crate) async fn all_after(
        &self,
        conversation: ConversationId,
        after: Seq,
    ) -> Result<Vec<Entry>, u16> {
        self.pages_after("changes_after", "seq", conversation, after).await
    }

    /// All entries of the timeline after a position.
    pub(crate) async fn all_shown_after(
        &self,
        conversation: ConversationId,
        after: Seq,
    ) -> Result<Vec<Entry>, u16> {
        self.pages_after("history", "after", conversation, after).await
    }

    async fn pages_after(
        &self,
        function: &str,
        parameter: &str,
        conversation: ConversationId,
        mut after: Seq,
    ) -> Result<Vec<Entry>, u16> {
        let mut all = Vec::new();
        loop {
            let page: HistoryPage = self
                .call_as(function, json!({ "conversation": conversation, parameter: after }))
                .await?;
            after = page.entries.last().map_or(after, |entry| entry.seq);
            all.extend(page.entries);
            if !page.more_after {
                return Ok(all);
            }
        }
    }
}

impl View {
    /// One line per part, for messages of failed assertions.
    pub(crate) fn lines(&self) -> Vec<String> {
        let list = self.list.iter().enumerate().map(|(n, row)| format!("{n} {row:?}"));
        list.chain(self.people.iter().map(|person| format!("{person:?}")))
            .chain([format!(
                "{} unread, {:?}, by hand {}",
                self.unread, self.cursors, self.manual_read
            )])
            .collect()
    }
}

/// The client side of a socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects and sends hello; the status if it was rejected, 0 without a response.
    pub(crate) async fn open(client: &TestClient, hello: &ClientCommand) -> Result<Self, u16> {
        let mut request =
            format!("{}/ws", client.base.replacen("http", "ws", 1)).into_client_request().unwrap();
        request.headers_mut().insert("origin", HeaderValue::from_str(&client.base).unwrap());
        if let Some(cookie) = &client.cookie {
            request.headers_mut().insert("cookie", HeaderValue::from_str(cookie).unwrap());
        }
        let opening = async {
            let (mut socket, _) = connect_async(request).await.map_err(|error| match error {
                Error::Http(response) => response.status().as_u16(),
                _ => 0,
            })?;
            socket.send(Message::text(codec::encode_command(hello))).await.map_err(|_| 0_u16)?;
            Ok(Self(socket))
        };
        timeout(TIMEOUT, opening).await.unwrap_or(Err(0))
    }

    /// The next event; the close code at the end, 0 without one.
    pub(crate) async fn next(&mut self) -> Result<ServerEvent, u16> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    return Ok(codec::read(&text).expect("a valid frame"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(0, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(0),
            }
        }
    }

    /// The next event or close code, within the timeout.
    pub(crate) async fn recv(&mut self) -> Result<ServerEvent, u16> {
        timeout(TIMEOUT, self.next()).await.expect("another event")
    }

    /// The next event, within the timeout.
    pub(crate) async fn recv_event(&mut self) -> ServerEvent {
        self.recv().await.unwrap_or_else(|code| panic!("closed with {code}"))
    }
}
