//! The send queue: messages are stored locally, sent by one tab in order, and shown in all tabs.

mod delivery;
pub mod outbox;

use outbox::Outbox;

use leptos::{prelude::*, task::spawn_local};

use super::{
    AppState,
    browser::{
        self,
        indexed_db::LocalDb,
        session_storage,
        storage::{self, Storage, storage},
    },
    drafts::{Drafts, composer_mode::ComposerMode},
    state::undo::Undo,
    tabs::{leader, tab_message::TabMessage},
};
use crate::{
    domain::{ClientId, ConversationId, Seq, draft::concat, message::Quote},
    protocol::codec,
};
use outbox::{PendingMessage, SendState, StoredMessage};

impl AppState {
    /// Opens local storage and resumes what it holds. Call once, in a browser only.
    pub(super) async fn open_storage(self) {
        if let Some(db) = storage::open(self.my_id()).await {
            self.load_drafts(&db).await;
            self.load_tray(&db).await;
            self.reload_outbox().await;
        }
        self.storage_ready.set(true);
        self.persist_drafts();
        self.process_queues();
    }

    /// Reads the stored outbox, which other tabs write too, and completes messages that have
    /// arrived.
    pub(super) async fn reload_outbox(self) {
        let Storage::Open(db) = storage() else { return };
        let stored_message: Vec<StoredMessage> = db
            .outbox()
            .await
            .iter()
            .filter_map(|message| codec::decode_json(message).ok())
            .collect();
        let acknowledged: Vec<_> = self.timelines.with_untracked(|timelines| {
            let is_acknowledged = |stored_message: &&StoredMessage| {
                timelines
                    .find(stored_message.conversation)
                    .is_some_and(|timeline| timeline.has(stored_message.id))
            };
            stored_message
                .iter()
                .filter(is_acknowledged)
                .map(|stored_message| (stored_message.conversation, stored_message.id))
                .collect()
        });
        self.outbox.update(|outbox| outbox.reload(stored_message));
        let files = |(conversation, pending): (ConversationId, &PendingMessage)| {
            pending.files.iter().map(move |file| (conversation, file.clone())).collect::<Vec<_>>()
        };
        let attached = self.outbox.with_untracked(|outbox| outbox.all().flat_map(files).collect());
        self.reload_files(&db, attached).await;
        acknowledged
            .into_iter()
            .for_each(|(conversation, id)| self.complete_message(conversation, id));
        self.process_queues();
    }

    /// Sends a message: it shows at once and is sent in order. Call only when local storage was
    /// read; otherwise the message would be lost with its tab.
    ///
    /// Returns when the message is stored or cannot be. The composer must keep the text until then.
    pub async fn send(self, conversation: ConversationId, body: String, reply_to: Option<Quote>) {
        let files = self.take_tray(conversation);
        // The message ends the typing indicator on the other side, so the next key sends a signal
        // at once.
        self.open.update_value(|open| open.typing_sent_at = 0);
        let stored_message = self.outbox.try_update(|outbox| {
            outbox.enqueue(
                conversation,
                browser::client_id(),
                (body, reply_to, files),
                browser::now(),
            )
        });
        if let Some(stored_message) = stored_message {
            self.persist_message(stored_message).await;
        }
    }

    /// Retries a failed message.
    pub fn retry_send(self, conversation: ConversationId, id: ClientId) {
        self.outbox.update(|outbox| outbox.set_state(conversation, id, SendState::Waiting));
        self.persist_change(conversation, id);
    }

    /// Discards an unsent message and offers to undo that. Its files are deleted after the undo
    /// expires.
    pub fn discard_unsent(self, conversation: ConversationId, id: ClientId) {
        if let Some(stored_message) = self.dequeue(conversation, id) {
            self.offer_undo(Undo::Discarded(Box::new(stored_message)));
        }
        self.process_queues();
    }

    /// Returns an unsent message to the composer, before the text that is there.
    pub fn edit_unsent(self, conversation: ConversationId, id: ClientId) {
        let Some(stored_message) =
            self.outbox.with_untracked(|outbox| outbox.stored_message(conversation, id))
        else {
            return;
        };
        // Store it as a draft first: a tab killed between the two steps loses nothing.
        self.restore_to_composer(stored_message);
        self.dequeue(conversation, id);
        self.process_queues();
    }

    /// Puts a message back into the composer.
    pub(super) fn restore_to_composer(self, stored_message: StoredMessage) {
        let conversation = stored_message.conversation;
        if let Some(quote) = stored_message.reply_to {
            self.set_composer_mode(conversation, ComposerMode::Reply(quote));
        }
        self.restore_files(conversation, &stored_message.files);
        self.save_draft(conversation, concat(stored_message.body, self.draft(conversation)));
        self.draft_version.update(|times| *times += 1);
    }

    /// On sign-out: deletes local data, unless some of it exists nowhere else.
    pub fn clear_local_data(self) {
        session_storage::clear();
        let is_unsent = self.outbox.with_untracked(Outbox::has_unsent)
            || self.uploads.with_untracked(|all| !all.is_empty());
        if !is_unsent && !self.drafts.with_value(Drafts::has_unsynced) {
            LocalDb::delete_database(self.my_id());
        }
    }

    /// Removes a message whose event arrived, and its files.
    pub(super) fn complete_message(self, conversation: ConversationId, id: ClientId) {
        let sent = self
            .dequeue(conversation, id)
            .map(|stored_message| self.release_files(&stored_message.files))
            .unwrap_or_default();
        if let (false, Storage::Open(db)) = (sent.is_empty(), storage()) {
            spawn_local(async move {
                db.delete_files(&sent).await;
                leader::broadcast(&TabMessage::Outbox);
            });
        }
    }

    /// The event of an own message arrived: removes it from the queue, if it is there.
    pub(super) fn confirm_sent(self, conversation: ConversationId, id: ClientId) {
        if self.is_queued(conversation, id) {
            self.complete_message(conversation, id);
        }
    }

    /// Removes a message from the queue and from local storage. Its files stay.
    fn dequeue(self, conversation: ConversationId, id: ClientId) -> Option<StoredMessage> {
        let taken = self.outbox.try_update(|outbox| outbox.remove(conversation, id)).flatten()?;
        if let Storage::Open(db) = storage() {
            let key = taken.key();
            spawn_local(async move {
                db.delete_message(&key).await;
                leader::broadcast(&TabMessage::Outbox);
            });
        }
        Some(taken)
    }

    /// Completes all sent messages up to the cursors.
    pub(super) fn complete_acknowledged(self) {
        let acknowledged: Vec<_> = self.outbox.with_untracked(|outbox| {
            let is_acknowledged =
                |(conversation, pending): &(ConversationId, &PendingMessage)| match pending.state {
                    SendState::Sent(seq) => self.is_acknowledged(*conversation, seq),
                    _ => false,
                };
            outbox
                .all()
                .filter(is_acknowledged)
                .map(|(conversation, pending)| (conversation, pending.id))
                .collect()
        });
        acknowledged
            .into_iter()
            .for_each(|(conversation, id)| self.complete_message(conversation, id));
    }

    fn is_acknowledged(self, conversation: ConversationId, seq: Seq) -> bool {
        self.conversations.with_untracked(|conversations| {
            conversations.find(conversation).is_some_and(|summary| summary.head >= seq)
        })
    }

    /// Stores a new message, then sends it.
    async fn persist_message(self, message: StoredMessage) {
        let (conversation, id) = (message.conversation, message.id);
        // Another tab could not send it without its files.
        let stored = self.are_persisted(&message.files).await
            && write_message(&message, Some(conversation)).await;
        // Without local storage the message is sent by this tab.
        self.outbox.update(|outbox| outbox.mark_ready(conversation, id, stored));
        self.process_queue(conversation);
    }

    /// Stores a changed message.
    fn persist_change(self, conversation: ConversationId, id: ClientId) {
        let stored_message =
            self.outbox.with_untracked(|outbox| outbox.stored_message(conversation, id));
        spawn_local(async move {
            if let Some(message) = stored_message
                && write_message(&message, None).await
            {
                // Another tab may have read the earlier version meanwhile.
                self.reload_outbox().await;
            }
            self.process_queue(conversation);
        });
    }
}

/// Stores a message in place of its draft and notifies the other tabs. Returns whether it was
/// stored.
async fn write_message(message: &StoredMessage, draft_of: Option<ConversationId>) -> bool {
    let Storage::Open(db) = storage() else { return false };
    let Ok(text) = codec::encode_json(message) else { return false };
    let draft = draft_of.map(|conversation| conversation.to_string());
    let files: Vec<String> = message.files.iter().map(|file| file.id.to_string()).collect();
    let stored = db.put_message(&message.key(), &text, draft.as_deref(), &files).await.is_some();
    leader::broadcast(&TabMessage::Outbox);
    stored
}
