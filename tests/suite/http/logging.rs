//! The log never delays a response, even if its reader stalls.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::harness::{
    server::PASSWORD,
    user::{TestClient, http_client},
};

/// The program, with a pipe as its log.
async fn start(folder: &std::path::Path, format: &str) -> (Child, TestClient) {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_chatbox"))
        .args([
            "serve",
            "--limits",
            "false",
            "--log-format",
            format,
            "--address",
            &address.to_string(),
            "--data",
        ])
        .arg(folder)
        .env("CHATBOX_LOG", "info")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let client = TestClient {
        http: http_client().build().unwrap(),
        base: format!("http://{address}"),
        cookie: None,
        headers: Vec::new(),
    };
    let ready = async {
        let mut again = interval(Duration::from_millis(20));
        while client
            .request("GET", "/readyz")
            .send()
            .await
            .map_or(true, |answer| answer.status() != 200)
        {
            again.tick().await;
        }
    };
    timeout(Duration::from_secs(20), ready).await.expect("the program starts");
    (program, client)
}

fn terminate(program: &Child) {
    assert!(
        Command::new("kill").args(["-TERM", &program.id().to_string()]).status().unwrap().success()
    );
}

/// More lines than the pipe and the queue hold.
const REQUESTS: usize = 3_200;

async fn send_many_requests(client: &TestClient) {
    let path = format!("/{}", "x".repeat(200));
    let requests = (0..16).map(async |_| {
        for _ in 0..REQUESTS / 16 {
            let answer = timeout(Duration::from_secs(10), client.request("GET", &path).send())
                .await
                .expect("it answers")
                .unwrap();
            assert!(answer.status().as_u16() < 500);
        }
    });
    futures_util::future::join_all(requests).await;
}

#[tokio::test]
async fn a_blocked_log_delays_no_request_and_counts_dropped_lines() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, client) = start(folder.path(), "json").await;
    send_many_requests(&client).await;
    let sign_up = json!({ "username": "ada", "display_name": "Ada", "password": PASSWORD });
    assert_eq!(client.call("sign_up", sign_up).await.status, 200, "the server still responds");
    let stderr = BufReader::new(program.stderr.take().unwrap());
    let lines = std::thread::spawn(move || stderr.lines().map(Result::unwrap).collect::<Vec<_>>());
    // The next line after the pipe drains triggers the report.
    while client.get("/healthz").await.status != 200 {}
    terminate(&program);
    assert!(program.wait().unwrap().success());
    let lines: Vec<Value> = lines
        .join()
        .unwrap()
        .iter()
        .map(|line| serde_json::from_str(line).expect("no partial line"))
        .collect();
    let dropped = lines
        .iter()
        .filter_map(|line| line["fields"]["dropped"].as_u64())
        .next_back()
        .expect("the number of dropped lines is logged");
    let requests = lines.iter().filter(|line| line["fields"]["message"] == "request").count();
    assert!(
        dropped > 0
            && requests < REQUESTS
            && requests + usize::try_from(dropped).unwrap() >= REQUESTS,
        "{dropped} + {requests}"
    );
}

#[tokio::test]
async fn the_program_exits_in_time_with_a_blocked_or_closed_log() {
    let folder = tempfile::tempdir().unwrap();
    let (mut program, client) = start(folder.path(), "text").await;
    send_many_requests(&client).await;
    drop(client);
    let began = std::time::Instant::now();
    terminate(&program);
    assert!(program.wait().unwrap().success());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let (mut program, client) = start(folder.path(), "text").await;
    drop(program.stderr.take());
    for _ in 0..100 {
        assert_eq!(client.get("/healthz").await.status, 200);
    }
    terminate(&program);
    assert!(program.wait().unwrap().success(), "a closed log does not end the server");
}
