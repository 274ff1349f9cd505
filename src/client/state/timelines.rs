//! Timelines of recently opened conversations, so that coming back shows them at once.

use std::collections::HashMap;

use super::timeline::Timeline;
use crate::domain::ConversationId;

/// Maximum number of cached timelines.
const MAX_CACHED: usize = 40;

/// The cached timelines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timelines {
    by_conversation: HashMap<ConversationId, Timeline>,
    /// Most recently opened last.
    recently_opened: Vec<ConversationId>,
}

impl Timelines {
    /// A cached timeline.
    #[must_use]
    pub fn find(&self, conversation: ConversationId) -> Option<&Timeline> {
        self.by_conversation.get(&conversation)
    }

    /// A cached timeline, mutable.
    pub fn find_mut(&mut self, conversation: ConversationId) -> Option<&mut Timeline> {
        self.by_conversation.get_mut(&conversation)
    }

    /// The timeline of a conversation, created if needed. Evicts the least recently opened one.
    pub fn open(&mut self, conversation: ConversationId) -> &mut Timeline {
        self.recently_opened.retain(|other| *other != conversation);
        self.recently_opened.push(conversation);
        if self.recently_opened.len() > MAX_CACHED {
            let oldest = self.recently_opened.remove(0);
            self.by_conversation.remove(&oldest);
        }
        self.by_conversation.entry(conversation).or_default()
    }

    /// Drops a timeline.
    pub fn forget(&mut self, conversation: ConversationId) {
        self.by_conversation.remove(&conversation);
        self.recently_opened.retain(|other| *other != conversation);
    }

    /// Drops all timelines.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }
}
