//! Previews of links: readers see what a link leads to, and never ask another site themselves; the author has the last word.
//! What the server asks of whom, and never asks, is told in `tests/suite/outside.rs`.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    person::{Person, marks},
    town::{Town, cast},
    world::{Page, World, html, picture},
};

/// A page about ducks.
pub(crate) const DUCKS: &str = "<title>Ducks</title><meta name=description content='All about ducks'><meta property=og:site_name content='The Pond'>";

/// A town in this world.
pub(crate) fn town_in(world: &World) -> Town {
    Town::with(|config| config.outside = world.outside.clone())
}

/// What a message shows, once all is looked at.
pub(crate) async fn shown(world: &World, reader: &Person, conversation: &str, seq: u64) -> Value {
    world.is_quiet().await;
    let page = reader.history(conversation, json!({ "around": seq, "limit": 100 })).await.ok();
    let entries = page["entries"].as_array().unwrap();
    entries.iter().find(|entry| entry["seq"] == seq).expect("it is there")["change"]["state"]["preview"].clone()
}

async fn alters(who: &Person, function: &str, conversation: &str, seq: u64, body: &str) -> u16 {
    who.asks(function, json!({ "conversation": conversation, "seq": seq, "body": body })).await.status
}

#[tokio::test]
async fn a_link_is_shown_to_its_readers_live_and_after_a_reload() {
    let world = World::new().await;
    world.has("ducks.example/all?of=them", html(DUCKS));
    let town = town_in(&world);
    let [ada, grace, kofi] = cast(&town).await;
    let group = ada.creates_group("Physics", &[&grace]).await;
    let (epoch, before) = marks(&grace.snapshot().await);
    let mut ear = grace.listens().await;
    let seq = ada.posts(&group, "Look: **http://ducks.example/all?of=them#here**").await;
    let preview = json!({ "url": "http://ducks.example/all?of=them#here", "site": "The Pond", "title": "Ducks", "description": "All about ducks" });
    assert_eq!(ear.change("previewed").await["change"], json!({ "kind": "previewed", "message": seq, "preview": preview }));
    assert_eq!(shown(&world, &grace, &group, seq).await, preview);
    // Somebody who was away hears it as it stands.
    let late = grace.listens_from(&epoch, &before).await;
    let told: Vec<_> = late.missed.iter().filter(|frame| frame["change"]["kind"] == "previewed").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["change"]["preview"], preview);
    assert_eq!(kofi.history(&group, json!({})).await.status, 404);
    // Nothing of anybody goes along.
    let asked = world.asked();
    assert_eq!(asked.len(), 1, "once, however many read it: {asked:?}");
    let names: Vec<_> = asked[0].lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    assert_eq!(names, ["host", "user-agent", "accept", "accept-encoding", "connection"]);
    assert!(asked[0].contains("user-agent: chatbox/"), "{}", asked[0]);
}

#[tokio::test]
async fn a_message_is_delivered_before_anybody_is_asked_and_does_not_wait_for_the_answer() {
    let world = World::new().await;
    let let_go = Arc::new(Notify::new());
    let Page::Is(bytes) = html(DUCKS) else { unreachable!() };
    world.has("slow.example/", Page::Held(Arc::clone(&let_go), bytes));
    let town = town_in(&world);
    let [ada, grace] = cast(&town).await;
    let direct = ada.opens_direct(&grace).await;
    let mut ear = grace.listens().await;
    let seq = ada.posts(&direct, "http://slow.example/").await;
    ear.until_message("http://slow.example/").await;
    world.is_asked().await;
    ada.posts(&direct, "meanwhile").await;
    ear.until_message("meanwhile").await;
    let_go.notify_one();
    assert_eq!(ear.change("previewed").await["change"]["message"], seq);
}

#[tokio::test]
async fn the_first_of_three_links_that_shows_something_is_shown() {
    let world = World::new().await;
    world.has("empty.example/", html("<p>no title")).has("b.example/", html("<title>B</title>")).has("c.example/", html("<title>C</title>"));
    world.has("fourth.example/", html("<title>4</title>"));
    let town = town_in(&world);
    let [ada] = cast(&town).await;
    let everyone = ada.everyone().await;
    let seq = ada.posts(&everyone, "`http://c.example/` http://empty.example/ http://b.example/ http://c.example/").await;
    assert_eq!(shown(&world, &ada, &everyone, seq).await["title"], "B");
    let seq = ada.posts(&everyone, "http://x.example/ http://y.example/ http://empty.example/ http://fourth.example/").await;
    assert_eq!(shown(&world, &ada, &everyone, seq).await, Value::Null);
    assert!(world.resolved().iter().all(|name| !name.starts_with("fourth")), "a fourth one is not looked at");
}

#[tokio::test]
async fn its_author_takes_a_preview_away_and_it_does_not_come_back() {
    let world = World::new().await;
    world.has("ducks.example/", html(DUCKS)).has("geese.example/", html("<title>Geese</title>"));
    let town = town_in(&world);
    let [ada, grace, kofi] = cast(&town).await;
    let group = ada.creates_group("Physics", &[&grace]).await;
    let seq = grace.posts(&group, "http://ducks.example/").await;
    assert_eq!(shown(&world, &ada, &group, seq).await["title"], "Ducks");
    let mut ear = ada.listens().await;
    let remove = async |who: &Person| alters(who, "remove_preview", &group, seq, "").await;
    assert_eq!((remove(&ada).await, remove(&kofi).await, remove(&grace).await, remove(&grace).await), (403, 404, 200, 200));
    assert_eq!(ear.change("previewed").await["change"], json!({ "kind": "previewed", "message": seq }));
    assert_eq!(shown(&world, &ada, &group, seq).await, Value::Null);
    assert_eq!(alters(&grace, "edit_message", &group, seq, "again: http://ducks.example/").await, 200);
    assert_eq!(shown(&world, &ada, &group, seq).await, Value::Null, "not for the same link");
    assert_eq!(alters(&grace, "edit_message", &group, seq, "http://ducks.example/ http://geese.example/").await, 200);
    assert_eq!(shown(&world, &ada, &group, seq).await["title"], "Geese");
    assert_eq!(world.asked().len(), 2);
}

#[tokio::test]
async fn a_preview_follows_what_becomes_of_its_message() {
    let world = World::new().await;
    world.has("ducks.example/", html(DUCKS)).has("geese.example/", html("<title>Geese</title>"));
    let town = town_in(&world);
    let [ada, grace] = cast(&town).await;
    let direct = ada.opens_direct(&grace).await;
    let (epoch, before) = marks(&grace.snapshot().await);
    let seq = ada.posts(&direct, "http://ducks.example/").await;
    assert_eq!(shown(&world, &grace, &direct, seq).await["title"], "Ducks");
    assert_eq!(alters(&ada, "edit_message", &direct, seq, "still http://ducks.example/ and http://geese.example/").await, 200);
    assert_eq!(shown(&world, &grace, &direct, seq).await["title"], "Ducks");
    assert_eq!(world.asked().len(), 1, "what is shown is not asked for again");
    assert_eq!(alters(&ada, "edit_message", &direct, seq, "http://geese.example/ before http://ducks.example/").await, 200);
    assert_eq!(shown(&world, &grace, &direct, seq).await["title"], "Geese");
    assert_eq!(alters(&ada, "edit_message", &direct, seq, "none").await, 200);
    assert_eq!(shown(&world, &grace, &direct, seq).await, Value::Null);
    assert_eq!(alters(&ada, "edit_message", &direct, seq, "http://ducks.example/").await, 200);
    assert_eq!(shown(&world, &grace, &direct, seq).await["title"], "Ducks");
    assert_eq!(alters(&ada, "delete_message", &direct, seq, "").await, 200);
    assert_eq!(shown(&world, &grace, &direct, seq).await, Value::Null);
    assert_eq!(alters(&ada, "remove_preview", &direct, seq, "").await, 409);
    let late = grace.listens_from(&epoch, &before).await;
    assert!(late.raw.iter().all(|frame| !frame.contains("Ducks") && !frame.contains("Geese")), "of a deleted message nothing is told");
    assert_eq!(alters(&ada, "restore_message", &direct, seq, "").await, 200);
    assert_eq!(shown(&world, &grace, &direct, seq).await["title"], "Ducks");
    world.asked();
    let town = town.restart();
    let [mut ada, mut grace] = [ada, grace];
    ada.moves_to(&town);
    grace.moves_to(&town);
    assert_eq!(shown(&world, &grace, &direct, seq).await["title"], "Ducks");
    assert_eq!(world.asked().len(), 0, "after a restart nothing is asked for again");
}

#[tokio::test]
async fn a_message_that_changes_while_its_link_is_looked_at_gets_no_stale_preview() {
    let world = World::new().await;
    let town = town_in(&world);
    let [ada] = cast(&town).await;
    let everyone = ada.everyone().await;
    for (function, body) in [("edit_message", "none"), ("delete_message", ""), ("remove_preview", "")] {
        let let_go = Arc::new(Notify::new());
        let Page::Is(bytes) = html(DUCKS) else { unreachable!() };
        world.has("slow.example/", Page::Held(Arc::clone(&let_go), bytes));
        let seq = ada.posts(&everyone, "http://slow.example/").await;
        world.is_asked().await;
        assert_eq!(alters(&ada, function, &everyone, seq, body).await, 200);
        let_go.notify_one();
        assert_eq!(shown(&world, &ada, &everyone, seq).await, Value::Null, "{function}");
    }
    assert!(town.rows("select * from previews").await.is_empty());
}

#[tokio::test]
async fn a_pages_picture_is_made_anew_and_shown_to_members_only() {
    let world = World::new().await;
    world.has("ducks.example/all", html("<title>Ducks</title><meta property=og:image content='/far/duck.png'>"));
    world.has("ducks.example/far/duck.png", picture(1200, 630));
    let town = town_in(&world);
    let [ada, grace, kofi] = cast(&town).await;
    let group = ada.creates_group("Physics", &[&grace]).await;
    let seq = ada.posts(&group, "http://ducks.example/all").await;
    let shown_picture = shown(&world, &grace, &group, seq).await["picture"].clone();
    assert_eq!((&shown_picture["width"], &shown_picture["height"]), (&json!(240), &json!(126)));
    let path = format!("/previews/{group}/{seq}/{}", shown_picture["id"].as_str().unwrap());
    let response = grace.visitor.request("GET", &path).send().await.unwrap();
    let header = |name: &str| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    assert_eq!((response.status().as_u16(), header("content-type").as_str()), (200, "image/jpeg"));
    assert_eq!((header("x-content-type-options").as_str(), header("cross-origin-resource-policy").as_str()), ("nosniff", "same-origin"));
    assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    let bytes = response.bytes().await.unwrap();
    assert!(bytes.len() < 20_000 && bytes.starts_with(&[0xff, 0xd8, 0xff]), "{}", bytes.len());
    assert!(!bytes.windows(6).any(|few| few == b"secret"), "nothing beside the picture comes along");
    let elsewhere = path.replace(&group, &ada.everyone().await);
    for (visitor, path, status) in [(&kofi.visitor, &path, 404), (&town.visitor(), &path, 401), (&ada.visitor, &elsewhere, 404)] {
        assert_eq!(visitor.gets(path).await.status, status, "{path}");
    }
    for (path, status) in [(format!("/previews/{group}/{seq}/x"), 404), (format!("/previews/x/{seq}/x"), 404)] {
        assert_eq!(ada.visitor.gets(&path).await.status, status, "{path}");
    }
    ada.removes(&group, &grace).await.ok();
    assert_eq!((grace.visitor.gets(&path).await.status, ada.visitor.gets(&path).await.status), (404, 200), "who was removed sees no more of it");
    assert_eq!(alters(&ada, "delete_message", &group, seq, "").await, 200);
    assert_eq!(ada.visitor.gets(&path).await.status, 404);
    assert!(town.rows("select * from preview_pictures").await.is_empty());
}

#[tokio::test]
async fn where_it_is_turned_off_nobody_is_asked() {
    let world = World::new().await;
    world.has("ducks.example/", html(DUCKS));
    let town = Town::with(|config| {
        config.outside = world.outside.clone();
        config.link_previews = false;
    });
    let [ada] = cast(&town).await;
    let everyone = ada.everyone().await;
    let seq = ada.posts(&everyone, "http://ducks.example/").await;
    assert_eq!(shown(&world, &ada, &everyone, seq).await, Value::Null);
    assert!(world.resolved().is_empty() && world.dialled().is_empty());
}

/// A town in a world of its own for the browser tests (`end2end/tests/previews.spec.ts`): the program that people run has no way to
/// be given another world.
#[tokio::test]
#[ignore = "serves browsers until it is killed"]
async fn serves_a_town_to_browsers() {
    let world = World::new().await;
    world
        .has("ducks.example/", html(&format!("{DUCKS}<meta property=og:image content=/duck.png>")))
        .has("ducks.example/duck.png", picture(1200, 630));
    let far = "<title>كل شيء عن البط في البرك والأنهار</title><meta name=description content='يعيش البط في كل القارات تقريبا'>";
    world.has("right-to-left.example/", html(far));
    let long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    world.has("long.example/", html(&format!("<title>{long}</title><meta name=description content='{}'>", "All about words. ".repeat(40))));
    let town = Town::with(|config| {
        config.outside = world.outside.clone();
        config.address = std::env::var("CHATBOX_TOWN").expect("the address to serve at").parse().unwrap();
    });
    eprintln!("ChatBox is ready at {}", town.address);
    std::future::pending::<()>().await;
}
