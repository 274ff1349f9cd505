//! The life of one socket: hello, welcome, what was missed, then live until one side ends it.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Version, header},
    response::{IntoResponse, Response},
};
use hyper::upgrade::Upgraded;
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade::downcast};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Hub,
    connection::Line,
    frame_limit::Heard,
    websocket::{self, Incoming, Reader},
};
use crate::{
    domain::{ChatError, Code, PersonId, Seq},
    protocol::{self, ClientCommand, Marks, ServerEvent, StreamId, close, codec},
    server::{
        App,
        auth::current_user::Caller,
        error::Failure,
        http::{connection::Timed, request::origin},
        store::{Head, TokenHash},
    },
};

/// How long a ping may stay unanswered.
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// How often the client is shown that it is heard.
const BEAT_EVERY: Duration = Duration::from_secs(protocol::BEAT_SECONDS);
/// How long saying goodbye may take.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);
/// How long the code waits for a client that reads nothing for now.
const STALLED_WITHIN: Duration = Duration::from_secs(60);
/// Most bytes of one read.
const READ_BUFFER: usize = 4 * 1024;

/// How a socket ends.
#[derive(Clone, Copy)]
enum Ended {
    /// The connection is gone.
    Gone,
    /// The client said that it closes, perhaps with a code: it is answered.
    ByClient(Option<u16>),
    /// The server closes with this code.
    With(u16),
}

/// `GET /ws`: who asks, from which page, how often; only then is it a socket.
pub async fn upgrade(State(app): State<App>, caller: Option<Caller>, mut request: Request) -> Response {
    if request.method() != Method::GET {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")]).into_response();
    }
    let allowed = || {
        let caller = caller.ok_or_else(ChatError::no_session)?;
        if !origin::is_own(request.headers(), app.config.origin.as_deref()) {
            return Err(ChatError::forbidden("This connection came from another site. Open ChatBox at its own address and try again."));
        }
        app.limits.socket(caller.person.id)?;
        Ok(caller)
    };
    let caller = match allowed() {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    let asked = (request.version() == Version::HTTP_11).then(|| websocket::accept(request.headers())).flatten();
    let Some(accept) = asked else { return ChatError::new(Code::Malformed, "This address accepts WebSocket connections only.").into_response() };
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        match upgraded.await.map(downcast::<TokioIo<Timed>>) {
            Ok(Ok(parts)) => {
                // Copied: even nothing of it would keep the buffer of the request alive for as long as the socket.
                let first = parts.read_buf.to_vec();
                drop(parts.read_buf);
                live(app, caller.person.id, caller.session, parts.io.into_inner().into_stream(), first).await;
            }
            Ok(Err(strange)) => drop::<Upgraded>(strange),
            // The client left before it began.
            Err(error) => tracing::debug!(%error, "WebSocket upgrade failed"),
        }
    });
    let upgrade = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, upgrade).into_response()
}

async fn live(app: App, person: PersonId, session: TokenHash, stream: TcpStream, first: Vec<u8>) {
    let alive = app.hub.socket();
    let line = Arc::new(Line::new(person, session, stream));
    let mut ears = Ears { reader: Reader::new(protocol::LARGEST_HELLO, first) };
    let began = Instant::now();
    let hello = match timeout(Duration::from_secs(protocol::HELLO_WITHIN_SECONDS), ears.next(&line.stream)).await {
        Ok(Ok(Incoming::Text(text))) => read_hello(&text),
        Ok(Ok(Incoming::Close(code))) => Err(Ended::ByClient(code)),
        Ok(Err(ended)) => Err(ended),
        _ => Err(Ended::With(close::PROTOCOL)),
    };
    let ended = match hello {
        Err(ended) => ended,
        Ok((_, marks, _)) if is_anothers(&marks, person) => Ended::With(close::SESSION_ENDED),
        Ok((epoch, marks, idle)) => {
            app.hub.open(&line, idle);
            // Held only while it is needed: a socket lives for hours after its greeting.
            let greeting = Box::pin(greet(&app, &line, epoch, marks));
            // Who is told to go while still being told what was missed hears no more of it.
            let greeted = tokio::select! {
                biased;
                code = line.closed() => Err(Ended::With(code)),
                greeted = greeting => greeted,
            };
            let ended = match greeted {
                Ok(()) => converse(&app.hub, &line, &mut ears).await,
                Err(ended) => ended,
            };
            app.hub.close(&line);
            ended
        }
    };
    let (code, goodbye) = match ended {
        Ended::Gone => (1006, None),
        Ended::ByClient(code) => (code.unwrap_or(1005), Some(code.map_or_else(websocket::goodbye_without_code, websocket::goodbye))),
        Ended::With(code) => (code, Some(websocket::goodbye(code))),
    };
    tracing::info!(code, seconds = began.elapsed().as_secs(), "WebSocket closed");
    let Some(goodbye) = goodbye else { return };
    let mut goodbye = Box::pin(async {
        line.say_goodbye(goodbye).await;
        // Bytes that nobody has read would make the system drop what was just sent.
        while matches!(ended, Ended::With(_)) && !matches!(ears.next(&line.stream).await, Ok(Incoming::Close(_)) | Err(_)) {}
    });
    let is_said = timeout(GOODBYE_WITHIN, &mut goodbye).await.is_ok();
    drop(alive);
    // A client that reads nothing may go on later, and is then to learn why; the end of the server does not wait for it.
    if !is_said && matches!(code, close::SLOW | close::HEARTBEAT) {
        let _ = timeout(STALLED_WITHIN, goodbye).await;
    }
}

fn read_hello(text: &str) -> Result<(String, Marks, bool), Ended> {
    match codec::read_command(text) {
        Ok(ClientCommand::Hello { v: protocol::VERSION, epoch, marks, idle }) => Ok((epoch, marks, idle)),
        Ok(ClientCommand::Hello { .. }) => Err(Ended::With(close::RELOAD)),
        Ok(ClientCommand::Typing { .. } | ClientCommand::Idle { .. }) | Err(_) => Err(Ended::With(close::PROTOCOL)),
    }
}

/// Whether a page knows another person's own stream instead of this one's: it was loaded before this one signed in.
fn is_anothers(marks: &Marks, person: PersonId) -> bool {
    !marks.contains_key(&StreamId::Person(person)) && marks.keys().any(|stream| matches!(stream, StreamId::Person(_)))
}

/// Welcome, then whatever came after each mark. The line is open already: what happens meanwhile waits in its queue, and what
/// is told twice the client drops by its number.
async fn greet(app: &App, line: &Line, epoch: String, marks: Marks) -> Result<(), Ended> {
    let broken = |failure: Failure| {
        let _ = ChatError::from(failure);
        Ended::With(close::INTERNAL)
    };
    // The session may have ended before the line was open: then nobody told the line.
    if app.store.session(&line.session).await.map_err(broken)?.is_none() {
        return Err(Ended::With(close::SESSION_ENDED));
    }
    line.greet(app.hub.welcome(app.store.epoch())).await.map_err(Ended::With)?;
    let mut told = Vec::new();
    for Head { stream, head, is_news } in app.store.heads(line.person).await.map_err(broken)? {
        // What came to be meanwhile is told by one's own stream, which is the last.
        let mut is_told = marks.contains_key(&StreamId::Person(line.person));
        if epoch != app.store.epoch() {
            say(line, &ServerEvent::Resync { stream }).await?;
            is_told = false;
        } else if let Some(mark) = marks.get(&stream) {
            is_told = catch_up(app, line, stream, *mark, head).await?;
        }
        match stream {
            StreamId::Conversation(conversation) if is_news && is_told => told.push((conversation, head)),
            StreamId::Person(_) if !is_told => told.clear(),
            _ => {}
        }
    }
    say(line, &ServerEvent::Current).await?;
    line.greeted().await.map_err(Ended::With)?;
    if !told.is_empty() && line.ask(told) {
        line.flush();
    }
    Ok(())
}

/// Tells what came after a mark; whether the client has all of it then.
async fn catch_up(app: &App, line: &Line, stream: StreamId, mark: Seq, head: Seq) -> Result<bool, Ended> {
    if mark > head || head.0 - mark.0 > protocol::MOST_CAUGHT_UP {
        return say(line, &ServerEvent::Resync { stream }).await.map(|()| false);
    }
    if mark == head {
        return Ok(true);
    }
    match app.store.entries_after(line.person, stream, mark).await {
        Ok(entries) => {
            for entry in entries {
                say(line, &ServerEvent::happened(stream, entry)).await?;
            }
            Ok(true)
        }
        // No longer theirs: nothing is sent, and their own stream says why.
        Err(Failure::Refused(_)) => Ok(false),
        Err(broken) => {
            let _ = ChatError::from(broken);
            Err(Ended::With(close::INTERNAL))
        }
    }
}

async fn say(line: &Line, event: &ServerEvent) -> Result<(), Ended> {
    line.greet(websocket::text(&codec::write(event))).await.map_err(Ended::With)
}

/// Listens until one side ends it. What the client is told meanwhile the hub writes; here it is only gone on with when the
/// network took no more.
async fn converse(hub: &Hub, line: &Line, ears: &mut Ears) -> Ended {
    ears.reader.take_at_most(protocol::LARGEST_COMMAND);
    let (mut closed, mut writing) = (std::pin::pin!(line.closed()), std::pin::pin!(line.keep_writing()));
    let (mut beat, mut pong_due) = (Instant::now() + BEAT_EVERY, None);
    let mut heard = Heard::default();
    loop {
        tokio::select! {
            biased;
            code = &mut closed => return Ended::With(code),
            came = ears.next(&line.stream) => match came {
                Ok(Incoming::Pong(tag)) => {
                    // Nobody asked for it: that is allowed, but not without end.
                    let asked = line.was_asked(&tag) || tag.is_empty() && pong_due.is_some();
                    if !asked && heard.too_much() { return Ended::With(close::RATE) }
                    pong_due = None;
                    let come = line.answered(&tag);
                    if !come.is_empty() { hub.came(line.person, come) }
                }
                Ok(Incoming::Ping(payload)) => {
                    if heard.too_much() { return Ended::With(close::RATE) }
                    line.tell(&websocket::pong(&payload));
                }
                Ok(Incoming::Text(text)) => {
                    if heard.too_much() { return Ended::With(close::RATE) }
                    match codec::read_command(&text) {
                        Ok(ClientCommand::Typing { conversation }) if heard.may_type() => hub.typing(line.person, conversation),
                        Ok(ClientCommand::Typing { .. }) => {}
                        Ok(ClientCommand::Idle { on }) => hub.turn(line, on),
                        // One greets once.
                        Ok(ClientCommand::Hello { .. }) | Err(_) => return Ended::With(close::PROTOCOL),
                    }
                }
                Ok(Incoming::Binary) => return Ended::With(close::PROTOCOL),
                Ok(Incoming::Close(code)) => return Ended::ByClient(code),
                Err(ended) => return ended,
            },
            code = &mut writing => return Ended::With(code),
            () = sleep_until(pong_due.map_or(beat, |due: Instant| due.min(beat))) => {
                if pong_due.is_some_and(|due| due <= Instant::now()) { return Ended::With(close::HEARTBEAT) }
                line.tell(&websocket::text(&codec::write(&ServerEvent::Beat)));
                line.tell(&websocket::ping(&[]));
                beat = Instant::now() + BEAT_EVERY;
                pong_due.get_or_insert_with(|| Instant::now() + PONG_WITHIN);
            }
        }
    }
}

/// Hears what the client says.
struct Ears {
    reader: Reader,
}

impl Ears {
    /// The next message, or how it ended. Nothing is lost when the wait is given up.
    async fn next(&mut self, stream: &TcpStream) -> Result<Incoming, Ended> {
        loop {
            if let Some(incoming) = self.reader.next().map_err(Ended::With)? {
                return Ok(incoming);
            }
            if stream.readable().await.is_err() {
                return Err(Ended::Gone);
            }
            self.take_in(stream)?;
        }
    }

    /// Not across a wait: so an idle socket needs no room for what it might be sent.
    fn take_in(&mut self, stream: &TcpStream) -> Result<(), Ended> {
        let mut buffer = [0; READ_BUFFER];
        match stream.try_read(&mut buffer) {
            Ok(0) => Err(Ended::Gone),
            Ok(count) => {
                self.reader.feed(&buffer[..count]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(_) => Err(Ended::Gone),
        }
    }
}
