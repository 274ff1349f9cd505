//! Drafts: stored locally while the user types, and on the server a little later, so that they are
//! on other devices too.

pub mod composer_mode;

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::{
    AppState, ConnectionStatus,
    browser::indexed_db::LocalDb,
    send_queue::{Storage, storage, submissions::Submission},
    tabs::{leader, tab_message::TabMessage},
};
use crate::{
    api::conversations as ask,
    domain::{
        ConversationId, Summary,
        draft::{DRAFT_LENGTH, concat, merge},
    },
};

/// Delay from the first key to the upload, which includes what is typed until then.
const SYNC_DELAY: Duration = Duration::from_secs(2);
/// How many uploaded texts are remembered.
const MAX_RECENTLY_SENT: usize = 4;
/// Key prefix of the text that the server is known to have.
const SYNCED_PREFIX: char = '=';

/// All drafts. A plain list: it is short, and a map would add several kB to the first load.
#[derive(Default)]
pub(crate) struct Drafts {
    /// What was sent and is still in the composer.
    pub(super) submissions: Vec<Submission>,
    all: Vec<DraftState>,
    persisting: bool,
}

/// The draft of a conversation.
struct DraftState {
    conversation: ConversationId,
    text: String,
    /// Whether local storage has another text.
    changed: bool,
    /// The text that the server is known to have.
    synced: String,
    /// Whether local storage has another synced text.
    synced_changed: bool,
    /// Texts that tabs of this browser uploaded recently; their echo is no remote change.
    recently_sent: Vec<String>,
    /// Whether it was typed in this tab. The typing tab uploads it.
    local: bool,
    /// Whether an upload is scheduled.
    sync_scheduled: bool,
    /// Whether an upload is in flight.
    syncing: bool,
}

impl Drafts {
    fn of(&mut self, conversation: ConversationId) -> &mut DraftState {
        let place =
            self.all.iter().position(|draft| draft.conversation == conversation).unwrap_or_else(
                || {
                    self.all.push(DraftState {
                        conversation,
                        text: String::new(),
                        changed: false,
                        synced: String::new(),
                        synced_changed: false,
                        recently_sent: Vec::new(),
                        local: false,
                        sync_scheduled: false,
                        syncing: false,
                    });
                    self.all.len() - 1
                },
            );
        &mut self.all[place]
    }

    /// Whether any draft differs from the server's.
    pub(super) fn has_unsynced(&self) -> bool {
        self.all.iter().any(|draft| draft.local && draft.text != draft.synced)
    }

    /// Merges the server's drafts. Returns whether any text changed, and the conversations to
    /// upload.
    fn merge_remote(&mut self, remote: &[(ConversationId, String)]) -> (bool, Vec<ConversationId>) {
        for (conversation, _) in remote {
            self.of(*conversation);
        }
        let (mut text_changed, mut due) = (false, Vec::new());
        for draft in &mut self.all {
            let there = remote
                .iter()
                .find(|(conversation, _)| *conversation == draft.conversation)
                .map(|(_, text)| text.clone())
                .unwrap_or_default();
            // The echo of an own upload is no remote change, even if the draft was sent and is
            // empty by now.
            let position = draft.recently_sent.iter().position(|sent| *sent == there);
            let own = position.is_some() && (draft.local || draft.text != draft.synced);
            draft.recently_sent.drain(..position.map_or(0, |at| at + 1));
            let now =
                merge(if own { &there } else { &draft.synced }, draft.text.clone(), there.clone());
            if now != there && draft.local {
                due.push(draft.conversation);
            }
            draft.synced_changed |= draft.synced != there;
            draft.synced = there;
            if now != draft.text {
                (draft.text, draft.changed, text_changed) = (now, true, true);
            }
        }
        (text_changed, due)
    }

    /// The next text to store, and which of the two it is.
    fn next_to_persist(&mut self) -> Option<(ConversationId, bool, String)> {
        if let Some(draft) = self.all.iter_mut().find(|draft| draft.changed) {
            draft.changed = false;
            return Some((draft.conversation, true, draft.text.clone()));
        }
        let draft = self.all.iter_mut().find(|draft| draft.synced_changed)?;
        draft.synced_changed = false;
        Some((draft.conversation, false, draft.synced.clone()))
    }
}

impl DraftState {
    fn remember_sent(&mut self, text: String) {
        self.recently_sent.push(text);
        if self.recently_sent.len() > MAX_RECENTLY_SENT {
            self.recently_sent.remove(0);
        }
    }

    /// The text to upload, if it differs and no upload is in flight.
    fn next_sync(&mut self) -> Option<String> {
        self.sync_scheduled = false;
        if self.synced == self.text || self.syncing || self.text.chars().count() > DRAFT_LENGTH {
            return None;
        }
        self.syncing = true;
        self.remember_sent(self.text.clone());
        Some(self.text.clone())
    }
}

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
        if self.conn.with_value(|conn| conn.open_conversation) != Some(conversation) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: ConversationId = ConversationId(Uuid::nil());

    fn drafts(here: &str, synced: &str, recently_sent: &str) -> Drafts {
        let mut drafts = Drafts::default();
        let draft = drafts.of(HERE);
        (draft.text, draft.synced, draft.local) = (here.into(), synced.into(), true);
        draft.remember_sent(recently_sent.into());
        drafts
    }

    #[test]
    fn own_uploads_echoed_back_are_ignored_and_remote_drafts_are_merged() {
        for (here, synced, recently_sent, there, expected, remember_sent, why) in [
            ("hello you", "", "hello", "hello", "hello you", true, "typed on while it was told"),
            ("hi", "", "", "hello", "hi\nhello", true, "begun elsewhere as well"),
            ("", "", "hello", "hello", "", true, "sent here before it was heard"),
            ("hello", "hello", "hello", "", "", false, "sent elsewhere"),
            ("", "hello", "", "hello", "", true, "sent here, and not yet said"),
            ("hello", "", "hello", "hello", "hello", false, "told and heard"),
        ] {
            let mut drafts = drafts(here, synced, recently_sent);
            let remote = [(HERE, there.to_owned())];
            let (text_changed, due) = drafts.merge_remote(&remote);
            assert_eq!(
                (drafts.of(HERE).text.as_str(), text_changed, !due.is_empty()),
                (expected, expected != here, remember_sent),
                "{why}"
            );
            assert!(!drafts.merge_remote(&remote).0, "{why}: once is enough");
        }
    }
}
