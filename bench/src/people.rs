//! The people of the benchmarks. Registered once, because hashing passwords is slow on purpose; a
//! file stores their sessions for later runs.

use std::{fs, io, net::SocketAddr, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{http::Asker, target::Member};

/// Maximum number of people that can be added to a group at once.
const AT_ONCE: usize = 500;

/// The registered people.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct People {
    people: Vec<Person>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Person {
    id: String,
    cookie: String,
}

impl People {
    /// Loads the people of the file and registers more up to `count`.
    ///
    /// # Errors
    /// A server or file error.
    pub fn of(file: &Path, address: SocketAddr, count: usize) -> io::Result<Self> {
        let stored =
            fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        let mut people = stored.unwrap_or_default();
        let mut asker = Asker::connect(address)?;
        if people
            .people
            .first()
            .is_some_and(|first| asker.ask("me", &json!({}), Some(&first.cookie)).is_err())
        {
            people = Self::default();
        }
        let before = people.people.len();
        for n in before..count {
            let arguments = json!({
                "username": format!("bench-{n}"),
                "display_name": format!("Bench {n}"),
                "password": "tree-lamp-41"
            });
            let (answer, cookie) = asker.ask("sign_up", &arguments, None)?;
            people
                .people
                .push(Person { id: text(&answer["id"]), cookie: cookie.unwrap_or_default() });
        }
        if people.people.len() > before {
            fs::write(file, serde_json::to_vec(&people)?)?;
        }
        Ok(people)
    }

    /// Creates a group of the first `count` people. Returns its ID, its head, and its members with
    /// an up-to-date `hello`.
    ///
    /// # Errors
    /// A server error.
    pub fn group(
        &self,
        address: SocketAddr,
        count: usize,
    ) -> io::Result<(String, u64, Vec<Member>)> {
        let mut asker = Asker::connect(address)?;
        let ids: Vec<&str> =
            self.people.iter().take(count).map(|person| person.id.as_str()).collect();
        let creator = self.people.first().map(|person| person.cookie.as_str());
        let (first, rest) = ids.split_at(ids.len().min(AT_ONCE));
        let (group, _) = asker.ask(
            "create_group",
            &json!({ "name": format!("Group of {count}"), "members": first }),
            creator,
        )?;
        let id = text(&group["conversation"]["id"]);
        for more in rest.chunks(AT_ONCE) {
            asker.ask("add_members", &json!({ "conversation": id, "people": more }), creator)?;
        }
        let (history, _) =
            asker.ask("history", &json!({ "conversation": id, "limit": 1 }), creator)?;
        let head = history["head"].as_u64().unwrap_or_default();
        let (snapshot, _) = asker.ask("snapshot", &json!({}), creator)?;
        let mut cursors = cursors(&snapshot);
        if let Some(cursors) = cursors.as_object_mut() {
            cursors.retain(|stream, _| stream.starts_with("c:"));
        }
        let hello = hello(&snapshot["epoch"], &cursors);
        let member =
            |person: &Person| Member { cookie: person.cookie.clone(), hello: hello.clone() };
        Ok((id, head, self.people.iter().take(count).map(member).collect()))
    }

    /// The cookies of the first `count` people.
    #[must_use]
    pub fn cookies(&self, count: usize) -> Vec<String> {
        self.people.iter().take(count).map(|person| person.cookie.clone()).collect()
    }

    /// The first `count` people with the cursors of all their streams, for reconnecting.
    ///
    /// # Errors
    /// A server error.
    pub fn returning(&self, address: SocketAddr, count: usize) -> io::Result<Vec<Member>> {
        let mut asker = Asker::connect(address)?;
        let member = |person: &Person| {
            let (snapshot, _) = asker.ask("snapshot", &json!({}), Some(&person.cookie))?;
            Ok(Member {
                cookie: person.cookie.clone(),
                hello: hello(&snapshot["epoch"], &cursors(&snapshot)),
            })
        };
        self.people.iter().take(count).map(member).collect()
    }
}

fn cursors(snapshot: &Value) -> Value {
    let conversations = snapshot["conversations"].as_array().into_iter().flatten();
    let own = (format!("p:{}", text(&snapshot["me"]["id"])), snapshot["head"].clone());
    conversations
        .map(|summary| {
            (format!("c:{}", text(&summary["conversation"]["id"])), summary["head"].clone())
        })
        .chain([own])
        .collect()
}

fn hello(epoch: &Value, cursors: &Value) -> String {
    json!({ "type": "hello", "v": 1, "epoch": epoch, "marks": cursors }).to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
