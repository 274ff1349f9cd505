//! Restored data: an earlier copy begins a new epoch, however it was restored; foreign or
//! inconsistent files are rejected and left unchanged.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::json;

use crate::harness::{
    server::{TestServer, users},
    sqlite_file::{FOREIGN_HEADERS, SqliteFile, vacuum_into},
    user::{TestUser, cursors},
};

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn copy_data_file(from: &Path, to: &Path) {
    fs::copy(from.join("chatbox.sqlite"), to.join("chatbox.sqlite")).unwrap();
}

/// Copies with the modification times, as `cp -a` and `tar` do.
fn copy_with_times(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap().success());
}

async fn epoch(person: &TestUser) -> String {
    cursors(&person.snapshot().await).0
}

type PutBack = fn(copy: &Path, data: &Path);

/// Ways to restore a copy.
const WAYS: [(&str, PutBack); 5] = [
    ("the data file alone, in its place", copy_data_file),
    ("the data file alone, as a new file", |copy, data| {
        fs::copy(copy.join("chatbox.sqlite"), data.join("new")).unwrap();
        fs::rename(data.join("new"), data.join("chatbox.sqlite")).unwrap();
    }),
    ("all files, in their places", |copy, data| copy_folder(copy, data)),
    ("all files, with their times", |copy, data| copy_with_times(copy, data)),
    ("a folder of its own", |copy, data| {
        fs::remove_dir_all(data).unwrap();
        copy_with_times(copy, &{
            fs::create_dir(data).unwrap();
            data.to_owned()
        });
    }),
];

#[tokio::test]
async fn a_restored_copy_begins_a_new_epoch() {
    for (way, put_back) in WAYS {
        let server = TestServer::new();
        let [mut ada] = users(&server).await;
        let everyone = ada.everyone().await;
        ada.post(&everyone, "kept").await;
        let mut copy = PathBuf::new();
        let server = server.restart_after(|data| {
            copy = data.with_extension("copy");
            copy_folder(data, &copy);
        });
        ada.switch_to(&server);
        ada.post(&everyone, "lost").await;
        let (before, known) = cursors(&ada.snapshot().await);
        // A restart without a restore keeps the epoch.
        let server = server.restart();
        ada.switch_to(&server);
        assert_eq!(epoch(&ada).await, before, "{way}");
        let server = server.restart_after(|data| put_back(&copy, data));
        ada.switch_to(&server);
        assert_eq!(ada.message_bodies(&everyone).await, ["kept"], "{way}");
        let after = epoch(&ada).await;
        assert_ne!(after, before, "{way}");
        // A new message has the number of the lost one: without a new epoch it would never be
        // delivered.
        ada.post(&everyone, "instead").await;
        let socket = ada.connect_from(&before, &known).await;
        assert!(
            socket.missed.iter().any(|frame| frame["type"] == "resync"),
            "{way}: {:?}",
            socket.missed
        );
        let server = server.restart();
        ada.switch_to(&server);
        assert_eq!(epoch(&ada).await, after, "{way}: once");
    }
}

#[tokio::test]
async fn only_a_copy_of_the_latest_state_keeps_the_epoch() {
    let server = TestServer::new();
    let [mut ada] = users(&server).await;
    let everyone = ada.everyone().await;
    ada.post(&everyone, "kept").await;
    let before = epoch(&ada).await;
    let mut copy = PathBuf::new();
    let server = server.restart_after(|data| {
        copy = data.with_extension("copy");
        copy_folder(data, &copy);
    });
    let server = server.restart_after(|data| copy_data_file(&copy, data));
    ada.switch_to(&server);
    assert_eq!(epoch(&ada).await, before, "nothing was written since the copy");
    ada.post(&everyone, "lost").await;
    // Two starts without writes: what was written before them still counts.
    let server = server.restart().restart().restart_after(|data| copy_data_file(&copy, data));
    ada.switch_to(&server);
    assert_ne!(epoch(&ada).await, before);
}

/// Starts the program on a folder; it must fail with one sentence.
fn start_error(data: &Path) -> String {
    let Output { status, stderr, .. } = Command::new("timeout")
        .args(["30", env!("CARGO_BIN_EXE_chatbox"), "serve", "--address", "127.0.0.1:0", "--data"])
        .arg(data)
        .output()
        .unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "{stderr}");
    stderr
}

/// Every file of a folder with its bytes, without the lock.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.retain(|path| !path.ends_with("chatbox.lock"));
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

#[tokio::test]
async fn a_second_server_on_a_data_folder_says_that_it_is_in_use() {
    let server = TestServer::new();
    users::<1>(&server).await;
    let stderr = start_error(server.data_folder());
    assert!(stderr.contains("is in use. Stop the other ChatBox server"), "{stderr}");
}

#[tokio::test]
async fn a_foreign_database_is_rejected_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chatbox.sqlite");
    // Tables with the same names do not make it a ChatBox database.
    SqliteFile::create_foreign(&file).await;
    let before = contents(folder.path());
    assert!(start_error(folder.path()).contains("belongs to another program"));
    assert_eq!(contents(folder.path()), before);
    // A database with another application ID, and one in WAL mode whose journal was left behind.
    for header in FOREIGN_HEADERS {
        let mut other = SqliteFile::open(&file).await;
        other.run(header).await;
        other.insert_bookmark().await;
        let copy = contents(folder.path());
        other.close().await;
        for (path, bytes) in copy {
            fs::write(path, bytes).unwrap();
        }
        let before = contents(folder.path());
        assert!(start_error(folder.path()).contains("belongs to another program"), "{header}");
        assert_eq!(contents(folder.path()), before, "{header}");
    }
    for (bytes, what) in [
        (&b"not a database at all, and longer than one page would be".repeat(200)[..], "text"),
        (&b"short"[..], "short"),
    ] {
        fs::remove_file(folder.path().join("chatbox.sqlite-wal")).ok();
        fs::write(&file, bytes).unwrap();
        assert!(start_error(folder.path()).contains("is not a ChatBox database"), "{what}");
        assert_eq!(fs::read(&file).unwrap(), bytes, "{what}");
    }
}

#[tokio::test]
async fn a_foreign_wal_is_rejected_and_the_own_one_accepted() {
    let server = TestServer::new();
    let [mut ada] = users(&server).await;
    let everyone = ada.everyone().await;
    ada.post(&everyone, "before the copy").await;
    let mut earlier = Vec::new();
    let server =
        server.restart_after(|data| earlier = fs::read(data.join("chatbox.sqlite")).unwrap());
    ada.switch_to(&server);
    ada.post(&everyone, "after the copy").await;
    // The database changes further; otherwise the copy would be the file that the journal belongs
    // to.
    let server = server.restart();
    ada.switch_to(&server);
    for n in 0..19 {
        ada.post(&everyone, &format!("in the journal {n}")).await;
    }
    // The state after a kill: the database with its journal.
    let crashed = tempfile::tempdir().unwrap();
    for name in ["chatbox.sqlite", "chatbox.sqlite-wal"] {
        fs::copy(server.data_folder().join(name), crashed.path().join(name)).unwrap();
    }
    let journal = fs::read(crashed.path().join("chatbox.sqlite-wal")).unwrap();
    assert!(journal.len() > 32, "the journal is not empty");
    let opens = |folder: &Path| {
        let folder = folder.to_owned();
        async move {
            let server = TestServer::with_config(|config| config.data = folder);
            let mut ada = TestUser { client: server.client(), ..server.second_device("ada").await };
            ada.client.cookie = server.second_device("ada").await.client.cookie;
            ada.message_bodies(&ada.everyone().await).await.len()
        }
    };
    let vacuumed = crashed.path().join("vacuumed");
    vacuum_into(&server.data_folder().join("chatbox.sqlite"), &vacuumed).await;
    drop(server);
    let whole = fs::read(crashed.path().join("chatbox.sqlite")).unwrap();
    let missing: &[u8] = b"";
    for (what, put_back) in [
        ("an earlier copy", &earlier[..]),
        ("a vacuumed copy", &fs::read(&vacuumed).unwrap()[..]),
        ("nothing", missing),
    ] {
        fs::write(crashed.path().join("chatbox.sqlite"), put_back).unwrap();
        let _ = fs::remove_file(crashed.path().join("chatbox.sqlite-shm"));
        let stderr = start_error(crashed.path());
        assert!(stderr.contains("chatbox.sqlite-wal"), "{what}: {stderr}");
        assert_eq!(fs::read(crashed.path().join("chatbox.sqlite")).unwrap(), put_back, "{what}");
        assert_eq!(fs::read(crashed.path().join("chatbox.sqlite-wal")).unwrap(), journal, "{what}");
    }
    fs::write(crashed.path().join("chatbox.sqlite"), whole).unwrap();
    assert_eq!(opens(crashed.path()).await, 21, "its own journal is applied");
    // The earlier copy without the journal is unchanged.
    fs::write(crashed.path().join("chatbox.sqlite"), earlier).unwrap();
    for name in ["chatbox.sqlite-wal", "chatbox.sqlite-shm"] {
        let _ = fs::remove_file(crashed.path().join(name));
    }
    assert_eq!(opens(crashed.path()).await, 1);
}

#[tokio::test]
async fn a_damaged_page_makes_the_server_not_ready() {
    let server = TestServer::new();
    let [mut ada] = users(&server).await;
    let everyone = ada.everyone().await;
    for n in 0..300 {
        ada.post(&everyone, &format!("message {n} {}", "x".repeat(400))).await;
    }
    let mut server = server.restart_after(|data| {
        // A page of the history that is not read at start.
        let file = data.join("chatbox.sqlite");
        let mut bytes = fs::read(&file).unwrap();
        let message = b"message 150 ";
        let at = bytes
            .windows(message.len())
            .position(|found| found == message)
            .expect("the database contains it")
            / 4096
            * 4096;
        bytes[at..at + 4096].fill(0xa5);
        fs::write(file, bytes).unwrap();
    });
    server.is_damaged = true;
    ada.switch_to(&server);
    let client = server.client();
    let mut responses = Vec::new();
    for before in (1..300).step_by(10) {
        responses
            .push(ada.history(&everyone, json!({ "before": before, "limit": 10 })).await.status);
    }
    assert!(responses.contains(&500), "a damaged page is read: {responses:?}");
    let ready = client.get("/readyz").await;
    assert_eq!((ready.status, ready.text.contains("damaged")), (503, true), "{}", ready.text);
}
