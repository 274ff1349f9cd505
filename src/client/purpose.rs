//! What the message field is for: a new message, one that answers another, or new words for one that stands.

use leptos::prelude::*;

use super::Chat;
use crate::domain::{Change, ConversationId, Seq, file, message::Quote};

/// What is written in the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A new message.
    #[default]
    Write,
    /// A message that answers this one.
    Answer(Quote),
    /// New words for a message of one's own.
    Edit(Seq),
}

impl Chat {
    /// What is written in a conversation's field.
    #[must_use]
    pub fn purpose(self, conversation: ConversationId) -> Purpose {
        self.purposes.with(|purposes| purposes.get(&conversation).cloned()).unwrap_or_default()
    }

    /// From here on something else is written there.
    pub fn set_purpose(self, conversation: ConversationId, purpose: Purpose) {
        self.purposes.update(|purposes| {
            if purpose == Purpose::Write {
                purposes.remove(&conversation);
            } else {
                purposes.insert(conversation, purpose);
            }
        });
    }

    /// The next message answers this one.
    pub fn answer(self, conversation: ConversationId, message: Seq) {
        let quote = self.timelines.with_untracked(|timelines| match &timelines.find(conversation)?.message(message)?.change {
            Change::Posted { author, body, files, state, .. } if state.deleted.is_none() => {
                Some(Quote { message, author: *author, excerpt: file::excerpt(body, files) })
            }
            _ => None,
        });
        if let Some(quote) = quote {
            self.set_purpose(conversation, Purpose::Answer(quote));
        }
    }

    /// The last message of one's own that is here and can be edited.
    #[must_use]
    pub fn last_own(self, conversation: ConversationId) -> Option<Seq> {
        let me = self.my_id();
        self.timelines.with_untracked(|timelines| {
            let is_own = |change: &Change| matches!(change, Change::Posted { author, state, .. } if *author == me && state.deleted.is_none());
            timelines.find(conversation)?.entries().iter().rev().find(|entry| is_own(&entry.change)).map(|entry| entry.seq)
        })
    }

    /// Who wrote a message that is here, and what.
    pub fn says(self, conversation: ConversationId, message: Seq) -> Option<(crate::domain::PersonId, String)> {
        self.timelines.with_untracked(|timelines| match &timelines.find(conversation)?.message(message)?.change {
            Change::Posted { author, body, state, .. } if state.deleted.is_none() => Some((*author, body.clone())),
            _ => None,
        })
    }
}
