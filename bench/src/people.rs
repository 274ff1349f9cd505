//! The people of the benchmarks. Registered once, because hashing passwords is slow on purpose; a
//! file stores their sessions for later runs.

use std::{fs, io, net::SocketAddr, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{http::HttpClient, target::Member};

/// The password of all people of the benchmarks.
pub const PASSWORD: &str = "tree-lamp-41";
/// Maximum number of people that one call can add to a group.
const MAX_ADDED: usize = 500;

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
    pub fn load_or_register(file: &Path, address: SocketAddr, count: usize) -> io::Result<Self> {
        let stored =
            fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        let mut people = stored.unwrap_or_default();
        let mut client = HttpClient::connect(address)?;
        if people
            .people
            .first()
            .is_some_and(|first| client.call("me", &json!({}), Some(&first.cookie)).is_err())
        {
            people = Self::default();
        }
        let before = people.people.len();
        for n in before..count {
            let arguments = json!({
                "username": username(n),
                "display_name": format!("Bench {n}"),
                "password": PASSWORD
            });
            let (account, cookie) = client.call("sign_up", &arguments, None)?;
            people
                .people
                .push(Person { id: text(&account["id"]), cookie: cookie.unwrap_or_default() });
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
    pub fn create_group(
        &self,
        address: SocketAddr,
        count: usize,
    ) -> io::Result<(String, u64, Vec<Member>)> {
        let mut client = HttpClient::connect(address)?;
        let ids: Vec<&str> =
            self.people.iter().take(count).map(|person| person.id.as_str()).collect();
        let creator = self.people.first().map(|person| person.cookie.as_str());
        let (initial, others) = ids.split_at(ids.len().min(MAX_ADDED));
        let (group, _) = client.call(
            "create_group",
            &json!({ "name": format!("Group of {count}"), "members": initial }),
            creator,
        )?;
        let id = text(&group["conversation"]["id"]);
        for added in others.chunks(MAX_ADDED) {
            client.call("add_members", &json!({ "conversation": id, "people": added }), creator)?;
        }
        let (history, _) =
            client.call("history", &json!({ "conversation": id, "limit": 1 }), creator)?;
        let head = history["head"].as_u64().unwrap_or_default();
        let (snapshot, _) = client.call("snapshot", &json!({}), creator)?;
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
    pub fn with_cursors(&self, address: SocketAddr, count: usize) -> io::Result<Vec<Member>> {
        let mut client = HttpClient::connect(address)?;
        let member = |person: &Person| {
            let (snapshot, _) = client.call("snapshot", &json!({}), Some(&person.cookie))?;
            Ok(Member {
                cookie: person.cookie.clone(),
                hello: hello(&snapshot["epoch"], &cursors(&snapshot)),
            })
        };
        self.people.iter().take(count).map(member).collect()
    }
}

/// The username of person `n`.
#[must_use]
pub fn username(n: usize) -> String {
    format!("bench-{n}")
}

fn cursors(snapshot: &Value) -> Value {
    let conversations = snapshot["conversations"].as_array().into_iter().flatten();
    let own_stream = (format!("p:{}", text(&snapshot["me"]["id"])), snapshot["head"].clone());
    conversations
        .map(|summary| {
            (format!("c:{}", text(&summary["conversation"]["id"])), summary["head"].clone())
        })
        .chain([own_stream])
        .collect()
}

fn hello(epoch: &Value, cursors: &Value) -> String {
    json!({ "type": "hello", "v": 1, "epoch": epoch, "marks": cursors }).to_string()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
