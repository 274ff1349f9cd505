//! The pieces of all histories that are kept, so that coming back to a conversation shows it at once.

use std::collections::HashMap;

use super::timeline::Timeline;
use crate::domain::ConversationId;

/// Conversations whose piece is kept for coming back.
const MAX_CACHED: usize = 40;

/// The pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timelines {
    by_conversation: HashMap<ConversationId, Timeline>,
    /// The last opened one last.
    recently_opened: Vec<ConversationId>,
}

impl Timelines {
    /// A conversation's piece, if it is kept.
    #[must_use]
    pub fn find(&self, conversation: ConversationId) -> Option<&Timeline> {
        self.by_conversation.get(&conversation)
    }

    /// A conversation's piece, to be changed, if it is kept.
    pub fn find_mut(&mut self, conversation: ConversationId) -> Option<&mut Timeline> {
        self.by_conversation.get_mut(&conversation)
    }

    /// A conversation's piece, begun if there was none. The least recently opened ones are forgotten.
    pub fn open(&mut self, conversation: ConversationId) -> &mut Timeline {
        self.recently_opened.retain(|other| *other != conversation);
        self.recently_opened.push(conversation);
        if self.recently_opened.len() > MAX_CACHED {
            let oldest = self.recently_opened.remove(0);
            self.by_conversation.remove(&oldest);
        }
        self.by_conversation.entry(conversation).or_default()
    }

    /// Forgets a conversation's piece.
    pub fn forget(&mut self, conversation: ConversationId) {
        self.by_conversation.remove(&conversation);
        self.recently_opened.retain(|other| *other != conversation);
    }

    /// Forgets all.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }
}
