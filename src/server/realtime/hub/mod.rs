//! The hub: the registry of connections, with presence (`presence`) and delivery receipts
//! (`delivery_receipts`). It mirrors the memberships in commit order, so that each event reaches exactly
//! those who may receive it at that moment, without a query per message.

mod delivery_receipts;
mod presence;

pub use delivery_receipts::Delivered;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::body::Bytes;

use super::{
    connection::{Connection, MAX_CONNECTIONS},
    presence::Presence,
    websocket,
};
use crate::{
    domain::{ConversationId, PersonId, Seq},
    protocol::{ServerEvent, Signal, StreamId, close, codec},
    server::store::{StoreEvent, TokenHash},
};

/// Connections from which on a conversation gets no typing indicators.
const TYPING_LIMIT: usize = 500;

/// Connections that one task flushes: more are spread over several cores.
const FLUSH_CHUNK: usize = 64;

/// The connected clients.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
    /// Counts sockets whose close frame is still to be sent.
    sockets: Arc<()>,
}

#[derive(Default)]
struct State {
    conversations: HashMap<PersonId, HashSet<ConversationId>>,
    /// Derived from the two others: the connections of each conversation's members.
    subscribers: HashMap<ConversationId, Vec<Arc<Connection>>>,
    connections: HashMap<PersonId, Vec<Arc<Connection>>>,
    presence: Presence,
    /// People who hide their presence.
    hides_presence: HashSet<PersonId>,
    /// People whose typing indicators are never relayed.
    hides_typing: HashSet<PersonId>,
    /// Direct conversations.
    direct_conversations: HashSet<ConversationId>,
    /// Delivery receipts that are not saved yet.
    delivered: HashMap<(ConversationId, PersonId), Seq>,
    /// Idle connections, by their address.
    idle: HashSet<usize>,
    /// The cached first frame of new connections, until presence changes.
    welcome: Option<Bytes>,
    is_shutting_down: bool,
}

impl Hub {
    /// Loads the memberships.
    pub fn load_members(&self, members: impl IntoIterator<Item = (ConversationId, PersonId)>) {
        let mut state = self.state();
        for (conversation, person) in members {
            state.join(conversation, person);
        }
    }

    /// Sends committed events to those who may receive them. Called in commit order.
    pub fn publish(&self, events: Vec<StoreEvent>) {
        let mut to_flush = Vec::new();
        let mut state = self.state();
        for event in events {
            match event {
                StoreEvent::Appended(stream, entry) => {
                    state.update_typing_privacy(stream, &entry.change);
                    let shows = state.presence_visibility_change(stream, &entry.change);
                    let request = state.ack_request(stream, &entry);
                    state.broadcast(stream, ServerEvent::from_entry(stream, entry), &mut to_flush);
                    if let Some(request) = request {
                        state.request_acks(request, &mut to_flush);
                    }
                    if let Some((person, shows)) = shows {
                        state.set_presence_visible(person, shows, &mut to_flush);
                    }
                }
                StoreEvent::MemberJoined(conversation, person) => state.join(conversation, person),
                StoreEvent::MemberLeft(conversation, person) => state.leave(conversation, person),
                StoreEvent::ReadReceipt(conversation, person, upto) => state.broadcast_signal(
                    conversation,
                    person,
                    Signal::Seen { conversation, person, upto },
                    &mut to_flush,
                ),
                StoreEvent::SessionsEnded(sessions) => state.end_sessions(&sessions),
                StoreEvent::Deactivated(person) => state
                    .connections
                    .get(&person)
                    .into_iter()
                    .flatten()
                    .for_each(|connection| connection.close(close::DEACTIVATED)),
            }
        }
        drop(state);
        flush(to_flush);
    }

    /// Relays a typing indicator to the other members, if there are not too many.
    pub(super) fn relay_typing(&self, person: PersonId, conversation: ConversationId) {
        let mut to_flush = Vec::new();
        let state = self.state();
        let shows =
            !state.hides_presence.contains(&person) && !state.hides_typing.contains(&person);
        let may_relay = shows
            && state.conversations.get(&person).is_some_and(|set| set.contains(&conversation));
        if may_relay
            && state
                .subscribers
                .get(&conversation)
                .is_some_and(|connections| connections.len() <= TYPING_LIMIT)
        {
            state.broadcast_signal(
                conversation,
                person,
                Signal::Typing { conversation, person },
                &mut to_flush,
            );
        }
        drop(state);
        flush(to_flush);
    }

    /// Closes all connections and accepts no more: the server shuts down.
    pub fn shutdown(&self) {
        let mut state = self.state();
        state.is_shutting_down = true;
        state
            .connections
            .values()
            .flatten()
            .for_each(|connection| connection.close(close::RESTART));
    }

    /// Waits until every socket was closed.
    pub async fn drained(&self) {
        while Arc::strong_count(&self.sockets) > 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// A guard that a socket holds as long as it lives.
    pub(super) fn socket_guard(&self) -> Arc<()> {
        Arc::clone(&self.sockets)
    }

    /// Registers a connection: from here on it receives its person's events.
    pub(super) fn register(&self, connection: &Arc<Connection>, idle: bool) {
        let mut state = self.state();
        if state.is_shutting_down {
            return connection.close(close::RESTART);
        }
        let connections = state.connections.entry(connection.person).or_default();
        // Removed at once: a connection that is only asked to close would be counted, and asked
        // again, until it is gone.
        let oldest = (connections.len() >= MAX_CONNECTIONS).then(|| connections.remove(0));
        connections.push(Arc::clone(connection));
        if connections.len() == 1 && !state.hides_presence.contains(&connection.person) {
            state.presence.arrive(connection.person);
        }
        state.set_idle(connection, idle);
        if let Some(oldest) = oldest {
            state.unsubscribe_all(&oldest);
            oldest.close(close::REPLACED);
        }
        for conversation in state.conversations.get(&connection.person).cloned().unwrap_or_default()
        {
            state.subscribers.entry(conversation).or_default().push(Arc::clone(connection));
        }
    }

    /// The connection's socket is closed.
    pub(super) fn unregister(&self, connection: &Arc<Connection>) {
        let mut state = self.state();
        state.idle.remove(&Arc::as_ptr(connection).addr());
        let Some(connections) = state.connections.get_mut(&connection.person) else { return };
        let before = connections.len();
        connections.retain(|other| !Arc::ptr_eq(other, connection));
        if connections.len() == before {
            return;
        }
        if connections.is_empty() {
            state.connections.remove(&connection.person);
            state.presence.leave(connection.person, Instant::now());
        }
        state.recompute_idle(connection.person);
        state.unsubscribe_all(connection);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn broadcast(&self, stream: StreamId, event: ServerEvent, to_flush: &mut Vec<Arc<Connection>>) {
        let connections = match stream {
            StreamId::Conversation(id) => self.subscribers.get(&id),
            StreamId::Person(id) => self.connections.get(&id),
        };
        if let Some(connections) = connections.filter(|connections| !connections.is_empty()) {
            // Encoded once: all connections share the bytes.
            let frame = encode(&event);
            to_flush
                .extend(connections.iter().filter(|connection| connection.send(&frame)).cloned());
        }
    }

    /// Sends an ephemeral event about one member to the others.
    fn broadcast_signal(
        &self,
        conversation: ConversationId,
        about: PersonId,
        signal: Signal,
        to_flush: &mut Vec<Arc<Connection>>,
    ) {
        let others: Vec<_> = self
            .subscribers
            .get(&conversation)
            .into_iter()
            .flatten()
            .filter(|connection| connection.person != about)
            .collect();
        if !others.is_empty() {
            let frame = encode(&ServerEvent::Signal(signal));
            to_flush.extend(
                others.into_iter().filter(|connection| connection.send_lossy(&frame)).cloned(),
            );
        }
    }

    fn join(&mut self, conversation: ConversationId, person: PersonId) {
        if self.conversations.entry(person).or_default().insert(conversation) {
            let connections = self.connections.get(&person).cloned().unwrap_or_default();
            if !connections.is_empty() {
                self.subscribers.entry(conversation).or_default().extend(connections);
            }
        }
    }

    fn leave(&mut self, conversation: ConversationId, person: PersonId) {
        if self.conversations.get_mut(&person).is_some_and(|set| set.remove(&conversation)) {
            self.unsubscribe(conversation, |connection| connection.person == person);
        }
    }

    /// Removes a connection from all conversations of its person.
    fn unsubscribe_all(&mut self, connection: &Arc<Connection>) {
        for conversation in self.conversations.get(&connection.person).cloned().unwrap_or_default()
        {
            self.unsubscribe(conversation, |other| Arc::ptr_eq(other, connection));
        }
    }

    /// Removes connections from a conversation.
    fn unsubscribe(
        &mut self,
        conversation: ConversationId,
        is_gone: impl Fn(&Arc<Connection>) -> bool,
    ) {
        if let Some(connections) = self.subscribers.get_mut(&conversation) {
            connections.retain(|connection| !is_gone(connection));
            if connections.is_empty() {
                self.subscribers.remove(&conversation);
            }
        }
    }

    fn end_sessions(&self, sessions: &[TokenHash]) {
        let ended = |connection: &&Arc<Connection>| sessions.contains(&connection.session);
        self.connections
            .values()
            .flatten()
            .filter(ended)
            .for_each(|connection| connection.close(close::SESSION_ENDED));
    }
}

fn encode(event: &ServerEvent) -> Bytes {
    websocket::text_frame(&codec::write(event))
}

/// Flushes connections in tasks of their own: the writer goes on with the next transaction
/// meanwhile, and what is queued until then leaves together.
fn flush(to_flush: Vec<Arc<Connection>>) {
    let mut to_flush = to_flush.into_iter().peekable();
    while to_flush.peek().is_some() {
        let connections: Vec<_> = to_flush.by_ref().take(FLUSH_CHUNK).collect();
        tokio::spawn(async move { connections.iter().for_each(|connection| connection.flush()) });
    }
}
