//! The pieces of all histories that are kept, so that coming back to a conversation shows it at once.

use std::collections::HashMap;

use super::timeline::Timeline;
use crate::domain::ConversationId;

/// Conversations whose piece is kept for coming back.
const KEPT_WARM: usize = 40;

/// The pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timelines {
    of: HashMap<ConversationId, Timeline>,
    /// The last opened one last.
    used: Vec<ConversationId>,
}

impl Timelines {
    /// A conversation's piece, if it is kept.
    #[must_use]
    pub fn find(&self, conversation: ConversationId) -> Option<&Timeline> {
        self.of.get(&conversation)
    }

    /// A conversation's piece, to be changed, if it is kept.
    pub fn find_mut(&mut self, conversation: ConversationId) -> Option<&mut Timeline> {
        self.of.get_mut(&conversation)
    }

    /// A conversation's piece, begun if there was none. The least recently opened ones are forgotten.
    pub fn open(&mut self, conversation: ConversationId) -> &mut Timeline {
        self.used.retain(|other| *other != conversation);
        self.used.push(conversation);
        if self.used.len() > KEPT_WARM {
            let coldest = self.used.remove(0);
            self.of.remove(&coldest);
        }
        self.of.entry(conversation).or_default()
    }

    /// Forgets a conversation's piece.
    pub fn forget(&mut self, conversation: ConversationId) {
        self.of.remove(&conversation);
        self.used.retain(|other| *other != conversation);
    }

    /// Forgets all.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }
}
