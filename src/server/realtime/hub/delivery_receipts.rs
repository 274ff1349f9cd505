//! Delivery receipts of direct conversations: a ping behind each message confirms its delivery to a
//! device, and the author is told. People who hide their presence give no receipts: a receipt would
//! reveal it.

use std::sync::Arc;

use super::{Hub, State, flush};
use crate::{
    domain::{Change, ConversationId, Entry, Kind, PersonId, Seq},
    protocol::{Signal, StreamId},
    server::realtime::connection::{Connection, MAX_CONNECTIONS, delivery_acks::Positions},
};

/// Up to where a conversation was delivered to a person.
pub type Delivered = (ConversationId, PersonId, Seq);

impl Hub {
    /// Loads the direct conversations.
    pub fn load_direct_conversations(&self, direct_conversations: Vec<ConversationId>) {
        self.state().direct_conversations.extend(direct_conversations);
    }

    /// Receipts that are not saved yet, of one conversation or of all.
    #[must_use]
    pub fn unsaved_receipts(&self, only: Option<ConversationId>) -> Vec<Delivered> {
        let state = self.state();
        let selected = state
            .delivered
            .iter()
            .filter(|((conversation, _), _)| only.is_none_or(|only| only == *conversation));
        selected.map(|((conversation, person), upto)| (*conversation, *person, *upto)).collect()
    }

    /// Removes receipts that were saved.
    pub fn receipts_saved(&self, saved: &[Delivered]) {
        let mut state = self.state();
        for (conversation, person, upto) in saved {
            if state.delivered.get(&(*conversation, *person)) == Some(upto) {
                state.delivered.remove(&(*conversation, *person));
            }
        }
    }

    /// Records that these positions reached a device of this person.
    pub(in crate::server::realtime) fn ack_delivered(
        &self,
        person: PersonId,
        positions: Positions,
    ) {
        let (mut state, mut to_flush) = (self.state(), Vec::new());
        if positions.is_empty() || state.hides_presence.contains(&person) {
            return;
        }
        for (conversation, upto) in positions {
            let known = state.delivered.entry((conversation, person)).or_default();
            if *known < upto {
                *known = upto;
                state.broadcast_signal(
                    conversation,
                    person,
                    Signal::Delivered { conversation, person, upto },
                    &mut to_flush,
                );
            }
        }
        drop(state);
        flush(to_flush);
    }
}

impl State {
    /// Whether a delivery acknowledgement is to be requested: for a message in a direct
    /// conversation.
    pub(super) fn ack_request(
        &mut self,
        stream: StreamId,
        entry: &Entry,
    ) -> Option<(ConversationId, PersonId, Seq)> {
        match (stream, &entry.change) {
            (StreamId::Person(_), Change::ConversationAdded { summary })
                if summary.conversation.kind == Kind::Direct =>
            {
                self.direct_conversations.insert(summary.conversation.id);
                None
            }
            (StreamId::Conversation(id), Change::Posted { author, .. }) => {
                // The number of connections rules out nearly all other conversations.
                let few = self
                    .subscribers
                    .get(&id)
                    .is_some_and(|connections| connections.len() <= 2 * MAX_CONNECTIONS);
                (few && self.direct_conversations.contains(&id)).then_some((id, *author, entry.seq))
            }
            _ => None,
        }
    }

    /// Requests acknowledgements from the connections of the recipient.
    pub(super) fn request_acks(
        &self,
        (conversation, author, seq): (ConversationId, PersonId, Seq),
        to_flush: &mut Vec<Arc<Connection>>,
    ) {
        let others = self
            .subscribers
            .get(&conversation)
            .into_iter()
            .flatten()
            .filter(|connection| connection.person != author);
        to_flush.extend(
            others.filter(|connection| connection.request_ack(vec![(conversation, seq)])).cloned(),
        );
    }
}
