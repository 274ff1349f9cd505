//! What a person writes: kept on the disk before it is sent, sent by one of the browser's tabs, and told to the others.

pub mod outbox;
pub(super) mod submissions;

use outbox::Outbox;
use std::cell::RefCell;

use futures::{
    FutureExt,
    future::{Either, select},
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    AppState, ConnectionStatus,
    browser::{self, indexed_db::LocalDb, session_storage},
    drafts::{Drafts, composer_mode::ComposerMode},
    state::undo::Undo,
    tabs::{leader, tab_message::TabMessage},
};
use crate::{
    api::messages,
    domain::{ChatError, ClientId, Code, ConversationId, Seq, draft::both, message::Quote, text},
    protocol::codec,
};
use outbox::{PendingMessage, SendState, StoredMessage};

/// A browser that takes longer than this to open its disk has none for this page, in milliseconds.
const OPEN_TIMEOUT: u32 = 3_000;
/// The longest wait before a message is tried again, in seconds.
const MAX_RETRY_DELAY: u32 = 30;

thread_local! {
    // What belongs to the browser stays on its one thread, and the server never has one.
    static STORAGE: RefCell<Storage> = const { RefCell::new(Storage::Opening) };
}

/// Where things are kept.
#[derive(Clone)]
pub(super) enum Storage {
    /// Not known yet: what is written waits.
    Opening,
    /// This browser keeps nothing for us.
    Unavailable,
    /// Here.
    Open(LocalDb),
}

pub(super) fn storage() -> Storage {
    STORAGE.with_borrow(Clone::clone)
}

impl AppState {
    /// Finds what was kept, and goes on with it. Only in a browser, once.
    pub(super) async fn open_storage(self) {
        let db = match select(LocalDb::open(self.my_id()).boxed_local(), browser::sleep(OPEN_TIMEOUT).boxed_local()).await {
            Either::Left((db, _)) => db,
            Either::Right(_) => None,
        };
        STORAGE.set(db.clone().map_or(Storage::Unavailable, Storage::Open));
        if let Some(db) = db {
            self.load_drafts(&db).await;
            self.load_tray(&db).await;
            self.reload_outbox().await;
        }
        self.storage_ready.set(true);
        self.persist_drafts();
        self.process_queues();
    }

    /// Shows what the disk holds, also what other tabs wrote; what came through meanwhile is done with.
    pub(super) async fn reload_outbox(self) {
        let Storage::Open(db) = storage() else { return };
        let stored_message: Vec<StoredMessage> = db.outbox().await.iter().filter_map(|message| codec::read_any(message).ok()).collect();
        let acknowledged: Vec<_> = self.timelines.with_untracked(|timelines| {
            let is_acknowledged =
                |stored_message: &&StoredMessage| timelines.find(stored_message.conversation).is_some_and(|timeline| timeline.has(stored_message.id));
            stored_message.iter().filter(is_acknowledged).map(|stored_message| (stored_message.conversation, stored_message.id)).collect()
        });
        self.outbox.update(|outbox| outbox.reload(stored_message));
        let files = |(conversation, pending): (ConversationId, &PendingMessage)| {
            pending.files.iter().map(move |file| (conversation, file.clone())).collect::<Vec<_>>()
        };
        let attached = self.outbox.with_untracked(|outbox| outbox.all().flat_map(files).collect());
        self.reload_files(&db, attached).await;
        acknowledged.into_iter().for_each(|(conversation, id)| self.complete_message(conversation, id));
        self.process_queues();
    }

    /// Sends a message: it shows at once and goes when its turn comes. Only when what was kept is found: before that there is
    /// nowhere to keep it, and it would be lost with its tab.
    ///
    /// Done when it is on the disk, or cannot be: before that the field must not let go of it.
    pub async fn send(self, conversation: ConversationId, body: String, answers: Option<Quote>) {
        let files = self.take_tray(conversation);
        // Their message ends for others that somebody is typing: the next letter is told at once.
        self.conn.update_value(|conn| conn.typing_sent_at = 0);
        let stored_message =
            self.outbox.try_update(|outbox| outbox.enqueue(conversation, browser::client_id(), (body, answers, files), browser::now()));
        if let Some(stored_message) = stored_message {
            self.persist_message(stored_message).await;
        }
    }

    /// Tries a message again that was not sent.
    pub fn retry_send(self, conversation: ConversationId, id: ClientId) {
        self.outbox.update(|outbox| outbox.set_stage(conversation, id, SendState::Waiting));
        self.persist_change(conversation, id);
    }

    /// Discards a message that was not sent, which can be undone for a moment: its files are given up only after that.
    pub fn discard_unsent(self, conversation: ConversationId, id: ClientId) {
        if let Some(stored_message) = self.dequeue(conversation, id) {
            self.offer_undo(Undo::Discarded(Box::new(stored_message)));
        }
        self.process_queues();
    }

    /// Takes a message that was not sent back into the field, before whatever stands there.
    pub fn edit_unsent(self, conversation: ConversationId, id: ClientId) {
        let Some(stored_message) = self.outbox.with_untracked(|outbox| outbox.stored_message(conversation, id)) else { return };
        // First the disk has it as a draft: a tab that is killed between the two has lost nothing.
        self.restore_to_composer(stored_message);
        self.dequeue(conversation, id);
        self.process_queues();
    }

    /// What was to be sent is written on in the field.
    pub(super) fn restore_to_composer(self, stored_message: StoredMessage) {
        let conversation = stored_message.conversation;
        if let Some(quote) = stored_message.answers {
            self.set_composer_mode(conversation, ComposerMode::Reply(quote));
        }
        self.restore_files(conversation, &stored_message.files);
        self.save_draft(conversation, both(stored_message.body, self.draft(conversation)));
        self.draft_version.update(|times| *times += 1);
    }

    /// On leaving for good, on a machine that others may use: forgets what this browser keeps, unless something of it is nowhere else.
    pub fn clear_local_data(self) {
        session_storage::clear();
        let is_unsent = self.outbox.with_untracked(Outbox::has_unsent) || self.uploads.with_untracked(|all| !all.is_empty());
        if !is_unsent && !self.drafts.with_value(Drafts::has_unsynced) {
            LocalDb::delete_database(self.my_id());
        }
    }

    /// A message is in its stream: nobody needs it and its files here any more.
    pub(super) fn complete_message(self, conversation: ConversationId, id: ClientId) {
        let sent = self.dequeue(conversation, id).map(|stored_message| self.release_files(&stored_message.files)).unwrap_or_default();
        if let (false, Storage::Open(db)) = (sent.is_empty(), storage()) {
            spawn_local(async move {
                db.delete_files(&sent).await;
                leader::broadcast(&TabMessage::Outbox);
            });
        }
    }

    /// Takes a message out of the send queue, here and on the disk. Its files stay.
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

    /// Everything up to the marks was told: what was sent before them is in its stream.
    pub(super) fn complete_acknowledged(self) {
        let acknowledged: Vec<_> = self.outbox.with_untracked(|outbox| {
            let is_acknowledged =
                |(conversation, pending): &(ConversationId, &PendingMessage)| matches!(pending.stage, SendState::Sent(seq) if self.is_acknowledged(*conversation, seq));
            outbox.all().filter(is_acknowledged).map(|(conversation, pending)| (conversation, pending.id)).collect()
        });
        acknowledged.into_iter().for_each(|(conversation, id)| self.complete_message(conversation, id));
    }

    /// Sends whatever waits, if it is this tab that sends.
    pub(super) fn process_queues(self) {
        self.outbox.with_untracked(Outbox::conversations).into_iter().for_each(|conversation| self.process_queue(conversation));
    }

    fn is_acknowledged(self, conversation: ConversationId, seq: Seq) -> bool {
        self.conversations.with_untracked(|conversations| conversations.find(conversation).is_some_and(|summary| summary.head >= seq))
    }

    /// Writes a message down for the first time; then it may go.
    async fn persist_message(self, message: StoredMessage) {
        let (conversation, id) = (message.conversation, message.id);
        // Without the bytes of its files no other tab could send it.
        let stored = self.are_persisted(&message.files).await && write_message(&message, Some(conversation)).await;
        // A disk that takes nothing more is no reason not to send, as far as this tab can.
        self.outbox.update(|outbox| outbox.mark_ready(conversation, id, stored));
        self.process_queue(conversation);
    }

    /// Writes a message down that came further.
    fn persist_change(self, conversation: ConversationId, id: ClientId) {
        let stored_message = self.outbox.with_untracked(|outbox| outbox.stored_message(conversation, id));
        spawn_local(async move {
            if let Some(message) = stored_message
                && write_message(&message, None).await
            {
                // The disk may have been read meanwhile, as it was before.
                self.reload_outbox().await;
            }
            self.process_queue(conversation);
        });
    }

    /// Sends what waits in a conversation, one at a time, in order.
    fn process_queue(self, conversation: ConversationId) {
        if !self.is_sender(conversation) {
            return;
        }
        let alone = self.conn.try_update_value(|conn| conn.sending.insert(conversation));
        if alone != Some(true) {
            return;
        }
        spawn_local(async move {
            let mut wait = 1;
            while let Some(pending) = self.outbox.with_untracked(|outbox| outbox.next(conversation).cloned()) {
                let id = pending.id;
                match self.post_message(conversation, pending).await {
                    // Its person thought better of it.
                    Err(_) if !self.is_queued(conversation, id) => {}
                    Ok(receipt) => {
                        wait = 1;
                        self.outbox.update(|outbox| outbox.set_stage(conversation, id, SendState::Sent(receipt.seq)));
                        self.complete_acknowledged();
                    }
                    Err(error) if error.is_passing() => {
                        self.wait_for_retry(error.retry_after.unwrap_or(wait).min(MAX_RETRY_DELAY)).await;
                        wait = (wait * 2).min(MAX_RETRY_DELAY);
                    }
                    Err(error) if error.code == Code::NoSession => return leader::end_session(),
                    Err(error) => self.mark_failed(conversation, id, error),
                }
                if !self.is_sender(conversation) {
                    break;
                }
            }
            self.conn.update_value(|conn| {
                conn.sending.remove(&conversation);
            });
        });
    }

    /// Sends one message, after its files.
    async fn post_message(self, conversation: ConversationId, pending: PendingMessage) -> Result<messages::Receipt, ChatError> {
        let PendingMessage { id, body, answers, files, .. } = pending;
        let ids: Vec<_> = files.iter().map(|file| file.id.to_string()).collect();
        let answers = answers.map(|quote| quote.message);
        let mut again = true;
        loop {
            for file in &files {
                self.upload_file(conversation, file).await?;
                if !self.is_queued(conversation, id) {
                    return Err(ChatError::not_found());
                }
            }
            match messages::post_message(conversation.to_string(), id.to_string(), body.clone(), answers, ids.clone()).await {
                // A day has passed since they were brought.
                Err(error) if again && error.code == Code::NotFound && error.field.as_deref() == Some("files") => {
                    again = false;
                    self.reset_uploads(&files);
                }
                answer => return answer,
            }
        }
    }

    /// Whether a message is still to be sent.
    fn is_queued(self, conversation: ConversationId, id: ClientId) -> bool {
        self.outbox.with_untracked(|outbox| outbox.pending(conversation).iter().any(|pending| pending.id == id))
    }

    /// Whether it is this tab that sends: the leader sends what it can see, and each tab what only it can.
    fn is_sender(self, conversation: ConversationId) -> bool {
        let alone = || self.outbox.with_untracked(|outbox| outbox.next(conversation).is_some_and(|next| !next.stored));
        leader::is_leader() || !matches!(storage(), Storage::Open(_)) || alone()
    }

    fn mark_failed(self, conversation: ConversationId, id: ClientId, error: ChatError) {
        if self.conversations.with_untracked(|conversations| conversations.find(conversation).is_some()) {
            self.outbox.update(|outbox| outbox.set_stage(conversation, id, SendState::Failed(error.message)));
            return self.persist_change(conversation, id);
        }
        // There is no place any more where it could be shown.
        let body = self
            .outbox
            .with_untracked(|outbox| outbox.stored_message(conversation, id))
            .map(|stored_message| stored_message.body)
            .unwrap_or_default();
        self.show_error(format!("Not sent, because you are no longer in the conversation: “{}”", text::excerpt(&body)));
        self.complete_message(conversation, id);
    }

    /// Waits so many seconds, or until the connection comes back.
    pub(super) async fn wait_for_retry(self, seconds: u32) {
        let until = browser::now() + i64::from(seconds) * 1000;
        let was_live = self.connection.get_untracked() == ConnectionStatus::Live;
        while browser::now() < until {
            browser::sleep(200).await;
            if !was_live && self.connection.get_untracked() == ConnectionStatus::Live {
                return;
            }
        }
    }
}

/// Puts a message on the disk, in place of this conversation's draft if it was one, and tells the other tabs. False: it is not there.
async fn write_message(message: &StoredMessage, draft_of: Option<ConversationId>) -> bool {
    let Storage::Open(db) = storage() else { return false };
    let Ok(text) = codec::write_any(message) else { return false };
    let draft = draft_of.map(|conversation| conversation.to_string());
    let files: Vec<String> = message.files.iter().map(|file| file.id.to_string()).collect();
    let stored = db.put_message(&message.key(), &text, draft.as_deref(), &files).await.is_some();
    leader::broadcast(&TabMessage::Outbox);
    stored
}
