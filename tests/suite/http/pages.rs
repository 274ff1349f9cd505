//! Pages: what each loads before hydration.

use futures_util::future::join_all;

use crate::harness::{
    server::{TestServer, users},
    user::TestUser,
};

#[tokio::test]
async fn a_page_waits_for_lazy_views_where_it_shows_them() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let everyone = ada.everyone().await;
    let waits = async |address: String| {
        let page = ada.client.get(&address).await.text;
        assert_ne!(
            page.contains(", true).catch"),
            page.contains(", false).catch"),
            "{address} wakes up in one way"
        );
        assert_eq!(
            page.contains(", true).catch"),
            page.contains("split_later.wasm"),
            "{address} loads it beside the rest if it waits for it"
        );
        page.contains(", true).catch")
    };
    for address in ["/".to_owned(), format!("/c/{everyone}"), format!("/c/{everyone}?at=1")] {
        assert!(!waits(address.clone()).await, "{address}");
    }
    for address in [
        "/settings".to_owned(),
        "/saved".to_owned(),
        "/search?q=x".to_owned(),
        "/?details=1".to_owned(),
        format!("/c/{everyone}?at=1&thread=1"),
        format!("/c/{everyone}?%64etails=1"),
    ] {
        assert!(waits(address.clone()).await, "{address}");
    }
    let sign_in = server.client().get("/sign-in?next=/settings").await.text;
    assert!(!sign_in.contains("chatbox.js"), "the sign-in page needs no app");
}

#[tokio::test]
async fn concurrent_pages_show_their_own_users_data() {
    let server = TestServer::single_threaded();
    let mut people = Vec::new();
    for person in users::<4>(&server).await {
        let group = person.create_group(&format!("<b>Secret of {}", person.name), &[]).await;
        people.push((person, group));
    }
    let ask = async |(person, group): &(TestUser, String)| {
        let page = person.client.get(&format!("/c/{group}")).await.text;
        let title = page
            .split_once("<title>")
            .and_then(|(_, rest)| rest.split_once("</title>"))
            .map(|(title, _)| title.to_owned());
        assert_eq!(title, Some(format!("&lt;b>Secret of {} · ChatBox", person.name)), "escaped");
        let others = people.iter().filter(|(other, _)| other.name != person.name);
        assert!(
            others
                .into_iter()
                .all(|(other, _)| !page.contains(&format!("Secret of {}", other.name))),
            "{page}"
        );
    };
    for _ in 0..10 {
        join_all(people.iter().cycle().take(16).map(ask)).await;
    }
}
