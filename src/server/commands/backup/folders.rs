//! Folders of backups and data: their locks and access modes, and the replacement of a data file.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, TryLockError},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use crate::server::{LOCK_FILE, store::Access};

/// Marks a backup folder; locked by the process that writes to it.
pub(super) const BACKUP_LOCK: &str = "backup.lock";

/// Whether a server uses a data folder now. If not, the returned lock keeps one from starting.
pub(super) fn lock_for_access(folder: &Path) -> Result<(Access, Option<File>), String> {
    match File::options().read(true).open(folder.join(LOCK_FILE)) {
        Ok(file) => match file.try_lock() {
            Ok(()) => Ok((Access::Exclusive, Some(file))),
            Err(TryLockError::WouldBlock) => Ok((Access::Shared, None)),
            Err(TryLockError::Error(error)) => {
                Err(format!("Cannot use {}: {error}.", folder.display()))
            }
        },
        // A new data folder, or a backup.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((Access::Exclusive, None)),
        Err(error) => Err(format!(
            "Cannot read {}: {error}. Run this as the server's user.",
            folder.display()
        )),
    }
}

/// Creates and locks the folder of a backup.
pub(super) fn prepare_target(to: &Path, data: &Path) -> Result<File, String> {
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

pub(super) fn entries(folder: &Path) -> Result<Vec<OsString>, String> {
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<_, _>>()
            .map_err(|e| format!("Cannot read {}: {e}.", folder.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("Cannot read {}: {error}.", folder.display())),
    }
}

/// Only the user of the server may read messages and password hashes.
pub(super) fn make_private(folder: &Path) -> Result<(), String> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| format!("Cannot create the folder {}: {e}.", folder.display()))
}

pub(super) fn remove_if_exists(file: &Path) -> Result<(), String> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("Cannot remove {}: {error}.", file.display()))
        }
        _ => Ok(()),
    }
}

pub(super) fn replace_file(partial: &Path, target: &Path) -> Result<(), String> {
    let folder: PathBuf = target.parent().map_or_else(|| ".".into(), Path::to_owned);
    let put = || {
        fs::rename(partial, target)?;
        File::open(&folder)?.sync_all()
    };
    put().map_err(|e| format!("Cannot write {}: {e}.", target.display()))
}
