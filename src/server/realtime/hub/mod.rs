//! Who hears what; in `present`, who is told as there; in `delivered`, what has come. The memberships are mirrored here in the order of the commits, so that what is published reaches exactly
//! those who may hear it at that moment: no question to the store per message, and never a stale answer.

mod presence;
mod receipts;

pub use receipts::Delivered;

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

/// Open lines from which on a conversation is a crowd, where nobody is told who is typing.
const TYPING_LIMIT: usize = 500;

/// Lines that one task writes to: with more of them, several cores share the work.
const FLUSH_CHUNK: usize = 64;

/// Those who are connected.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
    /// Sockets whose goodbye is still to be said.
    sockets: Arc<()>,
}

#[derive(Default)]
struct State {
    conversations: HashMap<PersonId, HashSet<ConversationId>>,
    /// Derived from the two others: the open lines of each conversation's members.
    subscribers: HashMap<ConversationId, Vec<Arc<Connection>>>,
    connections: HashMap<PersonId, Vec<Arc<Connection>>>,
    presence: Presence,
    /// Those who would rather not tell that they are there.
    hides_presence: HashSet<PersonId>,
    /// Those whose typing indicators are never relayed.
    hides_typing: HashSet<PersonId>,
    /// The conversations of two.
    direct_conversations: HashSet<ConversationId>,
    /// Up to where they have reached whom, as far as it is not yet kept.
    delivered: HashMap<(ConversationId, PersonId), Seq>,
    /// The lines, by their address, at whose other end nobody touches the browser.
    idle: HashSet<usize>,
    /// The first frame of everybody who comes before presence is told again.
    welcome: Option<Bytes>,
    is_shutting_down: bool,
}

impl Hub {
    /// Starts from these memberships.
    pub fn load_members(&self, members: impl IntoIterator<Item = (ConversationId, PersonId)>) {
        let mut state = self.state();
        for (conversation, person) in members {
            state.join(conversation, person);
        }
    }

    /// Tells what was committed to those who may hear it. Called in the order of the commits.
    pub fn publish(&self, events: Vec<StoreEvent>) {
        let mut to_flush = Vec::new();
        let mut state = self.state();
        for event in events {
            match event {
                StoreEvent::Appended(stream, entry) => {
                    state.update_typing_privacy(stream, &entry.change);
                    let shows = state.presence_visibility_change(stream, &entry.change);
                    let request = state.ack_request(stream, &entry);
                    state.broadcast(stream, ServerEvent::happened(stream, entry), &mut to_flush);
                    if let Some(request) = request {
                        state.request_acks(request, &mut to_flush);
                    }
                    if let Some((person, shows)) = shows {
                        state.set_presence_visible(person, shows, &mut to_flush);
                    }
                }
                StoreEvent::MemberJoined(conversation, person) => state.join(conversation, person),
                StoreEvent::MemberLeft(conversation, person) => state.leave(conversation, person),
                StoreEvent::ReadReceipt(conversation, person, upto) => {
                    state.broadcast_signal(conversation, person, Signal::Seen { conversation, person, upto }, &mut to_flush)
                }
                StoreEvent::SessionsEnded(sessions) => state.end_sessions(&sessions),
            }
        }
        drop(state);
        flush(to_flush);
    }

    /// Somebody is typing in a conversation; its other members are told, if they are not a crowd.
    pub(super) fn relay_typing(&self, person: PersonId, conversation: ConversationId) {
        let mut to_flush = Vec::new();
        let state = self.state();
        let shows = !state.hides_presence.contains(&person) && !state.hides_typing.contains(&person);
        let may_relay = shows && state.conversations.get(&person).is_some_and(|set| set.contains(&conversation));
        if may_relay && state.subscribers.get(&conversation).is_some_and(|connections| connections.len() <= TYPING_LIMIT) {
            state.broadcast_signal(conversation, person, Signal::Typing { conversation, person }, &mut to_flush);
        }
        drop(state);
        flush(to_flush);
    }

    /// Closes all lines and takes no more: the server restarts.
    pub fn shutdown(&self) {
        let mut state = self.state();
        state.is_shutting_down = true;
        state.connections.values().flatten().for_each(|connection| connection.close(close::RESTART));
    }

    /// Waits until every socket was told why it ends.
    pub async fn drained(&self) {
        while Arc::strong_count(&self.sockets) > 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// To be held for as long as a socket lives.
    pub(super) fn socket_guard(&self) -> Arc<()> {
        Arc::clone(&self.sockets)
    }

    /// From here on the line hears what its person may hear.
    pub(super) fn register(&self, connection: &Arc<Connection>, idle: bool) {
        let mut state = self.state();
        if state.is_shutting_down {
            return connection.close(close::RESTART);
        }
        let connections = state.connections.entry(connection.person).or_default();
        // Taken out at once: a line that is only told to go would be counted, and told again, until it has gone.
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
        for conversation in state.conversations.get(&connection.person).cloned().unwrap_or_default() {
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
            // Written once, whoever hears it: the lines share the bytes.
            let frame = encode(&event);
            to_flush.extend(connections.iter().filter(|connection| connection.send(&frame)).cloned());
        }
    }

    /// Tells the others in a conversation something about one of them that may be lost.
    fn broadcast_signal(&self, conversation: ConversationId, request: PersonId, broadcast_signal: Signal, to_flush: &mut Vec<Arc<Connection>>) {
        let others: Vec<_> = self.subscribers.get(&conversation).into_iter().flatten().filter(|connection| connection.person != request).collect();
        if !others.is_empty() {
            let frame = encode(&ServerEvent::Signal(broadcast_signal));
            to_flush.extend(others.into_iter().filter(|connection| connection.send_lossy(&frame)).cloned());
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

    /// Takes a line out of the audiences of all its person's conversations.
    fn unsubscribe_all(&mut self, connection: &Arc<Connection>) {
        for conversation in self.conversations.get(&connection.person).cloned().unwrap_or_default() {
            self.unsubscribe(conversation, |other| Arc::ptr_eq(other, connection));
        }
    }

    /// Takes lines out of a conversation's audience.
    fn unsubscribe(&mut self, conversation: ConversationId, is_gone: impl Fn(&Arc<Connection>) -> bool) {
        if let Some(connections) = self.subscribers.get_mut(&conversation) {
            connections.retain(|connection| !is_gone(connection));
            if connections.is_empty() {
                self.subscribers.remove(&conversation);
            }
        }
    }

    fn end_sessions(&self, sessions: &[TokenHash]) {
        let ended = |connection: &&Arc<Connection>| sessions.contains(&connection.session);
        self.connections.values().flatten().filter(ended).for_each(|connection| connection.close(close::SESSION_ENDED));
    }
}

fn encode(event: &ServerEvent) -> Bytes {
    websocket::text_frame(&codec::write(event))
}

/// Writes to lines that were handed something. Not by the caller: the writer goes on with the next transaction meanwhile, and
/// what is handed over until then leaves together.
fn flush(to_flush: Vec<Arc<Connection>>) {
    let mut to_flush = to_flush.into_iter().peekable();
    while to_flush.peek().is_some() {
        let connections: Vec<_> = to_flush.by_ref().take(FLUSH_CHUNK).collect();
        tokio::spawn(async move { connections.iter().for_each(|connection| connection.flush()) });
    }
}
