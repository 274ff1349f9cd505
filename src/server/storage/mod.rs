//! Files that people share: taken in piece by piece (`uploads`), looked at (`kinds`, `making`), laid down under the name of their content
//! (`objects`) in a folder or a bucket (`place`), and forgotten when nobody can have them any more.

mod avatars;
mod backend;
mod blob_store;
mod process;
mod sniff;
mod uploads;

use std::{
    collections::HashSet,
    ops::Range,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::body::Bytes;
use futures_util::stream::BoxStream;
use tokio::sync::{RwLock, Semaphore};

use super::{
    App,
    background::{
        pool::{MOST_NICE, Workshop},
        priority::Precedence,
    },
    config::Config,
    error::Failure,
    store::OpenError,
};
use crate::domain::{ChatError, FileId, PersonId};
pub use backend::{Place, Secret};
pub(super) use backend::{folder, open as open_objects};
pub(super) use blob_store::{FOLDER as OBJECTS, Objects, content_of, name_of};
pub use process::Keep;

/// So many are looked at, and perhaps taken away, while uploads wait.
const TOGETHER: usize = 50;

/// Where files lie, and those that are on their way.
pub struct Files {
    objects: Objects,
    /// Files that are not there whole: one each, named by its id.
    uploads: PathBuf,
    /// Uploads that somebody is writing at this moment.
    busy: Mutex<HashSet<FileId>>,
    /// Whether what lies there is of our data file: of another's nothing is taken away.
    ours: AtomicBool,
    /// Held for reading by who lays bytes down that a row is about to name, and for writing by who takes bytes away.
    gate: RwLock<()>,
    /// Faces that are drawn at this moment.
    drawing: Semaphore,
    /// Writes what comes of uploads, in its order. Not the workshop of pictures, in which each piece of work takes long.
    porter: Workshop,
    /// What goes before all of that.
    precedence: Precedence,
}

impl Files {
    /// Opens what holds the files.
    ///
    /// # Errors
    /// One sentence that says what to do, when it cannot be used.
    pub fn open(config: &Config, precedence: &Precedence) -> Result<Self, OpenError> {
        // What is on its way is added to piece by piece, which no bucket can do.
        let folder = backend::folder(&config.data, &config.storage);
        let uploads = folder.join(uploads::FOLDER);
        std::fs::create_dir_all(&uploads).map_err(|e| backend::unusable(&folder, &e))?;
        let objects = backend::open(&config.data, &config.storage)?;
        Ok(Self {
            objects,
            uploads,
            busy: Mutex::default(),
            ours: AtomicBool::new(false),
            gate: RwLock::default(),
            drawing: Semaphore::new(2),
            porter: Workshop::of(1, MOST_NICE, precedence),
            precedence: precedence.clone(),
        })
    }

    /// Takes an upload for oneself, as long as what is answered lives.
    fn reserve(&self, id: FileId) -> Result<Reserved<'_>, ChatError> {
        if self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return Ok(Reserved { files: self, id });
        }
        Err(ChatError { retry_after: Some(1), ..ChatError::conflict("This file is already being uploaded.").at("at") })
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
        self.know_files().await;
        loop {
            let Ok((uploads, names)) = self.store.forget_files().await else {
                tracing::warn!("cannot delete unused attachments; trying again later");
                return;
            };
            let last = uploads.is_empty() && names.is_empty();
            for id in uploads {
                self.files.drop_upload(id).await;
            }
            self.drop_unless_used(names).await;
            if last {
                break;
            }
        }
        if self.files.ours.load(Ordering::Relaxed) {
            self.files.drop_strays(&self.store).await;
        }
    }

    /// Finds out whether the files are of our data file. A store that is away is asked again the next time.
    async fn know_files(&self) {
        match self.files.objects.belongs_to(self.store.files_owner()).await {
            Ok(true) => self.files.ours.store(true, Ordering::Relaxed),
            Ok(false) => tracing::error!(
                "the attachments folder or bucket belongs to another database: nothing is deleted there; choose another one with --files"
            ),
            Err(_) => {}
        }
    }

    /// Takes away bytes that no row names and that have lain there for long: a crash can leave them, or a store that was away.
    pub async fn forget_strays(&self) {
        self.drop_unless_used(self.files.objects.old().await).await;
    }

    /// Takes bytes away under these names where no file lies any more.
    async fn drop_unless_used(&self, names: Vec<String>) {
        if !self.files.ours.load(Ordering::Relaxed) {
            return;
        }
        for some in names.chunks(TOGETHER) {
            // So that nobody lays the same down in between.
            let _alone = self.files.gate.write().await;
            for name in self.store.nobodys(some.to_vec()).await.unwrap_or_default() {
                if self.files.objects.remove(&name).await.is_err() {
                    // They are strays now.
                    return;
                }
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
    #[must_use]
    pub fn stream_bytes(&self, name: &str, part: Range<u64>) -> BoxStream<'static, object_store::Result<Bytes>> {
        self.files.objects.stream(name, part)
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
        let app = self.clone();
        // On its own: what was begun is done, also where whoever asked is gone.
        let done = tokio::spawn(async move {
            let names = app.store.give_up_upload(owner, id).await?;
            app.files.drop_upload(id).await;
            app.drop_unless_used(names).await;
            Ok::<_, ChatError>(())
        });
        done.await.map_err(|_| ChatError::internal())?
    }
}

#[cfg(test)]
mod tests {
    use std::{
        path::Path,
        time::{Duration, SystemTime},
    };

    use clap::Parser;

    use super::*;
    use crate::server::config::{Command, CommandLine};

    async fn opens(data: &Path, files: &Path) -> App {
        let [data, files] = [data, files].map(|folder| folder.to_str().unwrap().to_owned());
        let Command::Serve(config) = CommandLine::parse_from(["chatbox", "serve", "--data", &data, "--files", &files]).command else { panic!() };
        App::open(*config).await.unwrap()
    }

    #[tokio::test]
    async fn bytes_that_a_crash_has_left_are_taken_away_after_a_month_and_never_another_servers() {
        let folder = tempfile::tempdir().unwrap();
        let [ours, theirs, files] = ["ours", "theirs", "files"].map(|name| folder.path().join(name));
        let app = opens(&ours, &files).await;
        let name = "0123".repeat(16);
        app.files.objects.put(&name, b"left").await.unwrap();
        app.forget_strays().await;
        assert_eq!(app.size_of_bytes(&name).await.unwrap(), 4, "it may be of a younger copy of the data");
        let lies = std::fs::File::options().write(true).open(files.join("objects/01").join(&name)).unwrap();
        lies.set_modified(SystemTime::now() - Duration::from_secs(31 * 24 * 3600)).unwrap();
        let other = opens(&theirs, &files).await;
        other.forget_strays().await;
        assert_eq!(other.size_of_bytes(&name).await.unwrap(), 4, "they are not of its data");
        app.forget_strays().await;
        assert!(app.size_of_bytes(&name).await.is_err());
    }
}
