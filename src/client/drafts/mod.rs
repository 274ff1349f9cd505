//! Drafts: stored locally while the user types, and on the server a little later, so that they are
//! on other devices too.

pub mod composer_mode;
mod draft_state;
mod submissions;

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::{
    AppState, ConnectionStatus,
    browser::{
        indexed_db::LocalDb,
        storage::{Storage, storage},
    },
    tabs::{leader, tab_message::TabMessage},
};
use crate::{
    api::conversations as ask,
    domain::{ConversationId, Summary, draft::concat},
};
pub(crate) use draft_state::Drafts;

/// Delay from the first key to the upload, which includes what is typed until then.
const SYNC_DELAY: Duration = Duration::from_secs(2);
/// Key prefix of the text that the server is known to have.
const SYNCED_PREFIX: char = '=';

impl AppState {
    /// Loads the stored drafts.
    pub(super) async fn load_drafts(self, db: &LocalDb) {
        let stored_drafts = db.drafts().await;
        self.drafts.update_value(|drafts| {
            for (key, text) in stored_drafts {
                let (is_draft, id) =
                    key.strip_prefix(SYNCED_PREFIX).map_or((true, key.as_str()), |id| (false, id));
                let Ok(conversation) = id.parse() else { continue };
                let draft = drafts.of(conversation);
                if is_draft {
                    draft.text = concat(text, std::mem::take(&mut draft.text));
                } else {
                    draft.synced = text;
                }
                draft.local = true;
            }
        });
        self.draft_version.update(|times| *times += 1);
    }

    /// Keeps local and remote drafts in sync from now on.
    pub(super) fn sync_drafts(self) {
        // Runs with every change of the list, so it compares sequence numbers, and texts only if
        // one changed.
        let known = Memo::new(move |_| {
            let number =
                |summary: &Summary| Some((summary.conversation.id, summary.draft.as_ref()?.seq));
            let mut known: Vec<_> = self
                .conversations
                .with(|conversations| conversations.all().filter_map(number).collect());
            known.sort_unstable();
            known
        });
        Effect::new(move || {
            let live = self.connection.get() == ConnectionStatus::Live;
            if !self.storage_ready.get() {
                return;
            }
            known.with(|_| ());
            let text = |summary: &Summary| {
                Some((summary.conversation.id, summary.draft.as_ref()?.body.clone()))
            };
            let remote: Vec<_> = self
                .conversations
                .with_untracked(|conversations| conversations.all().filter_map(text).collect());
            let (text_changed, due) = self
                .drafts
                .try_update_value(|drafts| drafts.merge_remote(&remote))
                .unwrap_or_default();
            if text_changed {
                self.draft_version.update(|times| *times += 1);
            }
            self.persist_drafts();
            if live {
                due.into_iter().for_each(|conversation| self.upload_draft(conversation));
            }
        });
    }

    /// The draft of a conversation.
    #[must_use]
    pub fn draft(self, conversation: ConversationId) -> String {
        self.drafts
            .try_update_value(|drafts| drafts.of(conversation).text.clone())
            .unwrap_or_default()
    }

    /// Saves a draft.
    pub fn save_draft(self, conversation: ConversationId, text: String) {
        let is_empty = text.is_empty();
        let begins = self.drafts.try_update_value(|drafts| {
            let draft = drafts.of(conversation);
            (draft.text, draft.changed, draft.local) = (text, true, true);
            !std::mem::replace(&mut draft.sync_scheduled, true)
        });
        self.persist_drafts();
        if is_empty {
            // Sent or discarded: remove it from other devices without delay.
            self.upload_draft(conversation);
        } else if begins == Some(true) {
            set_timeout(move || self.upload_draft(conversation), SYNC_DELAY);
        }
    }

    /// Uploads a draft that differs. A failed upload is repeated with the next key or when the
    /// connection is live again.
    fn upload_draft(self, conversation: ConversationId) {
        let Some(text) =
            self.drafts.try_update_value(|drafts| drafts.of(conversation).next_sync()).flatten()
        else {
            return;
        };
        let after = self.conversations.with_untracked(|conversations| {
            conversations.find(conversation)?.draft.as_ref().map(|draft| draft.seq)
        });
        leader::broadcast(&TabMessage::DraftSync(conversation, text.clone()));
        spawn_local(async move {
            // A conflict means that a remote change is on the way; the merged text is uploaded
            // then.
            let is_saved =
                ask::save_draft(conversation.to_string(), text.clone(), after).await.is_ok();
            let further = self.drafts.try_update_value(|drafts| {
                let draft = drafts.of(conversation);
                draft.syncing = false;
                is_saved && draft.text != text && !draft.sync_scheduled
            });
            if further == Some(true) {
                self.upload_draft(conversation);
            }
        });
    }

    /// Another tab changed a draft. The open conversation keeps its own text.
    pub(super) fn on_tab_draft(self, conversation: ConversationId, text: String) {
        if !self.is_open(conversation) {
            self.drafts.update_value(|drafts| drafts.of(conversation).text = text);
        }
    }

    /// Another tab uploads a draft.
    pub(super) fn on_tab_draft_sync(self, conversation: ConversationId, text: String) {
        self.drafts.update_value(|drafts| {
            let draft = drafts.of(conversation);
            draft.local = false;
            draft.remember_sent(text);
        });
    }

    pub(super) fn persist_drafts(self) {
        let begins =
            self.drafts.try_update_value(|drafts| !std::mem::replace(&mut drafts.persisting, true));
        if begins != Some(true) {
            return;
        }
        spawn_local(async move {
            while let Storage::Open(db) = storage() {
                let Some((conversation, is_draft, text)) =
                    self.drafts.try_update_value(Drafts::next_to_persist).flatten()
                else {
                    break;
                };
                let key = if is_draft {
                    conversation.to_string()
                } else {
                    format!("{SYNCED_PREFIX}{conversation}")
                };
                db.put_draft(&key, &text).await;
                if is_draft {
                    leader::broadcast(&TabMessage::Draft(conversation, text));
                }
            }
            self.drafts.update_value(|drafts| drafts.persisting = false);
        });
    }
}
