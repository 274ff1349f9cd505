//! Full disks and failing syncs: nothing is acknowledged that is not stored.

use std::{collections::BTreeSet, fs, path::PathBuf};

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::user::new_id,
    measure::{Rng, report_row, times},
    program::{Program, free_port},
    writers::{Writers, at_server, lost, sign_up_ada},
};

/// Exit code after a disk error; `EX_IOERR` of sysexits.
const DISK_FAILED: i32 = 74;

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_serves_reads() {
    let rounds = times(3, 40);
    let folder = tempfile::tempdir().unwrap();
    let (data, full) = (folder.path().join("data"), folder.path().join("full"));
    let mut rng = Rng::of(4);
    let server = Program::start(&data, &[("FULL", full.display().to_string())]).await;
    let (ada, everyone) = sign_up_ada(&server).await;
    let (mut acknowledged, mut rejected) = (BTreeSet::new(), 0);
    for _ in 0..rounds {
        let writers = Writers::start(&ada, &everyone);
        writers.wait_for_acknowledged(rng.between(20, 120)).await;
        fs::write(&full, "").unwrap();
        // Each writer stops at its first rejected message.
        acknowledged.extend(writers.stop().await);
        let ids: Vec<String> = (0..10).map(|_| new_id()).collect();
        let responses =
            join_all(ids.iter().map(|id| ada.post_with_id(id, &everyone, "while it is full")))
                .await;
        for answer in &responses {
            assert_eq!(
                (answer.status, answer.error().1.as_str()),
                (507, "storage_full"),
                "{}",
                answer.text
            );
        }
        let long = "x".repeat(9_000);
        let many = join_all(
            (0..150).map(async |_| ada.post_with_id(&new_id(), &everyone, &long).await.status),
        )
        .await;
        assert!(many.iter().all(|status| *status == 507), "{many:?}");
        assert_eq!(
            ada.call("create_group", json!({ "name": "Full", "members": [] })).await.status,
            507
        );
        assert_eq!(ada.client.get("/").await.status, 200, "pages are still served");
        assert!(
            ada.message_bodies(&everyone).await.len() >= acknowledged.len().min(99),
            "history is readable"
        );
        rejected += responses.len() + many.len() + 1;
        fs::remove_file(&full).unwrap();
        for id in ids {
            assert_eq!(
                ada.post_with_id(&id, &everyone, "while it is full").await.status,
                200,
                "writing resumes"
            );
            acknowledged.insert(id);
        }
        assert_eq!(lost(&ada, &everyone, &data, &acknowledged).await, 0);
    }
    server.kill();
    let server = Program::start(&data, &[]).await;
    assert_eq!(lost(&at_server(&ada, &server), &everyone, &data, &acknowledged).await, 0);
    let groups =
        at_server(&ada, &server).snapshot().await["conversations"].as_array().unwrap().len();
    assert_eq!(groups, 1, "rejected groups are not stored");
    report_row(
        "a full disk produces no false acknowledgement",
        &format!(
            "{rounds} times full: {rejected} rejected (507), all read, {} acknowledged, 0 lost",
            acknowledged.len()
        ),
    );
}

#[tokio::test]
async fn a_full_disk_rejects_files_and_accepts_messages() {
    let folder = tempfile::tempdir().unwrap();
    let (data, full) = (folder.path().join("data"), folder.path().join("full"));
    let server = Program::start(&data, &[("FILES_FULL", full.display().to_string())]).await;
    let (ada, everyone) = sign_up_ada(&server).await;
    let (file, bytes) = (new_id(), vec![7_u8; 600_000]);
    ada.client.start_upload(&everyone, &file, "a.bin", bytes.len()).await.ok();
    let send =
        async |from: usize, to: usize| ada.client.send_chunk(&file, from, &bytes[from..to]).await;
    send(0, 300_000).await.ok();
    fs::write(&full, "").unwrap();
    for _ in 0..3 {
        let rejected = send(300_000, bytes.len()).await;
        assert_eq!(
            (rejected.status, rejected.error().1.as_str()),
            (507, "storage_full"),
            "{}",
            rejected.text
        );
        assert!(
            rejected.json()["message"].as_str().unwrap().starts_with("The server's disk is full"),
            "{}",
            rejected.text
        );
        assert_eq!(ada.post_with_id(&new_id(), &everyone, "without a file").await.status, 200);
    }
    fs::remove_file(&full).unwrap();
    assert_eq!(
        send(300_000, bytes.len()).await.ok()["file"]["size"],
        bytes.len(),
        "the upload resumes"
    );
    let answer = ada
        .call(
            "post_message",
            json!({ "conversation": everyone, "client_id": new_id(), "body": "", "files": [file] }),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    server.kill();
}

#[tokio::test]
async fn a_failed_sync_ends_the_process_without_false_acknowledgements() {
    let rounds = times(4, 40);
    let folder = tempfile::tempdir().unwrap();
    let (data, switch): (PathBuf, PathBuf) =
        (folder.path().join("data"), folder.path().join("fails"));
    let mut rng = Rng::of(5);
    let server = Program::start(&data, &[]).await;
    let (ada, everyone) = sign_up_ada(&server).await;
    server.kill();
    let mut acknowledged = BTreeSet::new();
    for round in 0..rounds {
        // The write-ahead log at a commit, or the database file at a checkpoint.
        let which = if round % 2 == 0 { "-wal" } else { ".sqlite" };
        let address = free_port();
        let mut server =
            Program::start_at(address, &data, &[("EIO", switch.display().to_string())])
                .await
                .unwrap();
        let writers = Writers::start(&at_server(&ada, &server), &everyone);
        writers.wait_for_acknowledged(rng.between(1, 60)).await;
        fs::write(&switch, which).unwrap();
        assert_eq!(
            writers.wait_for_acknowledged_or_end(3_000).await,
            None,
            "messages are acknowledged although {which} cannot be synced"
        );
        acknowledged.extend(writers.stop().await);
        assert_eq!(server.wait_for_exit().await, Some(DISK_FAILED), "{which}");
        assert!(server.log().contains("chatbox: A write to the disk failed"), "{}", server.log());
        fs::remove_file(&switch).unwrap();
        let server = Program::start(&data, &[]).await;
        assert_eq!(
            lost(&at_server(&ada, &server), &everyone, &data, &acknowledged).await,
            0,
            "of {} acknowledged",
            acknowledged.len()
        );
        server.kill();
    }
    report_row(
        "a failed sync ends the process",
        &format!(
            "{rounds} failed syncs, {rounds} ends with code 74, {} acknowledged, 0 lost",
            acknowledged.len()
        ),
    );
}
