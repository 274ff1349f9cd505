//! What a person writes: kept on the disk before it is sent, sent by one of the browser's tabs, and told to the others.

pub mod outbox;
pub(super) mod submissions;

use outbox::Outbox;
use std::cell::RefCell;

use futures::{
    FutureExt,
    future::{Either, select},
};
use leptos::{prelude::*, task::spawn_local};

use super::{
    Chat, Link,
    browser::{self, indexed_db::Disk, session_storage},
    drafts::{Drafts, composer_mode::Purpose},
    state::undo::Undo,
    tabs::{leader, tab_message::Note},
};
use crate::{
    api::messages,
    domain::{ChatError, ClientId, Code, ConversationId, Seq, draft::both, message::Quote, text},
    protocol::codec,
};
use outbox::{Kept, Pending, Stage};

/// A browser that takes longer than this to open its disk has none for this page, in milliseconds.
const DISK_OPENS_WITHIN: u32 = 3_000;
/// The longest wait before a message is tried again, in seconds.
const LONGEST_WAIT: u32 = 30;

thread_local! {
    // What belongs to the browser stays on its one thread, and the server never has one.
    static DISK: RefCell<Shelf> = const { RefCell::new(Shelf::Opening) };
}

/// Where things are kept.
#[derive(Clone)]
pub(super) enum Shelf {
    /// Not known yet: what is written waits.
    Opening,
    /// This browser keeps nothing for us.
    None,
    /// Here.
    Open(Disk),
}

pub(super) fn shelf() -> Shelf {
    DISK.with_borrow(Clone::clone)
}

impl Chat {
    /// Finds what was kept, and goes on with it. Only in a browser, once.
    pub(super) async fn unpack(self) {
        let disk = match select(Disk::open(self.my_id()).boxed_local(), browser::sleep(DISK_OPENS_WITHIN).boxed_local()).await {
            Either::Left((disk, _)) => disk,
            Either::Right(_) => None,
        };
        DISK.set(disk.clone().map_or(Shelf::None, Shelf::Open));
        if let Some(disk) = disk {
            self.unpack_drafts(&disk).await;
            self.unpack_tray(&disk).await;
            self.mirror().await;
        }
        self.unpacked.set(true);
        self.write_drafts();
        self.pump_all();
    }

    /// Shows what the disk holds, also what other tabs wrote; what came through meanwhile is done with.
    pub(super) async fn mirror(self) {
        let Shelf::Open(disk) = shelf() else { return };
        let kept: Vec<Kept> = disk.outbox().await.iter().filter_map(|message| codec::read_any(message).ok()).collect();
        let told: Vec<_> = self.timelines.with_untracked(|timelines| {
            let is_told = |kept: &&Kept| timelines.find(kept.conversation).is_some_and(|timeline| timeline.has(kept.id));
            kept.iter().filter(is_told).map(|kept| (kept.conversation, kept.id)).collect()
        });
        self.outbox.update(|outbox| outbox.mirror(kept));
        let files = |(conversation, pending): (ConversationId, &Pending)| {
            pending.files.iter().map(move |file| (conversation, file.clone())).collect::<Vec<_>>()
        };
        let carried = self.outbox.with_untracked(|outbox| outbox.all().flat_map(files).collect());
        self.mirror_files(&disk, carried).await;
        told.into_iter().for_each(|(conversation, id)| self.forget(conversation, id));
        self.pump_all();
    }

    /// Sends a message: it shows at once and goes when its turn comes. Only when what was kept is found: before that there is
    /// nowhere to keep it, and it would be lost with its tab.
    ///
    /// Done when it is on the disk, or cannot be: before that the field must not let go of it.
    pub async fn send(self, conversation: ConversationId, body: String, answers: Option<Quote>) {
        let files = self.take_tray(conversation);
        // Their message ends for others that somebody is typing: the next letter is told at once.
        self.wires.update_value(|wires| wires.typed = 0);
        let kept = self.outbox.try_update(|outbox| outbox.put(conversation, browser::client_id(), (body, answers, files), browser::now()));
        if let Some(kept) = kept {
            self.shelve(kept).await;
        }
    }

    /// Tries a message again that was not sent.
    pub fn retry(self, conversation: ConversationId, id: ClientId) {
        self.outbox.update(|outbox| outbox.advance(conversation, id, Stage::Waiting));
        self.shelve_anew(conversation, id);
    }

    /// Discards a message that was not sent, which can be undone for a moment: its files are given up only after that.
    pub fn discard(self, conversation: ConversationId, id: ClientId) {
        if let Some(kept) = self.take_out(conversation, id) {
            self.offer_undo(Undo::Discarded(Box::new(kept)));
        }
        self.pump_all();
    }

    /// Takes a message that was not sent back into the field, before whatever stands there.
    pub fn edit(self, conversation: ConversationId, id: ClientId) {
        let Some(kept) = self.outbox.with_untracked(|outbox| outbox.kept(conversation, id)) else { return };
        // First the disk has it as a draft: a tab that is killed between the two has lost nothing.
        self.take_up(kept);
        self.take_out(conversation, id);
        self.pump_all();
    }

    /// What was to be sent is written on in the field.
    pub(super) fn take_up(self, kept: Kept) {
        let conversation = kept.conversation;
        if let Some(quote) = kept.answers {
            self.set_purpose(conversation, Purpose::Answer(quote));
        }
        self.take_back(conversation, &kept.files);
        self.keep_draft(conversation, both(kept.body, self.draft(conversation)));
        self.recalled.update(|times| *times += 1);
    }

    /// On leaving for good, on a machine that others may use: forgets what this browser keeps, unless something of it is nowhere else.
    pub fn leave_nothing(self) {
        session_storage::forget_all();
        let is_unsent = self.outbox.with_untracked(Outbox::has_unsent) || self.sharing.with_untracked(|all| !all.is_empty());
        if !is_unsent && !self.drafts.with_value(Drafts::has_untold) {
            Disk::forget(self.my_id());
        }
    }

    /// A message is in its stream: nobody needs it and its files here any more.
    pub(super) fn forget(self, conversation: ConversationId, id: ClientId) {
        let sent = self.take_out(conversation, id).map(|kept| self.let_go(&kept.files)).unwrap_or_default();
        if let (false, Shelf::Open(disk)) = (sent.is_empty(), shelf()) {
            spawn_local(async move {
                disk.drop_files(&sent).await;
                leader::tell(&Note::Outbox);
            });
        }
    }

    /// Takes a message out of the send queue, here and on the disk. Its files stay.
    fn take_out(self, conversation: ConversationId, id: ClientId) -> Option<Kept> {
        let taken = self.outbox.try_update(|outbox| outbox.take(conversation, id)).flatten()?;
        if let Shelf::Open(disk) = shelf() {
            let key = taken.key();
            spawn_local(async move {
                disk.take(&key).await;
                leader::tell(&Note::Outbox);
            });
        }
        Some(taken)
    }

    /// Everything up to the marks was told: what was sent before them is in its stream.
    pub(super) fn forget_told(self) {
        let told: Vec<_> = self.outbox.with_untracked(|outbox| {
            let is_told =
                |(conversation, pending): &(ConversationId, &Pending)| matches!(pending.stage, Stage::Sent(seq) if self.is_told(*conversation, seq));
            outbox.all().filter(is_told).map(|(conversation, pending)| (conversation, pending.id)).collect()
        });
        told.into_iter().for_each(|(conversation, id)| self.forget(conversation, id));
    }

    /// Sends whatever waits, if it is this tab that sends.
    pub(super) fn pump_all(self) {
        self.outbox.with_untracked(Outbox::conversations).into_iter().for_each(|conversation| self.pump(conversation));
    }

    fn is_told(self, conversation: ConversationId, seq: Seq) -> bool {
        self.book.with_untracked(|book| book.find(conversation).is_some_and(|summary| summary.head >= seq))
    }

    /// Writes a message down for the first time; then it may go.
    async fn shelve(self, message: Kept) {
        let (conversation, id) = (message.conversation, message.id);
        // Without the bytes of its files no other tab could send it.
        let stored = self.are_kept(&message.files).await && write_down(&message, Some(conversation)).await;
        // A disk that takes nothing more is no reason not to send, as far as this tab can.
        self.outbox.update(|outbox| outbox.release(conversation, id, stored));
        self.pump(conversation);
    }

    /// Writes a message down that came further.
    fn shelve_anew(self, conversation: ConversationId, id: ClientId) {
        let kept = self.outbox.with_untracked(|outbox| outbox.kept(conversation, id));
        spawn_local(async move {
            if let Some(message) = kept
                && write_down(&message, None).await
            {
                // The disk may have been read meanwhile, as it was before.
                self.mirror().await;
            }
            self.pump(conversation);
        });
    }

    /// Sends what waits in a conversation, one at a time, in order.
    fn pump(self, conversation: ConversationId) {
        if !self.sends(conversation) {
            return;
        }
        let alone = self.wires.try_update_value(|wires| wires.pumping.insert(conversation));
        if alone != Some(true) {
            return;
        }
        spawn_local(async move {
            let mut wait = 1;
            while let Some(pending) = self.outbox.with_untracked(|outbox| outbox.next(conversation).cloned()) {
                let id = pending.id;
                match self.post(conversation, pending).await {
                    // Its person thought better of it.
                    Err(_) if !self.waits(conversation, id) => {}
                    Ok(receipt) => {
                        wait = 1;
                        self.outbox.update(|outbox| outbox.advance(conversation, id, Stage::Sent(receipt.seq)));
                        self.forget_told();
                    }
                    Err(error) if error.is_passing() => {
                        self.rest(error.retry_after.unwrap_or(wait).min(LONGEST_WAIT)).await;
                        wait = (wait * 2).min(LONGEST_WAIT);
                    }
                    Err(error) if error.code == Code::NoSession => return leader::leave(),
                    Err(error) => self.refuse(conversation, id, error),
                }
                if !self.sends(conversation) {
                    break;
                }
            }
            self.wires.update_value(|wires| {
                wires.pumping.remove(&conversation);
            });
        });
    }

    /// Sends one message, after its files.
    async fn post(self, conversation: ConversationId, pending: Pending) -> Result<messages::Receipt, ChatError> {
        let Pending { id, body, answers, files, .. } = pending;
        let ids: Vec<_> = files.iter().map(|file| file.id.to_string()).collect();
        let answers = answers.map(|quote| quote.message);
        let mut again = true;
        loop {
            for file in &files {
                self.bring(conversation, file).await?;
                if !self.waits(conversation, id) {
                    return Err(ChatError::not_found());
                }
            }
            match messages::post_message(conversation.to_string(), id.to_string(), body.clone(), answers, ids.clone()).await {
                // A day has passed since they were brought.
                Err(error) if again && error.code == Code::NotFound && error.field.as_deref() == Some("files") => {
                    again = false;
                    self.bring_anew(&files);
                }
                answer => return answer,
            }
        }
    }

    /// Whether a message is still to be sent.
    fn waits(self, conversation: ConversationId, id: ClientId) -> bool {
        self.outbox.with_untracked(|outbox| outbox.pending(conversation).iter().any(|pending| pending.id == id))
    }

    /// Whether it is this tab that sends: the leader sends what it can see, and each tab what only it can.
    fn sends(self, conversation: ConversationId) -> bool {
        let alone = || self.outbox.with_untracked(|outbox| outbox.next(conversation).is_some_and(|next| !next.stored));
        leader::leads() || !matches!(shelf(), Shelf::Open(_)) || alone()
    }

    fn refuse(self, conversation: ConversationId, id: ClientId, error: ChatError) {
        if self.book.with_untracked(|book| book.find(conversation).is_some()) {
            self.outbox.update(|outbox| outbox.advance(conversation, id, Stage::Failed(error.message)));
            return self.shelve_anew(conversation, id);
        }
        // There is no place any more where it could be shown.
        let body = self.outbox.with_untracked(|outbox| outbox.kept(conversation, id)).map(|kept| kept.body).unwrap_or_default();
        self.tell_trouble(format!("Not sent, because you are no longer in the conversation: “{}”", text::excerpt(&body)));
        self.forget(conversation, id);
    }

    /// Waits so many seconds, or until the connection comes back.
    pub(super) async fn rest(self, seconds: u32) {
        let until = browser::now() + i64::from(seconds) * 1000;
        let was_live = self.link.get_untracked() == Link::Live;
        while browser::now() < until {
            browser::sleep(200).await;
            if !was_live && self.link.get_untracked() == Link::Live {
                return;
            }
        }
    }
}

/// Puts a message on the disk, in place of this conversation's draft if it was one, and tells the other tabs. False: it is not there.
async fn write_down(message: &Kept, draft_of: Option<ConversationId>) -> bool {
    let Shelf::Open(disk) = shelf() else { return false };
    let Ok(text) = codec::write_any(message) else { return false };
    let draft = draft_of.map(|conversation| conversation.to_string());
    let files: Vec<String> = message.files.iter().map(|file| file.id.to_string()).collect();
    let stored = disk.put(&message.key(), &text, draft.as_deref(), &files).await.is_some();
    leader::tell(&Note::Outbox);
    stored
}
