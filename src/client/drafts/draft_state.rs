//! The drafts of all conversations, and the merge of local and remote texts.

use super::submissions::Submission;
use crate::domain::{
    ConversationId,
    draft::{DRAFT_LENGTH, merge},
};

/// How many uploaded texts are remembered.
const MAX_RECENTLY_SENT: usize = 4;

/// All drafts. A plain list: it is short, and a map would add several kB to the first load.
#[derive(Default)]
pub(crate) struct Drafts {
    /// What was sent and is still in the composer.
    pub(super) submissions: Vec<Submission>,
    all: Vec<DraftState>,
    pub(super) persisting: bool,
}

/// The draft of a conversation.
pub(super) struct DraftState {
    conversation: ConversationId,
    pub(super) text: String,
    /// Whether local storage has another text.
    pub(super) changed: bool,
    /// The text that the server is known to have.
    pub(super) synced: String,
    /// Whether local storage has another synced text.
    synced_changed: bool,
    /// Texts that tabs of this browser uploaded recently; their echo is no remote change.
    recently_sent: Vec<String>,
    /// Whether it was typed in this tab. The typing tab uploads it.
    pub(super) local: bool,
    /// Whether an upload is scheduled.
    pub(super) sync_scheduled: bool,
    /// Whether an upload is in flight.
    pub(super) syncing: bool,
}

impl Drafts {
    pub(super) fn of(&mut self, conversation: ConversationId) -> &mut DraftState {
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
    pub(in crate::client) fn has_unsynced(&self) -> bool {
        self.all.iter().any(|draft| draft.local && draft.text != draft.synced)
    }

    /// Merges the server's drafts. Returns whether any text changed, and the conversations to
    /// upload.
    pub(super) fn merge_remote(
        &mut self,
        remote: &[(ConversationId, String)],
    ) -> (bool, Vec<ConversationId>) {
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
    pub(super) fn next_to_persist(&mut self) -> Option<(ConversationId, bool, String)> {
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
    pub(super) fn remember_sent(&mut self, text: String) {
        self.recently_sent.push(text);
        if self.recently_sent.len() > MAX_RECENTLY_SENT {
            self.recently_sent.remove(0);
        }
    }

    /// The text to upload, if it differs and no upload is in flight.
    pub(super) fn next_sync(&mut self) -> Option<String> {
        self.sync_scheduled = false;
        if self.synced == self.text || self.syncing || self.text.chars().count() > DRAFT_LENGTH {
            return None;
        }
        self.syncing = true;
        self.remember_sent(self.text.clone());
        Some(self.text.clone())
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
            (
                "hello you",
                "",
                "hello",
                "hello",
                "hello you",
                true,
                "typed on while it was uploaded",
            ),
            ("hi", "", "", "hello", "hi\nhello", true, "begun elsewhere as well"),
            ("", "", "hello", "hello", "", true, "sent here before the event arrived"),
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
