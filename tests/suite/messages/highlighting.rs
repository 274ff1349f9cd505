//! Hostile code and formulas: rendering is bounded in time and memory, and one person's requests
//! delay nobody else.

use std::fs;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    data::crashes::Running,
    harness::server::{TestServer, users},
};

fn code(language: &str, text: &str) -> Value {
    json!({ "matter": "code", "language": language, "text": text })
}

fn is_coloured(answer: &Value) -> bool {
    answer.as_array().is_some_and(|pieces| pieces.iter().any(|piece| piece["what"] == "keyword"))
}

/// The text of the spans.
fn plain_text(answer: &Value) -> String {
    answer
        .as_array()
        .into_iter()
        .flatten()
        .map(|piece| piece["text"].as_str().unwrap_or_default())
        .collect()
}

/// Code that is expensive for the grammars: many lines of the maximum length.
fn hostile() -> Vec<(&'static str, String)> {
    let lines = |piece: &str| {
        let line = piece.repeat(480 / piece.len()) + "\n";
        line.repeat(30_000 / line.len())
    };
    vec![
        ("markdown", lines("`")),
        ("markdown", lines("*_[a](")),
        ("markdown", lines("![")),
        ("js", lines("`${")),
        ("perl", lines("s/(")),
        ("php", lines("<?php \"{$")),
        ("latex", lines("\\begin{")),
        ("html", lines("<a <")),
        ("c++", lines("a<")),
        ("scala", lines("(a:")),
    ]
}

#[tokio::test]
async fn slow_code_stays_plain_and_delays_nothing_else() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    for (language, text) in hostile() {
        let texts = json!([
            code(language, &text),
            code("rust", "fn main() {}"),
            { "matter": "formula", "text": "x<5" },
            code("nonsense", "x")
        ]);
        let responses = ada.call("typeset", json!({ "texts": texts })).await.ok();
        let beginning = &text[..8];
        assert!(
            responses[0].is_null() || plain_text(&responses[0]) == text,
            "{language} {beginning}: no letter is lost"
        );
        assert!(is_coloured(&responses[1]), "{language} {beginning}: {responses}");
        assert_eq!(
            (&responses[2][0]["what"], &responses[3]),
            (&json!("math"), &Value::Null),
            "{language} {beginning}"
        );
    }
}

#[tokio::test]
async fn one_users_cost_does_not_delay_others() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let costly = |(language, text): (&str, String)| {
        let texts = json!({ "texts": [code(language, &text), code("python", "import os")] });
        let ada = ada.clone();
        async move { ada.call("typeset", texts).await }
    };
    let flood = tokio::spawn(join_all(hostile().into_iter().map(costly)));
    for _ in 0..10 {
        let responses =
            grace.call("typeset", json!({ "texts": [code("rust", "fn main() {}")] })).await.ok();
        assert!(is_coloured(&responses[0]), "{responses}");
    }
    assert!(!flood.is_finished(), "Grace was answered while Ada's are still at work");
    let responses = flood.await.unwrap();
    // A person with many requests waits themselves, and gets an error when it takes too long.
    assert!(responses.iter().all(|answer| matches!(answer.status, 200 | 503)), "{responses:?}");
    for answer in responses.into_iter().filter(|answer| answer.status == 200) {
        assert!(is_coloured(&answer.json()[1]), "{answer:?}");
    }
}

#[tokio::test]
async fn only_the_oversized_text_stays_plain() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let block = "let x = 1;\n".repeat(32 * 1024 / 11 + 1);
    let line = format!("{}\nfn f() {{}}\n", "let a = 1; ".repeat(50));
    let responses = ada
        .call(
            "typeset",
            json!({
                "texts": [code("rust", &block), code("rust", &line), code("rust", "fn f() {}")]
            }),
        )
        .await
        .ok();
    assert!(responses[0].is_null() && is_coloured(&responses[2]), "{responses}");
    assert!(
        plain_text(&responses[1]) == line && is_coloured(&responses[1]),
        "the line stays plain, those after it do not: {}",
        responses[1]
    );
    assert_eq!(responses[1][0]["what"], Value::Null);
}

/// The worker processes of a server.
fn workers(of: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{of}/task")).unwrap();
    let children =
        tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok());
    children
        .flat_map(|ids| ids.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect()
}

/// Memory of a process in MB; 0 if it has ended.
fn memory(of: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{of}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1_024)
}

/// Languages of as many grammars as possible.
const LANGUAGES: &str = "ada adoc as asa asp awk bat bib bash c cabal cfml clj cmake coffee cpp cr \
                         cs css csv d dart diff dot dockerfile elm env \
    erl ex f90 fish fs fstab gd git glsl gql go gp groovy groff haml hs html http idr ini java jl \
    jq js json jsp kt kql lean less lisp ls lua \
    m mm make man matlab md ml mll n nginx nim nix ninja nsi objc odin orgmode pas passwd patch \
    php pl po pp prql ps1 proto pug puppet py qml r rb \
    racket re rego resolv rkt robot rs rst sass scala scss sh slim sml sol sql srt ssh_config \
    strace styl sv svelte svlt swift syslog tcl tf tex \
    textile todo toml ts tsx twig typst v varlink vb vhd vim vue vy wgsl xml yaml zig zsh";

#[tokio::test]
async fn renderer_memory_is_bounded_and_workers_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path()).await;
    let server = running.id();
    let ada = running.sign_up("ada").await;
    let ask = async |texts: Vec<Value>| ada.call("typeset", json!({ "texts": texts })).await.ok();
    assert!(is_coloured(&ask(vec![code("rust", "fn main() {}")]).await[0]));
    let before = memory(server);
    let words: Vec<&str> = LANGUAGES.split_whitespace().collect();
    let mut most = 0;
    for some in words.chunks(10) {
        let fenced = some
            .iter()
            .map(|word| code("markdown", &format!("```{word}\nif a: b = \"c\" # d\n```\n")));
        let plain =
            some.iter().map(|word| code(word, "if (a) { b = \"c\" } // d # e\n<a b=\"c\">"));
        ask(plain.chain(fenced).collect()).await;
        most = most.max(workers(server).into_iter().map(memory).sum());
    }
    assert!(
        memory(server) < before + 40,
        "the server itself holds no grammar: {before} MB, now {} MB",
        memory(server)
    );
    assert!(most < 400, "the workers take {most} MB");
    let ended = workers(server);
    assert!(ended.len() <= 2, "{ended:?}");
    for worker in ended {
        let _ = std::process::Command::new("kill").args(["-9", &worker.to_string()]).status();
    }
    let twice = [
        ask(vec![code("rust", "fn main() {}")]).await,
        ask(vec![code("rust", "fn main() {}")]).await,
    ];
    assert!(
        twice.iter().all(|responses| is_coloured(&responses[0])),
        "another worker continues: {twice:?}"
    );
}
