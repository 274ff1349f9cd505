//! Messages that the server is not known to have stored. One at a time per conversation, in order:
//! a failed one blocks those behind it, visibly, until the user decides. Mirrors local storage,
//! which all tabs share; a message is sent only once it is stored there.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::domain::{Attachment, ClientId, ConversationId, Millis, Seq, message::Quote};

/// Progress of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendState {
    /// Queued or being sent.
    Waiting,
    /// Committed at this position; its event has not arrived.
    Sent(Seq),
    /// Rejected, with the reason.
    Failed(String),
}

/// A message in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMessage {
    /// Client id; stays the same for all retries.
    pub id: ClientId,
    /// Its text.
    pub body: String,
    /// The message it replies to.
    pub reply_to: Option<Quote>,
    /// The attached files.
    pub files: Vec<Attachment>,
    /// When it was written; ascending within a conversation.
    pub at: Millis,
    /// Its progress.
    pub state: SendState,
    /// Whether it may be sent: it is stored, or cannot be.
    pub ready: bool,
    /// Whether it is stored locally.
    pub stored: bool,
}

/// A message as stored locally.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// Client id.
    pub id: ClientId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its text.
    pub body: String,
    /// The message it replies to.
    #[serde(default)]
    #[serde(rename = "answers")]
    pub reply_to: Option<Quote>,
    /// The attached files.
    #[serde(default)]
    pub files: Vec<Attachment>,
    /// When it was written.
    pub at: Millis,
    /// Why it was rejected, if it was.
    pub failed: Option<String>,
}

/// Text, quoted message and files of a new message.
pub type NewMessage = (String, Option<Quote>, Vec<Attachment>);

impl PendingMessage {
    fn from_stored(stored_message: StoredMessage, state: SendState, stored: bool) -> Self {
        let StoredMessage { id, body, reply_to, files, at, .. } = stored_message;
        Self { id, body, reply_to, files, at, state, ready: stored, stored }
    }

    /// The form to store.
    #[must_use]
    pub fn to_stored(&self, conversation: ConversationId) -> StoredMessage {
        let failed =
            if let SendState::Failed(why) = &self.state { Some(why.clone()) } else { None };
        StoredMessage {
            id: self.id,
            conversation,
            body: self.body.clone(),
            reply_to: self.reply_to.clone(),
            files: self.files.clone(),
            at: self.at,
            failed,
        }
    }
}

impl StoredMessage {
    /// Storage key; sorts by the time of writing.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{:015}-{}", self.at, self.id)
    }
}

/// All messages in the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    by_conversation: HashMap<ConversationId, Vec<PendingMessage>>,
    /// Removed messages, which local storage may hold a moment longer.
    removed: HashSet<ClientId>,
}

impl Outbox {
    /// The queue of a conversation, in order.
    #[must_use]
    pub fn pending(&self, conversation: ConversationId) -> &[PendingMessage] {
        self.by_conversation.get(&conversation).map_or(&[], Vec::as_slice)
    }

    /// Whether any message is not yet committed.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.all().any(|(_, pending)| !matches!(pending.state, SendState::Sent(_)))
    }

    /// All messages with their conversations.
    pub fn all(&self) -> impl Iterator<Item = (ConversationId, &PendingMessage)> {
        self.by_conversation
            .iter()
            .flat_map(|(conversation, queue)| queue.iter().map(|pending| (*conversation, pending)))
    }

    /// The conversations with queued messages.
    #[must_use]
    pub fn conversations(&self) -> Vec<ConversationId> {
        self.by_conversation.keys().copied().collect()
    }

    /// Queues a message and returns the form to store.
    pub fn enqueue(
        &mut self,
        conversation: ConversationId,
        id: ClientId,
        (body, reply_to, files): NewMessage,
        now: Millis,
    ) -> StoredMessage {
        let queue = self.by_conversation.entry(conversation).or_default();
        // Keeps the order if the clock was set back.
        let at = queue.last().map_or(now, |last| now.max(last.at + 1));
        let stored_message =
            StoredMessage { id, conversation, body, reply_to, files, at, failed: None };
        queue.push(PendingMessage::from_stored(stored_message.clone(), SendState::Waiting, false));
        stored_message
    }

    /// A message in the form to store.
    #[must_use]
    pub fn stored_message(
        &self,
        conversation: ConversationId,
        id: ClientId,
    ) -> Option<StoredMessage> {
        self.pending(conversation)
            .iter()
            .find(|pending| pending.id == id)
            .map(|pending| pending.to_stored(conversation))
    }

    /// Marks a message as ready to send.
    pub fn mark_ready(&mut self, conversation: ConversationId, id: ClientId, stored: bool) {
        if let Some(pending) = self.find_mut(conversation, id) {
            (pending.ready, pending.stored) = (true, stored);
        }
    }

    /// The next message to send: the first uncommitted one, unless it failed or is not ready.
    #[must_use]
    pub fn next(&self, conversation: ConversationId) -> Option<&PendingMessage> {
        let first = self
            .pending(conversation)
            .iter()
            .find(|pending| !matches!(pending.state, SendState::Sent(_)))?;
        (first.state == SendState::Waiting && first.ready).then_some(first)
    }

    /// Sets the progress of a message.
    pub fn set_state(&mut self, conversation: ConversationId, id: ClientId, state: SendState) {
        if let Some(pending) = self.find_mut(conversation, id) {
            pending.state = state;
        }
    }

    /// Removes a message and returns it, if it was queued.
    pub fn remove(&mut self, conversation: ConversationId, id: ClientId) -> Option<StoredMessage> {
        let taken = self.stored_message(conversation, id)?;
        self.removed.insert(id);
        if let Some(queue) = self.by_conversation.get_mut(&conversation) {
            queue.retain(|pending| pending.id != id);
            if queue.is_empty() {
                self.by_conversation.remove(&conversation);
            }
        }
        Some(taken)
    }

    /// Takes over what is stored, also by other tabs. A stored message that is gone has been
    /// completed.
    pub fn reload(&mut self, stored_message: Vec<StoredMessage>) {
        let there: HashSet<ClientId> =
            stored_message.iter().map(|stored_message| stored_message.id).collect();
        for queue in self.by_conversation.values_mut() {
            queue.retain(|pending| {
                !pending.stored
                    || matches!(pending.state, SendState::Sent(_))
                    || there.contains(&pending.id)
            });
        }
        for mut stored_message in stored_message {
            let (id, conversation) = (stored_message.id, stored_message.conversation);
            let state = stored_message.failed.take().map_or(SendState::Waiting, SendState::Failed);
            let is_removed = self.removed.contains(&id);
            match self.find_mut(conversation, id) {
                Some(pending) if matches!(pending.state, SendState::Sent(_)) => {}
                Some(pending) => {
                    (pending.state, pending.ready, pending.stored) = (state, true, true)
                }
                None if is_removed => {}
                None => {
                    let queue = self.by_conversation.entry(conversation).or_default();
                    queue.push(PendingMessage::from_stored(stored_message, state, true));
                    queue.sort_by_key(|pending| (pending.at, pending.id));
                }
            }
        }
        self.by_conversation.retain(|_, queue| !queue.is_empty());
    }

    fn find_mut(
        &mut self,
        conversation: ConversationId,
        id: ClientId,
    ) -> Option<&mut PendingMessage> {
        self.by_conversation.get_mut(&conversation)?.iter_mut().find(|pending| pending.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: ConversationId = ConversationId(Uuid::nil());

    fn ids(count: u128) -> Vec<ClientId> {
        (1..=count).map(|n| ClientId(Uuid::from_u128(n))).collect()
    }

    fn filled(ids: &[ClientId]) -> (Outbox, Vec<StoredMessage>) {
        let mut outbox = Outbox::default();
        let stored_message = ids
            .iter()
            .map(|id| outbox.enqueue(HERE, *id, ("x".into(), None, Vec::new()), 100))
            .collect();
        ids.iter().for_each(|id| outbox.mark_ready(HERE, *id, true));
        (outbox, stored_message)
    }

    fn shown(outbox: &Outbox) -> Vec<ClientId> {
        outbox.pending(HERE).iter().map(|pending| pending.id).collect()
    }

    #[test]
    fn a_failed_message_blocks_later_ones_until_retried_or_discarded() {
        let ids = ids(3);
        let (mut outbox, _) = filled(&ids);
        outbox.set_state(HERE, ids[0], SendState::Sent(Seq(1)));
        assert_eq!(outbox.next(HERE).unwrap().id, ids[1]);
        outbox.set_state(HERE, ids[1], SendState::Failed("no".into()));
        assert!(outbox.next(HERE).is_none(), "the third waits behind it");
        outbox.set_state(HERE, ids[1], SendState::Waiting);
        assert_eq!(outbox.next(HERE).unwrap().id, ids[1], "try again");
        outbox.remove(HERE, ids[1]);
        assert_eq!(outbox.next(HERE).unwrap().id, ids[2], "discard");
        assert!(outbox.has_unsent());
    }

    #[test]
    fn messages_are_sent_in_order_and_only_once_stored() {
        let ids = ids(2);
        let mut outbox = Outbox::default();
        let stored_message: Vec<StoredMessage> = ids
            .iter()
            .map(|id| outbox.enqueue(HERE, *id, ("x".into(), None, Vec::new()), 100))
            .collect();
        assert!(outbox.next(HERE).is_none());
        outbox.mark_ready(HERE, ids[1], true);
        assert!(outbox.next(HERE).is_none(), "the first is not there yet");
        outbox.mark_ready(HERE, ids[0], true);
        assert_eq!(outbox.next(HERE).unwrap().id, ids[0]);
        assert!(
            stored_message[0].key() < stored_message[1].key(),
            "the order holds also where the clock stood still"
        );
    }

    #[test]
    fn reload_adds_messages_of_other_tabs_and_drops_completed_ones() {
        let ids = ids(4);
        let (written, stored_message) = filled(&ids);
        let mut other = Outbox::default();
        other.reload(stored_message.iter().rev().cloned().collect());
        assert_eq!(
            other,
            Outbox { removed: HashSet::new(), ..written },
            "in order, however they came"
        );
        other.enqueue(
            HERE,
            ClientId(Uuid::from_u128(8)),
            ("the disk is full".into(), None, Vec::new()),
            200,
        );
        other.mark_ready(HERE, ClientId(Uuid::from_u128(8)), false);
        other.enqueue(
            HERE,
            ClientId(Uuid::from_u128(9)),
            ("not yet on the disk".into(), None, Vec::new()),
            200,
        );
        other.remove(HERE, ids[0]);
        other.set_state(HERE, ids[1], SendState::Sent(Seq(2)));
        other.reload(vec![
            stored_message[0].clone(),
            StoredMessage { failed: Some("no".into()), ..stored_message[2].clone() },
        ]);
        let own = [8, 9].map(|n| ClientId(Uuid::from_u128(n)));
        let expected = [&ids[1..3], &own].concat();
        assert_eq!(
            shown(&other),
            expected,
            "removed; waits for its event; the fourth was discarded elsewhere"
        );
        assert!(matches!(other.pending(HERE)[1].state, SendState::Failed(_)));
    }
}
