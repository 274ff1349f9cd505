//! Files that people share: taken in piece by piece (`uploads`), looked at (`kinds`, `making`), laid down under the name of their content
//! (`objects`) in a folder or a bucket (`place`), and forgotten when nobody can have them any more.

mod faces;
mod kinds;
mod making;
mod objects;
mod place;
mod uploads;

use std::{
    collections::HashSet,
    ops::Range,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use axum::body::Bytes;
use futures_util::stream::BoxStream;
use tokio::sync::RwLock;

use self::objects::Objects;
pub use self::place::{Place, Secret};
use super::{App, config::Config, error::Failure, store::OpenError};
use crate::domain::{ChatError, FileId, PersonId};

/// So many are looked at while uploads wait.
const STRAYS_TOGETHER: usize = 200;

/// Where files lie, and those that are on their way.
pub struct Files {
    objects: Objects,
    /// Files that are not there whole: one each, named by its id.
    uploads: PathBuf,
    /// Uploads that somebody is writing at this moment.
    busy: Mutex<HashSet<FileId>>,
    /// Held for reading by who lays bytes down that a row is about to name, and for writing by who takes bytes away.
    gate: RwLock<()>,
}

impl Files {
    /// Opens what holds the files.
    ///
    /// # Errors
    /// One sentence that says what to do, when it cannot be used.
    pub fn open(config: &Config) -> Result<Self, OpenError> {
        let bucket = match &config.files {
            Some(Place::Bucket { name, folder }) => Some(place::bucket(config, name, folder)?),
            _ => None,
        };
        // What is on its way is added to piece by piece, which no bucket can do.
        let folder = match &config.files {
            Some(Place::Folder(folder)) => folder.clone(),
            _ => config.data.join("files"),
        };
        let unusable = |e: &dyn std::fmt::Display| {
            OpenError(format!(
                "The folder of files {} cannot be used: {e}. Give this user the right to, or choose another one (--files).",
                folder.display()
            ))
        };
        let uploads = folder.join(uploads::FOLDER);
        std::fs::create_dir_all(&uploads).map_err(|e| unusable(&e))?;
        let objects = match bucket {
            Some(bucket) => Objects::of(bucket),
            None => Objects::open(&folder).map_err(|e| unusable(&e))?,
        };
        Ok(Self { objects, uploads, busy: Mutex::default(), gate: RwLock::default() })
    }

    /// Takes an upload for oneself, as long as what is answered lives.
    fn reserve(&self, id: FileId) -> Result<Reserved<'_>, ChatError> {
        if self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return Ok(Reserved { files: self, id });
        }
        Err(ChatError { retry_after: Some(1), ..ChatError::conflict("This file is on its way already.").at("at") })
    }
}

/// An upload that nobody else writes meanwhile.
struct Reserved<'f> {
    files: &'f Files,
    id: FileId,
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        self.files.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl App {
    /// Forgets files that nobody can have any more, and what is left of uploads that were given up. Nobody waits for it; what
    /// could not be done now is done the next time.
    pub async fn forget_files(&self) {
        loop {
            let _alone = self.files.gate.write().await;
            let Ok((uploads, names)) = self.store.forget_files().await else {
                tracing::warn!("files that nobody can have any more could not be forgotten yet");
                return;
            };
            let last = uploads.is_empty() && names.is_empty();
            for id in uploads {
                self.files.drop_upload(id).await;
            }
            self.drop_nobodys(names).await;
            if last {
                break;
            }
        }
        self.files.drop_strays(&self.store).await;
    }

    /// Takes away bytes that no row names: a crash can leave them. Looks at all of them, so it is done once, at the start.
    pub async fn forget_strays(&self) {
        for names in self.files.objects.all().await.chunks(STRAYS_TOGETHER) {
            let _alone = self.files.gate.write().await;
            self.drop_nobodys(names.to_vec()).await;
        }
    }

    /// Takes bytes away under these names where no file lies any more. To be called with the gate closed.
    async fn drop_nobodys(&self, names: Vec<String>) {
        for name in self.store.nobodys(names).await.unwrap_or_default() {
            if self.files.objects.remove(&name).await.is_err() {
                // They are strays now: the next start finds them.
                break;
            }
        }
    }

    /// How many bytes lie under a name.
    ///
    /// # Errors
    /// That they cannot be read.
    pub async fn size_of_bytes(&self, name: &str) -> Result<u64, Failure> {
        self.files.objects.size(name).await
    }

    /// Some of the bytes under a name, step by step: the next are read when those before were taken.
    ///
    /// # Errors
    /// That they cannot be read.
    pub async fn stream_bytes(&self, name: &str, part: Range<u64>) -> Result<BoxStream<'static, object_store::Result<Bytes>>, Failure> {
        self.files.objects.stream(name, part).await
    }

    /// Some of the bytes under a name.
    ///
    /// # Errors
    /// That they cannot be read.
    pub async fn read_bytes(&self, name: &str, part: Range<u64>) -> Result<Bytes, Failure> {
        self.files.objects.read(name, part).await
    }

    /// Somebody gives a file up that they did not send.
    ///
    /// # Errors
    /// `not_found` where there is no such file of theirs.
    pub async fn give_up_upload(&self, owner: PersonId, id: FileId) -> Result<(), ChatError> {
        let _alone = self.files.gate.write().await;
        let names = self.store.give_up_upload(owner, id).await?;
        self.files.drop_upload(id).await;
        self.drop_nobodys(names).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::server::config::{Command, CommandLine};

    #[tokio::test]
    async fn bytes_that_a_crash_has_left_are_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let Command::Serve(config) = CommandLine::parse_from(["chatbox", "serve", "--data", folder.path().to_str().unwrap()]).command else {
            panic!()
        };
        let app = App::open(*config).await.unwrap();
        let name = "0123".repeat(16);
        app.files.objects.put(&name, b"left".to_vec()).await.unwrap();
        assert_eq!(app.size_of_bytes(&name).await.unwrap(), 4);
        app.forget_strays().await;
        assert!(app.size_of_bytes(&name).await.is_err());
    }
}
