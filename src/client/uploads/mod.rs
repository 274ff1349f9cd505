//! Files on their way: kept on the disk as soon as they are chosen, brought to the server piece by piece while the message is still
//! being written, and carried by it once they are there. One that is cut goes on where it was, also after a reload and in another tab.

mod inspect;
mod persist;
mod upload;

use std::cell::RefCell;

use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use web_sys::{Blob, File, Url};

use super::{
    Chat, browser,
    send_queue::{Shelf, shelf},
    tabs::{leader, tab_message::Note},
};
use crate::{
    api::files as ask,
    domain::{
        Attachment, ChatError, ConversationId, FileId, Millis, Seq,
        file::{self, FileKind, MOST_FILES, SharedFile},
        metadata::Notice,
    },
};

/// How long until a server that was not reached is told again that a file is given up, in seconds.
const CANCELS_EVERY: u32 = 10;

thread_local! {
    /// The bytes of files that were chosen in this tab, and the addresses of those that are shown before they are sent.
    static BLOBS: RefCell<Vec<(FileId, Blob, Option<String>)>> = const { RefCell::new(Vec::new()) };
    /// Those that were given up in this tab. What is only gone from here may be carried by a message of another.
    static GIVEN_UP: RefCell<Vec<FileId>> = const { RefCell::new(Vec::new()) };
}

/// A file that is to be sent, or is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Where it is to go.
    pub conversation: ConversationId,
    /// What is known of it; all of it once it is there.
    pub file: Attachment,
    /// Its place among those of its message, as the disk has no order.
    #[serde(default)]
    pub place: Millis,
    /// Whether it was looked at, so that nothing of it leaves before its sender is told what it carries.
    #[serde(default)]
    pub is_looked_at: bool,
    /// What its sender is told of it.
    #[serde(default)]
    pub notice: Option<Notice>,
    /// Whether it is text that was too long for the field, and has no other copy.
    #[serde(default)]
    pub is_typed: bool,
    /// So many bytes are there.
    #[serde(skip)]
    pub received: u64,
    /// How many come in a second, as of the last piece; 0 before that.
    #[serde(skip)]
    pub pace: u64,
    /// Why it waits, where that is known.
    #[serde(skip)]
    pub why: Option<String>,
    /// Whether its bytes are on this browser's disk: unknown until that was tried.
    #[serde(skip)]
    pub stored: Option<bool>,
    /// How far it has come.
    #[serde(skip)]
    pub stage: Coming,
    /// Whether a message carries it already.
    #[serde(skip)]
    pub sent: bool,
}

/// How far a file has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Coming {
    /// Its turn has not come.
    #[default]
    Waiting,
    /// It is being sent.
    Going,
    /// It is there.
    Done,
    /// It was refused, and why.
    Failed(String),
}

impl Sharing {
    /// One that nothing has come of.
    #[must_use]
    pub const fn new(conversation: ConversationId, file: Attachment) -> Self {
        Self {
            conversation,
            file,
            place: 0,
            is_looked_at: false,
            notice: None,
            is_typed: false,
            received: 0,
            pace: 0,
            why: None,
            stored: None,
            stage: Coming::Waiting,
            sent: false,
        }
    }

    /// Whether it is known what it carries, or that it cannot be sent.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.is_looked_at || matches!(self.stage, Coming::Failed(_))
    }

    /// Whether its sender is to say first that it may go.
    #[must_use]
    pub const fn is_asked(&self) -> bool {
        matches!(self.notice, Some(Notice::Place))
    }

    /// Whether it can be sent as a file instead of as a picture, which cannot be shown, or not as it is.
    #[must_use]
    pub const fn may_be_file(&self, most: u64) -> bool {
        let differs = matches!(self.stage, Coming::Failed(_)) || matches!(self.notice, Some(Notice::Still));
        matches!(self.file.kind, FileKind::Picture) && differs && self.file.size > 0 && self.file.size <= most
    }

    /// Whether it may be tried again after it was refused: not what can never be taken.
    #[must_use]
    pub const fn may_retry(&self, most: u64) -> bool {
        matches!(self.stage, Coming::Failed(_)) && !self.may_be_file(most) && self.file.size > 0 && self.file.size <= most
    }

    /// How much of it is there, of a hundred.
    #[must_use]
    pub fn percent(&self) -> u64 {
        if self.stage == Coming::Done { 100 } else { (self.received * 100 / self.file.size.max(1)).min(99) }
    }
}

impl Chat {
    /// Files were chosen for the next message of a conversation.
    pub fn attach(self, conversation: ConversationId, files: Vec<File>) {
        let mut room = MOST_FILES.saturating_sub(self.tray(conversation).len());
        for chosen in files {
            if room == 0 {
                self.tell_trouble(format!("A message can have up to {MOST_FILES} files. Send these first."));
                break;
            }
            room -= 1;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is a whole number")]
            let size = chosen.size() as u64;
            let kind = if is_shown(&chosen.type_()) { FileKind::Picture } else { FileKind::Other };
            let name = self.told_apart(conversation, &file::name(&chosen.name()));
            let file = Attachment { id: FileId(uuid::Uuid::new_v4()), name, size, kind, ..Attachment::default() };
            let stage = match size {
                0 => Coming::Failed("This file is empty.".to_owned()),
                size if size > self.file_limit => {
                    Coming::Failed(format!("This file is {}. The limit is {}.", file::size(size), file::size(self.file_limit)))
                }
                _ => Coming::Waiting,
            };
            let (id, takes) = (file.id, stage == Coming::Waiting);
            remember(id, chosen.into(), kind == FileKind::Picture);
            self.sharing.update(|all| put_last(all, Sharing { stage, ..Sharing::new(conversation, file) }));
            if takes {
                spawn_local(self.keep_file(id));
                spawn_local(self.look_at(id));
            }
        }
        self.bring_tray();
    }

    /// Two that are called alike would have buttons that are.
    fn told_apart(self, conversation: ConversationId, name: &str) -> String {
        let taken = |name: &str| {
            self.sharing.with_untracked(|all| all.iter().any(|one| one.conversation == conversation && !one.sent && one.file.name == name))
        };
        let (stem, ending) = name.rsplit_once('.').map_or((name, String::new()), |(stem, ending)| (stem, format!(".{ending}")));
        let numbered = |n| if n == 1 { name.to_owned() } else { format!("{stem} {n}{ending}") };
        (1..=MOST_FILES).map(numbered).find(|name| !taken(name)).unwrap_or_else(|| name.to_owned())
    }

    /// What is to be sent with the next message of a conversation.
    #[must_use]
    pub fn tray(self, conversation: ConversationId) -> Vec<Sharing> {
        self.sharing.with(|all| all.iter().filter(|one| one.conversation == conversation && !one.sent).cloned().collect())
    }

    /// Whether anything is to be sent with the next message of a conversation.
    #[must_use]
    pub fn has_tray(self, conversation: ConversationId) -> bool {
        self.sharing.with(|all| all.iter().any(|one| one.conversation == conversation && !one.sent))
    }

    /// A file is not to be sent.
    pub fn give_up(self, id: FileId) {
        self.sharing.update(|all| all.retain(|one| one.file.id != id));
        GIVEN_UP.with_borrow_mut(|all| all.push(id));
        forget(id);
        spawn_local(async move {
            if let Shelf::Open(disk) = shelf() {
                disk.drop_files(&[id.to_string()]).await;
            }
            leader::tell(&Note::Outbox);
            // One that never came is not there; what could not be told before the page ends is forgotten by itself after a day.
            while let Err(error) = ask::cancel_upload(id.to_string()).await {
                if !error.is_passing() {
                    break;
                }
                self.rest(error.retry_after.unwrap_or(CANCELS_EVERY)).await;
            }
        });
    }

    /// A file that was refused is tried again.
    pub fn bring_again(self, id: FileId) {
        self.advance(id, |one| (one.stage, one.why) = (Coming::Waiting, None));
        self.bring_tray();
    }

    /// How far the files of a message have come, of a hundred, how fast they come, and why they wait; nothing once all are there.
    #[must_use]
    pub fn progress(self, files: &[Attachment]) -> Option<(u64, u64, Option<String>)> {
        let whole: u64 = files.iter().map(|file| file.size).sum();
        self.sharing.with(|all| {
            let mine: Vec<_> = files.iter().filter_map(|file| all.iter().find(|one| one.file.id == file.id)).collect();
            if mine.iter().all(|one| one.stage == Coming::Done) {
                return None;
            }
            let came: u64 = mine.iter().map(|one| if one.stage == Coming::Done { one.file.size } else { one.received }).sum();
            let pace = mine.iter().find(|one| one.stage == Coming::Going).map_or(0, |one| one.pace);
            Some(((came * 100 / whole.max(1)).min(99), pace, mine.iter().find_map(|one| one.why.clone())))
        })
    }

    /// The files of a conversation, of the newest messages or those before a number.
    ///
    /// # Errors
    /// What the server said.
    pub async fn files(self, conversation: ConversationId, before: Option<Seq>) -> Result<Vec<SharedFile>, ChatError> {
        ask::files(conversation.to_string(), before).await
    }

    /// A file stands before the one that is before it now.
    pub fn move_ahead(self, conversation: ConversationId, id: FileId) {
        let mut moved = Vec::new();
        self.sharing.update(|all| {
            let mine: Vec<usize> = (0..all.len()).filter(|n| all[*n].conversation == conversation && !all[*n].sent).collect();
            if let Some(pair) = mine.windows(2).find(|pair| all[pair[1]].file.id == id) {
                let (before, after) = (all[pair[0]].place, all[pair[1]].place);
                (all[pair[0]].place, all[pair[1]].place) = (after, before);
                all.swap(pair[0], pair[1]);
                moved = vec![all[pair[0]].file.id, all[pair[1]].file.id];
            }
        });
        for id in moved {
            spawn_local(self.note_file(id));
        }
    }

    /// Where a picture that is not sent yet can be seen.
    #[must_use]
    pub fn preview(self, id: FileId) -> Option<String> {
        BLOBS.with_borrow(|blobs| blobs.iter().find(|(known, ..)| *known == id)?.2.clone())
    }

    /// Drops the bytes of files that nothing needs, unless a discarded message may still come back.
    pub fn tidy_files(self) {
        if self.undo.with_untracked(Option::is_none) {
            spawn_local(async move {
                if let Shelf::Open(disk) = shelf() {
                    disk.drop_unused_bytes().await;
                }
            });
        }
    }

    /// The files that go with a message that is sent now.
    pub(in crate::client) fn take_tray(self, conversation: ConversationId) -> Vec<Attachment> {
        let mut files = Vec::new();
        self.sharing.update(|all| {
            for one in all.iter_mut().filter(|one| one.conversation == conversation && !one.sent) {
                one.sent = true;
                files.push(one.file.clone());
            }
        });
        files
    }

    /// A message is taken back into the field: so are its files.
    pub(in crate::client) fn take_back(self, conversation: ConversationId, files: &[Attachment]) {
        self.sharing.update(|all| {
            for file in files {
                all.retain(|one| one.file.id != file.id);
                // It was looked at before it was sent.
                put_last(all, Sharing { is_looked_at: true, ..Sharing::new(conversation, file.clone()) });
            }
        });
        for one in files {
            spawn_local(self.keep_file(one.id));
        }
        self.bring_tray();
    }

    /// A message is sent: its files are nobody's business here any more, unless they were taken back. Those that can be forgotten.
    pub(in crate::client) fn let_go(self, files: &[Attachment]) -> Vec<String> {
        let mut gone = Vec::new();
        self.sharing.update(|all| {
            for file in files {
                if all.iter().all(|one| one.file.id != file.id || one.sent) {
                    all.retain(|one| one.file.id != file.id);
                    forget(file.id);
                    gone.push(file.id.to_string());
                }
            }
        });
        gone
    }
}

fn put_last(all: &mut Vec<Sharing>, one: Sharing) {
    // By the time: another tab, or the disk that is not read yet, may have some, too.
    let place = all.iter().map(|known| known.place + 1).max().unwrap_or_default().max(browser::now());
    all.push(Sharing { place, ..one });
}

/// Whether a browser shows pictures of this type, and the server takes them as such.
fn is_shown(media: &str) -> bool {
    matches!(media, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

/// Bytes that are brought without being in a tray.
pub(super) fn lend(id: FileId, bytes: Blob) {
    remember(id, bytes, false);
}

fn remember(id: FileId, bytes: Blob, shown: bool) {
    let address = if shown { Url::create_object_url_with_blob(&bytes).ok() } else { None };
    BLOBS.with_borrow_mut(|blobs| blobs.push((id, bytes, address)));
}

pub(super) fn forget(id: FileId) {
    BLOBS.with_borrow_mut(|blobs| {
        blobs.retain(|(known, _, address)| {
            if let (true, Some(address)) = (*known == id, address) {
                let _ = Url::revoke_object_url(address);
            }
            *known != id
        });
    });
}
