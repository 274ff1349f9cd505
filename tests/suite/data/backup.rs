//! `chatbox backup`, `restore` and `verify`: the program itself, beside a server that goes on, and
//! what people find after it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicBool, Ordering},
};

use image::ImageFormat;
use serde_json::json;
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

use crate::{
    files::{path, picture},
    harness::{
        server::{TestServer, users},
        user::{TestUser, cursors, new_id},
    },
};

/// What the program answered: whether it ended well, and all that it said.
pub(crate) struct Said {
    pub(crate) ended_well: bool,
    pub(crate) words: String,
}

/// Runs the program with these arguments and no setting from outside.
pub(crate) fn runs(arguments: &[&str], environment: &[(&str, &str)]) -> Said {
    let mut program = Command::new("timeout");
    program
        .args(["60", env!("CARGO_BIN_EXE_chatbox")])
        .args(arguments)
        .envs(environment.iter().copied());
    let Output { status, stdout, stderr } = program.output().unwrap();
    let words = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    Said { ended_well: status.success(), words }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Said {
    pub(crate) fn well(self) -> String {
        assert!(self.ended_well, "{}", self.words);
        self.words
    }

    fn badly(self) -> String {
        assert!(!self.ended_well, "{}", self.words);
        self.words
    }
}

fn backs_up(data: &Path, to: &Path) -> Said {
    runs(&["backup", "--data", text(data), "--to", text(to)], &[])
}

fn restores(from: &Path, data: &Path) -> Said {
    runs(&["restore", "--from", text(from), "--data", text(data)], &[])
}

fn verifies(folder: &Path) -> Said {
    runs(&["verify", text(folder)], &[])
}

fn data_of(server: &TestServer) -> PathBuf {
    server.data_file().parent().unwrap().to_owned()
}

/// Every object of a folder.
fn objects(folder: &Path) -> Vec<PathBuf> {
    let below = |folder: PathBuf| {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let mut found: Vec<_> = below(folder.join("files/objects"))
        .into_iter()
        .filter(|path| path.is_dir())
        .flat_map(below)
        .collect();
    found.sort();
    found
}

/// A server on a restored folder, and somebody there who signs in anew.
async fn opens(data: &Path, username: &str) -> (TestServer, TestUser) {
    let server = TestServer::with_config(|config| config.data = data.to_owned());
    let person = server.second_device(username).await;
    (server, person)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_online_backup_is_consistent_and_restores_everything() {
    let folder = tempfile::tempdir().unwrap();
    let [backup, restored] = ["backups/chat", "restored"].map(|name| folder.path().join(name));
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let photo = ada.upload(&direct, "photo.jpg", &picture(800, 500, ImageFormat::Jpeg)).await;
    let note = ada.upload(&direct, "note.bin", b"\0kept").await;
    ada.post_with_files(&direct, &new_id(), "with files", &[&photo, &note]).await.ok();
    let (epoch, _) = cursors(&ada.snapshot().await);
    // People write as long as it runs.
    let done = AtomicBool::new(false);
    let writes = async {
        let mut count = 0;
        while !done.load(Ordering::Relaxed) {
            count += 1;
            grace.post(&direct, &format!("meanwhile {count}")).await;
        }
        count
    };
    let data = data_of(&server);
    let runs = async {
        let (data, to) = (data.clone(), backup.clone());
        let said = tokio::task::spawn_blocking(move || backs_up(&data, &to)).await.unwrap();
        done.store(true, Ordering::Relaxed);
        said
    };
    let (count, said) = tokio::join!(writes, runs);
    let said = said.well();
    assert!(
        said.contains("3 attachments (3 new"),
        "two sizes of the picture, and the file: {said}"
    );
    assert!(verifies(&backup).well().contains("3 of 3 attachments intact"));
    assert!(verifies(&data).well().contains("The database is intact"), "also beside a server");
    restores(&backup, &restored).well();
    drop(server);
    let (_server, back) = opens(&restored, "ada").await;
    let read = back.message_bodies(&direct).await;
    assert_eq!(read[0], "with files");
    // A beginning of what was written, without a hole.
    assert!(read.len() <= count + 1, "{} of {count}", read.len());
    assert!(
        read.iter().skip(1).enumerate().all(|(at, body)| *body == format!("meanwhile {}", at + 1)),
        "{read:?}"
    );
    assert_eq!(back.fetch(&path(&note), &[]).await.2, b"\0kept");
    assert!(
        image::load_from_memory(&back.fetch(&format!("{}/small", path(&photo)), &[]).await.2)
            .is_ok()
    );
    let (now, _) = cursors(&back.snapshot().await);
    assert_ne!(now, epoch, "browsers load anew");
}

#[tokio::test]
async fn an_incremental_backup_copies_new_and_removes_deleted_files() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let [first, second] = [
        ada.upload(&direct, "a.bin", b"\0first").await,
        ada.upload(&direct, "b.bin", b"\0second").await,
    ];
    ada.post_with_files(&direct, &new_id(), "both", &[&first, &second]).await.ok();
    assert!(backs_up(&data_of(&server), &backup).well().contains("2 attachments (2 new"));
    let before = objects(&backup);
    let written = |path: &PathBuf| fs::metadata(path).unwrap().modified().unwrap();
    let times: Vec<_> = before.iter().map(written).collect();
    let third = ada.upload(&direct, "c.bin", b"\0third").await;
    ada.post_with_files(&direct, &new_id(), "third", &[&third]).await.ok();
    assert!(backs_up(&data_of(&server), &backup).well().contains("3 attachments (1 new"));
    assert_eq!(
        before.iter().map(written).collect::<Vec<_>>(),
        times,
        "what was there was left as it is"
    );
    // One that a crash of the machine cut short is copied again.
    fs::write(&before[0], b"\0fi").unwrap();
    assert!(verifies(&backup).badly().contains("Damaged attachment: "));
    assert!(backs_up(&data_of(&server), &backup).well().contains("3 attachments (1 new"));
    verifies(&backup).well();
    ada.call_ok(
        "cancel_upload",
        json!({ "file": ada.upload(&direct, "never.bin", b"\0never sent").await["id"] }),
    )
    .await;
    ada.call_ok("delete_message", json!({ "conversation": direct, "seq": 1 })).await;
    // The files of a deleted message are kept for 30 days.
    server
        .execute(
            "update changes set deleted = deleted - 31 * 24 * 3600000 where deleted is not null"
                .into(),
        )
        .await;
    let server = server.restart();
    let said = backs_up(&data_of(&server), &backup).well();
    assert!(said.contains("1 attachment (0 new") && said.contains("2 removed"), "{said}");
    assert_eq!(objects(&backup).len(), 1);
}

/// Breaks a backup: its files at once, or its data file by this SQL.
type Break = fn(&Path) -> Option<String>;

#[tokio::test]
async fn verify_names_every_problem() {
    let folder = tempfile::tempdir().unwrap();
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let note = ada.upload(&direct, "a.bin", b"\0first").await;
    ada.post_with_files(&direct, &new_id(), "one", &[&note]).await.ok();
    for n in 0..200 {
        ada.post(&direct, &format!("{n} {}", "long ".repeat(100))).await;
    }
    let wrong: [(&str, &str, Break); 5] = [
        ("a bit of a file", "Damaged attachment: ", |backup| {
            let object = &objects(backup)[0];
            let mut bytes = fs::read(object).unwrap();
            bytes[1] ^= 1;
            fs::write(object, bytes).unwrap();
            None
        }),
        ("a missing file", "Missing attachment: ", |backup| {
            fs::remove_file(&objects(backup)[0]).unwrap();
            None
        }),
        ("a hole in a stream", "should have the events 1 to ", |_| {
            Some("delete from changes where seq = 7 and kind = 'posted'".into())
        }),
        (
            "a row that refers to nothing",
            "Rows of memberships that refer to missing rows of ",
            |_| {
                Some(
                    "insert into memberships (person, conversation, joined) \
                     values (x'00', x'01', 1)"
                        .into(),
                )
            },
        ),
        ("a damaged page", "Damaged data: ", |backup| {
            let file = backup.join("chatbox.sqlite");
            let mut bytes = fs::read(&file).unwrap();
            // The heads of many pages, but not of the first, by which the tables are found.
            for page in bytes.chunks_mut(4096).skip(40).step_by(3) {
                page[..16].fill(0xff);
            }
            fs::write(file, bytes).unwrap();
            None
        }),
    ];
    for (n, (what, words, break_it)) in wrong.into_iter().enumerate() {
        let backup = folder.path().join(n.to_string());
        backs_up(&data_of(&server), &backup).well();
        verifies(&backup).well();
        if let Some(sql) = break_it(&backup) {
            let options = SqliteConnectOptions::new()
                .filename(backup.join("chatbox.sqlite"))
                .foreign_keys(false);
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .execute(&mut options.connect().await.unwrap())
                .await
                .unwrap();
        }
        let said = verifies(&backup).badly();
        assert!(said.contains(words) && said.contains("Problems found in"), "{what}: {said}");
        // A restore says so, too; of damaged data it makes nothing that could be served.
        let restored = folder.path().join(format!("restored {n}"));
        let said = restores(&backup, &restored).badly();
        assert_eq!(
            restored.join("chatbox.sqlite").exists(),
            what.contains("file"),
            "{what}: {said}"
        );
    }
    // A data file that is damaged does not replace the backup that is whole.
    let (data, backup) = (folder.path().join("4"), folder.path().join("whole"));
    backs_up(&data_of(&server), &backup).well();
    let before = fs::read(backup.join("chatbox.sqlite")).unwrap();
    fs::remove_file(data.join("backup.lock")).unwrap();
    backs_up(&data, &backup).badly();
    assert_eq!(fs::read(backup.join("chatbox.sqlite")).unwrap(), before);
}

#[tokio::test]
async fn a_non_empty_folder_is_rejected_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let [backup, full, new] = ["backup", "full", "new"].map(|name| folder.path().join(name));
    fs::create_dir(&full).unwrap();
    fs::write(full.join("thesis.tex"), "years of work").unwrap();
    let (server, other) = (TestServer::new(), TestServer::new());
    let [_ada] = users(&server).await;
    let data = data_of(&server);
    backs_up(&data, &backup).well();
    let before = fs::read(backup.join("chatbox.sqlite")).unwrap();
    assert!(backs_up(&data, &full).badly().contains("is not empty and contains no backup"));
    assert!(backs_up(&data, &data).badly().contains("is a data folder"));
    assert!(backs_up(&data_of(&other), &backup).badly().contains("a backup of another ChatBox"));
    assert!(backs_up(&new, &backup).badly().contains("does not exist"));
    assert!(restores(&backup, &full).badly().contains("is not empty"));
    assert!(restores(&backup, &data).badly().contains("is not empty"));
    assert!(restores(&full, &new).badly().contains("does not exist"));
    assert!(verifies(&full).badly().contains("does not exist"));
    assert_eq!(fs::read(backup.join("chatbox.sqlite")).unwrap(), before);
    assert_eq!((fs::read_dir(&full).unwrap().count(), new.exists()), (1, false));
}

#[tokio::test]
async fn an_interrupted_restore_is_not_served_and_can_be_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let [backup, restored] = ["backup", "restored"].map(|name| folder.path().join(name));
    let server = TestServer::new();
    let [ada] = users(&server).await;
    ada.post(&ada.everyone().await, "kept").await;
    backs_up(&data_of(&server), &backup).well();
    drop(server);
    fs::create_dir_all(restored.join("files/objects")).unwrap();
    fs::write(restored.join("chatbox.sqlite.part"), b"half of it").unwrap();
    let said = runs(&["serve", "--address", "127.0.0.1:0", "--data", text(&restored)], &[]).badly();
    assert!(said.contains("Run `chatbox restore` again"), "{said}");
    restores(&backup, &restored).well();
    let (_server, ada) = opens(&restored, "ada").await;
    assert_eq!(ada.message_bodies(&ada.everyone().await).await, ["kept"]);
}
