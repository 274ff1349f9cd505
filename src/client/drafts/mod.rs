//! What a person began and did not send: kept on the disk as they type, and there again when they come back; and kept by the
//! server a little later, so that it is on their other devices too.

pub mod composer_mode;

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use super::{
    Chat, Link,
    browser::indexed_db::Disk,
    send_queue::{Shelf, shelf},
    tabs::{leader, tab_message::Note},
};
use crate::{
    api::conversations as ask,
    domain::{
        ConversationId, Summary,
        draft::{DRAFT_LENGTH, both, reconcile},
    },
};

/// How long after a first key the server is told: what is typed until then goes with it.
const TOLD_AFTER: Duration = Duration::from_secs(2);
/// How many texts that were told are remembered.
const TOLD_LATELY: usize = 4;
/// Before the name of a conversation: what the server had of its draft when this browser last heard of it.
const AGREED: char = '=';

/// What was begun and not sent. A plain list: it is short, and a map is several kB of a first load.
#[derive(Default)]
pub(crate) struct Drafts {
    all: Vec<Begun>,
    writing: bool,
}

/// What was begun in a conversation.
struct Begun {
    conversation: ConversationId,
    text: String,
    /// Whether the disk has it otherwise.
    changed: bool,
    /// What the server was last heard to have.
    agreed: String,
    /// Whether the disk has that otherwise.
    newly_agreed: bool,
    /// What tabs of this browser told the server lately: hearing of it is no news.
    told: Vec<String>,
    /// Whether it was typed in this tab: other tabs tell what was typed in them.
    mine: bool,
    /// Whether the server is told in a moment.
    soon: bool,
    /// Whether the server is being told.
    telling: bool,
}

impl Drafts {
    fn of(&mut self, conversation: ConversationId) -> &mut Begun {
        let place = self.all.iter().position(|begun| begun.conversation == conversation).unwrap_or_else(|| {
            self.all.push(Begun {
                conversation,
                text: String::new(),
                changed: false,
                agreed: String::new(),
                newly_agreed: false,
                told: Vec::new(),
                mine: false,
                soon: false,
                telling: false,
            });
            self.all.len() - 1
        });
        &mut self.all[place]
    }

    /// Whether the server has something else of any of them.
    pub(super) fn has_untold(&self) -> bool {
        self.all.iter().any(|begun| begun.mine && begun.text != begun.agreed)
    }

    /// Brings what is here together with what the server has; says whether anything is another text now, and of which the
    /// server is to be told.
    fn settle(&mut self, remote: &[(ConversationId, String)]) -> (bool, Vec<ConversationId>) {
        for (conversation, _) in remote {
            self.of(*conversation);
        }
        let (mut moved, mut due) = (false, Vec::new());
        for begun in &mut self.all {
            let there = remote.iter().find(|(conversation, _)| *conversation == begun.conversation).map(|(_, text)| text.clone()).unwrap_or_default();
            // One's own words coming back are no news for who has gone on since, also where that ended in nothing, as sending does.
            let told = begun.told.iter().position(|told| *told == there);
            let own = told.is_some() && (begun.mine || begun.text != begun.agreed);
            begun.told.drain(..told.map_or(0, |place| place + 1));
            let now = reconcile(if own { &there } else { &begun.agreed }, begun.text.clone(), there.clone());
            if now != there && begun.mine {
                due.push(begun.conversation);
            }
            begun.newly_agreed |= begun.agreed != there;
            begun.agreed = there;
            if now != begun.text {
                (begun.text, begun.changed, moved) = (now, true, true);
            }
        }
        (moved, due)
    }

    /// The next text for the disk, under its key there.
    fn next(&mut self) -> Option<(ConversationId, bool, String)> {
        if let Some(begun) = self.all.iter_mut().find(|begun| begun.changed) {
            begun.changed = false;
            return Some((begun.conversation, true, begun.text.clone()));
        }
        let begun = self.all.iter_mut().find(|begun| begun.newly_agreed)?;
        begun.newly_agreed = false;
        Some((begun.conversation, false, begun.agreed.clone()))
    }
}

impl Begun {
    fn tells(&mut self, text: String) {
        self.told.push(text);
        if self.told.len() > TOLD_LATELY {
            self.told.remove(0);
        }
    }

    /// What the server is to be told, if it has something else and is not being told already.
    fn news(&mut self) -> Option<String> {
        self.soon = false;
        if self.agreed == self.text || self.telling || self.text.chars().count() > DRAFT_LENGTH {
            return None;
        }
        self.telling = true;
        self.tells(self.text.clone());
        Some(self.text.clone())
    }
}

impl Chat {
    /// Finds what was kept.
    pub(super) async fn unpack_drafts(self, disk: &Disk) {
        let kept = disk.drafts().await;
        self.drafts.update_value(|drafts| {
            for (key, text) in kept {
                let (is_draft, id) = key.strip_prefix(AGREED).map_or((true, key.as_str()), |id| (false, id));
                let Ok(conversation) = id.parse() else { continue };
                let begun = drafts.of(conversation);
                if is_draft {
                    begun.text = both(text, std::mem::take(&mut begun.text));
                } else {
                    begun.agreed = text;
                }
                begun.mine = true;
            }
        });
        self.recalled.update(|times| *times += 1);
    }

    /// Keeps what is begun here and what the server has of it together, from now on.
    pub(super) fn share_drafts(self) {
        // Looked at with every change of the list: by their numbers, the texts only when one is another.
        let known = Memo::new(move |_| {
            let number = |summary: &Summary| Some((summary.conversation.id, summary.draft.as_ref()?.seq));
            let mut known: Vec<_> = self.book.with(|book| book.all().filter_map(number).collect());
            known.sort_unstable();
            known
        });
        Effect::new(move || {
            let live = self.link.get() == Link::Live;
            if !self.unpacked.get() {
                return;
            }
            known.with(|_| ());
            let text = |summary: &Summary| Some((summary.conversation.id, summary.draft.as_ref()?.body.clone()));
            let remote: Vec<_> = self.book.with_untracked(|book| book.all().filter_map(text).collect());
            let (moved, due) = self.drafts.try_update_value(|drafts| drafts.settle(&remote)).unwrap_or_default();
            if moved {
                self.recalled.update(|times| *times += 1);
            }
            self.write_drafts();
            if live {
                due.into_iter().for_each(|conversation| self.tell_draft(conversation));
            }
        });
    }

    /// What was begun and not sent in a conversation.
    #[must_use]
    pub fn draft(self, conversation: ConversationId) -> String {
        self.drafts.try_update_value(|drafts| drafts.of(conversation).text.clone()).unwrap_or_default()
    }

    /// Keeps what is begun and not sent.
    pub fn keep_draft(self, conversation: ConversationId, text: String) {
        let is_empty = text.is_empty();
        let begins = self.drafts.try_update_value(|drafts| {
            let begun = drafts.of(conversation);
            (begun.text, begun.changed, begun.mine) = (text, true, true);
            !std::mem::replace(&mut begun.soon, true)
        });
        self.write_drafts();
        if is_empty {
            // Sent or given up: another device is not to offer it for longer than need be.
            self.tell_draft(conversation);
        } else if begins == Some(true) {
            set_timeout(move || self.tell_draft(conversation), TOLD_AFTER);
        }
    }

    /// Tells the server what is begun, if it has something else. Where that does not come about, it is told with the next key, or
    /// when the connection is back.
    fn tell_draft(self, conversation: ConversationId) {
        let Some(text) = self.drafts.try_update_value(|drafts| drafts.of(conversation).news()).flatten() else { return };
        let after = self.book.with_untracked(|book| book.find(conversation)?.draft.as_ref().map(|draft| draft.seq));
        leader::tell(&Note::Told(conversation, text.clone()));
        spawn_local(async move {
            // A conflict says that news is on its way, and what came together from both is told then.
            let kept = ask::keep_draft(conversation.to_string(), text.clone(), after).await.is_ok();
            let further = self.drafts.try_update_value(|drafts| {
                let begun = drafts.of(conversation);
                begun.telling = false;
                kept && begun.text != text && !begun.soon
            });
            if further == Some(true) {
                self.tell_draft(conversation);
            }
        });
    }

    /// Another tab changed a draft. What is on the screen here is left alone.
    pub(super) fn learn_draft(self, conversation: ConversationId, text: String) {
        if self.wires.with_value(|wires| wires.open) != Some(conversation) {
            self.drafts.update_value(|drafts| drafts.of(conversation).text = text);
        }
    }

    /// Another tab tells the server of a draft.
    pub(super) fn learn_told(self, conversation: ConversationId, text: String) {
        self.drafts.update_value(|drafts| {
            let begun = drafts.of(conversation);
            begun.mine = false;
            begun.tells(text);
        });
    }

    pub(super) fn write_drafts(self) {
        let begins = self.drafts.try_update_value(|drafts| !std::mem::replace(&mut drafts.writing, true));
        if begins != Some(true) {
            return;
        }
        spawn_local(async move {
            while let Shelf::Open(disk) = shelf() {
                let Some((conversation, is_draft, text)) = self.drafts.try_update_value(Drafts::next).flatten() else { break };
                let key = if is_draft { conversation.to_string() } else { format!("{AGREED}{conversation}") };
                disk.keep_draft(&key, &text).await;
                if is_draft {
                    leader::tell(&Note::Draft(conversation, text));
                }
            }
            self.drafts.update_value(|drafts| drafts.writing = false);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: ConversationId = ConversationId(Uuid::nil());

    fn drafts(here: &str, agreed: &str, told: &str) -> Drafts {
        let mut drafts = Drafts::default();
        let begun = drafts.of(HERE);
        (begun.text, begun.agreed, begun.mine) = (here.into(), agreed.into(), true);
        begun.tells(told.into());
        drafts
    }

    #[test]
    fn what_this_browser_told_itself_is_no_news_and_what_another_began_is_kept_beside() {
        for (here, agreed, told, there, expected, tells, why) in [
            ("hello you", "", "hello", "hello", "hello you", true, "typed on while it was told"),
            ("hi", "", "", "hello", "hi\nhello", true, "begun elsewhere as well"),
            ("", "", "hello", "hello", "", true, "sent here before it was heard"),
            ("hello", "hello", "hello", "", "", false, "sent elsewhere"),
            ("", "hello", "", "hello", "", true, "sent here, and not yet said"),
            ("hello", "", "hello", "hello", "hello", false, "told and heard"),
        ] {
            let mut drafts = drafts(here, agreed, told);
            let remote = [(HERE, there.to_owned())];
            let (moved, due) = drafts.settle(&remote);
            assert_eq!((drafts.of(HERE).text.as_str(), moved, !due.is_empty()), (expected, expected != here, tells), "{why}");
            assert!(!drafts.settle(&remote).0, "{why}: once is enough");
        }
    }
}
