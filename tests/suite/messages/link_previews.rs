//! Link previews: readers see them without contacting another site, and the author can remove them.
//! `link_preview_fetching.rs` covers the requests to other sites.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::harness::{
    fake_web::{FakeWeb, Page, html, picture},
    server::{TestServer, users},
    user::{TestUser, cursors},
};

/// A page about ducks.
pub(crate) const DUCKS: &str = "<title>Ducks</title><meta name=description content='All about \
                                ducks'><meta property=og:site_name content='The Pond'>";

/// A server with this fake web.
pub(crate) fn server_in(fake_web: &FakeWeb) -> TestServer {
    TestServer::with_config(|config| config.transport = fake_web.transport.clone())
}

/// The preview of a message, once all fetches are done.
pub(crate) async fn preview_of(
    fake_web: &FakeWeb,
    reader: &TestUser,
    conversation: &str,
    seq: u64,
) -> Value {
    fake_web.idle().await;
    let page = reader.history(conversation, json!({ "around": seq, "limit": 100 })).await.ok();
    let entries = page["entries"].as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["seq"] == seq).expect("it is there");
    entry["change"]["state"]["preview"].clone()
}

async fn edit(who: &TestUser, function: &str, conversation: &str, seq: u64, body: &str) -> u16 {
    who.call(function, json!({ "conversation": conversation, "seq": seq, "body": body }))
        .await
        .status
}

#[tokio::test]
async fn a_link_preview_appears_live_and_after_reload() {
    let fake_web = FakeWeb::new().await;
    fake_web.serve("ducks.example/all?of=them", html(DUCKS));
    let server = server_in(&fake_web);
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let (epoch, before) = cursors(&grace.snapshot().await);
    let mut socket = grace.connect().await;
    let seq = ada.post(&group, "Look: **http://ducks.example/all?of=them#here**").await;
    let preview = json!({
        "url": "http://ducks.example/all?of=them#here",
        "site": "The Pond",
        "title": "Ducks",
        "description": "All about ducks"
    });
    assert_eq!(
        socket.recv_change("previewed").await["change"],
        json!({ "kind": "previewed", "message": seq, "preview": preview })
    );
    assert_eq!(preview_of(&fake_web, &grace, &group, seq).await, preview);
    // A client that was away receives the current preview.
    let late = grace.connect_from(&epoch, &before).await;
    let events: Vec<_> =
        late.missed.iter().filter(|frame| frame["change"]["kind"] == "previewed").collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["change"]["preview"], preview);
    assert_eq!(kofi.history(&group, json!({})).await.status, 404);
    // Requests contain nothing about users.
    let asked = fake_web.asked();
    assert_eq!(asked.len(), 1, "one request for all readers: {asked:?}");
    let names: Vec<_> = asked[0]
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["host", "user-agent", "accept", "accept-encoding", "connection"]);
    assert!(asked[0].contains("user-agent: chatbox/"), "{}", asked[0]);
}

#[tokio::test]
async fn a_message_is_delivered_before_its_preview_is_fetched() {
    let fake_web = FakeWeb::new().await;
    let let_go = Arc::new(Notify::new());
    let Page::Is(bytes) = html(DUCKS) else { unreachable!() };
    fake_web.serve("slow.example/", Page::Held(Arc::clone(&let_go), bytes));
    let server = server_in(&fake_web);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let mut socket = grace.connect().await;
    let seq = ada.post(&direct, "http://slow.example/").await;
    socket.recv_until_message("http://slow.example/").await;
    fake_web.requested().await;
    ada.post(&direct, "meanwhile").await;
    socket.recv_until_message("meanwhile").await;
    let_go.notify_one();
    assert_eq!(socket.recv_change("previewed").await["change"]["message"], seq);
}

#[tokio::test]
async fn the_first_link_with_a_preview_is_shown() {
    let fake_web = FakeWeb::new().await;
    fake_web
        .serve("empty.example/", html("<p>no title"))
        .serve("b.example/", html("<title>B</title>"))
        .serve("c.example/", html("<title>C</title>"));
    fake_web.serve("fourth.example/", html("<title>4</title>"));
    let server = server_in(&fake_web);
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    let seq = ada
        .post(
            &everyone,
            "`http://c.example/` http://empty.example/ http://b.example/ http://c.example/",
        )
        .await;
    assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await["title"], "B");
    let seq = ada
        .post(
            &everyone,
            "http://x.example/ http://y.example/ http://empty.example/ http://fourth.example/",
        )
        .await;
    assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await, Value::Null);
    assert!(
        fake_web.resolved().iter().all(|name| !name.starts_with("fourth")),
        "a fourth link is ignored"
    );
}

#[tokio::test]
async fn a_removed_preview_does_not_come_back() {
    let fake_web = FakeWeb::new().await;
    fake_web
        .serve("ducks.example/", html(DUCKS))
        .serve("geese.example/", html("<title>Geese</title>"));
    let server = server_in(&fake_web);
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let seq = grace.post(&group, "http://ducks.example/").await;
    assert_eq!(preview_of(&fake_web, &ada, &group, seq).await["title"], "Ducks");
    let mut socket = ada.connect().await;
    let remove = async |who: &TestUser| edit(who, "remove_preview", &group, seq, "").await;
    assert_eq!(
        (remove(&ada).await, remove(&kofi).await, remove(&grace).await, remove(&grace).await),
        (403, 404, 200, 200)
    );
    assert_eq!(
        socket.recv_change("previewed").await["change"],
        json!({ "kind": "previewed", "message": seq })
    );
    assert_eq!(preview_of(&fake_web, &ada, &group, seq).await, Value::Null);
    assert_eq!(
        edit(&grace, "edit_message", &group, seq, "again: http://ducks.example/").await,
        200
    );
    assert_eq!(
        preview_of(&fake_web, &ada, &group, seq).await,
        Value::Null,
        "not for the same link"
    );
    assert_eq!(
        edit(&grace, "edit_message", &group, seq, "http://ducks.example/ http://geese.example/")
            .await,
        200
    );
    assert_eq!(preview_of(&fake_web, &ada, &group, seq).await["title"], "Geese");
    assert_eq!(fake_web.asked().len(), 2);
}

#[tokio::test]
async fn a_preview_follows_edits_and_deletions() {
    let fake_web = FakeWeb::new().await;
    fake_web
        .serve("ducks.example/", html(DUCKS))
        .serve("geese.example/", html("<title>Geese</title>"));
    let server = server_in(&fake_web);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let (epoch, before) = cursors(&grace.snapshot().await);
    let seq = ada.post(&direct, "http://ducks.example/").await;
    assert_eq!(preview_of(&fake_web, &grace, &direct, seq).await["title"], "Ducks");
    assert_eq!(
        edit(
            &ada,
            "edit_message",
            &direct,
            seq,
            "still http://ducks.example/ and http://geese.example/"
        )
        .await,
        200
    );
    assert_eq!(preview_of(&fake_web, &grace, &direct, seq).await["title"], "Ducks");
    assert_eq!(fake_web.asked().len(), 1, "an existing preview is not fetched again");
    assert_eq!(
        edit(
            &ada,
            "edit_message",
            &direct,
            seq,
            "http://geese.example/ before http://ducks.example/"
        )
        .await,
        200
    );
    assert_eq!(preview_of(&fake_web, &grace, &direct, seq).await["title"], "Geese");
    assert_eq!(edit(&ada, "edit_message", &direct, seq, "none").await, 200);
    assert_eq!(preview_of(&fake_web, &grace, &direct, seq).await, Value::Null);
    assert_eq!(edit(&ada, "edit_message", &direct, seq, "http://ducks.example/").await, 200);
    assert_eq!(preview_of(&fake_web, &grace, &direct, seq).await["title"], "Ducks");
    assert_eq!(edit(&ada, "delete_message", &direct, seq, "").await, 200);
    assert_eq!(preview_of(&fake_web, &grace, &direct, seq).await, Value::Null);
    assert_eq!(edit(&ada, "remove_preview", &direct, seq, "").await, 409);
    let late = grace.connect_from(&epoch, &before).await;
    assert!(
        late.raw.iter().all(|frame| !frame.contains("Ducks") && !frame.contains("Geese")),
        "no event for a deleted message"
    );
    assert_eq!(edit(&ada, "restore_message", &direct, seq, "").await, 200);
    assert_eq!(preview_of(&fake_web, &grace, &direct, seq).await["title"], "Ducks");
    fake_web.asked();
    let server = server.restart();
    let [mut ada, mut grace] = [ada, grace];
    ada.switch_to(&server);
    grace.switch_to(&server);
    assert_eq!(preview_of(&fake_web, &grace, &direct, seq).await["title"], "Ducks");
    assert_eq!(fake_web.asked().len(), 0, "nothing is fetched again after a restart");
}

#[tokio::test]
async fn a_concurrent_edit_gets_no_stale_preview() {
    let fake_web = FakeWeb::new().await;
    let server = server_in(&fake_web);
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    for (function, body) in
        [("edit_message", "none"), ("delete_message", ""), ("remove_preview", "")]
    {
        let let_go = Arc::new(Notify::new());
        let Page::Is(bytes) = html(DUCKS) else { unreachable!() };
        fake_web.serve("slow.example/", Page::Held(Arc::clone(&let_go), bytes));
        let seq = ada.post(&everyone, "http://slow.example/").await;
        fake_web.requested().await;
        assert_eq!(edit(&ada, function, &everyone, seq, body).await, 200);
        let_go.notify_one();
        assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await, Value::Null, "{function}");
    }
}

#[tokio::test]
async fn a_preview_image_is_reencoded_and_seen_by_members_only() {
    let fake_web = FakeWeb::new().await;
    fake_web.serve(
        "ducks.example/all",
        html("<title>Ducks</title><meta property=og:image content='/far/duck.png'>"),
    );
    fake_web.serve("ducks.example/far/duck.png", picture(1200, 630));
    let server = server_in(&fake_web);
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let seq = ada.post(&group, "http://ducks.example/all").await;
    let shown_picture = preview_of(&fake_web, &grace, &group, seq).await["picture"].clone();
    assert_eq!((&shown_picture["width"], &shown_picture["height"]), (&json!(240), &json!(126)));
    let path = format!("/previews/{group}/{seq}/{}", shown_picture["id"].as_str().unwrap());
    let response = grace.client.request("GET", &path).send().await.unwrap();
    let header = |name: &str| {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    assert_eq!((response.status().as_u16(), header("content-type").as_str()), (200, "image/jpeg"));
    assert_eq!(
        (
            header("x-content-type-options").as_str(),
            header("cross-origin-resource-policy").as_str()
        ),
        ("nosniff", "same-origin")
    );
    assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    let bytes = response.bytes().await.unwrap();
    assert!(bytes.len() < 20_000 && bytes.starts_with(&[0xff, 0xd8, 0xff]), "{}", bytes.len());
    assert!(!bytes.windows(6).any(|few| few == b"secret"), "no metadata");
    let elsewhere = path.replace(&group, &ada.everyone().await);
    for (client, path, status) in
        [(&kofi.client, &path, 404), (&server.client(), &path, 401), (&ada.client, &elsewhere, 404)]
    {
        assert_eq!(client.get(path).await.status, status, "{path}");
    }
    for (path, status) in
        [(format!("/previews/{group}/{seq}/x"), 404), (format!("/previews/x/{seq}/x"), 404)]
    {
        assert_eq!(ada.client.get(&path).await.status, status, "{path}");
    }
    ada.remove_member(&group, &grace).await.ok();
    assert_eq!(
        (grace.client.get(&path).await.status, ada.client.get(&path).await.status),
        (404, 200),
        "removed members cannot read it"
    );
    assert_eq!(edit(&ada, "delete_message", &group, seq, "").await, 200);
    assert_eq!(ada.client.get(&path).await.status, 404);
}

#[tokio::test]
async fn disabled_previews_fetch_nothing() {
    let fake_web = FakeWeb::new().await;
    fake_web.serve("ducks.example/", html(DUCKS));
    let server = TestServer::with_config(|config| {
        config.transport = fake_web.transport.clone();
        config.link_previews = Some(false);
    });
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    let seq = ada.post(&everyone, "http://ducks.example/").await;
    assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await, Value::Null);
    assert!(fake_web.resolved().is_empty() && fake_web.dialled().is_empty());
}

/// A server with a fake web for the browser tests (`end2end/tests/messages/link-previews.spec.ts`):
/// the released program has no option for that.
#[tokio::test]
#[ignore = "serves browsers until it is killed"]
async fn serves_a_test_server_to_browsers() {
    let fake_web = FakeWeb::new().await;
    fake_web
        .serve(
            "ducks.example/",
            html(&format!("{DUCKS}<meta property=og:image content=/duck.png>")),
        )
        .serve("ducks.example/duck.png", picture(1200, 630));
    let far = "<title>كل شيء عن البط في البرك والأنهار</title><meta name=description content='يعيش \
               البط في كل القارات تقريبا'>";
    fake_web.serve("right-to-left.example/", html(far));
    let long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
        .repeat(3);
    fake_web.serve(
        "long.example/",
        html(&format!(
            "<title>{long}</title><meta name=description content='{}'>",
            "All about words. ".repeat(40)
        )),
    );
    let server = TestServer::with_config(|config| {
        config.transport = fake_web.transport.clone();
        config.address = std::env::var("CHATBOX_TEST_ADDRESS")
            .expect("the address to serve at")
            .parse()
            .unwrap();
    });
    eprintln!("ChatBox is ready at {}", server.address);
    std::future::pending::<()>().await;
}
