//! The effect of operations on large groups on others: one user posts messages, while another adds
//! hundreds of people to a group or marks a long conversation as read. In a workspace of `chatbox
//! demo`.

use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use crate::{
    figures::{Latencies, Run},
    http::HttpClient,
    scenarios::search::PASSWORD,
};

/// Maximum number of people that one call can add to a group.
const MAX_ADDED: usize = 500;
/// Members of the group before the last are added.
const INITIAL_MEMBERS: usize = 2_500;

/// A user with a session.
struct Session {
    client: HttpClient,
    cookie: Option<String>,
}

impl Session {
    fn sign_in(address: SocketAddr, username: &str) -> io::Result<Self> {
        let mut client = HttpClient::connect(address)?;
        let (_, cookie) =
            client.call("sign_in", &json!({ "username": username, "password": PASSWORD }), None)?;
        Ok(Self { client, cookie })
    }

    fn call(&mut self, function: &str, arguments: &Value) -> io::Result<Value> {
        self.client.call(function, arguments, self.cookie.as_deref()).map(|(response, _)| response)
    }
}

/// Runs each operation once. Reports its duration and the latency of messages meanwhile.
///
/// # Errors
/// A network or server error, or a workspace that is too small.
pub fn group_operations(
    address: SocketAddr,
    username: &str,
    idle_time: Duration,
    peer: &str,
) -> io::Result<Vec<Run>> {
    let (mut session, mut writer_session) =
        (Session::sign_in(address, username)?, Session::sign_in(address, username)?);
    let snapshot = session.call("snapshot", &json!({}))?;
    let me = snapshot["me"]["id"].clone();
    let people: Vec<Value> = snapshot["people"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|person| person["id"].clone())
        .filter(|id| *id != me && !id.is_null())
        .collect();
    if people.len() < INITIAL_MEMBERS + MAX_ADDED {
        return Err(io::Error::other(
            "a workspace of at least 3,001 people is needed: chatbox demo --people 3001",
        ));
    }
    let conversations = snapshot["conversations"].as_array().into_iter().flatten();
    let largest =
        conversations.max_by_key(|summary| summary["head"].as_u64()).cloned().unwrap_or_default();
    let (largest, head) = (largest["conversation"]["id"].clone(), largest["head"].clone());
    let direct =
        session.call("open_direct", &json!({ "person": people[0] }))?["conversation"]["id"].clone();
    let group = session.call(
        "create_group",
        &json!({ "name": "Group operations", "members": &people[..MAX_ADDED] }),
    )?["conversation"]["id"]
        .clone();
    for added in people[MAX_ADDED..INITIAL_MEMBERS].chunks(MAX_ADDED) {
        session.call("add_members", &json!({ "conversation": group, "people": added }))?;
    }
    let mut runs = Vec::new();
    let mut measure =
        |name: String, operation: &mut dyn FnMut() -> io::Result<()>| -> io::Result<()> {
            let done = AtomicBool::new(false);
            let (elapsed, latencies) = thread::scope(|scope| {
                let writer = scope.spawn(|| post_until(&mut writer_session, &direct, &done));
                let started = Instant::now();
                let result = operation();
                let elapsed = started.elapsed();
                done.store(true, Ordering::Relaxed);
                let latencies =
                    writer.join().map_err(|_| io::Error::other("the writer panicked"))??;
                result.map(|()| (elapsed, latencies))
            })
            .map_err(|error: io::Error| error)?;
            let mut run = Run {
                peer: peer.to_owned(),
                scenario: format!("messages during {name}"),
                ..Run::default()
            };
            run.record("operation ms", elapsed.as_secs_f64() * 1_000.0);
            run.record_latencies("message", &latencies);
            runs.push(run);
            Ok(())
        };
    measure("nothing else".to_owned(), &mut || {
        thread::sleep(idle_time);
        Ok(())
    })?;
    let added = &people[INITIAL_MEMBERS..INITIAL_MEMBERS + MAX_ADDED];
    measure(format!("adding {MAX_ADDED} people to a group of {INITIAL_MEMBERS}"), &mut || {
        let arguments = json!({ "conversation": group, "people": added });
        session.call("add_members", &arguments).map(drop)
    })?;
    measure(format!("marking {head} messages unread"), &mut || {
        session.call("mark_unread", &json!({ "conversation": largest, "from": 1 })).map(drop)
    })?;
    measure(format!("marking {head} messages read"), &mut || {
        session.call("mark_read", &json!({ "conversation": largest, "upto": head })).map(drop)
    })?;
    Ok(runs)
}

/// Posts messages one by one until the operation is done, at least one.
fn post_until(
    session: &mut Session,
    conversation: &Value,
    done: &AtomicBool,
) -> io::Result<Latencies> {
    let mut latencies = Latencies::default();
    loop {
        let started = Instant::now();
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let id = format!(
            "{:08x}-0000-4000-8000-{:012x}",
            (nanos >> 48) & 0xffff_ffff,
            nanos & 0xffff_ffff_ffff
        );
        let body = "A message during the operation.";
        let arguments = json!({ "conversation": conversation, "client_id": id, "body": body });
        session.call("post_message", &arguments)?;
        latencies.add(started.elapsed());
        if done.load(Ordering::Relaxed) {
            return Ok(latencies);
        }
    }
}
