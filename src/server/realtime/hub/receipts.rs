//! What has reached a device of the other one of two: asked of their sockets behind each message, and told to who wrote it. Who would
//! rather not tell that they are there is not told of at all: that something reaches them would say just that.

use std::sync::Arc;

use super::{Hub, State, flush};
use crate::{
    domain::{Change, ConversationId, Entry, Kind, PersonId, Seq},
    protocol::{Signal, StreamId},
    server::realtime::connection::{Line, MOST_LINES, delivery_acks::Places},
};

/// Up to where a conversation has reached somebody.
pub type Delivered = (ConversationId, PersonId, Seq);

impl Hub {
    /// Starts from these conversations of two.
    pub fn know_pairs(&self, pairs: Vec<ConversationId>) {
        self.state().pairs.extend(pairs);
    }

    /// What was found to be delivered and is not yet kept, of one conversation or of all.
    #[must_use]
    pub fn delivered(&self, only: Option<ConversationId>) -> Vec<Delivered> {
        let state = self.state();
        let wanted = state.delivered.iter().filter(|((conversation, _), _)| only.is_none_or(|only| only == *conversation));
        wanted.map(|((conversation, person), upto)| (*conversation, *person, *upto)).collect()
    }

    /// This is kept: the hub need not know it any more.
    pub fn kept_delivered(&self, kept: &[Delivered]) {
        let mut state = self.state();
        for (conversation, person, upto) in kept {
            if state.delivered.get(&(*conversation, *person)) == Some(upto) {
                state.delivered.remove(&(*conversation, *person));
            }
        }
    }

    /// All up to these places has come to a device of this person.
    pub(in crate::server::realtime) fn came(&self, person: PersonId, places: Places) {
        let (mut state, mut due) = (self.state(), Vec::new());
        if places.is_empty() || state.hidden.contains(&person) {
            return;
        }
        for (conversation, upto) in places {
            let known = state.delivered.entry((conversation, person)).or_default();
            if *known < upto {
                *known = upto;
                state.signal(conversation, person, Signal::Delivered { conversation, person, upto }, &mut due);
            }
        }
        drop(state);
        flush(due);
    }
}

impl State {
    /// What is to be asked about a change once it is told: a message of two.
    pub(super) fn asks_about(&mut self, stream: StreamId, entry: &Entry) -> Option<(ConversationId, PersonId, Seq)> {
        match (stream, &entry.change) {
            (StreamId::Person(_), Change::ConversationAdded { summary }) if summary.conversation.kind == Kind::Direct => {
                self.pairs.insert(summary.conversation.id);
                None
            }
            (StreamId::Conversation(id), Change::Posted { author, .. }) => {
                // By their number alone nearly all that is no pair is passed over.
                let few = self.audience.get(&id).is_some_and(|lines| lines.len() <= 2 * MOST_LINES);
                (few && self.pairs.contains(&id)).then_some((id, *author, entry.seq))
            }
            _ => None,
        }
    }

    /// Asks the sockets of who did not write it whether it has come.
    pub(super) fn ask(&self, (conversation, author, seq): (ConversationId, PersonId, Seq), due: &mut Vec<Arc<Line>>) {
        let others = self.audience.get(&conversation).into_iter().flatten().filter(|line| line.person != author);
        due.extend(others.filter(|line| line.ask(vec![(conversation, seq)])).cloned());
    }
}
