//! The life of one socket: hello, welcome, what was missed, then live until one side ends it.

use std::time::Duration;

use axum::{
    extract::{
        State,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade},
    },
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

use super::line::{Queue, line};
use crate::{
    domain::{ChatError, Code, PersonId, Seq},
    protocol::{self, ClientCommand, Marks, ServerEvent, StreamId, close, codec},
    server::{App, caller::Caller, error::Failure, store::TokenHash, web::origin},
};

/// How long a ping may stay unanswered.
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// How long one write may take before the reader counts as gone.
const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// Most frames from a client in a minute.
const FRAMES_A_MINUTE: u32 = 120;
/// Most bytes of one read; the framework's default takes 128 KiB for every idle socket.
const READ_BUFFER: usize = 4 * 1024;
/// Frames that wait together leave in writes of this size.
const WRITE_BUFFER: usize = 16 * 1024;

type Sink = SplitSink<WebSocket, Message>;
/// The code to close with; `None` when the other side has gone.
type Ended = Option<u16>;

/// `GET /ws`: who asks, from which page, how often; only then is it a socket.
pub async fn upgrade(
    State(app): State<App>,
    caller: Option<Caller>,
    headers: HeaderMap,
    ws: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    let allowed = async {
        let caller = caller.ok_or_else(ChatError::no_session)?;
        if !origin::is_own(&headers, app.config.origin.as_deref()) {
            return Err(ChatError::forbidden("This page is not from here."));
        }
        app.limits.socket(caller.person.id)?;
        Ok(caller)
    };
    let caller = match allowed.await {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    let Ok(ws) = ws else { return ChatError::new(Code::Malformed, "This address is for WebSockets.").into_response() };
    ws.read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(2 * 1024 * 1024)
        .max_message_size(protocol::LARGEST_HELLO)
        .max_frame_size(protocol::LARGEST_HELLO)
        .on_upgrade(move |socket| live(app, caller.person.id, caller.session, socket))
}

async fn live(app: App, person: PersonId, session: TokenHash, socket: WebSocket) {
    let _alive = app.hub.socket();
    let (mut sink, mut incoming) = socket.split();
    let began = Instant::now();
    let hello = match timeout(Duration::from_secs(protocol::HELLO_WITHIN_SECONDS), incoming.next()).await {
        Ok(Some(Ok(Message::Text(text)))) => read_hello(&text),
        Ok(Some(Err(error))) => Err(Some(code_of(&error))),
        Ok(None | Some(Ok(Message::Close(_)))) => Err(None),
        _ => Err(Some(close::PROTOCOL)),
    };
    let ended = match hello {
        Err(ended) => ended,
        Ok((_, marks)) if is_anothers(&marks, person) => Some(close::SESSION_ENDED),
        Ok((epoch, marks)) => {
            let (line, queue) = line(person, session);
            app.hub.open(&line);
            let ending = queue.closing();
            // Who is told to go while still being told what was missed hears no more of it.
            let greeted = tokio::select! {
                biased;
                code = ending.code() => Err(Some(code)),
                greeted = greet(&app, person, &session, &mut sink, &epoch, &marks) => greeted,
            };
            let ended = match greeted {
                Ok(()) => converse(&mut sink, &mut incoming, queue).await,
                Err(ended) => ended,
            };
            app.hub.close(&line);
            ended
        }
    };
    if let Some(code) = ended {
        let goodbye = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static("") }));
        let _ = timeout(Duration::from_secs(1), sink.send(goodbye)).await;
    }
    tracing::info!(code = ended.unwrap_or(1000), seconds = began.elapsed().as_secs(), "socket ended");
}

fn read_hello(text: &str) -> Result<(String, Marks), Ended> {
    match codec::read_command(text) {
        Ok(ClientCommand::Hello { v: protocol::VERSION, epoch, marks }) => Ok((epoch, marks)),
        Ok(ClientCommand::Hello { .. }) => Err(Some(close::RELOAD)),
        Err(_) => Err(Some(close::PROTOCOL)),
    }
}

/// Whether a page knows another person's own stream instead of this one's: it was loaded before this one signed in.
fn is_anothers(marks: &Marks, person: PersonId) -> bool {
    !marks.contains_key(&StreamId::Person(person)) && marks.keys().any(|stream| matches!(stream, StreamId::Person(_)))
}

/// Welcome, then whatever came after each mark. The line is open already: what happens meanwhile waits in its queue, and what
/// is told twice the client drops by its number.
async fn greet(app: &App, person: PersonId, session: &TokenHash, sink: &mut Sink, epoch: &str, marks: &Marks) -> Result<(), Ended> {
    let broken = |failure: Failure| {
        let _ = ChatError::from(failure);
        Some(close::INTERNAL)
    };
    // The session may have ended before the line was open: then nobody told the line.
    if app.store.session(session).await.map_err(broken)?.is_none() {
        return Err(Some(close::SESSION_ENDED));
    }
    let welcome = ServerEvent::Welcome {
        v: protocol::VERSION,
        epoch: app.store.epoch().to_owned(),
        build: env!("CARGO_PKG_VERSION").to_owned(),
        online: app.hub.online(),
    };
    say(sink, &welcome).await?;
    for (stream, head) in app.store.heads(person).await.map_err(broken)? {
        if epoch != app.store.epoch() {
            say(sink, &ServerEvent::Resync { stream }).await?;
        } else if let Some(mark) = marks.get(&stream) {
            catch_up(app, person, sink, stream, *mark, head).await?;
        }
    }
    say(sink, &ServerEvent::Current).await?;
    sink.flush().await.map_err(|_| None)
}

async fn catch_up(app: &App, person: PersonId, sink: &mut Sink, stream: StreamId, mark: Seq, head: Seq) -> Result<(), Ended> {
    if mark > head || head.0 - mark.0 > protocol::MOST_CAUGHT_UP {
        return say(sink, &ServerEvent::Resync { stream }).await;
    }
    if mark == head {
        return Ok(());
    }
    match app.store.entries_after(person, stream, mark).await {
        Ok(entries) => {
            for entry in entries {
                say(sink, &ServerEvent::happened(stream, entry)).await?;
            }
            Ok(())
        }
        // No longer theirs: nothing is sent, and their own stream says why.
        Err(Failure::Refused(_)) => Ok(()),
        Err(broken) => {
            let _ = ChatError::from(broken);
            Err(Some(close::INTERNAL))
        }
    }
}

async fn say(sink: &mut Sink, event: &ServerEvent) -> Result<(), Ended> {
    let message = Message::Text(Utf8Bytes::from(codec::write(event)));
    timeout(WRITE_WITHIN, sink.feed(message)).await.map_err(|_| Some(close::SLOW))?.map_err(|_| None)
}

async fn converse(sink: &mut Sink, incoming: &mut futures_util::stream::SplitStream<WebSocket>, mut queue: Queue) -> Ended {
    let ending = queue.closing();
    let mut frames = Vec::new();
    let mut beat = interval(Duration::from_secs(protocol::BEAT_SECONDS));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.reset();
    let mut pong_due: Option<Instant> = None;
    let mut heard = Heard::default();
    loop {
        tokio::select! {
            biased;
            code = ending.code() => return Some(code),
            frame = incoming.next() => match frame {
                Some(Ok(Message::Pong(_))) => pong_due = None,
                Some(Ok(Message::Ping(_))) => if heard.too_much() { return Some(close::RATE) },
                Some(Ok(Message::Text(text))) if text.len() > protocol::LARGEST_COMMAND => return Some(close::TOO_LARGE),
                // After hello there is nothing a client may say yet; commands come with the features that need them.
                Some(Ok(Message::Text(_) | Message::Binary(_))) => return Some(close::PROTOCOL),
                Some(Err(error)) => return Some(code_of(&error)),
                Some(Ok(Message::Close(_))) | None => return None,
            },
            taken = queue.take(&mut frames) => {
                if taken == 0 { return Some(close::INTERNAL) }
                let write = write(sink, &mut frames);
                tokio::select! {
                    biased;
                    code = ending.code() => return Some(code),
                    wrote = timeout(WRITE_WITHIN, write) => match wrote {
                        Ok(true) => {}
                        Ok(false) => return None,
                        Err(_) => return Some(close::SLOW),
                    },
                }
            }
            _ = beat.tick() => {
                let alive = say(sink, &ServerEvent::Beat).await.is_ok() && timeout(WRITE_WITHIN, sink.send(Message::Ping(Default::default()))).await.is_ok_and(|sent| sent.is_ok());
                if !alive { return None }
                pong_due.get_or_insert_with(|| Instant::now() + PONG_WITHIN);
            }
            () = sleep_until(pong_due.unwrap_or_else(Instant::now)), if pong_due.is_some() => return Some(close::HEARTBEAT),
        }
    }
}

/// All frames that wait, in one write.
async fn write(sink: &mut Sink, frames: &mut Vec<Utf8Bytes>) -> bool {
    for frame in frames.drain(..) {
        if sink.feed(Message::Text(frame)).await.is_err() {
            return false;
        }
    }
    sink.flush().await.is_ok()
}

/// What an unreadable frame closes the socket with.
fn code_of(error: &axum::Error) -> u16 {
    if error.to_string().contains("too long") { close::TOO_LARGE } else { close::PROTOCOL }
}

/// How many frames came in this minute.
struct Heard {
    since: Instant,
    frames: u32,
}

impl Default for Heard {
    fn default() -> Self {
        Self { since: Instant::now(), frames: 0 }
    }
}

impl Heard {
    fn too_much(&mut self) -> bool {
        if self.since.elapsed() > Duration::from_secs(60) {
            *self = Self::default();
        }
        self.frames += 1;
        self.frames > FRAMES_A_MINUTE
    }
}
