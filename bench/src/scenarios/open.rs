//! Latency of opening the application, a conversation, a date, an older page and a thread, for a
//! user of a workspace of `chatbox demo`.

use std::{io, net::SocketAddr, time::Instant};

use serde_json::{Value, json};

use crate::{
    figures::{Latencies, Run, to_f64},
    http::HttpClient,
    scenarios::search::PASSWORD,
};

/// Pseudorandom positions, the same in every run, so that caches cannot predict them.
struct PseudoRandom(u64);

impl PseudoRandom {
    fn below(&mut self, end: u64) -> u64 {
        // The upper bits of Knuth's MMIX generator.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }
}

/// Calls each function `times` times and reports the latencies.
///
/// # Errors
/// A network or server error.
pub fn open(address: SocketAddr, username: &str, times: usize, peer: &str) -> io::Result<Vec<Run>> {
    let mut client = HttpClient::connect(address)?;
    let (_, cookie) =
        client.call("sign_in", &json!({ "username": username, "password": PASSWORD }), None)?;
    let mut call = |function: &str, arguments: Value| -> io::Result<(Value, std::time::Duration)> {
        let started = Instant::now();
        let (response, _) = client.call(function, &arguments, cookie.as_deref())?;
        Ok((response, started.elapsed()))
    };
    let (snapshot, _) = call("snapshot", json!({}))?;
    let mut all: Vec<(String, u64)> = snapshot["conversations"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(id_and_head)
        .collect();
    all.sort_by_key(|(_, head)| std::cmp::Reverse(*head));
    let Some((largest, head)) = all.first().cloned() else { return Ok(Vec::new()) };
    let oldest =
        call("history", json!({ "conversation": largest, "around": 1, "limit": 1 }))?.0["entries"]
            [0]["at"]
            .as_u64()
            .unwrap_or(0);
    let newest =
        call("history", json!({ "conversation": largest, "limit": 1 }))?.0["entries"][0]["at"]
            .as_u64()
            .unwrap_or(0);
    let (mut random, mut latencies) = (
        PseudoRandom(41),
        [
            "a snapshot",
            "the newest page of a random conversation",
            "the position of a date",
            "… and the page around it",
            "a page before a random position",
            "a thread",
        ]
        .map(|name| (name, Latencies::default())),
    );
    for _ in 0..times {
        latencies[0].1.add(call("snapshot", json!({}))?.1);
        let (conversation, _) =
            &all[usize::try_from(random.below(to_count(all.len()))).unwrap_or(0)];
        latencies[1].1.add(call("history", json!({ "conversation": conversation }))?.1);
        let (seq, elapsed) = call(
            "place_at",
            json!({ "conversation": largest, "at": oldest + random.below(newest - oldest) }),
        )?;
        latencies[2].1.add(elapsed);
        latencies[3].1.add(call("history", json!({ "conversation": largest, "around": seq }))?.1);
        latencies[4].1.add(
            call("history", json!({ "conversation": largest, "before": 1 + random.below(head) }))?
                .1,
        );
        latencies[5].1.add(call("thread", json!({ "conversation": largest, "seq": seq }))?.1);
    }
    let run = |(name, latencies): &(&str, Latencies)| {
        let mut run = Run {
            peer: peer.to_owned(),
            scenario: format!("open by {username} in {}, the largest of {head}: {name}", all.len()),
            ..Run::default()
        };
        run.record_latencies("response", latencies);
        run.record("calls", to_f64(to_count(times)));
        run
    };
    Ok(latencies.iter().map(run).collect())
}

fn id_and_head(summary: &Value) -> Option<(String, u64)> {
    Some((summary["conversation"]["id"].as_str()?.to_owned(), summary["head"].as_u64()?))
}

fn to_count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
