//! What was just done and can be taken back for a moment. One at a time: the next one settles the one before.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    api::messages,
    client::{AppState, send_queue::outbox::StoredMessage},
    domain::{ConversationId, Seq, message::UNDO_MILLIS},
};

/// Something that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// A message was deleted.
    Deleted(ConversationId, Seq),
    /// A message was discarded that was not sent. Its files are still here.
    Discarded(Box<StoredMessage>),
    /// A message is no longer saved.
    Unsaved(ConversationId, Seq),
}

impl Undo {
    /// What was done, in words.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        match self {
            Self::Deleted(..) => "Message deleted.",
            Self::Discarded(_) => "Message discarded.",
            Self::Unsaved(..) => "Removed from saved.",
        }
    }
}

impl AppState {
    /// From now on, and for as long as a deletion can be undone, this can be taken back.
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

    /// It stays done.
    pub fn dismiss_undo(self) {
        if let Some(Undo::Discarded(message)) = self.undo.try_update(Option::take).flatten() {
            message.files.iter().for_each(|file| self.cancel_upload(file.id));
        }
    }

    /// Takes it back. A message that was not sent returns to the message field.
    pub fn undo(self) {
        match self.undo.try_update(Option::take).flatten() {
            Some(Undo::Deleted(conversation, message)) => {
                self.run_action(async move { messages::restore_message(conversation.to_string(), message).await });
            }
            Some(Undo::Unsaved(conversation, message)) => self.save_message(conversation, message, true),
            Some(Undo::Discarded(message)) => self.restore_to_composer(*message),
            None => {}
        }
    }
}
