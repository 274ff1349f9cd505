//! Copying objects from one store of files to another: each is checked by its content on the way,
//! and what is there is not copied again.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use crate::server::{
    background::{pool::BackgroundPool, priority::WriteGate},
    error::AppError,
    storage::{BlobStore, blob_name, content_hash},
};

/// Objects that are copied or checked at the same time: for a bucket, where each waits for the
/// network.
const MAX_CONCURRENT: usize = 4;

/// What has become of some objects.
#[derive(Debug, Default)]
pub(super) struct Transfer {
    /// Objects that were copied or, when they are checked, read and intact.
    pub(super) copied: Vec<String>,
    /// Their bytes.
    pub(super) bytes: u64,
    /// Those that are nowhere.
    pub(super) missing: Vec<String>,
    /// Those whose bytes are not what their name says.
    pub(super) damaged: Vec<String>,
}

enum ItemResult {
    AlreadyThere,
    Copied(String, u64),
    Missing(String),
    Damaged(String),
}

impl Transfer {
    fn with(mut self, result: ItemResult) -> Self {
        match result {
            ItemResult::AlreadyThere => {}
            ItemResult::Copied(name, bytes) => {
                self.copied.push(name);
                self.bytes += bytes;
            }
            ItemResult::Missing(name) => self.missing.push(name),
            ItemResult::Damaged(name) => self.damaged.push(name),
        }
        self
    }
}

/// Copies the objects that `to` does not have yet. `staging` is a folder on the same disk as `to`,
/// for what is not yet complete.
///
/// # Errors
/// A store that does not answer, or a full disk. Damaged and missing objects are no errors, but
/// listed.
pub(super) async fn copy(
    names: &BTreeSet<String>,
    from: &BlobStore,
    to: &BlobStore,
    staging: &Path,
) -> Result<Transfer, AppError> {
    fs::create_dir_all(staging).map_err(internal)?;
    let pool = BackgroundPool::new(&WriteGate::default());
    let copied = stream::iter(names)
        .map(|name| copy_one(name, from, to, staging.join(name), &pool))
        .buffer_unordered(MAX_CONCURRENT);
    let all =
        copied.try_fold(Transfer::default(), |all, result| async { Ok(all.with(result)) }).await;
    let _ = fs::remove_dir_all(staging);
    all
}

async fn copy_one(
    name: &str,
    from: &BlobStore,
    to: &BlobStore,
    staged: PathBuf,
    pool: &BackgroundPool,
) -> Result<ItemResult, AppError> {
    if to.contains(name).await? {
        // One that was cut short does not count as there.
        let whole = !from.contains(name).await? || from.size(name).await? == to.size(name).await?;
        if whole {
            return Ok(ItemResult::AlreadyThere);
        }
        to.delete(name).await?;
    }
    if !from.contains(name).await? {
        return Ok(ItemResult::Missing(name.to_owned()));
    }
    let mut file = tokio::fs::File::create(&staged).await.map_err(internal)?;
    let Some(bytes) = read(name, from, Some(&mut file)).await? else {
        return Ok(ItemResult::Damaged(name.to_owned()));
    };
    file.sync_all().await.map_err(internal)?;
    drop(file);
    to.put_file(name, &staged, pool).await?;
    Ok(ItemResult::Copied(name.to_owned(), bytes))
}

/// Reads each of these objects, and lists those that are missing or damaged.
///
/// # Errors
/// A store that does not answer.
pub(super) async fn check<'n>(
    names: impl IntoIterator<Item = &'n String>,
    blobs: &BlobStore,
) -> Result<Transfer, AppError> {
    let checked = stream::iter(names).map(|name| async move {
        if !blobs.contains(name).await? {
            return Ok(ItemResult::Missing(name.clone()));
        }
        Ok::<_, AppError>(read(name, blobs, None).await?.map_or_else(
            || ItemResult::Damaged(name.clone()),
            |bytes| ItemResult::Copied(name.clone(), bytes),
        ))
    });
    checked
        .buffer_unordered(MAX_CONCURRENT)
        .try_fold(Transfer::default(), |all, result| async { Ok(all.with(result)) })
        .await
}

/// Reads an object to its end, into a file where there is one. Its size; `None` where its content
/// is not what its name says, or cannot be read.
async fn read(
    name: &str,
    from: &BlobStore,
    mut to: Option<&mut tokio::fs::File>,
) -> Result<Option<u64>, AppError> {
    let size = from.size(name).await?;
    let mut content = from.stream(name, 0..size);
    let mut hash = Sha256::new();
    loop {
        match content.try_next().await {
            Ok(Some(piece)) => {
                hash.update(&piece);
                if let Some(file) = to.as_deref_mut() {
                    file.write_all(&piece).await.map_err(internal)?;
                }
            }
            Ok(None) => break,
            // A damaged disk fails at one file; a bucket that is away fails at all.
            Err(error) if from.is_remote() => return Err(AppError::Internal(error.into())),
            Err(_) => return Ok(None),
        }
    }
    Ok((content_hash(name) == Some(blob_name(hash).as_str())).then_some(size))
}

/// Removes the objects that nothing names any more.
pub(super) async fn prune(referenced: &BTreeSet<String>, blobs: &BlobStore) -> usize {
    let mut removed = 0;
    for name in blobs.list(Duration::ZERO).await {
        if !referenced.contains(&name) && blobs.delete(&name).await.is_ok() {
            removed += 1;
        }
    }
    removed
}

fn internal(error: io::Error) -> AppError {
    AppError::Internal(error.into())
}
