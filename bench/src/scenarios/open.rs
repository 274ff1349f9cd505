//! Latency of opening the application, a conversation, a date, an older page and a thread, for a
//! user of a workspace of `chatbox demo`.

use std::{io, net::SocketAddr, time::Instant};

use serde_json::{Value, json};

use crate::{
    figures::{Latencies, Run, to_f64},
    http::Asker,
    scenarios::search::PASSWORD,
};

/// Pseudorandom positions, the same in every run, so that caches cannot predict them.
struct Walk(u64);

impl Walk {
    fn below(&mut self, end: u64) -> u64 {
        // The upper bits of Knuth's MMIX generator.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }
}

/// Opens each kind `times` times and reports the latencies.
///
/// # Errors
/// A network or server error.
pub fn open(address: SocketAddr, username: &str, times: usize, peer: &str) -> io::Result<Vec<Run>> {
    let mut asker = Asker::connect(address)?;
    let (_, cookie) =
        asker.ask("sign_in", &json!({ "username": username, "password": PASSWORD }), None)?;
    let mut ask = |function: &str, arguments: Value| -> io::Result<(Value, std::time::Duration)> {
        let began = Instant::now();
        let (answer, _) = asker.ask(function, &arguments, cookie.as_deref())?;
        Ok((answer, began.elapsed()))
    };
    let (snapshot, _) = ask("snapshot", json!({}))?;
    let mut all: Vec<(String, u64)> =
        snapshot["conversations"].as_array().into_iter().flatten().filter_map(place).collect();
    all.sort_by_key(|(_, head)| std::cmp::Reverse(*head));
    let Some((largest, head)) = all.first().cloned() else { return Ok(Vec::new()) };
    let oldest =
        ask("history", json!({ "conversation": largest, "around": 1, "limit": 1 }))?.0["entries"]
            [0]["at"]
            .as_u64()
            .unwrap_or(0);
    let newest =
        ask("history", json!({ "conversation": largest, "limit": 1 }))?.0["entries"][0]["at"]
            .as_u64()
            .unwrap_or(0);
    let (mut walk, mut kinds) = (
        Walk(41),
        [
            "a snapshot",
            "the newest page of some conversation",
            "a day long ago",
            "… and the page around it",
            "a page before some place",
            "a thread",
        ]
        .map(|kind| (kind, Latencies::default())),
    );
    for _ in 0..times {
        kinds[0].1.add(ask("snapshot", json!({}))?.1);
        let (some, _) = &all[usize::try_from(walk.below(to_count(all.len()))).unwrap_or(0)];
        kinds[1].1.add(ask("history", json!({ "conversation": some }))?.1);
        let (seq, took) = ask(
            "place_at",
            json!({ "conversation": largest, "at": oldest + walk.below(newest - oldest) }),
        )?;
        kinds[2].1.add(took);
        kinds[3].1.add(ask("history", json!({ "conversation": largest, "around": seq }))?.1);
        kinds[4].1.add(
            ask("history", json!({ "conversation": largest, "before": 1 + walk.below(head) }))?.1,
        );
        kinds[5].1.add(ask("thread", json!({ "conversation": largest, "seq": seq }))?.1);
    }
    let run = |(kind, latencies): &(&str, Latencies)| {
        let mut run = Run {
            peer: peer.to_owned(),
            scenario: format!("open by {username} in {}, the largest of {head}: {kind}", all.len()),
            ..Run::default()
        };
        run.note_latencies("answer", latencies);
        run.note("times", to_f64(to_count(times)));
        run
    };
    Ok(kinds.iter().map(run).collect())
}

fn place(summary: &Value) -> Option<(String, u64)> {
    Some((summary["conversation"]["id"].as_str()?.to_owned(), summary["head"].as_u64()?))
}

fn to_count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
