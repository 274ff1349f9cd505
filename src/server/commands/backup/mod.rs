//! `chatbox backup`, `restore` and `verify`. A backup is a folder with the data file of one moment
//! and the objects that it names, in the layout of a data folder: `chatbox.sqlite` and
//! `files/objects`.

mod transfer;

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use crate::domain::file::format_size;
use crate::server::{
    LOCK_FILE,
    config::{BackupConfig, DATA_FILE, RestoreConfig, VerifyConfig},
    error::AppError,
    lock,
    storage::{self, BLOB_FOLDER, BlobStore, FileStorage, StorageBackend},
    store::{Access, DataFile, partial_path},
};
use transfer::Transfer;

/// Marks the folder of a backup, and is held by who writes to it.
const BACKUP_LOCK: &str = "backup.lock";
/// In the folder of a backup: what is not yet complete.
const STAGING: &str = "incoming";
/// Files that were deleted while they were copied are missing: then the data is copied again.
const MAX_ATTEMPTS: usize = 3;
/// Most problems that are listed.
const MAX_LISTED: usize = 20;

/// Copies the data and the files of a data folder to a backup, also while a server uses them.
///
/// The objects are copied first, then the data file, then the objects that came meanwhile, so that
/// the copy names no object which it does not hold. The data file of the backup is replaced only
/// when all of that is there.
///
/// # Errors
/// One sentence that says what to do. The backup that was there before is then still complete.
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
    // Read back from the disk they were written to.
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

/// Puts a backup into an empty data folder. The first start begins a new epoch, so that every
/// browser loads its data anew.
///
/// # Errors
/// One sentence that says what to do. What was not finished is taken up when it is run again.
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
    // First, because it marks that this has begun.
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
        // A bucket may still have them.
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

/// Checks a data folder or a backup, and says what is wrong in it. Changes nothing.
///
/// # Errors
/// That there are problems, or that it cannot be read.
pub async fn verify(config: &VerifyConfig) -> Result<(), String> {
    let file = config.folder.join(DATA_FILE);
    let (access, _lock) = lock_for_access(&config.folder)?;
    let mut data = DataFile::open(&file, access).await.map_err(|e| e.0)?;
    let mut problems = data.problems().await;
    // Damage may lie where these are read: it is listed already.
    let names = data.blob_names().await.unwrap_or_default();
    let statistics = data.statistics().await.ok();
    // A backup holds its own, wherever those of the server are.
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
        // Those that were deleted while they were looked at.
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

/// Whether a server uses a data folder at this moment. Where none does, none can begin to while the
/// answer lives.
fn lock_for_access(folder: &Path) -> Result<(Access, Option<File>), String> {
    match File::options().read(true).open(folder.join(LOCK_FILE)) {
        Ok(file) => match file.try_lock() {
            Ok(()) => Ok((Access::Exclusive, Some(file))),
            Err(TryLockError::WouldBlock) => Ok((Access::Shared, None)),
            Err(TryLockError::Error(error)) => {
                Err(format!("Cannot use {}: {error}.", folder.display()))
            }
        },
        // Never served from, or a backup.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Access::Exclusive, None)),
        Err(error) => Err(format!(
            "Cannot read {}: {error}. Run this as the server's user.",
            folder.display()
        )),
    }
}

/// Makes the folder of a backup ready, and keeps others from writing to it.
fn prepare_target(to: &Path, data: &Path) -> Result<File, String> {
    let existing = entries(to)?;
    let contains = |name: &str| existing.iter().any(|entry| entry == name);
    if contains(LOCK_FILE)
        || fs::canonicalize(to)
            .ok()
            .is_some_and(|to| fs::canonicalize(data).is_ok_and(|data| data == to))
    {
        return Err(format!("{} is a data folder. Choose another folder with --to.", to.display()));
    }
    if !existing.is_empty() && !contains(BACKUP_LOCK) {
        return Err(format!(
            "{} is not empty and contains no backup. Choose an empty or new folder with --to.",
            to.display()
        ));
    }
    make_private(to)?;
    let path = to.join(BACKUP_LOCK);
    let file = File::options().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|e| {
        format!(
            "Cannot write to {}: {e}. Grant this user write access, or choose \
             another folder with --to.",
            to.display()
        )
    })?;
    file.try_lock().map_err(|_| {
        format!("Another backup to {} is running. Wait until it is finished.", to.display())
    })?;
    Ok(file)
}

fn entries(folder: &Path) -> Result<Vec<std::ffi::OsString>, String> {
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<_, _>>()
            .map_err(|e| format!("Cannot read {}: {e}.", folder.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("Cannot read {}: {error}.", folder.display())),
    }
}

/// Messages and password hashes are for the user of the server only.
fn make_private(folder: &Path) -> Result<(), String> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| format!("Cannot create the folder {}: {e}.", folder.display()))
}

fn remove_if_exists(file: &Path) -> Result<(), String> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("Cannot remove {}: {error}.", file.display()))
        }
        _ => Ok(()),
    }
}

fn replace_file(partial: &Path, target: &Path) -> Result<(), String> {
    let folder: PathBuf = target.parent().map_or_else(|| ".".into(), Path::to_owned);
    let put = || {
        fs::rename(partial, target)?;
        File::open(&folder)?.sync_all()
    };
    put().map_err(|e| format!("Cannot write {}: {e}.", target.display()))
}

/// The objects that lie in a folder to read from, which is not created; `None` where there is none.
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

/// Whoever is not there to read it needs no telling.
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
