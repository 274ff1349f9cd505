//! Where bytes lie, each under the name of its content: equal files lie there once, and a name tells nothing about who sent them. A
//! local folder by default or a bucket, through the interface of object stores.

use std::{
    fs,
    ops::Range,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::body::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt, buffered::BufWriter, local::LocalFileSystem, path::Path};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::{
    domain::{ChatError, Code},
    server::{background::priority::Precedence, error::Failure},
};

/// In the folder of files.
pub(in crate::server) const FOLDER: &str = "objects";
/// Bytes of a folder that are read at once: so much memory a slow reader holds.
const STEP: u64 = 512 * 1024;
/// The same of a bucket, where each step is a request.
const FAR_STEP: u64 = 4 * 1024 * 1024;
/// Bytes that go to a bucket at once: so much memory each file takes that is laid down. Stores take no smaller parts.
const PART: u64 = 5 * 1024 * 1024;
/// Nor more of them.
const MOST_PARTS: u64 = 10_000;
/// By this name it is known which data file the files belong to.
const OWNER: &str = "chatbox";
/// What no row names is let be for so long: it may be of an older copy of the data file that somebody looks at.
const STRAY_AFTER: Duration = Duration::from_secs(30 * 24 * 3600);
/// Letters of the name of some content.
const NAME: usize = 64;

/// The store of bytes.
pub(in crate::server) struct Objects {
    store: Arc<dyn ObjectStore>,
    /// Where uploads can be moved in without being copied; nothing where it is a bucket.
    folder: Option<PathBuf>,
}

impl Objects {
    /// Opens the one in this folder.
    pub(in crate::server) fn open(folder: &FilePath) -> Result<Self, object_store::Error> {
        let folder = folder.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|e| Error::Generic { store: "files", source: e.into() })?;
        // What is acknowledged must outlive a power cut, as messages do.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder: Some(folder) })
    }

    /// The one in this bucket.
    pub(super) fn of(bucket: Arc<dyn ObjectStore>) -> Self {
        Self { store: bucket, folder: None }
    }

    /// Whether they lie in a bucket, to which the way may be long.
    pub(in crate::server) const fn are_far(&self) -> bool {
        self.folder.is_none()
    }

    /// Lays bytes down under the name of their content, if they do not lie there already.
    pub(super) async fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        if !self.has(name).await? {
            self.store.put(&place(name), Bytes::copy_from_slice(bytes).into()).await.map_err(|e| self.failed(e))?;
        }
        Ok(())
    }

    /// Lays a file down, which the disk holds already, under the name of its content: into a folder it is moved.
    pub(in crate::server) async fn take_in(&self, name: &str, file: &FilePath, precedence: &Precedence) -> Result<(), Failure> {
        if self.has(name).await? {
            return Ok(());
        }
        let Some(folder) = &self.folder else { return self.send(name, file).await };
        let to = folder.join(place(name).as_ref());
        let (from, precedence) = (file.to_owned(), precedence.clone());
        let moved = tokio::task::spawn_blocking(move || {
            let folder = to.parent().unwrap_or(&to);
            fs::create_dir_all(folder)?;
            precedence.give_way();
            fs::rename(&from, &to)?;
            precedence.give_way();
            fs::File::open(folder)?.sync_all()
        });
        moved.await.map_err(|e| Failure::Broken(e.into()))?.map_err(|e| Failure::Broken(e.into()))
    }

    async fn send(&self, name: &str, file: &FilePath) -> Result<(), Failure> {
        let mut from = tokio::fs::File::open(file).await.map_err(|e| Failure::Broken(e.into()))?;
        let size = from.metadata().await.map_err(|e| Failure::Broken(e.into()))?.len();
        let part = usize::try_from(PART.max(size / MOST_PARTS + 1)).map_err(|e| Failure::Broken(e.into()))?;
        let mut to = BufWriter::with_capacity(Arc::clone(&self.store), place(name), part).with_max_concurrency(1);
        let sent = async {
            tokio::io::copy(&mut from, &mut to).await?;
            to.shutdown().await
        };
        if let Err(error) = sent.await {
            let _ = to.abort().await;
            tracing::warn!(%error, "cannot upload an attachment to the bucket");
            return Err(away());
        }
        Ok(())
    }

    /// Whether bytes lie under a name.
    pub(in crate::server) async fn has(&self, name: &str) -> Result<bool, Failure> {
        match self.store.head(&place(name)).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Some of the bytes under a name, at once.
    pub(super) async fn read(&self, name: &str, part: Range<u64>) -> Result<Bytes, Failure> {
        self.store.get_range(&place(name), part).await.map_err(|e| self.failed(e))
    }

    /// The same, step by step: the next are read when those before were taken.
    pub(in crate::server) fn stream(&self, name: &str, part: Range<u64>) -> BoxStream<'static, object_store::Result<Bytes>> {
        let (store, place) = (Arc::clone(&self.store), place(name));
        // Not one request for all: a bucket may break off what a slow reader leaves waiting.
        let step = if self.folder.is_some() { STEP } else { FAR_STEP };
        let take = move |at: u64| {
            let (store, place, next) = (Arc::clone(&store), place.clone(), (at + step).min(part.end));
            async move { if at < next { Ok(Some((store.get_range(&place, at..next).await?, next))) } else { Ok(None) } }
        };
        stream::try_unfold(part.start, take).boxed()
    }

    /// Whether what lies here belongs to the data file of this name; nobody's is ours from now on. What is another's is never taken
    /// away, whatever our rows say.
    pub(in crate::server) async fn belongs_to(&self, owner: &str) -> Result<bool, Failure> {
        let marker = Path::from(OWNER);
        match self.store.get(&marker).await {
            Ok(found) => Ok(found.bytes().await.map_err(|e| self.failed(e))? == owner.as_bytes()),
            Err(Error::NotFound { .. }) => {
                self.store.put(&marker, owner.as_bytes().to_vec().into()).await.map_err(|e| self.failed(e))?;
                Ok(true)
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    /// How many bytes lie under a name.
    pub(in crate::server) async fn size(&self, name: &str) -> Result<u64, Failure> {
        Ok(self.store.head(&place(name)).await.map_err(|e| self.failed(e))?.size)
    }

    /// All names under which bytes have lain for long.
    pub(super) async fn old(&self) -> Vec<String> {
        self.names(STRAY_AFTER).await
    }

    /// All names under which bytes have lain for at least so long. What else there is in a bucket is not ours.
    pub(in crate::server) async fn names(&self, at_least: Duration) -> Vec<String> {
        let now = SystemTime::now();
        let ours = |found: object_store::Result<ObjectMeta>| {
            let ObjectMeta { location, last_modified, .. } =
                found.inspect_err(|error| tracing::warn!(%error, "cannot list the stored attachments")).ok()?;
            let age = now.duration_since(last_modified.into()).unwrap_or_default();
            let name = location.filename()?.to_owned();
            (content_of(&name).is_some() && place(&name) == location && age >= at_least).then_some(name)
        };
        self.store.list(None).filter_map(|found| async { ours(found) }).collect().await
    }

    /// Takes the bytes under a name away. What is not there is away.
    pub(in crate::server) async fn remove(&self, name: &str) -> Result<(), Failure> {
        match self.store.delete(&place(name)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => {
                tracing::warn!(%error, "cannot delete an unused attachment");
                Err(away())
            }
        }
    }

    /// A bucket that does not answer is another matter than a disk that fails.
    fn failed(&self, error: Error) -> Failure {
        if let Error::NotFound { path, .. } = &error {
            tracing::error!(path, "a stored attachment is missing");
            return Failure::Refused(ChatError::not_found());
        }
        if self.folder.is_some() {
            return Failure::Broken(error.into());
        }
        tracing::error!(%error, "the bucket returned an error");
        away()
    }
}

fn away() -> Failure {
    let words = "File storage is unavailable. Try again in a moment. Messages are not affected.";
    Failure::Refused(ChatError { retry_after: Some(5), ..ChatError::new(Code::Busy, words) })
}

/// In folders by the first two digits: some systems are slow with very many files in one.
fn place(name: &str) -> Path {
    Path::from_iter([name.get(..2).unwrap_or("00"), name])
}

/// The hash in the name of an object, before the ending that says what it is served as; `None` in a name that is none.
pub(in crate::server) fn content_of(name: &str) -> Option<&str> {
    let content = name.split('.').next()?;
    (content.len() == NAME && content.bytes().all(|b| b.is_ascii_hexdigit())).then_some(content)
}

/// The name of this content.
pub(in crate::server) fn name_of(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
