//! Files on their way: kept on the disk as soon as they are chosen, brought to the server piece by piece while the message is still
//! being written, and carried by it once they are there. One that is cut goes on where it was, also after a reload and in another tab.

mod bringing;

use std::cell::RefCell;

use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::{Blob, File, Url};

use super::{
    Chat,
    sending::{Shelf, shelf},
};
use crate::{
    api::files as ask,
    domain::{
        Attachment, ChatError, ConversationId, FileId, Seq,
        file::{self, FileKind, MOST_FILES, SharedFile},
    },
    protocol::codec,
};

thread_local! {
    /// The bytes of files that were chosen in this tab, and the addresses of those that are shown before they are sent.
    static BLOBS: RefCell<Vec<(FileId, Blob, Option<String>)>> = const { RefCell::new(Vec::new()) };
}

/// A file that is to be sent, or is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Where it is to go.
    pub conversation: ConversationId,
    /// What is known of it; all of it once it is there.
    pub file: Attachment,
    /// So many bytes are there.
    #[serde(skip)]
    pub received: u64,
    /// How many come in a second, as of the last piece; 0 before that.
    #[serde(skip)]
    pub pace: u64,
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
                return self.tell_trouble(format!("A message carries at most {MOST_FILES} files. Send these first."));
            }
            room -= 1;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size is a whole number")]
            let size = chosen.size() as u64;
            let kind = if is_shown(&chosen.type_()) { FileKind::Picture } else { FileKind::Other };
            let file = Attachment { id: FileId(uuid::Uuid::new_v4()), name: file::name(&chosen.name()), size, kind, ..Attachment::default() };
            let stage = match size {
                0 => Coming::Failed("It is empty.".to_owned()),
                size if size > self.file_limit => {
                    Coming::Failed(format!("It has {}; at most {} are taken.", file::size(size), file::size(self.file_limit)))
                }
                _ => Coming::Waiting,
            };
            let (id, takes) = (file.id, stage == Coming::Waiting);
            let sharing = Sharing { conversation, file, received: 0, pace: 0, stage, sent: false };
            remember(id, chosen.into(), kind == FileKind::Picture);
            if takes {
                spawn_local(keep(sharing.clone()));
            }
            self.sharing.update(|all| all.push(sharing));
        }
        self.bring_tray();
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
        forget(id);
        spawn_local(async move {
            if let Shelf::Open(disk) = shelf() {
                disk.drop_files(&[id.to_string()]).await;
            }
            // One that never came is not there; what could not be told is forgotten by itself after a day.
            let _ = ask::cancel_upload(id.to_string()).await;
        });
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
        self.sharing.update(|all| {
            let mine: Vec<usize> = (0..all.len()).filter(|n| all[*n].conversation == conversation && !all[*n].sent).collect();
            if let Some(pair) = mine.windows(2).find(|pair| all[pair[1]].file.id == id) {
                all.swap(pair[0], pair[1]);
            }
        });
    }

    /// Where a picture that is not sent yet can be seen.
    #[must_use]
    pub fn preview(self, id: FileId) -> Option<String> {
        BLOBS.with_borrow(|blobs| blobs.iter().find(|(known, ..)| *known == id)?.2.clone())
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
                all.push(Sharing { conversation, file: file.clone(), received: 0, pace: 0, stage: Coming::Waiting, sent: false });
            }
        });
        for one in self.tray(conversation) {
            spawn_local(keep(one));
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

    /// Finds what was to be sent when the page ended.
    pub(in crate::client) async fn unpack_tray(self, disk: &super::disk::Disk) {
        let kept: Vec<Sharing> = disk.tray().await.iter().filter_map(|file| codec::read_any(file).ok()).collect();
        for one in kept {
            if self.sharing.with_untracked(|all| all.iter().any(|known| known.file.id == one.file.id)) {
                continue;
            }
            if let Some(bytes) = disk.bytes(&one.file.id.to_string()).await.and_then(|bytes| bytes.dyn_into::<Blob>().ok()) {
                remember(one.file.id, bytes, one.file.kind == FileKind::Picture);
                self.sharing.update(|all| all.push(one));
            }
        }
        self.bring_tray();
    }
}

/// Whether a browser shows pictures of this type, and the server takes them as such.
fn is_shown(media: &str) -> bool {
    matches!(media, "image/png" | "image/jpeg" | "image/gif" | "image/webp")
}

async fn keep(one: Sharing) {
    let id = one.file.id;
    let bytes = BLOBS.with_borrow(|blobs| blobs.iter().find(|(known, ..)| *known == id).map(|(_, blob, _)| blob.clone()));
    if let (Shelf::Open(disk), Ok(text)) = (shelf(), codec::write_any(&one)) {
        disk.keep_file(&id.to_string(), &text, bytes.as_ref().map(AsRef::as_ref)).await;
    }
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
