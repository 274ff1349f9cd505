//! What was just done and can be taken back for a moment. One at a time: the next one settles the one before.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    api::messages,
    client::{Chat, send_queue::outbox::Kept},
    domain::{ConversationId, Seq, message::UNDO_MILLIS},
};

/// Something that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undo {
    /// A message was deleted.
    Deleted(ConversationId, Seq),
    /// A message was discarded that was not sent. Its files are still here.
    Discarded(Box<Kept>),
    /// A message is no longer saved.
    Unsaved(ConversationId, Seq),
}

impl Undo {
    /// What was done, in words.
    #[must_use]
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Deleted(..) => "Message deleted.",
            Self::Discarded(_) => "Message discarded.",
            Self::Unsaved(..) => "Removed from saved.",
        }
    }
}

impl Chat {
    /// From now on, and for as long as a deletion can be undone, this can be taken back.
    pub(in crate::client) fn offer_undo(self, undo: Undo) {
        self.settle_undo();
        self.undo.set(Some(undo.clone()));
        let pass = move || {
            if self.undo.try_with_untracked(|now| now.as_ref() == Some(&undo)) == Some(true) {
                self.settle_undo();
            }
        };
        set_timeout(pass, Duration::from_millis(UNDO_MILLIS.unsigned_abs()));
    }

    /// It stays done.
    pub fn settle_undo(self) {
        if let Some(Undo::Discarded(kept)) = self.undo.try_update(Option::take).flatten() {
            kept.files.iter().for_each(|file| self.give_up(file.id));
        }
    }

    /// Takes it back. A message that was not sent returns to the message field.
    pub fn undo(self) {
        match self.undo.try_update(Option::take).flatten() {
            Some(Undo::Deleted(conversation, message)) => {
                self.attempt(async move { messages::restore_message(conversation.to_string(), message).await });
            }
            Some(Undo::Unsaved(conversation, message)) => self.save(conversation, message, true),
            Some(Undo::Discarded(kept)) => self.take_up(*kept),
            None => {}
        }
    }
}
