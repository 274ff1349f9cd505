//! Uploads: stored locally as soon as files are chosen, and uploaded in chunks while the message is
//! being written. An interrupted upload resumes, also after a reload and in another tab.

mod blobs;
mod inspect;
mod persist;
mod upload;
mod upload_item;

use std::cell::RefCell;

use leptos::{prelude::*, task::spawn_local};
use web_sys::File;

use super::{
    AppState,
    browser::{
        self,
        storage::{Storage, storage},
    },
    tabs::{leader, tab_message::TabMessage},
    text,
};
use crate::{
    api::files as ask,
    domain::{
        Attachment, ChatError, ConversationId, FileId, Seq,
        file::{self, FileKind, ImageFormat, MAX_FILES, SharedFile},
    },
};

use blobs::store_blob;
pub(super) use blobs::{add_blob, remove_blob};
pub use upload_item::{UploadItem, UploadState};

/// Delay before a cancellation is retried, in seconds.
const CANCEL_RETRY_DELAY: u32 = 10;

thread_local! {
    /// Uploads cancelled in this tab. Others that are gone may belong to a message of another tab.
    static CANCELLED: RefCell<Vec<FileId>> = const { RefCell::new(Vec::new()) };
}

impl AppState {
    /// Adds files to the tray of a conversation.
    pub fn attach(self, conversation: ConversationId, files: Vec<File>) {
        let mut room = MAX_FILES.saturating_sub(self.tray(conversation).len());
        for chosen in files {
            if room == 0 {
                self.show_error(text::too_many_files(MAX_FILES));
                break;
            }
            room -= 1;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a size is a whole number"
            )]
            let size = chosen.size() as u64;
            let kind = match ImageFormat::from_media_type(&chosen.type_()) {
                Some(_) => FileKind::Image,
                None => FileKind::Other,
            };
            let name = self.unique_name(conversation, &file::sanitize_name(&chosen.name()));
            let file = Attachment {
                id: FileId(uuid::Uuid::new_v4()),
                name,
                size,
                kind,
                ..Attachment::default()
            };
            let state = match size {
                0 => UploadState::Failed(text::FILE_EMPTY.to_owned()),
                size if size > self.file_limit => {
                    UploadState::Failed(text::file_too_large(size, self.file_limit))
                }
                _ => UploadState::Waiting,
            };
            let (id, takes) = (file.id, state == UploadState::Waiting);
            store_blob(id, chosen.into(), kind == FileKind::Image);
            self.uploads.update(|all| {
                push_last(all, UploadItem { state, ..UploadItem::new(conversation, file) })
            });
            if takes {
                spawn_local(self.persist_file(id));
                spawn_local(self.inspect_file(id));
            }
        }
        self.process_uploads();
    }

    /// Equal names would give their buttons equal labels.
    fn unique_name(self, conversation: ConversationId, name: &str) -> String {
        let taken = |name: &str| {
            self.uploads.with_untracked(|all| {
                all.iter().any(|item| {
                    item.conversation == conversation && !item.sent && item.file.name == name
                })
            })
        };
        let (stem, ending) = name
            .rsplit_once('.')
            .map_or((name, String::new()), |(stem, ending)| (stem, format!(".{ending}")));
        let numbered = |n| if n == 1 { name.to_owned() } else { format!("{stem} {n}{ending}") };
        (1..=MAX_FILES).map(numbered).find(|name| !taken(name)).unwrap_or_else(|| name.to_owned())
    }

    /// The tray: files of the next message. Reactive.
    #[must_use]
    pub fn tray(self, conversation: ConversationId) -> Vec<UploadItem> {
        self.uploads.with(|all| {
            all.iter()
                .filter(|item| item.conversation == conversation && !item.sent)
                .cloned()
                .collect()
        })
    }

    /// Whether the tray has files. Reactive.
    #[must_use]
    pub fn has_tray(self, conversation: ConversationId) -> bool {
        self.uploads
            .with(|all| all.iter().any(|item| item.conversation == conversation && !item.sent))
    }

    /// Cancels an upload and removes the file.
    pub fn cancel_upload(self, id: FileId) {
        self.uploads.update(|all| all.retain(|item| item.file.id != id));
        CANCELLED.with_borrow_mut(|all| all.push(id));
        remove_blob(id);
        spawn_local(async move {
            if let Storage::Open(db) = storage() {
                db.delete_files(&[id.to_string()]).await;
            }
            leader::broadcast(&TabMessage::Outbox);
            // An upload that never started does not exist on the server; one that is not cancelled
            // expires there after a day.
            while let Err(error) = ask::cancel_upload(id.to_string()).await {
                if !error.is_transient() {
                    break;
                }
                self.wait_for_retry(error.retry_after.unwrap_or(CANCEL_RETRY_DELAY)).await;
            }
        });
    }

    /// Retries a rejected upload.
    pub fn retry_upload(self, id: FileId) {
        self.update_upload(id, |item| {
            (item.state, item.waiting_for) = (UploadState::Waiting, None)
        });
        self.process_uploads();
    }

    /// Progress of a message's uploads in percent, their rate, and why they wait; `None` when all
    /// are done.
    #[must_use]
    pub fn upload_progress(self, files: &[Attachment]) -> Option<(u64, u64, Option<String>)> {
        let whole: u64 = files.iter().map(|file| file.size).sum();
        self.uploads.with(|all| {
            let mine: Vec<_> = files
                .iter()
                .filter_map(|file| all.iter().find(|item| item.file.id == file.id))
                .collect();
            if mine.iter().all(|item| item.state == UploadState::Done) {
                return None;
            }
            let came: u64 =
                mine.iter()
                    .map(|item| {
                        if item.state == UploadState::Done { item.file.size } else { item.received }
                    })
                    .sum();
            let bytes_per_second = mine
                .iter()
                .find(|item| item.state == UploadState::Uploading)
                .map_or(0, |item| item.bytes_per_second);
            Some((
                (came * 100 / whole.max(1)).min(99),
                bytes_per_second,
                mine.iter().find_map(|item| item.waiting_for.clone()),
            ))
        })
    }

    /// The files shared in a conversation, newest first, or those before a message.
    ///
    /// # Errors
    /// What the server said.
    pub async fn shared_files(
        self,
        conversation: ConversationId,
        before: Option<Seq>,
    ) -> Result<Vec<SharedFile>, ChatError> {
        ask::files(conversation.to_string(), before).await
    }

    /// Swaps a file with the one before it.
    pub fn move_earlier(self, conversation: ConversationId, id: FileId) {
        let mut moved = Vec::new();
        self.uploads.update(|all| {
            let mine: Vec<usize> = (0..all.len())
                .filter(|n| all[*n].conversation == conversation && !all[*n].sent)
                .collect();
            if let Some(pair) = mine.windows(2).find(|pair| all[pair[1]].file.id == id) {
                let (before, after) = (all[pair[0]].position, all[pair[1]].position);
                (all[pair[0]].position, all[pair[1]].position) = (after, before);
                all.swap(pair[0], pair[1]);
                moved = vec![all[pair[0]].file.id, all[pair[1]].file.id];
            }
        });
        for id in moved {
            spawn_local(self.persist_metadata(id));
        }
    }

    /// Deletes stored data that nothing needs, unless a discard can still be undone.
    pub fn delete_unused_files(self) {
        if self.undo.with_untracked(Option::is_none) {
            spawn_local(async move {
                if let Storage::Open(db) = storage() {
                    db.delete_unreferenced_bytes().await;
                }
            });
        }
    }

    /// Moves the files of the tray into a message.
    pub(in crate::client) fn take_tray(self, conversation: ConversationId) -> Vec<Attachment> {
        let mut files = Vec::new();
        self.uploads.update(|all| {
            for item in
                all.iter_mut().filter(|item| item.conversation == conversation && !item.sent)
            {
                item.sent = true;
                files.push(item.file.clone());
            }
        });
        files
    }

    /// Returns the files of an unsent message to the tray.
    pub(in crate::client) fn restore_files(
        self,
        conversation: ConversationId,
        files: &[Attachment],
    ) {
        self.uploads.update(|all| {
            for file in files {
                all.retain(|item| item.file.id != file.id);
                // It was inspected before it was sent.
                push_last(
                    all,
                    UploadItem {
                        is_inspected: true,
                        ..UploadItem::new(conversation, file.clone())
                    },
                );
            }
        });
        for item in files {
            spawn_local(self.persist_file(item.id));
        }
        self.process_uploads();
    }

    /// Releases the files of a sent message, unless they were returned to the tray. Returns the ids
    /// to delete.
    pub(in crate::client) fn release_files(self, files: &[Attachment]) -> Vec<String> {
        let mut gone = Vec::new();
        self.uploads.update(|all| {
            for file in files {
                if all.iter().all(|item| item.file.id != file.id || item.sent) {
                    all.retain(|item| item.file.id != file.id);
                    remove_blob(file.id);
                    gone.push(file.id.to_string());
                }
            }
        });
        gone
    }
}

fn push_last(all: &mut Vec<UploadItem>, item: UploadItem) {
    // Based on the time: another tab, or storage that is not loaded yet, may have items too.
    let position =
        all.iter().map(|known| known.position + 1).max().unwrap_or_default().max(browser::now());
    all.push(UploadItem { position, ..item });
}
