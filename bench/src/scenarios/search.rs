//! Latency of searches, one after another, for a user of a workspace of `chatbox demo`.

use std::{io, net::SocketAddr, time::Instant};

use serde_json::json;

use crate::{
    figures::{Latencies, Run, to_f64},
    http::HttpClient,
};

/// The password of all users of the demo.
pub const PASSWORD: &str = "paper-lantern-27";

/// The queries by kind.
const KINDS: [(&str, &[&str]); 10] = [
    (
        "a common word",
        &[
            "please",
            "thanks",
            "today",
            "tomorrow",
            "everybody",
            "version",
            "need",
            "work",
            "room",
            "time",
        ],
    ),
    (
        "several words",
        &[
            "three open points",
            "yesterday changed",
            "finished version",
            "numbers higher year",
            "train late please",
        ],
    ),
    (
        "a rarer word",
        &[
            "umbrella",
            "lasagne",
            "Geschwindigkeitsmessungsauswertung",
            "Muñoz",
            "RUST_BACKTRACE",
            "objects",
            "ribbon",
            "premiere",
        ],
    ),
    (
        "a part of a word",
        &["morro", "ersio", "nybod", "chwindig", "ndard", "ofte", "erybo", "hought"],
    ),
    ("two characters of CJK", &["报告", "教室", "会議", "資料", "图书", "確認"]),
    ("one or two letters", &["ok", "ja", "we", "I", "go", "1"]),
    (
        "from: and a word",
        &[
            "from:ada version",
            "from:ada please",
            "from:ada umbrella",
            "from:me thanks",
            "from:ada is:question",
        ],
    ),
    (
        "in: and a word",
        &[
            "in:everyone please",
            "in:everyone umbrella",
            "in:everyone birthday",
            "in:everyone has:link",
        ],
    ),
    (
        "a word and days",
        &[
            "version before:90d",
            "please before:150d",
            "thanks after:7d",
            "umbrella before:60d after:90d",
        ],
    ),
    (
        "nothing is found",
        &[
            "xylophonist",
            "please xylophonist",
            "\"please thanks today\"",
            "versionversion",
            "図書xy",
        ],
    ),
];

/// Sends each query `times` times and reports the latencies of each kind and of all.
///
/// # Errors
/// A network or server error.
pub fn search(
    address: SocketAddr,
    username: &str,
    times: usize,
    peer: &str,
) -> io::Result<Vec<Run>> {
    let mut client = HttpClient::connect(address)?;
    let (_, cookie) =
        client.call("sign_in", &json!({ "username": username, "password": PASSWORD }), None)?;
    let (snapshot, _) = client.call("snapshot", &json!({}), cookie.as_deref())?;
    let conversations = snapshot["conversations"].as_array().map_or(0, Vec::len);
    let (mut runs, mut all) = (Vec::new(), Latencies::default());
    for (kind, queries) in KINDS {
        let (mut of_kind, mut hits) = (Latencies::default(), 0);
        for query in queries.iter().cycle().take(queries.len() * times) {
            let started = Instant::now();
            let (response, _) =
                client.call("search", &json!({ "query": query }), cookie.as_deref())?;
            let elapsed = started.elapsed();
            of_kind.add(elapsed);
            all.add(elapsed);
            hits += response["hits"].as_array().map_or(0, Vec::len);
        }
        let mut run = Run {
            peer: peer.to_owned(),
            scenario: format!("search by {username} in {conversations}: {kind}"),
            ..Run::default()
        };
        run.record_latencies("response", &of_kind);
        run.record("hits per query", to_f64(hits as u64) / to_f64((queries.len() * times) as u64));
        runs.push(run);
    }
    let mut run = Run {
        peer: peer.to_owned(),
        scenario: format!("search by {username} in {conversations}: all"),
        ..Run::default()
    };
    run.record_latencies("response", &all);
    runs.push(run);
    Ok(runs)
}
