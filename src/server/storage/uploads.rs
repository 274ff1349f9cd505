//! Files on their way: what has come of each lies in a file of its own, so that it goes on from there after whatever happened.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::Arc,
};

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use tokio::fs;

use super::{
    Files,
    process::{self, Keep, Made, failed},
};
use crate::{
    domain::{
        Attachment, ChatError, Code, ConversationId, FileId, PersonId,
        file::{self, PIECE, Upload},
    },
    server::{
        App,
        error::Failure,
        store::{Share, Store},
    },
};

/// In the folder of files.
pub(super) const FOLDER: &str = "uploads";
/// So much is gathered before it is written, in bytes.
const GATHERED: usize = 256 * 1024;
/// So much at most is written before the disk holds it, in bytes: the journal of messages lies on the same disk, and waits for its turn.
pub(super) const SYNCED: u64 = 1024 * 1024;

impl Files {
    fn path(&self, id: FileId) -> PathBuf {
        self.uploads.join(id.to_string())
    }

    /// Where a picture lies that is being made of an upload.
    fn beside(&self, id: FileId) -> PathBuf {
        self.uploads.join(format!("{id}.drawn"))
    }

    /// How many bytes of an upload are there.
    async fn received(&self, id: FileId) -> u64 {
        fs::metadata(self.path(id)).await.map_or(0, |found| found.len())
    }

    /// Writes on where an upload ended. What has come stays, also where the rest does not come.
    async fn write_on(&self, share: &Share, at: u64, pieces: &mut BodyDataStream) -> Result<u64, ChatError> {
        let mut received = self.received(share.id).await;
        if at != received {
            let words = format!("The server has {received} bytes of this file. Continue from there.");
            return Err(ChatError::conflict(words).at("at"));
        }
        let path = self.path(share.id);
        let open = move || OpenOptions::new().create(true).truncate(false).write(true).open(path);
        let file = Arc::new(self.porter.perform(open).await?.map_err(|e| failed(&e))?);
        let (mut gathered, mut written, mut synced) = (Vec::with_capacity(GATHERED), at, at);
        let mut ended = Ok(());
        while let Some(piece) = pieces.next().await {
            let Ok(piece) = piece else {
                ended = Err(ChatError::new(Code::Malformed, "The request is incomplete. Continue the upload."));
                break;
            };
            received += piece.len() as u64;
            if received > share.size || received - at > PIECE {
                received -= piece.len() as u64;
                ended =
                    Err(ChatError::new(Code::TooLarge, "The upload is larger than announced, or larger than the 8 MiB of one request.").at("file"));
                break;
            }
            gathered.extend_from_slice(&piece);
            if gathered.len() >= GATHERED {
                let length = gathered.len() as u64;
                gathered = self.write_down(&file, gathered, written).await?;
                written += length;
            }
            if written - synced >= SYNCED {
                self.sync(&file).await?;
                synced = written;
            }
        }
        if !gathered.is_empty() {
            self.write_down(&file, gathered, written).await?;
        }
        self.sync(&file).await?;
        ended.map(|()| received)
    }

    /// Writes bytes to their place, and not to the end: what is still being written for a request that was broken off comes there once
    /// more. By a thread of low priority, and while it is at it no more of this file is read from the network: so messages go before.
    /// Answers what held them, empty.
    async fn write_down(&self, file: &Arc<File>, mut bytes: Vec<u8>, at: u64) -> Result<Vec<u8>, ChatError> {
        let file = Arc::clone(file);
        let write = move || {
            file.write_all_at(&bytes, at)?;
            bytes.clear();
            Ok(bytes)
        };
        self.porter.perform(write).await?.map_err(|e| failed(&e))
    }

    async fn sync(&self, file: &Arc<File>) -> Result<(), ChatError> {
        let file = Arc::clone(file);
        self.porter.perform(move || file.sync_data()).await?.map_err(|e| failed(&e))
    }

    /// Lays down what was made of an upload, as far as it does not lie there.
    async fn lay_down(&self, made: &Made) -> Result<(), Failure> {
        self.objects.take_in(&made.objects.whole, &made.whole, &self.precedence).await?;
        for (name, bytes) in &made.drawn {
            self.objects.put(name, bytes).await?;
        }
        Ok(())
    }

    /// Takes away what has come of an upload.
    pub(super) async fn drop_upload(&self, id: FileId) {
        let both = [self.path(id), self.beside(id)];
        let remove = move || both.into_iter().for_each(|file| drop(std::fs::remove_file(file)));
        // What cannot be done now is done when what nobody knows is tidied away.
        let _ = self.porter.perform(remove).await;
    }

    /// Takes away what has come of uploads that nobody knows.
    pub(super) async fn drop_strays(&self, store: &Store) {
        let Ok(mut there) = fs::read_dir(&self.uploads).await else { return };
        while let Ok(Some(file)) = there.next_entry().await {
            let id = file.file_name().to_str().and_then(|name| name.split('.').next()?.parse::<FileId>().ok());
            let known = match id {
                Some(id) => store.knows_upload(id).await.unwrap_or(true),
                None => false,
            };
            if !known {
                let _ = fs::remove_file(file.path()).await;
            }
        }
    }
}

impl App {
    /// Begins an upload, or finds how far it has come.
    ///
    /// # Errors
    /// `invalid` or `too_large` at `size`; and what the store says.
    pub async fn begin_upload(&self, owner: PersonId, conversation: ConversationId, id: FileId, name: &str, size: u64) -> Result<Upload, Failure> {
        let most = self.config.largest_file();
        if size == 0 {
            return Err(ChatError::invalid("size", "This file is empty. Choose another.").into());
        }
        if size > most {
            let words = format!("This file is {}. The limit is {}.", file::size(size), file::size(most));
            return Err(ChatError::new(Code::TooLarge, words).at("size").into());
        }
        let share = Share { id, owner, conversation, name: file::name(name), size, file: None };
        let share = self.store.begin_upload(share, self.config.share_of_disk()).await?;
        Ok(self.upload_state(share).await)
    }

    /// How far an upload has come.
    pub async fn upload_state(&self, share: Share) -> Upload {
        let received = if share.file.is_some() { share.size } else { self.files.received(share.id).await };
        Upload { received, file: share.file }
    }

    /// Takes in what comes of an upload, from this place on; with its last byte it is looked at and laid down.
    ///
    /// # Errors
    /// `conflict` at `at` where it goes on from another place, or is being sent already; `too_large`; `malformed` where it ends too early;
    /// `invalid` or `too_large` at `file` where it is not what it says: then nothing of it is kept; `storage_full`.
    pub async fn receive(&self, share: Share, keep: Keep, at: u64, pieces: &mut BodyDataStream) -> Result<Upload, ChatError> {
        let reserved = self.files.reserve(share.id)?;
        if share.file.is_some() {
            return Ok(self.upload_state(share).await);
        }
        let received = self.files.write_on(&share, at, pieces).await?;
        drop(reserved);
        if received < share.size {
            return Ok(Upload { received, file: None });
        }
        // On its own: whoever sent it may be gone before it is done, and finds it when they ask again.
        let app = self.clone();
        let made = tokio::spawn(async move { app.finish(share, keep).await });
        let file = made.await.map_err(|_| ChatError::internal())??;
        Ok(Upload { received, file: Some(file) })
    }

    /// Looks at an upload that is there whole, and lays it down.
    async fn finish(&self, share: Share, keep: Keep) -> Result<Attachment, ChatError> {
        let _reserved = self.files.reserve(share.id)?;
        // Somebody else was quicker, or gave it up.
        let share = self.store.upload(share.owner, share.id).await?;
        if let Some(file) = share.file {
            return Ok(file);
        }
        let (upload, beside, of) = (self.files.path(share.id), self.files.beside(share.id), share.clone());
        let precedence = self.files.precedence.clone();
        let made = match self.workshop.perform(move || process::make(&of, keep, &upload, &beside, &precedence)).await? {
            Ok(made) => made,
            Err(unfit) => {
                self.store.upload(share.owner, share.id).await?;
                if !unfit.is_passing() {
                    let _ = self.store.give_up_upload(share.owner, share.id).await;
                    self.files.drop_upload(share.id).await;
                }
                return Err(unfit);
            }
        };
        let names: Vec<String> =
            [Some(made.objects.whole.clone()), made.objects.large.clone(), made.objects.small.clone()].into_iter().flatten().collect();
        let kept = async {
            // A bucket may take long: all of it before the gate, and again behind it what was taken away since.
            if self.files.objects.are_far() {
                self.files.lay_down(&made).await?;
            }
            let _open = self.files.gate.read().await;
            self.files.lay_down(&made).await?;
            let most = self.config.share_of_disk();
            self.store.finish_upload(share.owner, made.file.clone(), made.objects.clone(), made.takes(), most).await
        };
        if let Err(failure) = kept.await {
            self.drop_unless_used(names).await;
            // It may have been given up while it was looked at.
            self.store.upload(share.owner, share.id).await?;
            let unfit = told(failure);
            if !unfit.is_passing() {
                let _ = self.store.give_up_upload(share.owner, share.id).await;
                self.files.drop_upload(share.id).await;
            }
            return Err(unfit);
        }
        self.files.drop_upload(share.id).await;
        Ok(made.file)
    }
}

/// A full disk is told as what it is, however deep it was met.
pub(super) fn told(failure: Failure) -> ChatError {
    if let Failure::Broken(cause) = &failure {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(cause.as_ref());
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<std::io::Error>() {
                return failed(error);
            }
            cause = error.source();
        }
    }
    failure.into()
}
