//! The lifecycle of one socket: hello, welcome, missed events, then live until one side closes it.

use std::{io::ErrorKind, sync::Arc, time::Duration};

use tokio::{
    net::TcpStream,
    task::consume_budget,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Hub,
    connection::Connection,
    frame_limit::FrameLimit,
    websocket::{self, FrameDecoder, Incoming},
};
use crate::{
    domain::{ChatError, PersonId, Seq},
    protocol::{self, ClientCommand, Cursors, ServerEvent, StreamId, close, codec},
    server::{
        error::AppError,
        store::{Head, Store, TokenHash},
    },
};

/// How long a ping may stay unanswered.
const PONG_TIMEOUT: Duration = Duration::from_secs(10);
/// Interval of the heartbeat.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(protocol::HEARTBEAT_SECONDS);
/// How long the closing handshake may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a close frame waits for a client that has stopped reading.
const STALLED_CLOSE_TIMEOUT: Duration = Duration::from_secs(60);
/// Maximum number of bytes of one read.
const READ_BUFFER: usize = 4 * 1024;

/// How a socket ends.
#[derive(Clone, Copy)]
enum Ended {
    /// The connection is lost.
    Gone,
    /// The client sent a close frame, perhaps with a code; it is answered.
    ByClient(Option<u16>),
    /// The server closes with this code.
    With(u16),
}

/// Serves one socket until one side closes it.
pub async fn serve(
    hub: &Hub,
    store: &Store,
    person: PersonId,
    session: TokenHash,
    stream: TcpStream,
    first: Vec<u8>,
) {
    let alive = hub.socket_guard();
    let connection = Arc::new(Connection::new(person, session, stream));
    let mut reader = FrameReader { decoder: FrameDecoder::new(protocol::MAX_HELLO_BYTES, first) };
    let opened_at = Instant::now();
    let hello = match timeout(
        Duration::from_secs(protocol::HELLO_TIMEOUT_SECONDS),
        reader.next(&connection.stream),
    )
    .await
    {
        Ok(Ok(Incoming::Text(text))) => read_hello(&text),
        Ok(Ok(Incoming::Close(code))) => Err(Ended::ByClient(code)),
        Ok(Err(ended)) => Err(ended),
        _ => Err(Ended::With(close::PROTOCOL)),
    };
    let ended = match hello {
        Err(ended) => ended,
        Ok((_, cursors, _)) if belongs_to_another_person(&cursors, person) => {
            Ended::With(close::SESSION_ENDED)
        }
        Ok((epoch, cursors, idle)) => {
            hub.register(&connection, idle);
            // Boxed, so that its memory is freed afterwards: a socket lives for hours.
            let resume = Box::pin(send_missed(hub, store, &connection, epoch, cursors));
            // A connection that is closed during the backlog gets no more of it.
            let resumed = tokio::select! {
                biased;
                code = connection.closed() => Err(Ended::With(code)),
                resumed = resume => resumed,
            };
            let ended = match resumed {
                Ok(()) => serve_live(hub, &connection, &mut reader).await,
                Err(ended) => ended,
            };
            hub.unregister(&connection);
            ended
        }
    };
    let (code, close_frame) = match ended {
        Ended::Gone => (1006, None),
        Ended::ByClient(code) => (
            code.unwrap_or(1005),
            Some(code.map_or_else(websocket::empty_close_frame, websocket::close_frame)),
        ),
        Ended::With(code) => (code, Some(websocket::close_frame(code))),
    };
    tracing::info!(code, seconds = opened_at.elapsed().as_secs(), "WebSocket closed");
    let Some(close_frame) = close_frame else { return };
    let mut close_frame = Box::pin(async {
        connection.close_gracefully(close_frame).await;
        if matches!(ended, Ended::With(_)) {
            reader.read_to_close(&connection).await;
        }
    });
    let is_sent = timeout(CLOSE_TIMEOUT, &mut close_frame).await.is_ok();
    drop(alive);
    // A client that has stopped reading may resume, and then learns the reason; shutdown does not
    // wait for it.
    if !is_sent && matches!(code, close::SLOW | close::HEARTBEAT) {
        let _ = timeout(STALLED_CLOSE_TIMEOUT, close_frame).await;
    }
}

fn read_hello(text: &str) -> Result<(String, Cursors, bool), Ended> {
    match codec::decode_command(text) {
        Ok(ClientCommand::Hello { v: protocol::VERSION, epoch, cursors, idle }) => {
            Ok((epoch, cursors, idle))
        }
        Ok(ClientCommand::Hello { .. }) => Err(Ended::With(close::RELOAD)),
        Ok(ClientCommand::Typing { .. } | ClientCommand::Idle { .. }) | Err(_) => {
            Err(Ended::With(close::PROTOCOL))
        }
    }
}

/// Whether the cursors belong to another person: the page was loaded before this person signed in.
fn belongs_to_another_person(cursors: &Cursors, person: PersonId) -> bool {
    !cursors.contains_key(&StreamId::Person(person))
        && cursors.keys().any(|stream| matches!(stream, StreamId::Person(_)))
}

/// Sends welcome, then the events after each cursor. The connection is registered already: live
/// events wait in its queue, and the client drops duplicates by their sequence number.
async fn send_missed(
    hub: &Hub,
    store: &Store,
    connection: &Connection,
    epoch: String,
    cursors: Cursors,
) -> Result<(), Ended> {
    let internal = |error: AppError| {
        let _ = ChatError::from(error);
        Ended::With(close::INTERNAL)
    };
    // The session may have ended before the connection was registered: then the hub did not close
    // it.
    if store.session(&connection.session).await.map_err(internal)?.is_none() {
        return Err(Ended::With(close::SESSION_ENDED));
    }
    connection.send_backlog(hub.welcome(store.epoch())).await.map_err(Ended::With)?;
    let mut undelivered = Vec::new();
    for Head { stream, head, is_undelivered } in
        store.heads(connection.person).await.map_err(internal)?
    {
        // Conversations created meanwhile are announced in the person's own stream, which comes
        // last.
        let mut is_caught_up = cursors.contains_key(&StreamId::Person(connection.person));
        if epoch != store.epoch() {
            send_event(connection, &ServerEvent::Resync { stream }).await?;
            is_caught_up = false;
        } else if let Some(cursor) = cursors.get(&stream) {
            is_caught_up = catch_up(store, connection, stream, *cursor, head).await?;
        }
        match stream {
            StreamId::Conversation(conversation) if is_undelivered && is_caught_up => {
                undelivered.push((conversation, head))
            }
            StreamId::Person(_) if !is_caught_up => undelivered.clear(),
            _ => {}
        }
    }
    send_event(connection, &ServerEvent::CaughtUp).await?;
    connection.go_live().await.map_err(Ended::With)?;
    if !undelivered.is_empty() && connection.request_ack(undelivered) {
        connection.flush();
    }
    Ok(())
}

/// Sends the events after a cursor. Whether the client is then up to date.
async fn catch_up(
    store: &Store,
    connection: &Connection,
    stream: StreamId,
    cursor: Seq,
    head: Seq,
) -> Result<bool, Ended> {
    if cursor > head || head.0 - cursor.0 > protocol::MAX_REPLAYED {
        return send_event(connection, &ServerEvent::Resync { stream }).await.map(|()| false);
    }
    if cursor == head {
        return Ok(true);
    }
    match store.entries_after(connection.person, stream, cursor).await {
        Ok(entries) => {
            for entry in entries {
                send_event(connection, &ServerEvent::from_entry(stream, entry)).await?;
            }
            Ok(true)
        }
        // No longer a member: nothing is sent, and the person's own stream says why.
        Err(AppError::Client(_)) => Ok(false),
        Err(internal) => {
            let _ = ChatError::from(internal);
            Err(Ended::With(close::INTERNAL))
        }
    }
}

async fn send_event(connection: &Connection, event: &ServerEvent) -> Result<(), Ended> {
    connection.send_backlog(websocket::text_frame(&codec::write(event))).await.map_err(Ended::With)
}

/// Reads until one side closes. The hub writes to the connection; this task writes only when the
/// network blocked.
async fn serve_live(hub: &Hub, connection: &Connection, reader: &mut FrameReader) -> Ended {
    reader.decoder.set_limit(protocol::MAX_COMMAND_BYTES);
    let (mut closed, mut write_pending) =
        (std::pin::pin!(connection.closed()), std::pin::pin!(connection.write_when_writable()));
    let (mut next_heartbeat, mut pong_due) = (Instant::now() + HEARTBEAT_INTERVAL, None);
    let mut limit = FrameLimit::default();
    loop {
        tokio::select! {
            biased;
            code = &mut closed => return Ended::With(code),
            incoming = reader.next(&connection.stream) => match incoming {
                Ok(Incoming::Pong(tag)) => {
                    // Unsolicited pongs are allowed, but limited.
                    let is_expected =
                        connection.awaits_ack(&tag) || tag.is_empty() && pong_due.is_some();
                    if !is_expected && limit.record_frame() { return Ended::With(close::RATE) }
                    pong_due = None;
                    let delivered = connection.acknowledge(&tag);
                    if !delivered.is_empty() { hub.ack_delivered(connection.person, delivered) }
                }
                Ok(Incoming::Ping(payload)) => {
                    if limit.record_frame() { return Ended::With(close::RATE) }
                    connection.send_now(&websocket::pong_frame(&payload));
                }
                Ok(Incoming::Text(text)) => {
                    if limit.record_frame() { return Ended::With(close::RATE) }
                    match codec::decode_command(&text) {
                        Ok(ClientCommand::Typing { conversation }) if limit.may_send_typing() => {
                            hub.relay_typing(connection.person, conversation);
                        }
                        Ok(ClientCommand::Typing { .. }) => {}
                        Ok(ClientCommand::Idle { on }) => hub.set_idle(connection, on),
                        // A second hello is a protocol error.
                        Ok(ClientCommand::Hello { .. }) | Err(_) => {
                            return Ended::With(close::PROTOCOL);
                        }
                    }
                }
                Ok(Incoming::Binary) => return Ended::With(close::PROTOCOL),
                Ok(Incoming::Close(code)) => return Ended::ByClient(code),
                Err(ended) => return ended,
            },
            code = &mut write_pending => return Ended::With(code),
            () = sleep_until(
                pong_due.map_or(next_heartbeat, |due: Instant| due.min(next_heartbeat)),
            ) => {
                if pong_due.is_some_and(|due| due <= Instant::now()) {
                    return Ended::With(close::HEARTBEAT);
                }
                connection.send_now(&websocket::text_frame(&codec::write(&ServerEvent::Heartbeat)));
                connection.send_now(&websocket::ping_frame(&[]));
                next_heartbeat = Instant::now() + HEARTBEAT_INTERVAL;
                pong_due.get_or_insert_with(|| Instant::now() + PONG_TIMEOUT);
            }
        }
    }
}

/// Reads frames from the client.
struct FrameReader {
    decoder: FrameDecoder,
}

impl FrameReader {
    /// The next message, or how the socket ended. Cancel-safe.
    async fn next(&mut self, stream: &TcpStream) -> Result<Incoming, Ended> {
        loop {
            let decoded = self.decoder.next_message();
            if let Some(incoming) = decoded.map_err(|error| Ended::With(error.close_code()))? {
                return Ok(incoming);
            }
            if stream.readable().await.is_err() {
                return Err(Ended::Gone);
            }
            self.read_available(stream)?;
        }
    }

    /// Reads until the client answers the close frame or closes: unread bytes would make the system
    /// discard what was just sent.
    async fn read_to_close(&mut self, connection: &Connection) {
        let stream = &connection.stream;
        loop {
            match self.next(stream).await {
                Ok(Incoming::Close(_)) | Err(Ended::Gone) => return,
                Ok(_) => {}
                // The answer cannot be recognised any more: the client closes when it sees the end.
                Err(_) => {
                    connection.shutdown_write();
                    while stream.readable().await.is_ok() && self.read_available(stream).is_ok() {
                        // A client that never pauses must not keep the timeout from firing.
                        consume_budget().await;
                    }
                    return;
                }
            }
        }
    }

    /// The buffer does not live across an await: an idle socket needs no memory for it.
    fn read_available(&mut self, stream: &TcpStream) -> Result<(), Ended> {
        let mut buffer = [0; READ_BUFFER];
        match stream.try_read(&mut buffer) {
            Ok(0) => Err(Ended::Gone),
            Ok(count) => {
                self.decoder.feed(&buffer[..count]);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(_) => Err(Ended::Gone),
        }
    }
}
