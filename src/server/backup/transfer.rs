//! Copying objects from one store of files to another: each is checked by its content on the way, and what is there is not copied again.

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
    background::priority::Precedence,
    error::Failure,
    storage::{Objects, content_of, name_of},
};

/// Objects that are copied or checked at the same time: for a bucket, where each waits for the network.
const AT_ONCE: usize = 4;

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

enum Done {
    There,
    Copied(String, u64),
    Missing(String),
    Damaged(String),
}

impl Transfer {
    fn with(mut self, done: Done) -> Self {
        match done {
            Done::There => {}
            Done::Copied(name, bytes) => {
                self.copied.push(name);
                self.bytes += bytes;
            }
            Done::Missing(name) => self.missing.push(name),
            Done::Damaged(name) => self.damaged.push(name),
        }
        self
    }
}

/// Copies the objects that `to` does not have yet. `staging` is a folder on the same disk as `to`, for what is not yet complete.
///
/// # Errors
/// A store that does not answer, or a full disk. Damaged and missing objects are no errors, but listed.
pub(super) async fn copy(names: &BTreeSet<String>, from: &Objects, to: &Objects, staging: &Path) -> Result<Transfer, Failure> {
    fs::create_dir_all(staging).map_err(broken)?;
    let copied = stream::iter(names).map(|name| copy_one(name, from, to, staging.join(name))).buffer_unordered(AT_ONCE);
    let all = copied.try_fold(Transfer::default(), |all, done| async { Ok(all.with(done)) }).await;
    let _ = fs::remove_dir_all(staging);
    all
}

async fn copy_one(name: &str, from: &Objects, to: &Objects, staged: PathBuf) -> Result<Done, Failure> {
    if to.has(name).await? {
        // One that was cut short does not count as there.
        let whole = !from.has(name).await? || from.size(name).await? == to.size(name).await?;
        if whole {
            return Ok(Done::There);
        }
        to.remove(name).await?;
    }
    if !from.has(name).await? {
        return Ok(Done::Missing(name.to_owned()));
    }
    let mut file = tokio::fs::File::create(&staged).await.map_err(broken)?;
    let Some(bytes) = read(name, from, Some(&mut file)).await? else {
        return Ok(Done::Damaged(name.to_owned()));
    };
    file.sync_all().await.map_err(broken)?;
    drop(file);
    to.take_in(name, &staged, &Precedence::default()).await?;
    Ok(Done::Copied(name.to_owned(), bytes))
}

/// Reads each of these objects, and lists those that are missing or damaged.
///
/// # Errors
/// A store that does not answer.
pub(super) async fn check<'n>(names: impl IntoIterator<Item = &'n String>, objects: &Objects) -> Result<Transfer, Failure> {
    let checked = stream::iter(names).map(|name| async move {
        if !objects.has(name).await? {
            return Ok(Done::Missing(name.clone()));
        }
        Ok::<_, Failure>(read(name, objects, None).await?.map_or_else(|| Done::Damaged(name.clone()), |bytes| Done::Copied(name.clone(), bytes)))
    });
    checked.buffer_unordered(AT_ONCE).try_fold(Transfer::default(), |all, done| async { Ok(all.with(done)) }).await
}

/// Reads an object to its end, into a file where there is one. Its size; `None` where its content is not what its name says, or cannot
/// be read.
async fn read(name: &str, from: &Objects, mut to: Option<&mut tokio::fs::File>) -> Result<Option<u64>, Failure> {
    let size = from.size(name).await?;
    let mut content = from.stream(name, 0..size);
    let mut hash = Sha256::new();
    loop {
        match content.try_next().await {
            Ok(Some(piece)) => {
                hash.update(&piece);
                if let Some(file) = to.as_deref_mut() {
                    file.write_all(&piece).await.map_err(broken)?;
                }
            }
            Ok(None) => break,
            // A damaged disk fails at one file; a bucket that is away fails at all.
            Err(error) if from.are_far() => return Err(Failure::Broken(error.into())),
            Err(_) => return Ok(None),
        }
    }
    Ok((content_of(name) == Some(name_of(hash).as_str())).then_some(size))
}

/// Removes the objects that nothing names any more.
pub(super) async fn prune(named: &BTreeSet<String>, objects: &Objects) -> usize {
    let mut removed = 0;
    for name in objects.names(Duration::ZERO).await {
        if !named.contains(&name) && objects.remove(&name).await.is_ok() {
            removed += 1;
        }
    }
    removed
}

fn broken(error: io::Error) -> Failure {
    Failure::Broken(error.into())
}
