//! What the composer does: a new message, a reply, or an edit.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    client::{AppState, browser::session_storage, send_queue::outbox::SendState},
    domain::{Change, ClientId, ConversationId, Seq, file, message::Quote},
    protocol::codec,
};

/// Mode of the composer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ComposerMode {
    /// A new message.
    #[default]
    #[serde(rename = "Write")]
    New,
    /// A reply to this message.
    #[serde(rename = "Answer")]
    Reply(Quote),
    /// An edit of an own message.
    Edit(Seq),
}

/// State of the user's latest message in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastOwnMessage {
    /// None is loaded.
    None,
    /// Not sent yet: it cannot be edited.
    Pending,
    /// Sending failed.
    Failed(ClientId),
    /// Sent.
    Message(Seq),
}

impl AppState {
    /// The composer mode of a conversation. Reactive.
    #[must_use]
    pub fn composer_mode(self, conversation: ConversationId) -> ComposerMode {
        self.composer_modes
            .with(|purposes| purposes.get(&conversation).cloned())
            .unwrap_or_default()
    }

    /// Changes the composer mode.
    pub fn set_composer_mode(self, conversation: ConversationId, mode: ComposerMode) {
        if untrack(|| self.composer_mode(conversation)) == mode {
            return;
        }
        let stored = if mode == ComposerMode::New { None } else { codec::encode_json(&mode).ok() };
        session_storage::set(&self.storage_key("purpose", conversation), stored.as_deref());
        // An unfinished edit is stored with its message and returns with the next edit.
        if let (ComposerMode::Edit(message), Some(words)) =
            (untrack(|| self.composer_mode(conversation)), self.edit_text(conversation))
        {
            let is_news = self
                .message_text(conversation, message)
                .is_some_and(|(_, said)| said != words && !words.trim().is_empty());
            session_storage::set(
                &self.unsent_edit_key(conversation, message),
                Some(words.as_str()).filter(|_| is_news),
            );
        }
        let left = if let ComposerMode::Edit(message) = mode {
            session_storage::get(&self.unsent_edit_key(conversation, message))
        } else {
            None
        };
        self.save_edit_text(conversation, left.as_deref());
        self.composer_modes.update(|purposes| {
            if mode == ComposerMode::New {
                purposes.remove(&conversation);
            } else {
                purposes.insert(conversation, mode);
            }
        });
    }

    /// Restores the mode of the previous page of this tab.
    pub fn restore_composer_mode(self, conversation: ConversationId) {
        let stored = session_storage::get(&self.storage_key("purpose", conversation))
            .and_then(|stored| codec::decode_json(&stored).ok());
        // An edit without its text would show an empty field and delete the message's text.
        let stored = stored.filter(|stored| {
            !matches!(stored, ComposerMode::Edit(_)) || self.edit_text(conversation).is_some()
        });
        if let (Some(stored), ComposerMode::New) =
            (stored, untrack(|| self.composer_mode(conversation)))
        {
            self.composer_modes.update(|purposes| {
                purposes.insert(conversation, stored);
            });
        }
    }

    /// Stores the text of an edit until it is sent or cancelled. It is not a draft.
    pub fn save_edit_text(self, conversation: ConversationId, words: Option<&str>) {
        session_storage::set(&self.storage_key("revision", conversation), words);
    }

    /// The stored text of the edit.
    #[must_use]
    pub fn edit_text(self, conversation: ConversationId) -> Option<String> {
        session_storage::get(&self.storage_key("revision", conversation))
    }

    /// Ends a reply or an edit: sent or cancelled.
    pub fn leave_composer_mode(self, conversation: ConversationId) {
        if let ComposerMode::Edit(message) = untrack(|| self.composer_mode(conversation)) {
            self.save_edit_text(conversation, None);
            session_storage::set(&self.unsent_edit_key(conversation, message), None);
        }
        self.set_composer_mode(conversation, ComposerMode::New);
    }

    fn unsent_edit_key(self, conversation: ConversationId, message: Seq) -> String {
        self.storage_key(&format!("left {message}"), conversation)
    }

    fn storage_key(self, what: &str, conversation: ConversationId) -> String {
        format!("{what} {conversation} {}", self.my_id())
    }

    /// Starts a reply to a message.
    pub fn start_reply(self, conversation: ConversationId, message: Seq) {
        let quote = self.timelines.with_untracked(|timelines| {
            match &timelines.find(conversation)?.message(message)?.change {
                Change::Posted { author, body, files, state, .. } if state.deleted.is_none() => {
                    Some(Quote { message, author: *author, excerpt: file::excerpt(body, files) })
                }
                _ => None,
            }
        });
        if let Some(quote) = quote {
            self.set_composer_mode(conversation, ComposerMode::Reply(quote));
        }
    }

    /// The user's latest message in a conversation. Reactive.
    #[must_use]
    pub fn last_own_message(self, conversation: ConversationId) -> LastOwnMessage {
        let pending = self.outbox.with(|outbox| {
            outbox.pending(conversation).last().map(|pending| (pending.id, pending.state.clone()))
        });
        if let Some((id, state)) = pending {
            return if matches!(state, SendState::Failed(_)) {
                LastOwnMessage::Failed(id)
            } else {
                LastOwnMessage::Pending
            };
        }
        let me = self.my_id();
        let is_own = |change: &Change| match change {
            Change::Posted { author, state, .. } => *author == me && state.deleted.is_none(),
            _ => false,
        };
        let last = self.timelines.with(|timelines| {
            timelines
                .find(conversation)?
                .entries()
                .iter()
                .rev()
                .find(|entry| is_own(&entry.change))
                .map(|entry| entry.seq)
        });
        last.map_or(LastOwnMessage::None, LastOwnMessage::Message)
    }

    /// Whether a loaded message is deleted. Reactive.
    #[must_use]
    pub fn is_deleted(self, conversation: ConversationId, message: Seq) -> bool {
        let is_deleted = |change: &Change| match change {
            Change::Posted { state, .. } => state.deleted.is_some(),
            _ => false,
        };
        self.timelines.with(|timelines| {
            timelines
                .find(conversation)
                .and_then(|timeline| timeline.message(message))
                .is_some_and(|entry| is_deleted(&entry.change))
        })
    }

    /// Author and text of a loaded message.
    pub fn message_text(
        self,
        conversation: ConversationId,
        message: Seq,
    ) -> Option<(crate::domain::PersonId, String)> {
        self.timelines.with_untracked(|timelines| {
            match &timelines.find(conversation)?.message(message)?.change {
                Change::Posted { author, body, state, .. } if state.deleted.is_none() => {
                    Some((*author, body.clone()))
                }
                _ => None,
            }
        })
    }
}
