//! Fetching of linked pages: certificates, timeouts, sizes, images, and the queue.

use std::time::Duration;

use serde_json::Value;

use crate::{
    harness::{
        fake_web::{FakeWeb, PUBLIC, Page, answer, html, picture, redirect},
        server::{TestServer, users},
    },
    messages::link_previews::{preview_of, server_in},
};

#[tokio::test]
async fn tls_certificates_must_match_the_host() {
    let fake_web = FakeWeb::new().await;
    fake_web
        .serve("secret.example/", html("<title>Secret</title>"))
        .serve("other.example/", html("<title>Other</title>"));
    let server = server_in(&fake_web);
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    for (link, title) in [
        ("https://secret.example/", Value::from("Secret")),
        ("https://other.example/", Value::Null),
    ] {
        let seq = ada.post(&everyone, link).await;
        assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await["title"], title, "{link}");
    }
    assert_eq!(fake_web.dialled(), [format!("{PUBLIC}:443"), format!("{PUBLIC}:443")]);
}

#[tokio::test]
async fn large_slow_and_invalid_responses_end_soon() {
    let mut fake_web = FakeWeb::new().await;
    fake_web.transport.timeout = Duration::from_millis(400);
    let head = |more: &str| {
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n{more}\r\n").into_bytes()
    };
    let titled = b"<title>Ducks</title>";
    let filler = [b"<p>".repeat(10_000), vec![b'x'; 60_000]].concat();
    let Page::Is(huge_head) =
        answer("text/html", &format!("x-long: {}\r\n", "x".repeat(100_000)), titled)
    else {
        unreachable!()
    };
    let shows = |title: &str| Value::from(title);
    let cases = [
        (
            "endless",
            Page::Endless([&head("")[..], titled].concat(), filler.clone()),
            shows("Ducks"),
        ),
        ("endless-untitled", Page::Endless(head(""), filler), Value::Null),
        (
            "lying-more",
            Page::Endless(head("content-length: 10000000000\r\n"), b"<div>".repeat(1_000)),
            Value::Null,
        ),
        (
            "lying-less",
            Page::Is([&head("content-length: 3000\r\n")[..], titled].concat()),
            Value::Null,
        ),
        ("silent", Page::Silent(Vec::new()), Value::Null),
        ("silent-after-head", Page::Silent(head("")), Value::Null),
        (
            "silent-after-what-counts",
            Page::Silent([&head("")[..], titled, b"</head>"].concat()),
            shows("Ducks"),
        ),
        ("huge-head", Page::Is(huge_head), Value::Null),
        (
            "endless-head",
            Page::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: x\r\n".to_vec()),
            Value::Null,
        ),
        ("packed", answer("text/html", "content-encoding: gzip\r\n", titled), Value::Null),
        (
            "packed-twice",
            answer("text/html", "content-encoding: identity, gzip\r\n", titled),
            Value::Null,
        ),
        (
            "deep",
            html(&("<title>Deep</title>".to_owned() + &"<div>".repeat(150_000))),
            shows("Deep"),
        ),
        ("plain", answer("text/plain", "", titled), Value::Null),
        ("svg", answer("image/svg+xml", "", titled), Value::Null),
        ("no-kind", Page::Is([b"HTTP/1.1 200 OK\r\n\r\n", &titled[..]].concat()), Value::Null),
        ("no-http", Page::Is(b"SSH-2.0-OpenSSH_9.0\r\n".to_vec()), Value::Null),
        (
            "failed",
            Page::Is(
                b"HTTP/1.1 500 Oh\r\ncontent-type: text/html\r\n\r\n<title>Ducks</title>".to_vec(),
            ),
            Value::Null,
        ),
        ("xhtml", answer("Application/XHTML+xml ; charset=utf-8", "", titled), shows("Ducks")),
    ];
    let server = TestServer::with_config(|config| {
        config.transport = fake_web.transport.clone();
        config.limits = false;
    });
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    for (name, page, title) in cases {
        fake_web.serve(&format!("{name}.example/"), page);
        let seq = ada.post(&everyone, &format!("http://{name}.example/")).await;
        assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await["title"], title, "{name}");
    }
}

#[tokio::test]
async fn all_links_of_a_message_share_one_timeout() {
    let mut fake_web = FakeWeb::new().await;
    fake_web.transport.timeout = Duration::from_millis(400);
    fake_web.serve("silent.example/", Page::Silent(Vec::new()));
    fake_web.serve("ducks.example/", html("<title>Ducks</title>"));
    let server = TestServer::with_config(|config| config.transport = fake_web.transport.clone());
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    let seq = ada.post(&everyone, "http://silent.example/ or http://ducks.example/").await;
    assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await, Value::Null);
    assert_eq!(fake_web.dialled().len(), 1, "no request after the timeout");
    let seq = ada.post(&everyone, "http://ducks.example/ or http://silent.example/").await;
    assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await["title"], "Ducks");
}

#[tokio::test]
async fn the_image_of_a_page_follows_the_same_rules() {
    let mut fake_web = FakeWeb::new().await;
    fake_web.transport.timeout = Duration::from_millis(400);
    fake_web.resolve_to("inside.example", &[&["10.0.0.1"]]);
    // Its header claims 30,000 by 30,000 pixels.
    let Page::Is(small) = picture(8, 8) else { unreachable!() };
    let bomb = crate::files::with_dimensions(small, 30_000, 30_000);
    let png = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\n".to_vec();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for (place, page) in [
        ("good", picture(100, 50)),
        ("moved", redirect("/good")),
        ("to-inside", redirect("http://inside.example/")),
        ("bomb", Page::Is(bomb)),
        ("svg", answer("image/svg+xml", "", svg)),
        ("svg-as-png", answer("image/png", "", svg)),
        ("page", html("<title>no picture</title>")),
        ("endless", Page::Endless(png.clone(), vec![0x89; 64 * 1024])),
        ("silent", Page::Silent(png)),
        ("packed", answer("image/png", "content-encoding: gzip\r\n", b"x")),
    ] {
        fake_web.serve(&format!("pictures.example/{place}"), page);
    }
    let server = TestServer::with_config(|config| {
        config.transport = fake_web.transport.clone();
        config.limits = false;
    });
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    for (at, comes) in [
        ("http://pictures.example/good", true),
        ("//pictures.example/moved", true),
        ("http://pictures.example/to-inside", false),
        ("http://pictures.example/bomb", false),
        ("http://pictures.example/svg", false),
        ("http://pictures.example/svg-as-png", false),
        ("http://pictures.example/page", false),
        ("http://pictures.example/endless", false),
        ("http://pictures.example/silent", false),
        ("http://pictures.example/packed", false),
        ("http://pictures.example/none", false),
        ("http://inside.example/good", false),
        ("http://127.0.0.1/good", false),
        ("http://[::1]/good", false),
        ("file:///etc/passwd", false),
        ("data:image/png;base64,AAAA", false),
        ("http://pictures.example:8080/good", false),
    ] {
        fake_web.serve(
            "page.example/",
            html(&format!("<title>Page</title><meta property=og:image content='{at}'>")),
        );
        let seq = ada.post(&everyone, "http://page.example/").await;
        let preview = preview_of(&fake_web, &ada, &everyone, seq).await;
        assert_eq!(
            (&preview["title"], preview["picture"].is_object()),
            (&Value::from("Page"), comes),
            "{at}"
        );
        assert!(
            fake_web.dialled().iter().all(|dialled| *dialled == format!("{PUBLIC}:80")),
            "{at}"
        );
    }
}

#[tokio::test]
async fn many_links_are_queued_and_bounded() {
    let fake_web = FakeWeb::new().await;
    let server = TestServer::with_config(|config| {
        config.transport = fake_web.transport.clone();
        config.limits = false;
    });
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    let let_go = std::sync::Arc::new(tokio::sync::Notify::new());
    let Page::Is(bytes) = html("<title>Ducks</title>") else { unreachable!() };
    fake_web.serve("one.example/0", Page::Held(std::sync::Arc::clone(&let_go), bytes));
    let seq = ada.post(&everyone, "http://one.example/0").await;
    fake_web.requested().await;
    for n in 1..20 {
        fake_web.serve(&format!("one.example/{n}"), html("<title>Ducks</title>"));
        ada.post(&everyone, &format!("http://one.example/{n}")).await;
    }
    fake_web.serve("two.example/", html("<title>Two</title>"));
    let mut socket = ada.connect().await;
    ada.post(&everyone, "http://two.example/").await;
    assert_eq!(
        socket.recv_change("previewed").await["change"]["preview"]["title"],
        "Two",
        "other sites are not delayed"
    );
    assert_eq!(fake_web.dialled().len(), 2, "one request per site at a time");
    let_go.notify_one();
    assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await["title"], "Ducks");
    assert_eq!(fake_web.asked().len(), 2 + 7, "seven more were queued");
}
