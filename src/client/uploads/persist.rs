//! Files that are not sent yet, as this browser's disk keeps them, for all of its tabs.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Blob;

use super::{BLOBS, Sharing, forget, remember};
use crate::{
    client::{
        Chat,
        browser::{self, indexed_db::Disk},
        send_queue::{Shelf, shelf},
    },
    domain::{Attachment, ConversationId, FileId, file::FileKind},
    protocol::codec,
};

/// How often one looks whether a file is on the disk, in milliseconds.
const KEPT_SOON: u32 = 20;

impl Chat {
    /// Finds what was to be sent when the page ended.
    pub(in crate::client) async fn unpack_tray(self, disk: &Disk) {
        let mut kept: Vec<Sharing> = disk.tray().await.iter().filter_map(|file| codec::read_any(file).ok()).collect();
        kept.sort_by_key(|one| one.place);
        for one in kept {
            if self.sharing.with_untracked(|all| all.iter().any(|known| known.file.id == one.file.id)) {
                continue;
            }
            if let Some(bytes) = disk.bytes(&one.file.id.to_string()).await.and_then(|bytes| bytes.dyn_into::<Blob>().ok()) {
                remember(one.file.id, bytes, one.file.kind == FileKind::Picture);
                self.sharing.update(|all| all.push(Sharing { stored: Some(true), ..one }));
            }
        }
        // What was chosen before there was a disk.
        let left: Vec<FileId> =
            self.sharing.with_untracked(|all| all.iter().filter(|one| one.stored == Some(false) && !one.sent).map(|one| one.file.id).collect());
        for id in left {
            self.keep_file(id).await;
        }
        let unseen: Vec<FileId> =
            self.sharing.with_untracked(|all| all.iter().filter(|one| !one.is_looked_at && !one.sent).map(|one| one.file.id).collect());
        for id in unseen {
            self.look_at(id).await;
        }
        self.bring_tray();
    }

    /// Goes by what the disk holds, also for other tabs: a message on its way carries these files, and a tray has no others than
    /// those on the disk and those that could not be put there.
    pub(in crate::client) async fn mirror_files(self, disk: &Disk, carried: Vec<(ConversationId, Attachment)>) {
        let tray: Vec<Sharing> = disk.tray().await.iter().filter_map(|file| codec::read_any(file).ok()).collect();
        let mut gone = Vec::new();
        self.sharing.update(|all| {
            all.retain(|one| {
                let id = one.file.id;
                let stays = one.stored != Some(true) || carried.iter().any(|(_, file)| file.id == id) || tray.iter().any(|kept| kept.file.id == id);
                if !stays {
                    gone.push(id);
                }
                stays
            });
            for (conversation, file) in carried {
                match all.iter_mut().find(|one| one.file.id == file.id) {
                    Some(one) => one.sent = true,
                    None => all.push(Sharing { sent: true, stored: Some(true), ..Sharing::new(conversation, file) }),
                }
            }
        });
        gone.into_iter().for_each(forget);
    }

    /// Keeps a file that is to be sent, with its bytes and as large as it is looked at.
    pub(super) async fn keep_file(self, id: FileId) {
        let (bytes, address) = BLOBS.with_borrow(|blobs| {
            blobs.iter().find(|(known, ..)| *known == id).map_or((None, None), |(_, blob, address)| (Some(blob.clone()), address.clone()))
        });
        if let Some((width, height)) = match address {
            Some(address) => browser::picture_size(&address).await,
            None => None,
        } {
            self.advance(id, |one| (one.file.width, one.file.height) = (Some(width), Some(height)));
        }
        let Some(one) = self.sharing.with_untracked(|all| all.iter().find(|one| one.file.id == id).cloned()) else { return };
        let stored = match (shelf(), codec::write_any(&one)) {
            (Shelf::Open(disk), Ok(text)) => disk.keep_file(&id.to_string(), &text, bytes.as_ref().map(AsRef::as_ref)).await.is_some(),
            _ => false,
        };
        let mut changed = false;
        self.advance(id, |now| {
            now.stored = Some(stored);
            changed = (now.place, now.is_looked_at, now.is_typed) != (one.place, one.is_looked_at, one.is_typed);
        });
        if changed {
            self.note_file(id).await;
        }
    }

    /// Keeps what is known of a file, if its bytes are kept: without them it would be nothing.
    pub(super) async fn note_file(self, id: FileId) {
        let one = self.sharing.with_untracked(|all| all.iter().find(|one| one.file.id == id && one.stored == Some(true)).cloned());
        let Some(one) = one else { return };
        if let (Shelf::Open(disk), Ok(text)) = (shelf(), codec::write_any(&one)) {
            disk.keep_file(&id.to_string(), &text, None).await;
        }
    }

    /// Whether the bytes of these files are on this browser's disk; waits until that is known.
    pub(in crate::client) async fn are_kept(self, files: &[Attachment]) -> bool {
        for file in files {
            loop {
                let known = self.sharing.with_untracked(|all| all.iter().find(|one| one.file.id == file.id).map(|one| one.stored));
                match known {
                    Some(None) => browser::sleep(KEPT_SOON).await,
                    Some(Some(false)) => return false,
                    Some(Some(true)) | None => break,
                }
            }
        }
        true
    }
}
