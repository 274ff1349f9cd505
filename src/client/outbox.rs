//! What this person wrote and is not yet known to be kept. One message at a time per conversation, in order: one that fails
//! holds back those behind it, visibly, until the person decides.

use std::collections::HashMap;

use crate::domain::{ClientId, ConversationId, Millis, Seq};

/// How far a message has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// In line, or on its way.
    Waiting,
    /// Committed at this place, but not yet told by the stream.
    Sent(Seq),
    /// Refused, and why.
    Failed(String),
}

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Its name for ever.
    pub id: ClientId,
    /// Its text.
    pub body: String,
    /// When it was written.
    pub at: Millis,
    /// How far it has come.
    pub stage: Stage,
}

/// All messages on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    of: HashMap<ConversationId, Vec<Pending>>,
}

impl Outbox {
    /// A conversation's messages on their way, in order.
    #[must_use]
    pub fn pending(&self, conversation: ConversationId) -> &[Pending] {
        self.of.get(&conversation).map_or(&[], Vec::as_slice)
    }

    /// Whether anything in any conversation is not yet committed.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.of.values().flatten().any(|pending| !matches!(pending.stage, Stage::Sent(_)))
    }

    /// Puts a message in line.
    pub fn put(&mut self, conversation: ConversationId, id: ClientId, body: String, at: Millis) {
        self.of.entry(conversation).or_default().push(Pending { id, body, at, stage: Stage::Waiting });
    }

    /// The message whose turn it is: the first that is not committed, unless it failed.
    #[must_use]
    pub fn next(&self, conversation: ConversationId) -> Option<&Pending> {
        let first = self.pending(conversation).iter().find(|pending| !matches!(pending.stage, Stage::Sent(_)))?;
        (first.stage == Stage::Waiting).then_some(first)
    }

    /// A message came further.
    pub fn advance(&mut self, conversation: ConversationId, id: ClientId, stage: Stage) {
        if let Some(pending) = self.of.get_mut(&conversation).and_then(|line| line.iter_mut().find(|pending| pending.id == id)) {
            pending.stage = stage;
        }
    }

    /// A message is in the stream, or was discarded: it is here no more. Answers whether it was, with its text.
    pub fn take(&mut self, conversation: ConversationId, id: ClientId) -> Option<String> {
        let line = self.of.get_mut(&conversation)?;
        let at = line.iter().position(|pending| pending.id == id)?;
        let taken = line.remove(at);
        if line.is_empty() {
            self.of.remove(&conversation);
        }
        Some(taken.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_failed_message_holds_back_those_behind_it_until_it_is_decided() {
        let here = ConversationId(Uuid::nil());
        let ids: Vec<_> = (1..=3).map(|n| ClientId(Uuid::from_u128(n))).collect();
        let mut outbox = Outbox::default();
        for id in &ids {
            outbox.put(here, *id, "x".into(), 0);
        }
        outbox.advance(here, ids[0], Stage::Sent(Seq(1)));
        assert_eq!(outbox.next(here).unwrap().id, ids[1]);
        outbox.advance(here, ids[1], Stage::Failed("no".into()));
        assert!(outbox.next(here).is_none(), "the third waits behind it");
        outbox.advance(here, ids[1], Stage::Waiting);
        assert_eq!(outbox.next(here).unwrap().id, ids[1], "try again");
        outbox.take(here, ids[1]);
        assert_eq!(outbox.next(here).unwrap().id, ids[2], "discard");
        assert!(outbox.has_unsent());
    }
}
