//! What the message field is for: a new message, one that answers another, or new words for one that stands.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    client::{Chat, browser::session_storage, send_queue::outbox::Stage},
    domain::{Change, ClientId, ConversationId, Seq, file, message::Quote},
    protocol::codec,
};

/// What is written in the field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// A new message.
    #[default]
    Write,
    /// A message that answers this one.
    Answer(Quote),
    /// New words for a message of one's own.
    Edit(Seq),
}

/// Where the current user's latest message in a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastOwn {
    /// None of those that are loaded.
    None,
    /// Not yet in the stream: it cannot be edited.
    OnItsWay,
    /// It was not sent.
    Failed(ClientId),
    /// In the stream.
    Message(Seq),
}

impl Chat {
    /// What is written in a conversation's field.
    #[must_use]
    pub fn purpose(self, conversation: ConversationId) -> Purpose {
        self.purposes.with(|purposes| purposes.get(&conversation).cloned()).unwrap_or_default()
    }

    /// From here on something else is written there.
    pub fn set_purpose(self, conversation: ConversationId, purpose: Purpose) {
        if untrack(|| self.purpose(conversation)) == purpose {
            return;
        }
        let kept = if purpose == Purpose::Write { None } else { codec::write_any(&purpose).ok() };
        session_storage::note(&self.key("purpose", conversation), kept.as_deref());
        // New words that were not sent are kept beside their message, and are there again when it is edited again.
        if let (Purpose::Edit(message), Some(words)) = (untrack(|| self.purpose(conversation)), self.revision(conversation)) {
            let is_news = self.says(conversation, message).is_some_and(|(_, said)| said != words && !words.trim().is_empty());
            session_storage::note(&self.left_key(conversation, message), Some(words.as_str()).filter(|_| is_news));
        }
        let left = if let Purpose::Edit(message) = purpose { session_storage::noted(&self.left_key(conversation, message)) } else { None };
        self.keep_revision(conversation, left.as_deref());
        self.purposes.update(|purposes| {
            if purpose == Purpose::Write {
                purposes.remove(&conversation);
            } else {
                purposes.insert(conversation, purpose);
            }
        });
    }

    /// What it was for when this tab's page ended.
    pub fn recall_purpose(self, conversation: ConversationId) {
        let kept = session_storage::noted(&self.key("purpose", conversation)).and_then(|kept| codec::read_any(&kept).ok());
        // Without its words an edit would have an empty field, and take all of the message away.
        let kept = kept.filter(|kept| !matches!(kept, Purpose::Edit(_)) || self.revision(conversation).is_some());
        if let (Some(kept), Purpose::Write) = (kept, untrack(|| self.purpose(conversation))) {
            self.purposes.update(|purposes| {
                purposes.insert(conversation, kept);
            });
        }
    }

    /// Keeps new words for a message that stands, until they are sent or given up: they are no draft of another.
    pub fn keep_revision(self, conversation: ConversationId, words: Option<&str>) {
        session_storage::note(&self.key("revision", conversation), words);
    }

    /// The new words that were kept.
    #[must_use]
    pub fn revision(self, conversation: ConversationId) -> Option<String> {
        session_storage::noted(&self.key("revision", conversation))
    }

    /// Leaves the field's purpose for good: new words for a message are sent, or given up.
    pub fn end_purpose(self, conversation: ConversationId) {
        if let Purpose::Edit(message) = untrack(|| self.purpose(conversation)) {
            self.keep_revision(conversation, None);
            session_storage::note(&self.left_key(conversation, message), None);
        }
        self.set_purpose(conversation, Purpose::Write);
    }

    fn left_key(self, conversation: ConversationId, message: Seq) -> String {
        self.key(&format!("left {message}"), conversation)
    }

    fn key(self, what: &str, conversation: ConversationId) -> String {
        format!("{what} {conversation} {}", self.my_id())
    }

    /// The next message answers this one.
    pub fn answer(self, conversation: ConversationId, message: Seq) {
        let quote = self.timelines.with_untracked(|timelines| match &timelines.find(conversation)?.message(message)?.change {
            Change::Posted { author, body, files, state, .. } if state.deleted.is_none() => {
                Some(Quote { message, author: *author, excerpt: file::excerpt(body, files) })
            }
            _ => None,
        });
        if let Some(quote) = quote {
            self.set_purpose(conversation, Purpose::Answer(quote));
        }
    }

    /// The current user's latest message in a conversation. Reactive.
    #[must_use]
    pub fn last_own(self, conversation: ConversationId) -> LastOwn {
        let pending = self.outbox.with(|outbox| outbox.pending(conversation).last().map(|pending| (pending.id, pending.stage.clone())));
        if let Some((id, stage)) = pending {
            return if matches!(stage, Stage::Failed(_)) { LastOwn::Failed(id) } else { LastOwn::OnItsWay };
        }
        let me = self.my_id();
        let is_own = |change: &Change| matches!(change, Change::Posted { author, state, .. } if *author == me && state.deleted.is_none());
        let last = self
            .timelines
            .with(|timelines| timelines.find(conversation)?.entries().iter().rev().find(|entry| is_own(&entry.change)).map(|entry| entry.seq));
        last.map_or(LastOwn::None, LastOwn::Message)
    }

    /// Whether a message is here, and deleted.
    #[must_use]
    pub fn is_deleted(self, conversation: ConversationId, message: Seq) -> bool {
        let is_deleted = |change: &Change| matches!(change, Change::Posted { state, .. } if state.deleted.is_some());
        self.timelines.with(|timelines| {
            timelines.find(conversation).and_then(|timeline| timeline.message(message)).is_some_and(|entry| is_deleted(&entry.change))
        })
    }

    /// Who wrote a message that is here, and what.
    pub fn says(self, conversation: ConversationId, message: Seq) -> Option<(crate::domain::PersonId, String)> {
        self.timelines.with_untracked(|timelines| match &timelines.find(conversation)?.message(message)?.change {
            Change::Posted { author, body, state, .. } if state.deleted.is_none() => Some((*author, body.clone())),
            _ => None,
        })
    }
}
