//! What has reached a device of the other one of two: asked of their sockets behind each message, and told to who wrote it. Who would
//! rather not tell that they are there is not told of at all: that something reaches them would say just that.

use std::sync::Arc;

use super::{Hub, State, flush};
use crate::{
    domain::{Change, ConversationId, Entry, Kind, PersonId, Seq},
    protocol::{Signal, StreamId},
    server::realtime::connection::{Connection, MAX_CONNECTIONS, delivery_acks::Positions},
};

/// Up to where a conversation has reached somebody.
pub type Delivered = (ConversationId, PersonId, Seq);

impl Hub {
    /// Starts from these conversations of two.
    pub fn load_direct_conversations(&self, direct_conversations: Vec<ConversationId>) {
        self.state().direct_conversations.extend(direct_conversations);
    }

    /// What was found to be delivered and is not yet kept, of one conversation or of all.
    #[must_use]
    pub fn unsaved_receipts(&self, only: Option<ConversationId>) -> Vec<Delivered> {
        let state = self.state();
        let selected = state.delivered.iter().filter(|((conversation, _), _)| only.is_none_or(|only| only == *conversation));
        selected.map(|((conversation, person), upto)| (*conversation, *person, *upto)).collect()
    }

    /// This is kept: the hub need not know it any more.
    pub fn receipts_saved(&self, saved: &[Delivered]) {
        let mut state = self.state();
        for (conversation, person, upto) in saved {
            if state.delivered.get(&(*conversation, *person)) == Some(upto) {
                state.delivered.remove(&(*conversation, *person));
            }
        }
    }

    /// All up to these places has come to a device of this person.
    pub(in crate::server::realtime) fn ack_delivered(&self, person: PersonId, positions: Positions) {
        let (mut state, mut to_flush) = (self.state(), Vec::new());
        if positions.is_empty() || state.hides_presence.contains(&person) {
            return;
        }
        for (conversation, upto) in positions {
            let known = state.delivered.entry((conversation, person)).or_default();
            if *known < upto {
                *known = upto;
                state.broadcast_signal(conversation, person, Signal::Delivered { conversation, person, upto }, &mut to_flush);
            }
        }
        drop(state);
        flush(to_flush);
    }
}

impl State {
    /// What is to be asked about a change once it is told: a message of two.
    pub(super) fn ack_request(&mut self, stream: StreamId, entry: &Entry) -> Option<(ConversationId, PersonId, Seq)> {
        match (stream, &entry.change) {
            (StreamId::Person(_), Change::ConversationAdded { summary }) if summary.conversation.kind == Kind::Direct => {
                self.direct_conversations.insert(summary.conversation.id);
                None
            }
            (StreamId::Conversation(id), Change::Posted { author, .. }) => {
                // By their number alone nearly all that is no pair is passed over.
                let few = self.subscribers.get(&id).is_some_and(|connections| connections.len() <= 2 * MAX_CONNECTIONS);
                (few && self.direct_conversations.contains(&id)).then_some((id, *author, entry.seq))
            }
            _ => None,
        }
    }

    /// Asks the sockets of who did not write it whether it has come.
    pub(super) fn request_acks(&self, (conversation, author, seq): (ConversationId, PersonId, Seq), to_flush: &mut Vec<Arc<Connection>>) {
        let others = self.subscribers.get(&conversation).into_iter().flatten().filter(|connection| connection.person != author);
        to_flush.extend(others.filter(|connection| connection.request_ack(vec![(conversation, seq)])).cloned());
    }
}
