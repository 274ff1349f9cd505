//! The last action that can be undone. A new one replaces it.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    api::messages,
    client::{AppState, send_queue::outbox::StoredMessage},
    domain::{ConversationId, Seq, message::UNDO_MILLIS},
};

/// An action that can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// A message was deleted.
    Deleted(ConversationId, Seq),
    /// An unsent message was discarded. Its files are kept until the undo expires.
    Discarded(Box<StoredMessage>),
    /// A message is no longer saved.
    Unsaved(ConversationId, Seq),
}

impl AppState {
    /// Offers to undo an action for as long as a deletion can be restored.
    pub(in crate::client) fn offer_undo(self, undo: Undo) {
        self.dismiss_undo();
        self.undo.set(Some(undo.clone()));
        let pass = move || {
            if self.undo.try_with_untracked(|now| now.as_ref() == Some(&undo)) == Some(true) {
                self.dismiss_undo();
            }
        };
        set_timeout(pass, Duration::from_millis(UNDO_MILLIS.unsigned_abs()));
    }

    /// Ends the offer; the action stands.
    pub fn dismiss_undo(self) {
        if let Some(Undo::Discarded(message)) = self.undo.try_update(Option::take).flatten() {
            message.files.iter().for_each(|file| self.cancel_upload(file.id));
        }
    }

    /// Undoes the action. A discarded message returns to the composer.
    pub fn undo(self) {
        match self.undo.try_update(Option::take).flatten() {
            Some(Undo::Deleted(conversation, message)) => {
                self.run_action(async move {
                    messages::restore_message(conversation.to_string(), message).await
                });
            }
            Some(Undo::Unsaved(conversation, message)) => {
                self.save_message(conversation, message, true)
            }
            Some(Undo::Discarded(message)) => self.restore_to_composer(*message),
            None => {}
        }
    }
}
