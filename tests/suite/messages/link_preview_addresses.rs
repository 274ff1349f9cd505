//! Addresses of linked pages: the server never connects to a private address, also after a redirect
//! or another DNS answer.

use serde_json::Value;

use crate::{
    harness::{
        fake_web::{FakeWeb, PUBLIC, html, redirect},
        server::{TestServer, users},
    },
    messages::link_previews::{preview_of, server_in},
};

/// URLs of private addresses in many spellings, and URLs that are never fetched.
const NOT_ASKED: [&str; 66] = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:db8::1]/",
    "http://[fc00::1]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://a.localhost/",
    "http://printer/",
    "http://printer.local/",
    "http://git.internal/",
    "http://router.lan/",
    "http://nas.home.arpa/",
    "http://ⓛocalhost/",
    "http://127。0。0。1/",
    "http://１２７.0.0.1/",
    "http://%6c%6f%63%61%6c%68%6f%73%74/",
    "http://127.0.0.1%2f.news.example/",
    "http://user@news.example/",
    "http://user:word@news.example/",
    "http://news.example@127.0.0.1/",
    "http://news.example:8080/",
    "http://news.example:22/",
    "https://news.example:8443/",
    "http://loops.example/",
    "http://loops.example./",
    "http://both.example/",
    "http://mapped.example/",
    "http://nat.example/",
    "http://inside.example/",
    "http://unknown.example/",
    "http://nothing.example/",
    "http://..news.example/",
];

#[tokio::test]
async fn private_addresses_are_never_dialled() {
    let fake_web = FakeWeb::new().await;
    fake_web.serve("news.example/", html("<title>News</title>"));
    for (name, addresses) in [
        ("loops.example", &["127.0.0.1"][..]),
        ("both.example", &[PUBLIC, "10.0.0.1"]),
        ("mapped.example", &["::ffff:10.0.0.1"]),
        ("nat.example", &["64:ff9b::a00:1"]),
        ("inside.example", &["192.168.0.7"]),
        ("nothing.example", &[]),
        ("localhost", &[PUBLIC]),
        ("a.localhost", &[PUBLIC]),
        ("printer", &[PUBLIC]),
        ("printer.local", &[PUBLIC]),
        ("git.internal", &[PUBLIC]),
        ("router.lan", &[PUBLIC]),
        ("nas.home.arpa", &[PUBLIC]),
    ] {
        fake_web.resolve_to(name, &[addresses]);
    }
    let server = TestServer::with_config(|config| {
        config.transport = fake_web.transport.clone();
        config.limits = false;
    });
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    for link in NOT_ASKED {
        // In angle brackets the whole text is the link.
        let seq = ada.post(&everyone, &format!("<{link}>")).await;
        assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await, Value::Null, "{link}");
        assert_eq!(fake_web.dialled(), Vec::<String>::new(), "{link}");
    }
    let seq = ada.post(&everyone, "<http://news.example/>").await;
    assert_eq!(
        preview_of(&fake_web, &ada, &everyone, seq).await["title"],
        "News",
        "public addresses are fetched"
    );
}

#[tokio::test]
async fn every_redirect_is_checked_and_bounded() {
    let fake_web = FakeWeb::new().await;
    fake_web
        .resolve_to("inside.example", &[&["10.0.0.1"]])
        .serve("far.example/", html("<title>Far</title>"));
    let server = TestServer::with_config(|config| {
        config.transport = fake_web.transport.clone();
        config.limits = false;
    });
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    for to in [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://inside.example/",
        "//inside.example/",
        "http://localhost/",
        "http://far.example:8080/",
        "https://far.example:22/",
        "ftp://far.example/",
        "file:///etc/passwd",
        "gopher://far.example:80/",
        "http://me@far.example/",
        "javascript:alert(1)",
        "http://",
    ] {
        fake_web.serve("near.example/", redirect(to));
        let seq = ada.post(&everyone, "http://near.example/").await;
        assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await, Value::Null, "{to}");
        assert_eq!(fake_web.dialled(), [format!("{PUBLIC}:80")], "{to}: only the first one");
    }
    for n in 1..5 {
        fake_web.serve(
            &format!("near.example/{n}"),
            redirect(if n == 1 {
                "http://far.example/"
            } else {
                ["", "", "1", "/2", "http://near.example/3"][n]
            }),
        );
        let seq = ada.post(&everyone, &format!("http://near.example/{n}")).await;
        let title = preview_of(&fake_web, &ada, &everyone, seq).await["title"].clone();
        assert_eq!(title == "Far", n <= 3, "{n} hops");
        assert_eq!(fake_web.dialled().len(), n.min(3) + 1);
    }
}

#[tokio::test]
async fn dns_rebinding_is_not_dialled() {
    let fake_web = FakeWeb::new().await;
    fake_web
        .resolve_to("turns.example", &[&[PUBLIC], &["127.0.0.1"]])
        .serve("turns.example/", redirect("/again"));
    let server = server_in(&fake_web);
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    let seq = ada.post(&everyone, "http://turns.example/").await;
    assert_eq!(preview_of(&fake_web, &ada, &everyone, seq).await, Value::Null);
    assert_eq!(
        fake_web.resolved(),
        ["turns.example", "turns.example"],
        "one lookup per hop, none between the check and the connection"
    );
    assert_eq!(fake_web.dialled(), [format!("{PUBLIC}:80")]);
}
