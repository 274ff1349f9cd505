//! Display names: international names are stored as written, deceptive ones are rejected, and no
//! two people have names that look the same.

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{
    server::{PASSWORD, TestServer},
    user::{TestResponse, TestUser},
};

async fn try_sign_up(server: &TestServer, username: &str, display_name: &str) -> TestResponse {
    server
        .client()
        .call(
            "sign_up",
            json!({ "username": username, "display_name": display_name, "password": PASSWORD }),
        )
        .await
}

fn conflict() -> (u16, String, String) {
    (409, "conflict".into(), "display_name".into())
}

/// The names of the groups that a person is a member of.
async fn own_groups(person: &TestUser) -> Vec<String> {
    let conversations = person.snapshot().await["conversations"].clone();
    let names = conversations.as_array().unwrap().iter();
    names.filter_map(|it| it["conversation"]["name"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn international_names_are_stored_as_written() {
    let server = TestServer::new();
    for (n, name) in [
        "علی‌رضا",
        "ශ්‍රී",
        "བསྟན་འཛིན",
        "สมชาย ใจดี",
        "Nguyễn Văn A",
        "O’Brien",
        "José Núñez",
        "李雷",
        "Łukasz",
        "Þór",
        "Ñ",
        "김민준",
        "র‍্যাচেল",
        "葛\u{e0100}城",
        "Robin 👩‍💻",
    ]
    .into_iter()
    .enumerate()
    {
        let answer = try_sign_up(&server, &format!("person.{n}"), name).await;
        assert_eq!((answer.status, &answer.json()["display_name"]), (200, &json!(name)), "{name}");
    }
    let ada = server.user("ada").await;
    let family = json!({ "name": "Family 👨‍👩‍👧‍👦", "members": [] });
    let group = ada.call_ok("create_group", family).await;
    assert_eq!(group["conversation"]["name"], "Family 👨‍👩‍👧‍👦");
    let renamed = json!({ "conversation": group["conversation"]["id"], "name": "می‌رویم 🏴󠁧󠁢󠁥󠁮󠁧󠁿" });
    ada.call_ok("rename_group", renamed).await;
    ada.call_ok("set_status", json!({ "text": "👩‍💻" })).await;
    assert_eq!(ada.call_ok("me", json!({})).await["status"]["text"], "👩‍💻");
}

#[tokio::test]
async fn names_are_stored_in_composed_form() {
    let server = TestServer::new();
    let typed = " Jose\u{301}\u{a0} Nu\u{301}n\u{303}ez ";
    assert_eq!(try_sign_up(&server, "jose", typed).await.ok()["display_name"], "José Núñez");
    assert_eq!(try_sign_up(&server, "jose.2", "José Núñez").await.status, 200, "the same name");
}

#[tokio::test]
async fn deceptive_names_are_rejected_everywhere() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let group = ada
        .call_ok(
            "create_group",
            json!({ "name": "Plans", "members": [] }),
        )
        .await["conversation"]["id"]
        .clone();
    for bad in [
        "a\u{202e}b",
        "Ada\u{200b}",
        "Ada\u{3164}",
        "Ada\u{200d}",
        "Ada\u{e0061}",
        "Ada\u{e000}",
        "Z\u{301}\u{301}\u{301}\u{301}\u{301}",
        "\u{301}",
        "ཀ\u{f90}\u{f91}\u{f92}\u{f93}\u{f94}",
    ] {
        let invalid = |field: &str| (422, "invalid".to_owned(), field.to_owned());
        assert_eq!(
            try_sign_up(&server, "grace", bad).await.error(),
            invalid("display_name"),
            "{bad:?}"
        );
        assert_eq!(
            ada.call("create_group", json!({ "name": bad, "members": [] })).await.error(),
            invalid("name"),
            "{bad:?}"
        );
        assert_eq!(
            ada.call("rename_group", json!({ "conversation": group, "name": bad })).await.error(),
            invalid("name"),
            "{bad:?}"
        );
        assert_eq!(
            ada.call("set_status", json!({ "text": bad })).await.error(),
            invalid("text"),
            "{bad:?}"
        );
    }
    let snapshot = ada.snapshot().await;
    assert_eq!(snapshot["people"].as_array().unwrap().len(), 1);
    assert_eq!(own_groups(&ada).await, ["Plans"]);
}

#[tokio::test]
async fn confusable_display_names_are_rejected_and_equal_ones_accepted() {
    let server = TestServer::new();
    for (username, name) in [
        ("ada", "Ada Lovelace"),
        ("marnie", "Marnie"),
        ("illia", "Illia"),
        ("jose", "José Silva"),
        ("anna", "Anna"),
        ("vera", "Вера"),
    ] {
        assert_eq!(try_sign_up(&server, username, name).await.status, 200, "{name}");
    }
    for name in [
        "Аda Lovelace",
        "ada lovelace",
        "ADA LOVELACE",
        "AdaLovelace",
        "Ada Lovelace.",
        "Ada L0velace",
        "𝐀da Lovelace",
        "Ａｄａ Lovelace",
        "Ad\u{251} Lovelace",
        "ΑΝΝΑ",
        "Bepa",
        "ВЕРА",
    ] {
        let answer = try_sign_up(&server, "other", name).await;
        assert_eq!(answer.error(), conflict(), "{name}");
        assert_eq!(
            answer.json()["message"],
            "This display name looks too much like another person's. Choose another."
        );
    }
    for (n, name) in
        ["Ada Lovelace", "Mamie", "lllia", "Jose Silva", "Άννα", "Анна", "Ada", "Lovelace Ada"]
            .into_iter()
            .enumerate()
    {
        assert_eq!(try_sign_up(&server, &format!("person.{n}"), name).await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn reserved_names_are_rejected() {
    let server = TestServer::new();
    for name in [
        "Admin",
        "Аdmin",
        "adrnin",
        "Everyone",
        "You",
        "ChatBox",
        "ChatBox Support",
        "Deleted user",
        "@here",
        "channel",
    ] {
        let answer = try_sign_up(&server, "other", name).await;
        assert_eq!(answer.error(), conflict(), "{name}");
        assert_eq!(answer.json()["message"], "This display name is reserved. Choose another.");
    }
    let answer = try_sign_up(&server, "admin", "Ada").await;
    assert_eq!(answer.error(), (409, "conflict".into(), "username".into()));
    assert_eq!(
        answer.json()["message"],
        "This username is reserved. Choose another.",
        "reserved, not taken"
    );
    let people = server.user("ada").await.snapshot().await["people"].clone();
    assert_eq!(people.as_array().unwrap().len(), 1, "nobody else registered");
}

#[tokio::test]
async fn reserved_group_names_are_rejected() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let group = ada
        .call_ok(
            "create_group",
            json!({ "name": "Support", "members": [] }),
        )
        .await["conversation"]["id"]
        .clone();
    for name in ["Everyone", "everyone", "Еvеryоnе", "Every one"] {
        let reserved = (409, "conflict".to_owned(), "name".to_owned());
        assert_eq!(
            ada.call("create_group", json!({ "name": name, "members": [] })).await.error(),
            reserved,
            "{name}"
        );
        assert_eq!(
            ada.call("rename_group", json!({ "conversation": group, "name": name })).await.error(),
            reserved,
            "{name}"
        );
    }
    assert_eq!(own_groups(&ada).await, ["Support"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_confusable_names_register_one() {
    let server = TestServer::new();
    // Each with other Cyrillic letters, from none to the first six that look like Latin ones.
    let names = (0..40_u32).map(|n| {
        let choice = |(at, (latin, cyrillic)): (u32, (char, char))| {
            if n >> at & 1 == 1 { cyrillic } else { latin }
        };
        (0..)
            .zip([('A', 'А'), ('c', 'с'), ('e', 'е'), ('o', 'о'), ('p', 'р'), ('x', 'х')])
            .map(choice)
            .collect::<String>()
    });
    let names: Vec<String> = names.collect();
    let usernames: Vec<String> = (0..40).map(|n| format!("person-{n}")).collect();
    let responses = join_all(
        usernames.iter().zip(&names).map(|(username, name)| try_sign_up(&server, username, name)),
    )
    .await;
    let mut statuses: Vec<u16> = responses.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    // Some get `busy`, because too many passwords are hashed at once.
    assert_eq!(statuses.remove(0), 200);
    assert!(statuses.iter().all(|status| matches!(status, 409 | 503)), "{statuses:?}");
    let first = responses.iter().find(|answer| answer.status == 200).unwrap();
    let people =
        TestUser::of("the first", first, server.client()).snapshot().await["people"].clone();
    assert_eq!(people.as_array().unwrap().len(), 1);
}
