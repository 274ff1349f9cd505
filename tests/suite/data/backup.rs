//! `chatbox backup`, `restore` and `verify`, run as programs beside a running server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use image::ImageFormat;
use serde_json::json;

use crate::{
    files::{path, picture},
    harness::{
        server::{TestServer, users},
        sqlite_file::{DANGLING_ROW, REMOVE_EVENT, SqliteFile},
        user::{TestUser, cursors, new_id},
    },
};

/// The result of a program: whether it succeeded, and its output.
pub(crate) struct ProgramOutput {
    pub(crate) succeeded: bool,
    pub(crate) text: String,
}

/// Runs the program with these arguments and environment variables, for at most a minute.
pub(crate) fn run(arguments: &[&str], environment: &[(&str, &str)]) -> ProgramOutput {
    let mut program = Command::new("timeout");
    program
        .args(["60", env!("CARGO_BIN_EXE_chatbox")])
        .args(arguments)
        .envs(environment.iter().copied());
    let Output { status, stdout, stderr } = program.output().unwrap();
    let text = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
    ProgramOutput { succeeded: status.success(), text }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl ProgramOutput {
    pub(crate) fn expect_success(self) -> String {
        assert!(self.succeeded, "{}", self.text);
        self.text
    }

    pub(crate) fn expect_failure(self) -> String {
        assert!(!self.succeeded, "{}", self.text);
        self.text
    }
}

fn run_backup(data: &Path, to: &Path) -> ProgramOutput {
    run(&["backup", "--data", text(data), "--to", text(to)], &[])
}

fn run_restore(from: &Path, data: &Path) -> ProgramOutput {
    run(&["restore", "--from", text(from), "--data", text(data)], &[])
}

fn run_verify(folder: &Path) -> ProgramOutput {
    run(&["verify", text(folder)], &[])
}

fn data_of(server: &TestServer) -> PathBuf {
    server.data_folder().to_owned()
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

/// A server on a restored folder, and a user who signs in again.
async fn start_restored(data: &Path, username: &str) -> (TestServer, TestUser) {
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
    // Messages are posted during the backup.
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
    let run = async {
        let (data, to) = (data.clone(), backup.clone());
        let output = tokio::task::spawn_blocking(move || run_backup(&data, &to)).await.unwrap();
        done.store(true, Ordering::Relaxed);
        output
    };
    let (count, output) = tokio::join!(writes, run);
    let output = output.expect_success();
    assert!(
        output.contains("3 attachments (3 new"),
        "two sizes of the image, and the file: {output}"
    );
    assert!(run_verify(&backup).expect_success().contains("3 of 3 attachments intact"));
    assert!(
        run_verify(&data).expect_success().contains("The database is intact"),
        "also while a server runs"
    );
    run_restore(&backup, &restored).expect_success();
    drop(server);
    let (_server, back) = start_restored(&restored, "ada").await;
    let read = back.message_bodies(&direct).await;
    assert_eq!(read[0], "with files");
    // A prefix of the written messages, without a gap.
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
    assert_ne!(now, epoch, "browsers must reload");
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
    assert!(
        run_backup(&data_of(&server), &backup).expect_success().contains("2 attachments (2 new")
    );
    let before = objects(&backup);
    let written = |path: &PathBuf| fs::metadata(path).unwrap().modified().unwrap();
    let times: Vec<_> = before.iter().map(written).collect();
    let third = ada.upload(&direct, "c.bin", b"\0third").await;
    ada.post_with_files(&direct, &new_id(), "third", &[&third]).await.ok();
    assert!(
        run_backup(&data_of(&server), &backup).expect_success().contains("3 attachments (1 new")
    );
    assert_eq!(
        before.iter().map(written).collect::<Vec<_>>(),
        times,
        "the previous backup is unchanged"
    );
    // A truncated file, as after a crash, is copied again.
    fs::write(&before[0], b"\0fi").unwrap();
    assert!(run_verify(&backup).expect_failure().contains("Damaged attachment: "));
    assert!(
        run_backup(&data_of(&server), &backup).expect_success().contains("3 attachments (1 new")
    );
    run_verify(&backup).expect_success();
    ada.call_ok(
        "cancel_upload",
        json!({ "file": ada.upload(&direct, "never.bin", b"\0never sent").await["id"] }),
    )
    .await;
    ada.call_ok("delete_message", json!({ "conversation": direct, "seq": 1 })).await;
    // The files of a deleted message are kept for 30 days.
    server.advance_clock(Duration::from_secs(31 * 24 * 3600));
    let server = server.restart();
    let output = run_backup(&data_of(&server), &backup).expect_success();
    assert!(output.contains("1 attachment (0 new") && output.contains("2 removed"), "{output}");
    assert_eq!(objects(&backup).len(), 1);
}

/// Damages the files of a backup, or returns the SQL that damages its database.
type Break = fn(&Path) -> Option<&'static str>;

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
        ("a hole in a stream", "should have the events 1 to ", |_| Some(REMOVE_EVENT)),
        (
            "a row that refers to nothing",
            "Rows of memberships that refer to missing rows of ",
            |_| Some(DANGLING_ROW),
        ),
        ("a damaged page", "Damaged data: ", |backup| {
            let file = backup.join("chatbox.sqlite");
            let mut bytes = fs::read(&file).unwrap();
            // The headers of many pages, except those of the schema, which locate the tables.
            let is_schema = |page: &[u8]| page.windows(7).any(|part| part == b"CREATE ");
            let pages = bytes.chunks_mut(4096).skip(40).step_by(3);
            for page in pages.filter(|page| !is_schema(page)) {
                page[..16].fill(0xff);
            }
            fs::write(file, bytes).unwrap();
            None
        }),
    ];
    for (n, (what, words, break_it)) in wrong.into_iter().enumerate() {
        let backup = folder.path().join(n.to_string());
        run_backup(&data_of(&server), &backup).expect_success();
        run_verify(&backup).expect_success();
        if let Some(sql) = break_it(&backup) {
            SqliteFile::open(&backup.join("chatbox.sqlite")).await.run(sql).await;
        }
        let output = run_verify(&backup).expect_failure();
        assert!(output.contains(words) && output.contains("Problems found in"), "{what}: {output}");
        // A restore reports the damage too and creates no data folder that could be served.
        let restored = folder.path().join(format!("restored {n}"));
        let output = run_restore(&backup, &restored).expect_failure();
        assert_eq!(
            restored.join("chatbox.sqlite").exists(),
            what.contains("file"),
            "{what}: {output}"
        );
    }
    // A damaged database does not replace the intact backup.
    let (data, backup) = (folder.path().join("4"), folder.path().join("whole"));
    run_backup(&data_of(&server), &backup).expect_success();
    let before = fs::read(backup.join("chatbox.sqlite")).unwrap();
    fs::remove_file(data.join("backup.lock")).unwrap();
    run_backup(&data, &backup).expect_failure();
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
    run_backup(&data, &backup).expect_success();
    let before = fs::read(backup.join("chatbox.sqlite")).unwrap();
    assert!(
        run_backup(&data, &full).expect_failure().contains("is not empty and contains no backup")
    );
    assert!(run_backup(&data, &data).expect_failure().contains("is a data folder"));
    assert!(
        run_backup(&data_of(&other), &backup)
            .expect_failure()
            .contains("a backup of another ChatBox")
    );
    assert!(run_backup(&new, &backup).expect_failure().contains("does not exist"));
    assert!(run_restore(&backup, &full).expect_failure().contains("is not empty"));
    assert!(run_restore(&backup, &data).expect_failure().contains("is not empty"));
    assert!(run_restore(&full, &new).expect_failure().contains("does not exist"));
    assert!(run_verify(&full).expect_failure().contains("does not exist"));
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
    run_backup(&data_of(&server), &backup).expect_success();
    drop(server);
    fs::create_dir_all(restored.join("files/objects")).unwrap();
    fs::write(restored.join("chatbox.sqlite.part"), b"half of it").unwrap();
    let output = run(&["serve", "--address", "127.0.0.1:0", "--data", text(&restored)], &[])
        .expect_failure();
    assert!(output.contains("Run `chatbox restore` again"), "{output}");
    run_restore(&backup, &restored).expect_success();
    let (_server, ada) = start_restored(&restored, "ada").await;
    assert_eq!(ada.message_bodies(&ada.everyone().await).await, ["kept"]);
}
