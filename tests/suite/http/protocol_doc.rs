//! Runs the examples of `docs/protocol.md` in order, and checks that every function and event is
//! documented.

use std::collections::{BTreeMap, BTreeSet};

use chatbox::{
    domain::{Code, EventKind, Presentation},
    protocol::{ClientCommand, ServerEvent, Signal, close, codec},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    harness::{
        fake_web::{FakeWeb, html, picture},
        socket::TestSocket,
        user::{TestClient, TestResponse, nothing},
    },
    http::security::functions,
    messages::link_previews::{DUCKS, server_in},
};

const DOC: &str = include_str!("../../../docs/protocol.md");

/// A fenced block: its line, its info string and its content.
struct Block {
    line: usize,
    words: Vec<&'static str>,
    text: String,
}

fn blocks() -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (n, line) in DOC.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(words) => {
                blocks.push(Block {
                    line: n + 1,
                    words: words.split_whitespace().collect(),
                    text: String::new(),
                });
                open = true;
            }
            None if open => blocks.last_mut().unwrap().text += line,
            None => {}
        }
    }
    blocks
}

/// The values of the placeholders.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn fill_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    /// Whether a value matches an example. An unknown placeholder is bound to the value at its
    /// position.
    fn matches_example(&mut self, key: &str, said: &Value, found: &Value) -> Result<(), String> {
        let differs = || Err(format!("{key}: the page says {said}, the server {found}"));
        match (said, found) {
            (Value::Number(_), Value::Number(_))
                if matches!(key, "at" | "created" | "edited" | "expires" | "last_used") =>
            {
                Ok(())
            }
            (Value::String(said), Value::String(found)) => {
                let filled = self.fill_in(said);
                match filled.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                    Some(name) => drop(self.0.insert(name.to_owned(), found.clone())),
                    None if filled == *found => {}
                    None => return differs(),
                }
                Ok(())
            }
            (Value::Array(said), Value::Array(found)) if said.len() == found.len() => {
                let sorted = |values: &[Value], names: &Self| {
                    let mut values = values.to_vec();
                    values.sort_by_key(|value| names.fill_in(&value.to_string()));
                    values
                };
                // The order of people does not matter.
                let any_order = matches!(key, "online" | "offline" | "idle" | "members");
                let (said, found) = if any_order {
                    (sorted(said, self), sorted(found, self))
                } else {
                    (said.clone(), found.clone())
                };
                said.iter()
                    .zip(&found)
                    .try_for_each(|(said, found)| self.matches_example(key, said, found))
            }
            (Value::Object(said), Value::Object(found)) if said.keys().eq(found.keys()) => said
                .iter()
                .zip(found.values())
                .try_for_each(|((key, said), found)| self.matches_example(key, said, found)),
            _ if said == found => Ok(()),
            _ => differs(),
        }
    }
}

/// The type or kind of a frame.
fn sort_of(frame: &Value) -> (Value, Value, Value) {
    (frame["type"].clone(), frame["signal"].clone(), frame["change"]["kind"].clone())
}

#[tokio::test]
async fn every_documented_example_works_as_written() {
    let fake_web = FakeWeb::new().await;
    fake_web.serve(
        "ducks.example/",
        html(&format!("{DUCKS}<meta property=og:image content=/duck.png>")),
    );
    fake_web.serve("ducks.example/duck.png", picture(1200, 630));
    let server = server_in(&fake_web);
    let mut names = Names::default();
    let mut people: BTreeMap<&str, TestClient> = BTreeMap::new();
    // Frames that arrived and are not documented yet: a signal may arrive before or after a change.
    let mut sockets: BTreeMap<&str, (TestSocket, Vec<Value>)> = BTreeMap::new();
    let mut answer: Option<TestResponse> = None;
    for Block { line, words, text } in blocks() {
        let filled = names.fill_in(&text);
        let written = || {
            serde_json::from_str::<Value>(&filled)
                .unwrap_or_else(|error| panic!("line {line}: {error}"))
        };
        let result = match words[..] {
            ["json", "request", function, "as", who] => {
                assert!(answer.is_none(), "line {line}: the request before has no response");
                let person = people.entry(who).or_insert_with(|| server.client());
                let given = person.call(function, written()).await;
                if who != "nobody" && given.cookie().is_some() && function != "sign_out" {
                    person.cookie = given.cookie();
                }
                answer = Some(given);
                Ok(())
            }
            // The raw bytes of a file and of its response.
            ["text", "put", path, "as", who] | ["text", "get", path, "as", who] => {
                let path = names.fill_in(path);
                let request =
                    people[who].request(if words[1] == "put" { "PUT" } else { "GET" }, &path);
                let request = if words[1] == "put" {
                    request.header("content-type", "application/octet-stream").body(filled.clone())
                } else {
                    request
                };
                let given = people[who].send(request).await;
                if words[1] == "put" {
                    answer = Some(given);
                    Ok(())
                } else if given.text == filled {
                    Ok(())
                } else {
                    Err(format!("the page says {filled}, the server {}", given.text))
                }
            }
            ["json", "answer", status] => {
                let given = answer
                    .take()
                    .unwrap_or_else(|| panic!("line {line}: an answer without a request"));
                assert_eq!(given.status.to_string(), status, "line {line}: {}", given.text);
                names.matches_example("answer", &written(), &given.json())
            }
            ["json", "hello", "as", who] => {
                let mut socket = TestSocket::open(&people[who]).await.unwrap();
                socket.send_json(&written()).await;
                sockets.insert(who, (socket, Vec::new()));
                Ok(())
            }
            ["json", "says", "as", who] => {
                sockets.get_mut(who).unwrap().0.send_json(&written()).await;
                Ok(())
            }
            ["json", "frame", "to", who] => {
                let said = written();
                let frame =
                    said.to_string().replace("{build}", "x").replace("{picture}", &nothing());
                codec::read(&frame).unwrap_or_else(|error| panic!("line {line}: {error}"));
                let (socket, received) = sockets.get_mut(who).unwrap();
                if !received.iter().any(|frame| sort_of(frame) == sort_of(&said)) {
                    received
                        .extend(socket.recv_until(|frame| sort_of(frame) == sort_of(&said)).await);
                }
                let found =
                    received.iter().position(|frame| sort_of(frame) == sort_of(&said)).unwrap();
                names.matches_example("frame", &said, &received.remove(found))
            }
            ["json", "closed", "to", who] => {
                let code = sockets.get_mut(who).unwrap().0.close_code().await;
                names.matches_example("code", &written(), &json!(code))
            }
            ["json", "like", "a", "frame"] => codec::read(&filled).map(drop),
            _ => Err("nobody knows how to run this block".to_owned()),
        };
        result.unwrap_or_else(|error| panic!("docs/protocol.md, line {line}: {error}"));
    }
}

/// The names of an enum's variants on the wire, from serde's error message.
fn variants<T: DeserializeOwned>(nonsense: &Value) -> Vec<String> {
    let error = serde_json::from_value::<T>(nonsense.clone())
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    let names: Vec<_> = error.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert!(!names.is_empty(), "{error}");
    names
}

/// Every value of this key in the examples.
fn shown(key: &str, values: &[Value]) -> BTreeSet<String> {
    fn walk(key: &str, value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get(key).and_then(Value::as_str).map(str::to_owned));
                fields.values().for_each(|value| walk(key, value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(key, value, found)),
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    values.iter().for_each(|value| walk(key, value, &mut found));
    found
}

#[test]
fn every_function_and_event_is_documented() {
    let blocks = blocks();
    let values: Vec<Value> =
        blocks.iter().filter_map(|block| serde_json::from_str(&block.text).ok()).collect();
    for function in functions() {
        assert!(DOC.contains(&format!("\n### `{function}`\n")), "{function} has no heading");
        assert!(
            blocks.iter().any(|block| block.words[..].get(1..3) == Some(&["request", function])),
            "{function} has no example"
        );
    }
    let (types, kinds, signals) =
        (shown("type", &values), shown("kind", &values), shown("signal", &values));
    for kind in EventKind::ALL {
        assert!(kinds.contains(kind.name()), "no example shows an event of kind {}", kind.name());
    }
    let own = |kind: &EventKind| kind.presentation() == Presentation::Own;
    let (personal, shared): (Vec<EventKind>, Vec<EventKind>) =
        EventKind::ALL.iter().copied().partition(own);
    for (heading, kinds) in [
        ("Event kinds in a conversation:", shared),
        ("Event kinds in the stream of a person,", personal),
    ] {
        let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
        assert_eq!(first_column_of_table_after(heading), names, "{heading}");
    }
    for frame in ServerEvent::TYPES
        .map(str::to_owned)
        .into_iter()
        .chain(variants::<ClientCommand>(&json!({ "type": "?" })))
    {
        assert!(types.contains(&frame), "the frame {frame} has no example");
    }
    for signal in Signal::NAMES {
        assert!(signals.contains(signal), "the signal {signal} has no example");
    }
    for name in variants::<Code>(&json!("?")) {
        let code: Code = serde_json::from_value(json!(name)).unwrap();
        let status = if code == Code::Unreachable {
            "—".to_owned()
        } else {
            code.status().as_u16().to_string()
        };
        assert!(
            DOC.contains(&format!("| `{name}` | {status} |")),
            "the error {name} ({status}) has no row"
        );
    }
    let codes = include_str!("../../../src/protocol/mod.rs")
        .split("u16 = ")
        .skip(1)
        .map(|rest| rest.split(';').next().unwrap());
    let codes: Vec<u16> = codes.map(|code| code.parse().unwrap()).collect();
    assert!(codes.len() >= 12);
    for code in codes {
        let again = if close::may_reconnect(code) { "yes" } else { "no" };
        let row = DOC
            .lines()
            .find(|line| line.starts_with(&format!("| {code} |")))
            .unwrap_or_else(|| panic!("the close code {code} has no row"));
        assert!(row.ends_with(&format!("| {again} |")), "{row}");
    }
}

/// The names in the first column of the table after a paragraph.
fn first_column_of_table_after(paragraph: &str) -> Vec<&'static str> {
    let (_, after) = DOC.split_once(paragraph).expect("the paragraph is there");
    let rows = after.lines().skip_while(|line| !line.starts_with('|')).skip(2);
    rows.map_while(|line| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name)).collect()
}
