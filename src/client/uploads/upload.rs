//! Bringing files to the server, piece by piece: what is cut goes on where it was.

use js_sys::Uint8Array;
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::{BLOBS, Coming, GIVEN_UP, Sharing};
use crate::{
    api::files as ask,
    client::{
        Chat, browser,
        send_queue::{Shelf, shelf},
    },
    domain::{
        Attachment, ChatError, Code, ConversationId, FileId,
        file::{FileKind, PIECE, Upload},
    },
    protocol::codec,
};

/// The first piece of a file, in bytes; when it goes quickly the next one is larger.
const FIRST_PIECE: u64 = 256 * 1024;
/// A piece that takes less is quick, in milliseconds.
const QUICK: i64 = 700;
/// How often one looks whether another has finished a file, in milliseconds.
const LOOKS: u32 = 250;
/// The longest wait before it is tried again, in seconds.
const LONGEST_WAIT: u32 = 30;

impl Chat {
    /// Brings what waits to the server, one after the other.
    pub(super) fn bring_tray(self) {
        let going = self.sharing.with_untracked(|all| all.iter().any(|one| one.stage == Coming::Going && !one.sent));
        let next = self
            .sharing
            .with_untracked(|all| all.iter().find(|one| one.stage == Coming::Waiting && one.is_looked_at && !one.is_asked() && !one.sent).cloned());
        if let (false, Some(one)) = (going, next) {
            spawn_local(async move {
                let mut wait = 1;
                while let Err(error) = self.bring(one.conversation, &one.file).await {
                    if !error.is_passing() {
                        break;
                    }
                    self.rest(error.retry_after.unwrap_or(wait).min(LONGEST_WAIT)).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                    if self.stage(one.file.id).is_none() {
                        break;
                    }
                }
                self.bring_tray();
            });
        }
    }

    /// Brings a file to the server, from where it is; at once, where it is there.
    pub(in crate::client) async fn bring(self, conversation: ConversationId, file: &Attachment) -> Result<(), ChatError> {
        let id = file.id;
        while self.stage(id) == Some(Coming::Going) {
            browser::sleep(LOOKS).await;
        }
        if self.stage(id) == Some(Coming::Done) {
            return Ok(());
        }
        self.advance(id, |one| one.stage = Coming::Going);
        let brought = self.bring_bytes(conversation, file).await;
        self.advance(id, |one| match &brought {
            Ok(whole) => {
                (one.stage, one.received, one.why) = (Coming::Done, one.file.size, None);
                // By what it was announced as it is found again; what was made of it may be called and weigh something else.
                one.file = Attachment { name: one.file.name.clone(), size: one.file.size, ..whole.clone() };
            }
            Err(error) if error.is_passing() => {
                one.stage = Coming::Waiting;
                one.why = (error.code != Code::Unreachable).then(|| error.message.clone());
            }
            Err(error) => one.stage = Coming::Failed(error.message.clone()),
        });
        brought.map(drop)
    }

    async fn bring_bytes(self, conversation: ConversationId, file: &Attachment) -> Result<Attachment, ChatError> {
        let (id, mut piece) = (file.id.to_string(), FIRST_PIECE);
        // One that nobody sends (a face) is in no tray.
        let is_shared = self.stage(file.id).is_some();
        let mut upload = ask::start_upload(conversation.to_string(), id.clone(), file.name.clone(), file.size).await?;
        let bytes = self.bytes_of(file.id).await;
        loop {
            let Upload { received, file: whole } = upload;
            if let Some(whole) = whole {
                return Ok(whole);
            }
            if is_shared && self.stage(file.id).is_none() {
                if GIVEN_UP.with_borrow(|all| all.contains(&file.id)) {
                    // It may have been begun after that.
                    let _ = ask::cancel_upload(id).await;
                }
                return Err(ChatError::new(Code::NotFound, format!("The upload of “{}” was cancelled.", file.name)));
            }
            self.advance(file.id, |one| (one.received, one.why) = (received, None));
            let Some(bytes) = &bytes else {
                return Err(ChatError::new(Code::NotFound, format!("“{}” is no longer available. Choose it again.", file.name)));
            };
            let begun = browser::now();
            let sent = match read(bytes, received, (received + piece).min(file.size)).await {
                Some(read) => send_piece(self, file, &read, received).await,
                None => {
                    Err(ChatError::invalid("file", format!("“{}” cannot be read. Choose it again. For a folder, choose the files in it.", file.name)))
                }
            };
            upload = match sent {
                // Another tab is at it, or has been: it is asked how far that is.
                Err(error) if error.code == Code::Conflict => {
                    browser::sleep(LOOKS).await;
                    ask::start_upload(conversation.to_string(), id.clone(), file.name.clone(), file.size).await?
                }
                sent => sent?,
            };
            let took = (browser::now() - begun).max(1);
            let came = upload.received.saturating_sub(received);
            self.advance(file.id, |one| one.pace = came * 1_000 / took.unsigned_abs());
            piece = if took < QUICK { (piece * 2).min(PIECE) } else { (piece / 2).max(FIRST_PIECE / 4) };
        }
    }

    pub(super) async fn bytes_of(self, id: FileId) -> Option<Blob> {
        // What is on the browser's disk stays as it was when it was chosen.
        if let Shelf::Open(disk) = shelf()
            && let Some(blob) = disk.bytes(&id.to_string()).await.and_then(|bytes| bytes.dyn_into().ok())
        {
            return Some(blob);
        }
        BLOBS.with_borrow(|blobs| blobs.iter().find(|(known, ..)| *known == id).map(|(_, blob, _)| blob.clone()))
    }

    /// The server may have forgotten these files, which were there: they are brought again.
    pub(in crate::client) fn bring_anew(self, files: &[Attachment]) {
        for file in files {
            self.advance(file.id, |one| (one.stage, one.received) = (Coming::Waiting, 0));
        }
    }

    fn stage(self, id: FileId) -> Option<Coming> {
        self.sharing.with_untracked(|all| all.iter().find(|one| one.file.id == id).map(|one| one.stage.clone()))
    }

    pub(super) fn advance(self, id: FileId, change: impl FnOnce(&mut Sharing)) {
        self.sharing.update(|all| {
            if let Some(one) = all.iter_mut().find(|one| one.file.id == id) {
                change(one);
            }
        });
    }
}

/// A piece of a file, read before it is sent: what cannot be read is another matter than a network that is away. Nothing is no piece
/// of a file that is shorter than it was.
pub(super) async fn read(bytes: &Blob, from: u64, to: u64) -> Option<Uint8Array> {
    #[expect(clippy::cast_precision_loss, reason = "sizes are exact in a double up to 9 PB")]
    let piece = bytes.slice_with_f64_and_f64(from as f64, to as f64).ok()?;
    let read = Uint8Array::new(&JsFuture::from(piece.array_buffer()).await.ok()?);
    (u64::from(read.length()) == to - from).then_some(read)
}

async fn send_piece(chat: Chat, file: &Attachment, piece: &Uint8Array, from: u64) -> Result<Upload, ChatError> {
    // What is no picture here is to be none there.
    let keep = if file.kind == FileKind::Picture { "" } else { "&as=file" };
    let (status, text) =
        browser::put(&format!("/files/{}?at={from}{keep}", file.id), piece, &chat.my_id().to_string()).await.ok_or_else(unreachable)?;
    if status < 400 { codec::read_any(&text).map_err(|_| unreachable()) } else { Err(codec::read_any(&text).unwrap_or_else(|_| unreachable())) }
}

fn unreachable() -> ChatError {
    ChatError::new(Code::Unreachable, "The server cannot be reached.")
}
