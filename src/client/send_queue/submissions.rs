//! Messages that were sent and still stand in the message field: until the disk has them, and until their turn comes.
//!
//! They belong to the conversation and not to its field, which is another one when somebody goes elsewhere and back meanwhile.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::AppState,
    domain::{ConversationId, draft::without, message::Quote},
};

/// A part of a draft that was sent.
pub(in crate::client) struct Submission {
    conversation: ConversationId,
    text: String,
    /// Whether it is on its way to the disk. Otherwise it waits for its turn.
    saving: bool,
}

impl AppState {
    /// What is on its way from the message field to the disk.
    #[must_use]
    pub fn saving_submission(self, conversation: ConversationId) -> Option<String> {
        let saving = |one: &&Submission| one.saving && one.conversation == conversation;
        self.submissions.with(|all| all.iter().find(saving).map(|one| one.text.clone()))
    }

    /// Sends a part of the draft as this message. The part stays in the field until the disk has it: a tab that is killed before that has
    /// lost nothing. What is typed meanwhile stays after it.
    pub fn submit(self, conversation: ConversationId, sent: String, body: String, answers: Option<Quote>) {
        self.submissions.update(|all| all.insert(0, Submission { conversation, text: sent.clone(), saving: true }));
        spawn_local(async move {
            self.send(conversation, body, answers).await;
            let draft = self.draft(conversation);
            self.save_draft(conversation, without(&draft, &sent).unwrap_or(draft));
            self.draft_version.update(|times| *times += 1);
            self.submissions.update(|all| all.retain(|one| !one.saving || one.conversation != conversation));
        });
    }

    /// Sends what stands in the field once it can be: without what was sent before it.
    pub fn queue_submission(self, conversation: ConversationId, field: String) {
        self.submissions.update(|all| {
            let earlier = all.iter().filter(|one| one.conversation == conversation);
            let is_first = earlier.clone().all(|one| one.saving);
            let text = earlier.fold(field, |text, one| without(&text, &one.text).unwrap_or(text));
            if is_first || !text.trim().is_empty() {
                all.push(Submission { conversation, text, saving: false });
            }
        });
    }

    /// The next to send, if it still stands in the field.
    #[must_use]
    pub fn next_submission(self, conversation: ConversationId, field: &str) -> Option<String> {
        let next = |all: &mut Vec<Submission>| {
            let place = all.iter().position(|one| one.conversation == conversation && !one.saving)?;
            Some(all.remove(place).text)
        };
        self.submissions.try_update_untracked(next).flatten().filter(|sent| without(field, sent).is_some())
    }

    /// Forgets what waits for its turn. It stays in the field.
    pub fn cancel_submissions(self, conversation: ConversationId) {
        self.submissions.update_untracked(|all| all.retain(|one| one.saving || one.conversation != conversation));
    }
}
