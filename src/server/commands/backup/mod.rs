//! `chatbox backup`, `restore` and `verify`. A backup is a folder with a copy of the database and
//! the blobs that it refers to, in the layout of a data folder: `chatbox.sqlite` and
//! `files/objects`.

mod folders;
mod transfer;

use std::{
    collections::BTreeSet,
    io::{self, Write},
    path::Path,
};

use crate::domain::file::format_size;
use crate::server::{
    config::{BackupConfig, DATA_FILE, RestoreConfig, VerifyConfig},
    error::AppError,
    lock,
    storage::{self, BLOB_FOLDER, BlobStore, FileStorage, StorageBackend},
    store::{Access, DataFile, partial_path},
};
use folders::{
    BACKUP_LOCK, entries, lock_for_access, make_private, prepare_target, remove_if_exists,
    replace_file,
};
use transfer::Transfer;

/// Folder of incomplete files inside a backup.
const STAGING: &str = "incoming";
/// The database is copied again if a file was deleted while the files were copied.
const MAX_ATTEMPTS: usize = 3;
/// Maximum number of listed problems.
const MAX_LISTED: usize = 20;

/// Copies the data and the files of a data folder to a backup, also while a server uses them.
///
/// The blobs are copied first, then the database, then the blobs added meanwhile, so that the copy
/// refers to no missing blob. The database of the backup is replaced last.
///
/// # Errors
/// One sentence that says what to do. The previous backup then remains complete.
pub async fn backup(config: &BackupConfig) -> Result<(), String> {
    let file = config.data.join(DATA_FILE);
    let (access, _lock) = lock_for_access(&config.data)?;
    let mut data = DataFile::open(&file, access).await.map_err(|e| e.0)?;
    let from = storage::open_blob_store(&config.data, &config.storage).map_err(|e| e.0)?;
    let owner = data.files_owner().await.map_err(|e| e.0)?.unwrap_or_default();
    let _mine = prepare_target(&config.to, &config.data)?;
    let to = storage::open_blob_store(&config.to, &local_storage()).map_err(|e| e.0)?;
    if !to.check_owner(&owner).await.map_err(failed("Cannot read the attachments of the backup"))? {
        return Err(format!(
            "{} contains a backup of another ChatBox server. Choose another folder with --to.",
            config.to.display()
        ));
    }
    let staging = config.to.join(STAGING);
    let target = config.to.join(DATA_FILE);
    let partial = partial_path(&target);
    let copying = failed("Cannot copy the attachments");
    let names = data.blob_names().await.map_err(|e| e.0)?;
    let mut total = transfer::copy(&names, &from, &to, &staging).await.map_err(&copying)?;
    let mut attempts = MAX_ATTEMPTS;
    let (names, statistics) = loop {
        remove_if_exists(&partial)?;
        data.copy_to(&partial).await.map_err(|e| e.0)?;
        let mut copy = DataFile::open(&partial, Access::Exclusive).await.map_err(|e| e.0)?;
        let problems = copy.problems().await;
        if !problems.is_empty() {
            remove_if_exists(&partial)?;
            print_problems(&problems);
            return Err(format!(
                "The database {} is damaged. The previous backup was not changed.",
                file.display()
            ));
        }
        let names = copy.blob_names().await.map_err(|e| e.0)?;
        let statistics = copy.statistics().await.map_err(|e| e.0)?;
        copy.close().await;
        let rest = transfer::copy(&names, &from, &to, &staging).await.map_err(&copying)?;
        attempts -= 1;
        total.bytes += rest.bytes;
        total.copied.extend(rest.copied);
        (total.missing, total.damaged) = (rest.missing, rest.damaged);
        if total.missing.is_empty() || attempts == 0 {
            break (names, statistics);
        }
    };
    data.close().await;
    // Read back the copied files.
    let written: BTreeSet<String> =
        total.copied.iter().filter(|name| names.contains(*name)).cloned().collect();
    let checked = transfer::check(&written, &to)
        .await
        .map_err(failed("Cannot read the attachments of the backup"))?;
    total.missing.extend(checked.missing);
    total.damaged.extend(checked.damaged);
    replace_file(&partial, &target)?;
    let removed = transfer::prune(&names, &to).await;
    print(&format!(
        "Backed up to {}: {}, {} ({} new, {}; {} removed). {}.\n",
        config.to.display(),
        count_of(statistics.events, "event"),
        count_of(names.len(), "attachment"),
        total.copied.len(),
        format_size(total.bytes),
        removed,
        latest_event(statistics.latest.as_deref()),
    ));
    incomplete(
        &total,
        &format!(
            "The backup in {} is complete, except for attachments that could not be read",
            config.to.display()
        ),
    )
}

/// Restores a backup into an empty data folder. The first start begins a new epoch, so that all
/// clients reload their data.
///
/// # Errors
/// One sentence that says what to do. A repeated restore continues.
pub async fn restore(config: &RestoreConfig) -> Result<(), String> {
    let (source, target) = (config.from.join(DATA_FILE), config.data.join(DATA_FILE));
    let (access, _source_lock) = lock_for_access(&config.from)?;
    let mut backup = DataFile::open(&source, access).await.map_err(|e| e.0)?;
    let partial = partial_path(&target);
    let is_empty = entries(&config.data)?.is_empty();
    if !is_empty && (target.exists() || !partial.exists()) {
        return Err(format!(
            "{} is not empty. Choose an empty or new folder with --data.",
            config.data.display()
        ));
    }
    let folder = storage::local_folder(&config.data, &config.storage);
    if is_empty
        && matches!(config.storage.files, Some(StorageBackend::Folder(_)))
        && !entries(&folder)?.is_empty()
    {
        return Err(format!(
            "The attachments folder {} is not empty. Choose an empty or new folder with --files.",
            folder.display()
        ));
    }
    make_private(&config.data)?;
    let _lock = lock(&config.data).map_err(|e| e.0)?;
    remove_if_exists(&partial)?;
    // First: it marks a restore in progress.
    backup.copy_to(&partial).await.map_err(|e| e.0)?;
    backup.close().await;
    let mut copy = DataFile::open(&partial, Access::Exclusive).await.map_err(|e| e.0)?;
    let problems = copy.problems().await;
    if !problems.is_empty() {
        print_problems(&problems);
        return Err(format!(
            "The backup {} is damaged. Restore another backup.",
            config.from.display()
        ));
    }
    let names = copy.blob_names().await.map_err(|e| e.0)?;
    let owner = copy.files_owner().await.map_err(|e| e.0)?.unwrap_or_default();
    let statistics = copy.statistics().await.map_err(|e| e.0)?;
    copy.close().await;
    let from = open_source_blobs(&config.from, &local_storage()).map_err(|e| e.to_string())?;
    let to = storage::open_blob_store(&config.data, &config.storage).map_err(|e| e.0)?;
    if !to.check_owner(&owner).await.map_err(failed("Cannot access the attachments"))? {
        return Err(
            "The target contains attachments of another ChatBox server. Choose another one \
             with --files."
                .to_owned(),
        );
    }
    let done = match &from {
        Some(from) => transfer::copy(&names, from, &to, &folder.join(STAGING))
            .await
            .map_err(failed("Cannot copy the attachments"))?,
        // A bucket may still contain the attachments.
        None => {
            transfer::check(&names, &to).await.map_err(failed("Cannot access the attachments"))?
        }
    };
    replace_file(&partial, &target)?;
    print(&format!(
        "Restored to {}: {}, {}. {}. Start the server with `chatbox serve --data {}`.\n",
        config.data.display(),
        count_of(statistics.events, "event"),
        count_of(names.len() - done.missing.len() - done.damaged.len(), "attachment"),
        latest_event(statistics.latest.as_deref()),
        config.data.display(),
    ));
    incomplete(
        &done,
        "Everything was restored, except for attachments that are missing or damaged in the backup",
    )
}

/// Checks a data folder or a backup and lists its problems. Changes nothing.
///
/// # Errors
/// Problems were found, or the folder cannot be read.
pub async fn verify(config: &VerifyConfig) -> Result<(), String> {
    let file = config.folder.join(DATA_FILE);
    let (access, _lock) = lock_for_access(&config.folder)?;
    let mut data = DataFile::open(&file, access).await.map_err(|e| e.0)?;
    let mut problems = data.problems().await;
    // Fails only on damage that is already listed.
    let names = data.blob_names().await.unwrap_or_default();
    let statistics = data.statistics().await.ok();
    // A backup contains its attachments, wherever the server stores them.
    let is_backup = config.folder.join(BACKUP_LOCK).exists();
    let storage = if is_backup { local_storage() } else { config.storage.clone() };
    let blobs = open_source_blobs(&config.folder, &storage).map_err(|e| e.to_string())?;
    let mut checked = match &blobs {
        Some(blobs) => {
            transfer::check(&names, blobs).await.map_err(failed("Cannot access the attachments"))?
        }
        None => Transfer { missing: names.iter().cloned().collect(), ..Transfer::default() },
    };
    if access == Access::Shared {
        // Attachments that were deleted during the check.
        let now = data.blob_names().await.unwrap_or_default();
        checked.missing.retain(|name| now.contains(name));
    }
    data.close().await;
    if let (Some(statistics), true) = (statistics, problems.is_empty()) {
        let (events, streams) =
            (count_of(statistics.events, "event"), count_of(statistics.streams, "stream"));
        print(&format!(
            "The database is intact: {events} in {streams}. {}.\n",
            latest_event(statistics.latest.as_deref())
        ));
    }
    print(&format!(
        "{} of {} intact ({}).\n",
        checked.copied.len(),
        count_of(names.len(), "attachment"),
        format_size(checked.bytes)
    ));
    problems.extend(attachment_problems(&checked));
    if problems.is_empty() {
        return Ok(());
    }
    print_problems(&problems);
    Err(format!(
        "Problems found in {}. Stop the server, keep a copy of the folder, and restore a backup.",
        config.folder.display()
    ))
}

/// Opens the blobs of a folder without creating it; `None` if there are none.
fn open_source_blobs(
    data: &Path,
    storage: &FileStorage,
) -> Result<Option<BlobStore>, crate::server::store::OpenError> {
    let is_bucket = matches!(storage.files, Some(StorageBackend::Bucket { .. }));
    if !is_bucket && !storage::local_folder(data, storage).join(BLOB_FOLDER).is_dir() {
        return Ok(None);
    }
    storage::open_blob_store(data, storage).map(Some)
}

fn local_storage() -> FileStorage {
    FileStorage::default()
}

fn attachment_problems(done: &Transfer) -> Vec<String> {
    let missing = done.missing.iter().map(|name| format!("Missing attachment: {name}"));
    missing.chain(done.damaged.iter().map(|name| format!("Damaged attachment: {name}"))).collect()
}

fn incomplete(done: &Transfer, message: &str) -> Result<(), String> {
    let problems = attachment_problems(done);
    if problems.is_empty() {
        return Ok(());
    }
    print_problems(&problems);
    Err(format!("{message} ({}).", count_of(problems.len(), "attachment")))
}

fn print_problems(problems: &[String]) {
    for problem in problems.iter().take(MAX_LISTED) {
        print(&format!("{problem}\n"));
    }
    if problems.len() > MAX_LISTED {
        print(&format!("… and {} more\n", problems.len() - MAX_LISTED));
    }
}

/// Ignores a closed standard output.
fn print(message: &str) {
    let _ = io::stdout().write_all(message.as_bytes());
}

fn count_of(count: impl TryInto<u64>, of: &str) -> String {
    let count = count.try_into().unwrap_or_default();
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}

fn latest_event(at: Option<&str>) -> String {
    at.map_or_else(|| "No events yet".to_owned(), |at| format!("Latest event: {at}"))
}

fn failed(what: &'static str) -> impl Fn(AppError) -> String {
    move |error| match error {
        AppError::Client(error) => format!("{what}: {}", error.message),
        AppError::Internal(cause) => format!("{what}: {cause}."),
    }
}
