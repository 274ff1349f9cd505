//! Submitted texts that are still in the composer: until they are stored, and until it is their
//! turn.
//!
//! They belong to the conversation, not to its field, which is replaced when the user leaves and
//! returns.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::{AppState, drafts::Drafts},
    domain::{ConversationId, draft::without_sent, message::Quote},
};

/// A submitted part of a draft.
pub(in crate::client) struct Submission {
    conversation: ConversationId,
    text: String,
    /// Whether it is being stored. Otherwise it waits for its turn.
    saving: bool,
}

impl AppState {
    /// The text that is being stored.
    #[must_use]
    pub fn saving_submission(self, conversation: ConversationId) -> Option<String> {
        let saving = |one: &&Submission| one.saving && one.conversation == conversation;
        self.draft_version.track();
        self.drafts
            .with_value(|drafts| drafts.submissions.iter().find(saving).map(|one| one.text.clone()))
    }

    /// Sends a part of the draft. It stays in the field until it is stored, so that a killed tab
    /// loses nothing. Text typed meanwhile stays after it.
    pub fn submit(
        self,
        conversation: ConversationId,
        sent: String,
        body: String,
        reply_to: Option<Quote>,
    ) {
        let submission = Submission { conversation, text: sent.clone(), saving: true };
        self.drafts.update_value(|drafts| drafts.submissions.insert(0, submission));
        self.draft_version.update(|times| *times += 1);
        spawn_local(async move {
            self.send(conversation, body, reply_to).await;
            let draft = self.draft(conversation);
            self.save_draft(conversation, without_sent(&draft, &sent).unwrap_or(draft));
            self.drafts.update_value(|drafts| {
                drafts.submissions.retain(|one| !one.saving || one.conversation != conversation)
            });
            self.draft_version.update(|times| *times += 1);
        });
    }

    /// Queues the text of the field, without what was submitted before it.
    pub fn queue_submission(self, conversation: ConversationId, field: String) {
        self.drafts.update_value(|drafts| {
            let all = &mut drafts.submissions;
            let earlier = all.iter().filter(|one| one.conversation == conversation);
            let is_first = earlier.clone().all(|one| one.saving);
            let text =
                earlier.fold(field, |text, one| without_sent(&text, &one.text).unwrap_or(text));
            if is_first || !text.trim().is_empty() {
                all.push(Submission { conversation, text, saving: false });
            }
        });
    }

    /// The next text to send, if it is still in the field.
    #[must_use]
    pub fn next_submission(self, conversation: ConversationId, field: &str) -> Option<String> {
        let next = |drafts: &mut Drafts| {
            let place = drafts
                .submissions
                .iter()
                .position(|one| one.conversation == conversation && !one.saving)?;
            Some(drafts.submissions.remove(place).text)
        };
        self.drafts
            .try_update_value(next)
            .flatten()
            .filter(|sent| without_sent(field, sent).is_some())
    }

    /// Cancels the waiting submissions. Their text stays in the field.
    pub fn cancel_submissions(self, conversation: ConversationId) {
        self.drafts.update_value(|drafts| {
            drafts.submissions.retain(|one| one.saving || one.conversation != conversation)
        });
    }
}
