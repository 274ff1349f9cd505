//! Pages: what each loads before it wakes up.

use crate::town::Town;

#[tokio::test]
async fn a_page_waits_for_what_comes_later_where_it_may_show_it_and_nowhere_else() {
    let town = Town::new();
    let ada = town.person("ada").await;
    let everyone = ada.everyone().await;
    let waits = async |address: String| {
        let page = ada.visitor.gets(&address).await.text;
        assert_ne!(page.contains("app.hydrate(true)"), page.contains("app.hydrate(false)"), "{address} wakes up in one way");
        assert_eq!(page.contains("app.hydrate(true)"), page.contains("split_later.wasm"), "{address} loads it beside the rest if it waits for it");
        page.contains("app.hydrate(true)")
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
    assert!(town.visitor().gets("/sign-in?next=/settings").await.text.contains("app.hydrate(false)"), "signing in waits for nothing");
}
