//! Unread counts: the server's count, and the received changes that it may not include yet.

use crate::domain::{Seq, Summary, Unread};

/// Reconciles the server's unread count with the events received since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct UnreadCounts {
    /// The server has counted up to here.
    upto: Seq,
    /// Recent events that change the count, with their positions.
    recent: Vec<(Seq, UnreadChange)>,
}

/// A change to the unread count by another user's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnreadChange {
    /// A message was added; whether it mentions the current user.
    Added(Seq, bool),
    /// A message was removed.
    Removed(Seq),
    /// A message now mentions the current user, or no longer does.
    MentionChanged(Seq, bool),
}

/// Maximum number of recent changes kept: more than can arrive between a count and its receipt.
const RECENT_MAX: usize = 400;

impl UnreadCounts {
    /// Applies a change, unless the server's count includes it.
    pub(super) fn record(&mut self, summary: &mut Summary, seq: Seq, change: UnreadChange) {
        if self.recent.len() >= RECENT_MAX {
            self.recent.drain(..RECENT_MAX / 2);
        }
        self.recent.push((seq, change));
        if seq > self.upto {
            change.apply_to(summary);
        }
    }

    /// Takes over the server's read position and unread count as of `head`, and applies the later
    /// changes again.
    pub(super) fn reset(&mut self, summary: &mut Summary, read: (Seq, Unread), head: Seq) {
        (summary.read_upto, summary.unread) = read;
        self.upto = head;
        let later = self.recent.iter().filter(|(seq, _)| *seq > head);
        later.for_each(|(_, change)| change.apply_to(summary));
    }
}

impl UnreadChange {
    fn apply_to(self, summary: &mut Summary) {
        let (Self::Added(message, _) | Self::Removed(message) | Self::MentionChanged(message, _)) =
            self;
        if message <= summary.read_upto {
            return;
        }
        match self {
            Self::Added(message, mentions) => {
                summary.unread.add(message);
                summary.unread.set_mention(message, mentions);
            }
            Self::Removed(message) => summary.unread.remove(message),
            Self::MentionChanged(message, mentions) => {
                summary.unread.set_mention(message, mentions)
            }
        }
    }
}
