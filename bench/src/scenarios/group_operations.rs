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
    http::Asker,
    scenarios::search::PASSWORD,
};

/// Maximum number of people that can be added to a group at once.
const AT_ONCE: usize = 500;
/// Members of the group before the last are added.
const MEMBERS: usize = 2_500;

/// A user with a session.
struct Session {
    asker: Asker,
    cookie: Option<String>,
}

impl Session {
    fn of(address: SocketAddr, username: &str) -> io::Result<Self> {
        let mut asker = Asker::connect(address)?;
        let (_, cookie) =
            asker.ask("sign_in", &json!({ "username": username, "password": PASSWORD }), None)?;
        Ok(Self { asker, cookie })
    }

    fn ask(&mut self, function: &str, arguments: &Value) -> io::Result<Value> {
        self.asker.ask(function, arguments, self.cookie.as_deref()).map(|(answer, _)| answer)
    }
}

/// Runs each operation once. Reports its duration and the latency of messages meanwhile.
///
/// # Errors
/// A network or server error, or a workspace that is too small.
pub fn long(
    address: SocketAddr,
    username: &str,
    rest: Duration,
    peer: &str,
) -> io::Result<Vec<Run>> {
    let (mut session, mut other) =
        (Session::of(address, username)?, Session::of(address, username)?);
    let snapshot = session.ask("snapshot", &json!({}))?;
    let me = snapshot["me"]["id"].clone();
    let people: Vec<Value> = snapshot["people"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|person| person["id"].clone())
        .filter(|id| *id != me && !id.is_null())
        .collect();
    if people.len() < MEMBERS + AT_ONCE {
        return Err(io::Error::other(
            "a workspace of at least 3,001 people is needed: chatbox demo --people 3001",
        ));
    }
    let conversations = snapshot["conversations"].as_array().into_iter().flatten();
    let largest =
        conversations.max_by_key(|summary| summary["head"].as_u64()).cloned().unwrap_or_default();
    let (largest, head) = (largest["conversation"]["id"].clone(), largest["head"].clone());
    let direct =
        session.ask("open_direct", &json!({ "person": people[0] }))?["conversation"]["id"].clone();
    let group = session.ask(
        "create_group",
        &json!({ "name": "Long operations", "members": &people[..AT_ONCE] }),
    )?["conversation"]["id"]
        .clone();
    for some in people[AT_ONCE..MEMBERS].chunks(AT_ONCE) {
        session.ask("add_members", &json!({ "conversation": group, "people": some }))?;
    }
    let mut runs = Vec::new();
    let mut measure =
        |what: String, operation: &mut dyn FnMut() -> io::Result<()>| -> io::Result<()> {
            let done = AtomicBool::new(false);
            let (took, latencies) = thread::scope(|scope| {
                let writer = scope.spawn(|| write(&mut other, &direct, &done));
                let began = Instant::now();
                let result = operation();
                let took = began.elapsed();
                done.store(true, Ordering::Relaxed);
                let latencies =
                    writer.join().map_err(|_| io::Error::other("the writer panicked"))??;
                result.map(|()| (took, latencies))
            })
            .map_err(|error: io::Error| error)?;
            let mut run = Run {
                peer: peer.to_owned(),
                scenario: format!("messages during {what}"),
                ..Run::default()
            };
            run.note("operation ms", took.as_secs_f64() * 1_000.0);
            run.note_latencies("message", &latencies);
            runs.push(run);
            Ok(())
        };
    measure("nothing else".to_owned(), &mut || {
        thread::sleep(rest);
        Ok(())
    })?;
    measure(format!("adding {AT_ONCE} people to a group of {MEMBERS}"), &mut || {
        session
            .ask(
                "add_members",
                &json!({ "conversation": group, "people": &people[MEMBERS..MEMBERS + AT_ONCE] }),
            )
            .map(drop)
    })?;
    measure(format!("marking {head} messages unread"), &mut || {
        session.ask("mark_unread", &json!({ "conversation": largest, "from": 1 })).map(drop)
    })?;
    measure(format!("marking {head} messages read"), &mut || {
        session.ask("mark_read", &json!({ "conversation": largest, "upto": head })).map(drop)
    })?;
    Ok(runs)
}

/// Posts messages until the operation is done, at least one.
fn write(session: &mut Session, conversation: &Value, done: &AtomicBool) -> io::Result<Latencies> {
    let mut latencies = Latencies::default();
    loop {
        let began = Instant::now();
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let id = format!(
            "{:08x}-0000-4000-8000-{:012x}",
            (nanos >> 48) & 0xffff_ffff,
            nanos & 0xffff_ffff_ffff
        );
        session.ask(
            "post_message",
            &json!({ "conversation": conversation, "client_id": id, "body": "while it goes on" }),
        )?;
        latencies.add(began.elapsed());
        if done.load(Ordering::Relaxed) {
            return Ok(latencies);
        }
    }
}
