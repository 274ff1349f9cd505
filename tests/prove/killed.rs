//! The program dies, by SIGKILL or with the power, at any moment: what it acknowledged is there
//! when it comes back.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{
    measure::{Dice, measured, times},
    program::{Program, free_port},
    writers::{Writers, ada_in, goes_to, lost},
};

#[tokio::test]
async fn acknowledged_messages_survive_kills() {
    let (kills, least) = (times(12, 200), times(400, 20_000));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut dice = Dice::of(1);
    let server = Program::start(&data, &[]).await;
    let (ada, everyone) = ada_in(&server).await;
    server.kill();
    let (mut acknowledged, mut killed, mut at_work, mut at_start) = (BTreeSet::new(), 1, 0, 0);
    while killed < kills || acknowledged.len() < least {
        // By somebody at any moment; or in the middle of a certain write or sync, now and then
        // before it serves at all.
        let at = match killed % 3 {
            0 => None,
            1 => Some(dice.between(60, 600)),
            _ => Some(if dice.often(20) { dice.between(1, 8) } else { dice.between(600, 1_600) }),
        };
        let faults: Vec<_> = at.iter().map(|at| ("KILL_AT", at.to_string())).collect();
        killed += 1;
        let Ok(server) = Program::start_at(free_port(), &data, &faults).await else {
            at_start += 1;
            continue;
        };
        assert_eq!(
            lost(&data, &acknowledged).await,
            0,
            "after {killed} kills, of {} acknowledged",
            acknowledged.len()
        );
        let writers = Writers::start(&goes_to(&ada, &server), &everyone);
        if at.is_none() {
            writers.wrote(dice.between(40, 260)).await;
            server.kill();
        } else {
            at_work += 1;
        }
        acknowledged.extend(writers.stop().await);
    }
    drop(Program::start(&data, &[]).await);
    assert_eq!(
        lost(&data, &acknowledged).await,
        0,
        "after {killed} kills, of {} acknowledged",
        acknowledged.len()
    );
    let how =
        format!("{killed} kills ({at_work} at a certain write or sync, {at_start} while starting)");
    measured(
        "an acknowledged message survives kill -9",
        &format!("{how}, {} acknowledged, 0 lost, the file whole each time", acknowledged.len()),
    );
}

/// Lives that end with the power, each begun from what the one before had synced: how many messages
/// were acknowledged, and lost.
async fn power_cuts(cuts: usize, dice: &mut Dice, faults: &[(&str, String)]) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("synced");
    fs::create_dir(&disk).unwrap();
    let life = |n: usize| folder.path().join(format!("life-{n}"));
    let copying = [&[("COPIES", disk.display().to_string())], faults].concat();
    // Ada registers on a disk that keeps what it is told to keep.
    let server = Program::start(&life(0), &copying[..1]).await;
    let (ada, everyone) = ada_in(&server).await;
    server.kill();
    let mut acknowledged = BTreeSet::new();
    let mut lost_so_far = 0;
    for cut in 1..=cuts {
        copy(&disk, &life(cut));
        let server = Program::start(&life(cut), &copying).await;
        let missing = lost(&life(cut), &acknowledged).await;
        if missing > 0 {
            lost_so_far += missing;
            acknowledged.clear();
        }
        let writers = Writers::start(&goes_to(&ada, &server), &everyone);
        writers.wrote(dice.between(40, 160)).await;
        server.kill();
        acknowledged.extend(writers.stop().await);
        fs::remove_dir_all(life(cut - 1)).unwrap();
    }
    let last = life(cuts + 1);
    copy(&disk, &last);
    drop(Program::start(&last, &[]).await);
    lost_so_far += lost(&last, &acknowledged).await;
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
    let (acknowledged, lost) = power_cuts(cuts, &mut Dice::of(2), &[]).await;
    assert!(
        acknowledged >= 40 * cuts,
        "Ada and her session survive as well, so she can go on writing: {acknowledged}"
    );
    assert_eq!(lost, 0, "of {acknowledged} acknowledged");
    measured("… and a power cut", &format!("{cuts} cuts, {acknowledged} acknowledged, 0 lost"));
}

/// The counter-proof: a disk that syncs the journal only now and then, as `synchronous=NORMAL`
/// would have it, does lose.
#[tokio::test]
async fn without_a_sync_per_commit_a_power_cut_loses_messages() {
    let cuts = times(2, 20);
    let (_, lost) = power_cuts(cuts, &mut Dice::of(3), &[("SWALLOW", "-wal".to_owned())]).await;
    assert!(lost > 0, "then the test above could not fail either");
    measured(
        "… which the test would notice",
        &format!("{cuts} cuts without a sync for each commit: {lost} acknowledged messages lost"),
    );
}
