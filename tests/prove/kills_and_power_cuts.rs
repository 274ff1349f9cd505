//! Kills and power cuts at any moment: acknowledged messages survive.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    measure::{Rng, report_row, times},
    program::{Program, free_port},
    writers::{Writers, at_server, lost, sign_up_ada},
};

#[tokio::test]
async fn acknowledged_messages_survive_kills() {
    let (kills, least) = (times(12, 200), times(400, 20_000));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut rng = Rng::of(1);
    let server = Program::start(&data, &[]).await;
    let (ada, everyone) = sign_up_ada(&server).await;
    server.kill();
    let (mut acknowledged, mut killed, mut at_work, mut at_start) = (BTreeSet::new(), 1, 0, 0);
    while killed < kills || acknowledged.len() < least {
        // At any moment, or during a certain write or sync, sometimes before the server is ready.
        let at = match killed % 3 {
            0 => None,
            1 => Some(rng.between(60, 600)),
            _ => Some(if rng.chance(20) { rng.between(1, 8) } else { rng.between(600, 1_600) }),
        };
        let faults: Vec<_> = at.iter().map(|at| ("KILL_AT", at.to_string())).collect();
        killed += 1;
        let Ok(server) = Program::start_at(free_port(), &data, &faults).await else {
            at_start += 1;
            continue;
        };
        assert_eq!(
            lost(&at_server(&ada, &server), &everyone, &data, &acknowledged).await,
            0,
            "after {killed} kills, of {} acknowledged",
            acknowledged.len()
        );
        let writers = Writers::start(&at_server(&ada, &server), &everyone);
        if at.is_none() {
            writers.wait_for_acknowledged(rng.between(40, 260)).await;
            server.kill();
        } else {
            at_work += 1;
        }
        acknowledged.extend(writers.stop().await);
    }
    let server = Program::start(&data, &[]).await;
    assert_eq!(
        lost(&at_server(&ada, &server), &everyone, &data, &acknowledged).await,
        0,
        "after {killed} kills, of {} acknowledged",
        acknowledged.len()
    );
    let summary =
        format!("{killed} kills ({at_work} at a certain write or sync, {at_start} while starting)");
    report_row(
        "an acknowledged message survives kill -9",
        &format!(
            "{summary}, {} acknowledged, 0 lost, the file whole each time",
            acknowledged.len()
        ),
    );
}

/// Power cuts, each restarting from what was synced before. Returns the number of acknowledged and
/// of lost messages.
async fn power_cuts(cuts: usize, rng: &mut Rng, faults: &[(&str, String)]) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("synced");
    fs::create_dir(&disk).unwrap();
    let run = |n: usize| folder.path().join(format!("run-{n}"));
    let copying = [&[("COPIES", disk.display().to_string())], faults].concat();
    // Ada registers on a disk without faults.
    let server = Program::start(&run(0), &copying[..1]).await;
    let (ada, everyone) = sign_up_ada(&server).await;
    server.kill();
    let mut acknowledged = BTreeSet::new();
    let mut lost_so_far = 0;
    for cut in 1..=cuts {
        copy(&disk, &run(cut));
        let server = Program::start(&run(cut), &copying).await;
        let missing = lost(&at_server(&ada, &server), &everyone, &run(cut), &acknowledged).await;
        if missing > 0 {
            lost_so_far += missing;
            acknowledged.clear();
        }
        let writers = Writers::start(&at_server(&ada, &server), &everyone);
        writers.wait_for_acknowledged(rng.between(40, 160)).await;
        server.kill();
        acknowledged.extend(writers.stop().await);
        fs::remove_dir_all(run(cut - 1)).unwrap();
    }
    let last = run(cuts + 1);
    copy(&disk, &last);
    let server = Program::start(&last, &[]).await;
    lost_so_far += lost(&at_server(&ada, &server), &everyone, &last, &acknowledged).await;
    (acknowledged.len(), lost_so_far)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        if !file.file_name().to_string_lossy().contains(".part") {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

#[tokio::test]
async fn acknowledged_messages_survive_power_cuts() {
    let cuts = times(5, 100);
    let (acknowledged, lost) = power_cuts(cuts, &mut Rng::of(2), &[]).await;
    assert!(
        acknowledged >= 40 * cuts,
        "Ada's session survives too, so she can write: {acknowledged}"
    );
    assert_eq!(lost, 0, "of {acknowledged} acknowledged");
    report_row("… and a power cut", &format!("{cuts} cuts, {acknowledged} acknowledged, 0 lost"));
}

/// The control experiment: without a sync per commit, as with `synchronous=NORMAL`, messages are
/// lost.
#[tokio::test]
async fn without_a_sync_per_commit_a_power_cut_loses_messages() {
    let cuts = times(2, 20);
    let (_, lost) = power_cuts(cuts, &mut Rng::of(3), &[("SWALLOW", "-wal".to_owned())]).await;
    assert!(lost > 0, "otherwise the test above could not fail");
    report_row(
        "… which the test would notice",
        &format!("{cuts} cuts without a sync for each commit: {lost} acknowledged messages lost"),
    );
}
