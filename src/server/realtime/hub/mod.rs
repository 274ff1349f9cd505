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
    connection::{Line, MOST_LINES},
    presence::Presence,
    websocket,
};
use crate::{
    domain::{ConversationId, PersonId, Seq},
    protocol::{ServerEvent, Signal, StreamId, close, codec},
    server::store::{News, TokenHash},
};

/// Open lines from which on a conversation is a crowd, where nobody is told who is typing.
const CROWD: usize = 500;

/// Lines that one task writes to: with more of them, several cores share the work.
const FLUSHED_TOGETHER: usize = 64;

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
    audience: HashMap<ConversationId, Vec<Arc<Line>>>,
    lines: HashMap<PersonId, Vec<Arc<Line>>>,
    presence: Presence,
    /// Those who would rather not tell that they are there.
    hidden: HashSet<PersonId>,
    /// Those whose typing indicators are never relayed.
    hides_typing: HashSet<PersonId>,
    /// The conversations of two.
    pairs: HashSet<ConversationId>,
    /// Up to where they have reached whom, as far as it is not yet kept.
    delivered: HashMap<(ConversationId, PersonId), Seq>,
    /// The lines, by their address, at whose other end nobody touches the browser.
    idle: HashSet<usize>,
    /// The first frame of everybody who comes before presence is told again.
    welcome: Option<Bytes>,
    shut: bool,
}

impl Hub {
    /// Starts from these memberships.
    pub fn know_members(&self, members: impl IntoIterator<Item = (ConversationId, PersonId)>) {
        let mut state = self.state();
        for (conversation, person) in members {
            state.join(conversation, person);
        }
    }

    /// Tells what was committed to those who may hear it. Called in the order of the commits.
    pub fn publish(&self, news: Vec<News>) {
        let mut due = Vec::new();
        let mut state = self.state();
        for item in news {
            match item {
                News::Happened(stream, entry) => {
                    state.note_typing_privacy(stream, &entry.change);
                    let shows = state.shows_now(stream, &entry.change);
                    let asks = state.asks_about(stream, &entry);
                    state.tell(stream, ServerEvent::happened(stream, entry), &mut due);
                    if let Some(about) = asks {
                        state.ask(about, &mut due);
                    }
                    if let Some((person, shows)) = shows {
                        state.show(person, shows, &mut due);
                    }
                }
                News::Joined(conversation, person) => state.join(conversation, person),
                News::Left(conversation, person) => state.part(conversation, person),
                News::Seen(conversation, person, upto) => state.signal(conversation, person, Signal::Seen { conversation, person, upto }, &mut due),
                News::SessionsEnded(sessions) => state.end_sessions(&sessions),
            }
        }
        drop(state);
        flush(due);
    }

    /// Somebody is typing in a conversation; its other members are told, if they are not a crowd.
    pub(super) fn typing(&self, person: PersonId, conversation: ConversationId) {
        let mut due = Vec::new();
        let state = self.state();
        let shows = !state.hidden.contains(&person) && !state.hides_typing.contains(&person);
        let is_member = shows && state.conversations.get(&person).is_some_and(|set| set.contains(&conversation));
        if is_member && state.audience.get(&conversation).is_some_and(|lines| lines.len() <= CROWD) {
            state.signal(conversation, person, Signal::Typing { conversation, person }, &mut due);
        }
        drop(state);
        flush(due);
    }

    /// Closes all lines and takes no more: the server restarts.
    pub fn shut(&self) {
        let mut state = self.state();
        state.shut = true;
        state.lines.values().flatten().for_each(|line| line.close(close::RESTART));
    }

    /// Waits until every socket was told why it ends.
    pub async fn told_all(&self) {
        while Arc::strong_count(&self.sockets) > 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// To be held for as long as a socket lives.
    pub(super) fn socket(&self) -> Arc<()> {
        Arc::clone(&self.sockets)
    }

    /// From here on the line hears what its person may hear.
    pub(super) fn open(&self, line: &Arc<Line>, idle: bool) {
        let mut state = self.state();
        if state.shut {
            return line.close(close::RESTART);
        }
        let lines = state.lines.entry(line.person).or_default();
        // Taken out at once: a line that is only told to go would be counted, and told again, until it has gone.
        let oldest = (lines.len() >= MOST_LINES).then(|| lines.remove(0));
        lines.push(Arc::clone(line));
        if lines.len() == 1 && !state.hidden.contains(&line.person) {
            state.presence.arrive(line.person);
        }
        state.turn(line, idle);
        if let Some(oldest) = oldest {
            state.hush_everywhere(&oldest);
            oldest.close(close::REPLACED);
        }
        for conversation in state.conversations.get(&line.person).cloned().unwrap_or_default() {
            state.audience.entry(conversation).or_default().push(Arc::clone(line));
        }
    }

    /// The line's socket is gone.
    pub(super) fn close(&self, line: &Arc<Line>) {
        let mut state = self.state();
        state.idle.remove(&Arc::as_ptr(line).addr());
        let Some(lines) = state.lines.get_mut(&line.person) else { return };
        let before = lines.len();
        lines.retain(|other| !Arc::ptr_eq(other, line));
        if lines.len() == before {
            return;
        }
        if lines.is_empty() {
            state.lines.remove(&line.person);
            state.presence.leave(line.person, Instant::now());
        }
        state.weigh_idleness(line.person);
        state.hush_everywhere(line);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&self, stream: StreamId, event: ServerEvent, due: &mut Vec<Arc<Line>>) {
        let lines = match stream {
            StreamId::Conversation(id) => self.audience.get(&id),
            StreamId::Person(id) => self.lines.get(&id),
        };
        if let Some(lines) = lines.filter(|lines| !lines.is_empty()) {
            // Written once, whoever hears it: the lines share the bytes.
            let frame = encode(&event);
            due.extend(lines.iter().filter(|line| line.push(&frame)).cloned());
        }
    }

    /// Tells the others in a conversation something about one of them that may be lost.
    fn signal(&self, conversation: ConversationId, about: PersonId, signal: Signal, due: &mut Vec<Arc<Line>>) {
        let others: Vec<_> = self.audience.get(&conversation).into_iter().flatten().filter(|line| line.person != about).collect();
        if !others.is_empty() {
            let frame = encode(&ServerEvent::Signal(signal));
            due.extend(others.into_iter().filter(|line| line.hint(&frame)).cloned());
        }
    }

    fn join(&mut self, conversation: ConversationId, person: PersonId) {
        if self.conversations.entry(person).or_default().insert(conversation) {
            let lines = self.lines.get(&person).cloned().unwrap_or_default();
            if !lines.is_empty() {
                self.audience.entry(conversation).or_default().extend(lines);
            }
        }
    }

    fn part(&mut self, conversation: ConversationId, person: PersonId) {
        if self.conversations.get_mut(&person).is_some_and(|set| set.remove(&conversation)) {
            self.hush(conversation, |line| line.person == person);
        }
    }

    /// Takes a line out of the audiences of all its person's conversations.
    fn hush_everywhere(&mut self, line: &Arc<Line>) {
        for conversation in self.conversations.get(&line.person).cloned().unwrap_or_default() {
            self.hush(conversation, |other| Arc::ptr_eq(other, line));
        }
    }

    /// Takes lines out of a conversation's audience.
    fn hush(&mut self, conversation: ConversationId, gone: impl Fn(&Arc<Line>) -> bool) {
        if let Some(lines) = self.audience.get_mut(&conversation) {
            lines.retain(|line| !gone(line));
            if lines.is_empty() {
                self.audience.remove(&conversation);
            }
        }
    }

    fn end_sessions(&self, sessions: &[TokenHash]) {
        let ended = |line: &&Arc<Line>| sessions.contains(&line.session);
        self.lines.values().flatten().filter(ended).for_each(|line| line.close(close::SESSION_ENDED));
    }
}

fn encode(event: &ServerEvent) -> Bytes {
    websocket::text(&codec::write(event))
}

/// Writes to lines that were handed something. Not by the caller: the writer goes on with the next transaction meanwhile, and
/// what is handed over until then leaves together.
fn flush(due: Vec<Arc<Line>>) {
    let mut due = due.into_iter().peekable();
    while due.peek().is_some() {
        let lines: Vec<_> = due.by_ref().take(FLUSHED_TOGETHER).collect();
        tokio::spawn(async move { lines.iter().for_each(|line| line.flush()) });
    }
}
