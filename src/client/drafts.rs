//! What a person began and did not send: kept on the disk as they type, and there again when they come back.

use std::collections::{HashMap, HashSet};

use leptos::{prelude::*, task::spawn_local};

use super::{
    Chat,
    disk::Disk,
    note::Note,
    sending::{Shelf, shelf},
    tabs,
};
use crate::domain::ConversationId;

/// What was begun and not sent, by conversation.
#[derive(Default)]
pub(crate) struct Drafts {
    of: HashMap<ConversationId, String>,
    /// Not yet on the disk as they are.
    changed: HashSet<ConversationId>,
    writing: bool,
}

impl Chat {
    /// Finds what was kept.
    pub(super) async fn unpack_drafts(self, disk: &Disk) {
        let known = disk.drafts().await.into_iter().filter_map(|(conversation, text)| Some((conversation.parse().ok()?, text)));
        self.drafts.update_value(|drafts| {
            for (conversation, kept) in known {
                let begun = drafts.of.remove(&conversation).unwrap_or_default();
                drafts.of.insert(conversation, both(kept, begun));
            }
        });
        self.recalled.update(|times| *times += 1);
    }

    /// What was begun and not sent in a conversation.
    #[must_use]
    pub fn draft(self, conversation: ConversationId) -> String {
        self.drafts.with_value(|drafts| drafts.of.get(&conversation).cloned()).unwrap_or_default()
    }

    /// Keeps what is begun and not sent.
    pub fn keep_draft(self, conversation: ConversationId, text: String) {
        self.drafts.update_value(|drafts| {
            drafts.of.insert(conversation, text);
            drafts.changed.insert(conversation);
        });
        self.write_drafts();
    }

    /// Another tab changed a draft. What is on the screen here is left alone.
    pub(super) fn learn_draft(self, conversation: ConversationId, text: String) {
        if self.wires.with_value(|wires| wires.open) != Some(conversation) {
            self.drafts.update_value(|drafts| drop(drafts.of.insert(conversation, text)));
        }
    }

    pub(super) fn write_drafts(self) {
        let begins = self.drafts.try_update_value(|drafts| !std::mem::replace(&mut drafts.writing, true));
        if begins != Some(true) {
            return;
        }
        spawn_local(async move {
            while let Shelf::Open(disk) = shelf() {
                let changed = self.drafts.try_update_value(|drafts| {
                    let conversation = drafts.changed.iter().next().copied()?;
                    drafts.changed.remove(&conversation);
                    Some((conversation, drafts.of.get(&conversation).cloned().unwrap_or_default()))
                });
                let Some((conversation, text)) = changed.flatten() else { break };
                disk.keep_draft(&conversation.to_string(), &text).await;
                tabs::tell(&Note::Draft(conversation, text));
            }
            self.drafts.update_value(|drafts| drafts.writing = false);
        });
    }
}

/// Two texts of which neither may be lost; a browser that brings back what a field held brings it twice.
pub(super) fn both(first: String, second: String) -> String {
    if second.is_empty() || first.starts_with(&second) {
        first
    } else if first.is_empty() || second.starts_with(&first) {
        second
    } else {
        format!("{first}\n{second}")
    }
}

#[cfg(test)]
mod tests {
    use super::both;

    #[test]
    fn of_two_texts_neither_is_lost_and_none_is_doubled() {
        for (first, second, expected) in [("", "", ""), ("a", "", "a"), ("", "b", "b"), ("ab", "a", "ab"), ("a", "ab", "ab"), ("a", "b", "a\nb")] {
            assert_eq!(both(first.into(), second.into()), expected);
        }
    }
}
