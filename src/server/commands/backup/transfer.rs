//! Copies blobs between stores. Verifies the hash of each and skips existing ones.

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

/// Concurrent transfers, because requests to a bucket wait for the network.
const MAX_CONCURRENT: usize = 4;

/// The result of a transfer or check.
#[derive(Debug, Default)]
pub(super) struct Transfer {
    /// Copied blobs, or intact ones of a check.
    pub(super) copied: Vec<String>,
    /// Their total size, in bytes.
    pub(super) bytes: u64,
    /// Missing blobs.
    pub(super) missing: Vec<String>,
    /// Blobs whose content does not match their hash.
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

/// Copies the blobs that `to` does not have. `staging` is a folder for incomplete files on the same
/// disk as `to`.
///
/// # Errors
/// A store is unreachable or a disk is full. Damaged and missing blobs are listed in the result.
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
        // A truncated file counts as missing.
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

/// Reads blobs and lists missing and damaged ones.
///
/// # Errors
/// A store is unreachable.
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

/// Reads a blob to its end, into a file if there is one. Returns its size; `None` if its content
/// does not match its hash or cannot be read.
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
            // On a damaged disk one file fails; an unreachable bucket fails for all.
            Err(error) if from.is_remote() => return Err(AppError::Internal(error.into())),
            Err(_) => return Ok(None),
        }
    }
    Ok((content_hash(name) == Some(blob_name(hash).as_str())).then_some(size))
}

/// Deletes unreferenced blobs.
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
