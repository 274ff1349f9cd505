//! Test users: a client with a session cookie, and their actions.

use std::collections::BTreeMap;

use chatbox::server::clock;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{server::TestServer, socket::TestSocket};

/// A response of the server.
#[derive(Clone, Debug)]
pub(crate) struct TestResponse {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl TestResponse {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap_or_default() }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The name and the value of the session cookie that was set or cleared.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.header("set-cookie")
            .split(';')
            .next()
            .filter(|cookie| cookie.contains("chatbox="))
            .map(str::to_owned)
    }

    /// The body of a successful response.
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// The status, the code and the field of an error response.
    pub(crate) fn error(&self) -> (u16, String, String) {
        let body = self.json();
        let word = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        (self.status, word("code"), word("field"))
    }
}

/// The HTTP client.
pub(crate) fn http_client() -> reqwest::ClientBuilder {
    // rustls needs a provider even if TLS is never used.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

/// Sends requests.
#[derive(Clone)]
pub(crate) struct TestClient {
    pub http: reqwest::Client,
    pub base: String,
    pub cookie: Option<String>,
    /// Sent with every request.
    pub headers: Vec<(&'static str, String)>,
}

impl TestClient {
    /// A request to this path, with the cookie.
    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let mut request =
            self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> TestResponse {
        TestResponse::of(request.send().await.expect("the server answers")).await
    }

    /// Calls a server function.
    pub(crate) async fn call(&self, function: &str, arguments: Value) -> TestResponse {
        self.send(self.request("POST", &format!("/api/{function}")).json(&arguments)).await
    }

    /// Submits a plain form.
    pub(crate) async fn submit_form(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request =
            self.request("POST", path).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.header("sec-fetch-site", "same-origin").body(body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        self.send(self.request("GET", path)).await
    }

    /// Announces an upload of `size` bytes.
    pub(crate) async fn start_upload(
        &self,
        conversation: &str,
        file: &str,
        name: &str,
        size: usize,
    ) -> TestResponse {
        self.call(
            "start_upload",
            json!({ "conversation": conversation, "file": file, "name": name, "size": size }),
        )
        .await
    }

    /// Sends bytes of an announced upload, beginning at this offset.
    pub(crate) async fn send_chunk(&self, file: &str, at: usize, bytes: &[u8]) -> TestResponse {
        let request = self
            .request("PUT", &format!("/files/{file}?at={at}"))
            .header("content-type", "application/octet-stream");
        self.send(request.body(bytes.to_vec())).await
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// A user with a session.
#[derive(Clone)]
pub(crate) struct TestUser {
    pub name: String,
    pub id: String,
    pub client: TestClient,
}

/// A new message ID.
pub(crate) fn new_id() -> String {
    clock::id().to_string()
}

/// An ID that does not exist.
pub(crate) fn nothing() -> String {
    Uuid::from_u128(0xdead).to_string()
}

impl TestUser {
    /// From the response to signing up or in.
    pub(crate) fn of(name: &str, answer: &TestResponse, client: TestClient) -> Self {
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        Self { name: name.to_owned(), id, client: TestClient { cookie: answer.cookie(), ..client } }
    }

    /// Continues on a restarted server with the old cookie.
    pub(crate) fn switch_to(&mut self, server: &TestServer) {
        self.client = TestClient { cookie: self.client.cookie.clone(), ..server.client() };
    }

    pub(crate) async fn call(&self, function: &str, arguments: Value) -> TestResponse {
        self.client.call(function, arguments).await
    }

    /// Calls a server function that must succeed.
    pub(crate) async fn call_ok(&self, function: &str, arguments: Value) -> Value {
        let answer = self.call(function, arguments).await;
        assert_eq!(answer.status, 200, "{} calls {function}: {}", self.name, answer.text);
        answer.json()
    }

    /// Posts a message, and returns its sequence number.
    pub(crate) async fn post(&self, conversation: &str, body: &str) -> u64 {
        self.post_with_id(&new_id(), conversation, body).await.ok()["seq"].as_u64().unwrap()
    }

    /// Tries to post a message with this ID.
    pub(crate) async fn post_with_id(
        &self,
        client_id: &str,
        conversation: &str,
        body: &str,
    ) -> TestResponse {
        self.call(
            "post_message",
            json!({ "conversation": conversation, "client_id": client_id, "body": body }),
        )
        .await
    }

    /// The direct conversation with another user.
    pub(crate) async fn open_direct(&self, other: &Self) -> String {
        id_of(&self.call_ok("open_direct", json!({ "person": other.id })).await)
    }

    pub(crate) async fn create_group(&self, name: &str, members: &[&Self]) -> String {
        id_of(&self.call_ok("create_group", json!({ "name": name, "members": ids(members) })).await)
    }

    pub(crate) async fn add_members(&self, conversation: &str, people: &[&Self]) -> TestResponse {
        self.call("add_members", json!({ "conversation": conversation, "people": ids(people) }))
            .await
    }

    pub(crate) async fn remove_member(&self, conversation: &str, person: &Self) -> TestResponse {
        self.call("remove_member", json!({ "conversation": conversation, "person": person.id }))
            .await
    }

    pub(crate) async fn leave_group(&self, conversation: &str) -> TestResponse {
        self.call("leave_group", json!({ "conversation": conversation })).await
    }

    pub(crate) async fn rename_group(&self, conversation: &str, name: &str) -> TestResponse {
        self.call("rename_group", json!({ "conversation": conversation, "name": name })).await
    }

    pub(crate) async fn sign_out(&self) -> TestResponse {
        self.call("sign_out", json!({})).await
    }

    pub(crate) async fn snapshot(&self) -> Value {
        self.call_ok("snapshot", json!({})).await
    }

    /// A page of history as a response.
    pub(crate) async fn history(&self, conversation: &str, mut how: Value) -> TestResponse {
        how["conversation"] = json!(conversation);
        self.call("history", how).await
    }

    /// The newest messages' texts, in order.
    pub(crate) async fn message_bodies(&self, conversation: &str) -> Vec<String> {
        bodies(
            self.history(conversation, json!({ "limit": 100 })).await.ok()["entries"]
                .as_array()
                .unwrap(),
        )
    }

    /// The client IDs of all messages of a conversation, in order. Its events must have no gap.
    pub(crate) async fn client_ids(&self, conversation: &str) -> Vec<String> {
        let (mut found, mut after) = (Vec::new(), json!(0));
        loop {
            let arguments = json!({ "conversation": conversation, "seq": after });
            let page = self.call_ok("changes_after", arguments).await;
            for entry in page["entries"].as_array().unwrap() {
                let next = after.as_u64().map(|seq| seq + 1);
                assert_eq!(entry["seq"].as_u64(), next, "without a gap");
                after = entry["seq"].clone();
                found.extend(entry["change"]["client_id"].as_str().map(str::to_owned));
            }
            if page["more_after"] == false {
                return found;
            }
        }
    }

    /// The ID of Everyone.
    pub(crate) async fn everyone(&self) -> String {
        let snapshot = self.snapshot().await;
        let all = snapshot["conversations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|summary| summary["conversation"]["kind"] == "everyone");
        id_of(all.expect("Everyone is listed"))
    }

    /// The summary of a conversation, if it is in the list.
    pub(crate) async fn find_summary(&self, conversation: &str) -> Option<Value> {
        let snapshot = self.snapshot().await;
        snapshot["conversations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|summary| summary["conversation"]["id"] == conversation)
            .cloned()
    }

    /// Opens a socket with the cursors of a new snapshot.
    pub(crate) async fn connect(&self) -> TestSocket {
        let (epoch, cursors) = cursors(&self.snapshot().await);
        self.connect_from(&epoch, &cursors).await
    }

    /// Opens a socket that resumes from these cursors; the frames before `current` are in
    /// [`TestSocket::missed`].
    pub(crate) async fn connect_from(&self, epoch: &str, cursors: &Cursors) -> TestSocket {
        let mut socket = TestSocket::open(&self.client).await.expect("the socket opens");
        socket
            .send_json(&json!({ "type": "hello", "v": 1, "epoch": epoch, "marks": cursors }))
            .await;
        socket.catch_up().await;
        socket
    }
}

/// The known position of each stream.
pub(crate) type Cursors = BTreeMap<String, u64>;

/// The epoch and the cursors of a snapshot.
pub(crate) fn cursors(snapshot: &Value) -> (String, Cursors) {
    let own = (
        format!("p:{}", snapshot["me"]["id"].as_str().unwrap()),
        snapshot["head"].as_u64().unwrap(),
    );
    let conversations = snapshot["conversations"].as_array().unwrap().iter();
    let cursors = conversations
        .map(|summary| (stream(&id_of(summary)), summary["head"].as_u64().unwrap()))
        .chain([own])
        .collect();
    (snapshot["epoch"].as_str().unwrap().to_owned(), cursors)
}

/// A conversation's stream.
pub(crate) fn stream(conversation: &str) -> String {
    format!("c:{conversation}")
}

/// The id of a summary's conversation.
pub(crate) fn id_of(summary: &Value) -> String {
    summary["conversation"]["id"].as_str().unwrap().to_owned()
}

pub(crate) fn ids(people: &[&TestUser]) -> Vec<String> {
    people.iter().map(|person| person.id.clone()).collect()
}

/// The texts of the messages among these entries or frames.
pub(crate) fn bodies(entries: &[Value]) -> Vec<String> {
    let posted = entries.iter().filter(|entry| entry["change"]["kind"] == "posted");
    posted.map(|entry| entry["change"]["body"].as_str().unwrap().to_owned()).collect()
}
