//! Delivery: one tab posts the messages of a conversation one at a time and retries them.

use futures::{
    FutureExt,
    future::{Either, select},
};
use leptos::{prelude::*, task::spawn_local};

use super::outbox::{Outbox, PendingMessage, SendState};
use crate::{
    api::messages,
    client::{
        AppState, ConnectionStatus,
        browser::{
            self,
            storage::{Storage, storage},
        },
        tabs::leader,
        text::not_sent_after_leaving,
    },
    domain::{ChatError, ClientId, Code, ConversationId, text},
};

/// How long a message is waited for, in milliseconds. A connection that silently drops everything
/// answers nothing; the browser may hold such connections for minutes. Posting again is safe: the
/// client ID is stored once.
const POST_TIMEOUT: u32 = 15_000;
/// Longest delay before a retry, in seconds.
const MAX_RETRY_DELAY: u32 = 30;

impl AppState {
    /// Sends the waiting messages of all conversations, if this tab is the sender.
    pub(in crate::client) fn process_queues(self) {
        self.outbox
            .with_untracked(Outbox::conversations)
            .into_iter()
            .for_each(|conversation| self.process_queue(conversation));
    }

    /// Sends the waiting messages of a conversation one at a time, in order.
    pub(super) fn process_queue(self, conversation: ConversationId) {
        if !self.is_sender(conversation) {
            return;
        }
        let alone = self.sending.try_update_value(|sending| sending.insert(conversation));
        if alone != Some(true) {
            return;
        }
        spawn_local(async move {
            let mut wait = 1;
            while let Some(pending) =
                self.outbox.with_untracked(|outbox| outbox.next(conversation).cloned())
            {
                let id = pending.id;
                match self.post_message(conversation, pending).await {
                    // The user discarded it.
                    Err(_) if !self.is_queued(conversation, id) => {}
                    Ok(receipt) => {
                        wait = 1;
                        self.outbox.update(|outbox| {
                            outbox.set_state(conversation, id, SendState::Sent(receipt.seq))
                        });
                        self.complete_acknowledged();
                    }
                    Err(error) if error.is_transient() => {
                        self.wait_for_retry(error.retry_after.unwrap_or(wait).min(MAX_RETRY_DELAY))
                            .await;
                        wait = (wait * 2).min(MAX_RETRY_DELAY);
                    }
                    Err(error) if error.code == Code::NoSession => return leader::end_session(),
                    Err(error) => self.mark_failed(conversation, id, error),
                }
                if !self.is_sender(conversation) {
                    break;
                }
            }
            self.sending.update_value(|sending| {
                sending.remove(&conversation);
            });
        });
    }

    /// Uploads the files of a message, then posts it.
    async fn post_message(
        self,
        conversation: ConversationId,
        pending: PendingMessage,
    ) -> Result<messages::Receipt, ChatError> {
        let PendingMessage { id, body, reply_to, files, .. } = pending;
        let ids: Vec<_> = files.iter().map(|file| file.id.to_string()).collect();
        let reply_to = reply_to.map(|quote| quote.message);
        let mut again = true;
        loop {
            for file in &files {
                self.upload_file(conversation, file).await?;
                if !self.is_queued(conversation, id) {
                    return Err(ChatError::not_found());
                }
            }
            let posted = messages::post_message(
                conversation.to_string(),
                id.to_string(),
                body.clone(),
                reply_to,
                ids.clone(),
            );
            let answer = match select(
                posted.boxed_local(),
                browser::sleep(POST_TIMEOUT).boxed_local(),
            )
            .await
            {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Err(ChatError::new(Code::Unreachable, ChatError::UNREACHABLE)),
            };
            match answer {
                // The server deleted the files after a day; upload them again.
                Err(error)
                    if again
                        && error.code == Code::NotFound
                        && error.field.as_deref() == Some("files") =>
                {
                    again = false;
                    self.reset_uploads(&files);
                }
                answer => return answer,
            }
        }
    }

    /// Whether a message is still in the queue.
    pub(super) fn is_queued(self, conversation: ConversationId, id: ClientId) -> bool {
        self.outbox.with_untracked(|outbox| {
            outbox.pending(conversation).iter().any(|pending| pending.id == id)
        })
    }

    /// Whether this tab sends: the leader sends stored messages, and each tab the ones that only it
    /// has.
    fn is_sender(self, conversation: ConversationId) -> bool {
        let alone = || {
            self.outbox
                .with_untracked(|outbox| outbox.next(conversation).is_some_and(|next| !next.stored))
        };
        leader::is_leader() || !matches!(storage(), Storage::Open(_)) || alone()
    }

    fn mark_failed(self, conversation: ConversationId, id: ClientId, error: ChatError) {
        if self
            .conversations
            .with_untracked(|conversations| conversations.find(conversation).is_some())
        {
            self.outbox.update(|outbox| {
                outbox.set_state(conversation, id, SendState::Failed(error.message))
            });
            return self.persist_change(conversation, id);
        }
        // The conversation is gone, so the failed message cannot be shown in it.
        let body = self
            .outbox
            .with_untracked(|outbox| outbox.stored_message(conversation, id))
            .map(|stored_message| stored_message.body)
            .unwrap_or_default();
        self.show_error(not_sent_after_leaving(&text::excerpt(&body)));
        self.complete_message(conversation, id);
    }

    /// Waits some seconds, or until the connection is live again.
    pub(in crate::client) async fn wait_for_retry(self, seconds: u32) {
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
