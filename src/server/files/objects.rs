//! Where bytes lie, each under the name of its content: equal files lie there once, and a name tells nothing about who sent them. A
//! local folder by default, through the interface of object stores.

use std::{fs, ops::Range, path::Path as FilePath, sync::Arc};

use axum::body::Bytes;
use futures_util::StreamExt;
use object_store::{Error, ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path};
use sha2::{Digest, Sha256};

use crate::server::error::Failure;

/// In the folder of files.
const FOLDER: &str = "objects";

/// The store of bytes.
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    /// Where uploads can be moved in without being copied.
    folder: std::path::PathBuf,
}

impl Objects {
    /// Opens the one in this folder.
    pub(super) fn open(folder: &FilePath) -> Result<Self, object_store::Error> {
        let folder = folder.join(FOLDER);
        fs::create_dir_all(&folder).map_err(|e| Error::Generic { store: "files", source: e.into() })?;
        // What is acknowledged must outlive a power cut, as messages do.
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder })
    }

    /// Lays bytes down under the name of their content, if they do not lie there already.
    pub(super) async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Failure> {
        let place = place(name);
        if self.store.head(&place).await.is_err() {
            self.store.put(&place, bytes.into()).await.map_err(broken)?;
        }
        Ok(())
    }

    /// Moves a file in, which the disk holds already, under the name of its content.
    pub(super) async fn move_in(&self, name: &str, file: &FilePath) -> Result<(), Failure> {
        let to = self.folder.join(place(name).as_ref());
        let from = file.to_owned();
        let moved = tokio::task::spawn_blocking(move || {
            let folder = to.parent().unwrap_or(&to);
            fs::create_dir_all(folder)?;
            fs::rename(&from, &to)?;
            fs::File::open(folder)?.sync_all()
        });
        moved.await.map_err(|e| Failure::Broken(e.into()))?.map_err(|e| Failure::Broken(e.into()))
    }

    /// Some of the bytes under a name.
    pub(super) async fn read(&self, name: &str, part: Range<u64>) -> Result<Bytes, Failure> {
        self.store.get_range(&place(name), part).await.map_err(broken)
    }

    /// How many bytes lie under a name.
    pub(super) async fn size(&self, name: &str) -> Result<u64, Failure> {
        Ok(self.store.head(&place(name)).await.map_err(broken)?.size)
    }

    /// All names under which bytes lie.
    pub(super) async fn all(&self) -> Vec<String> {
        let names = self.store.list(None).filter_map(|found| async { found.ok()?.location.filename().map(str::to_owned) });
        names.collect().await
    }

    /// Takes the bytes under a name away. What is not there is away.
    pub(super) async fn remove(&self, name: &str) {
        match self.store.delete(&place(name)).await {
            Ok(()) | Err(Error::NotFound { .. }) => {}
            Err(error) => tracing::warn!(%error, "bytes that belong to nobody could not be taken away"),
        }
    }
}

fn broken(error: Error) -> Failure {
    Failure::Broken(error.into())
}

/// In folders by the first two digits: some systems are slow with very many files in one.
fn place(name: &str) -> Path {
    Path::from_iter([name.get(..2).unwrap_or("00"), name])
}

/// The name of this content.
pub(super) fn name_of(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
