//! Signing up: usernames, passwords, concurrent requests, and invite-only servers.

use chatbox::domain::Registration;
use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{
    server::{PASSWORD, TestServer},
    user::TestUser,
};

#[tokio::test]
async fn sign_up_signs_in_and_allows_signing_in_again() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    assert_eq!(
        ada.call_ok("me", json!({})).await,
        json!({
            "id": ada.id,
            "username": "ada",
            "display_name": "Ada",
            "role": "administrator",
        })
    );
    for typed in ["ada", "ADA", " ada "] {
        assert_eq!(
            server.try_sign_in(typed, PASSWORD).await.ok()["id"],
            ada.id.as_str(),
            "{typed:?}"
        );
    }
}

#[tokio::test]
async fn confusable_usernames_are_rejected() {
    let server = TestServer::new();
    for name in ["kofi1", "modern", "bob0", "ali", "lan", "ian", "mila"] {
        server.user(name).await;
    }
    for name in [
        "kofi1",
        "KOFI1",
        "kofil",
        "Kofil",
        "rnodern",
        "bobo",
        "admin",
        "Admin",
        "adrnin",
        "everyone",
        "All",
        "root",
        "anonymous",
    ] {
        assert_eq!(
            server.try_sign_up(name, PASSWORD).await.error(),
            (409, "conflict".into(), "username".into()),
            "{name}"
        );
    }
    for name in [
        "a",
        "",
        "Ада",
        "a b",
        ".ada",
        "ada-",
        "ad\u{200b}a",
        &"x".repeat(33),
        "<b>ada</b>",
        "ada\n",
    ] {
        let refused = server.try_sign_up(name, PASSWORD).await.error();
        let fine = name.trim() == "ada" && refused.0 == 200;
        assert!(
            fine || refused == (422, "invalid".into(), "username".into()),
            "{name:?} {refused:?}"
        );
    }
}

#[tokio::test]
async fn concurrent_sign_ups_with_one_username_create_one_account() {
    let server = TestServer::new();
    let tries = join_all((0..50).map(|_| server.try_sign_up("ada", PASSWORD))).await;
    let won: Vec<_> = tries.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1);
    assert!(tries.iter().all(|answer| matches!(answer.status, 200 | 409)));
    let ada = TestUser::of("ada", won[0], server.client());
    assert_eq!(ada.snapshot().await["people"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn weak_passwords_are_rejected_at_their_field() {
    let server = TestServer::new();
    for weak in [
        "",
        "short-1",
        "password",
        "12345678",
        "qwertyuiop",
        "iloveyou",
        "grace",
        "gracegrace",
        &"x".repeat(129),
    ] {
        assert_eq!(
            server.try_sign_up("grace", weak).await.error(),
            (422, "invalid".into(), "password".into()),
            "{weak}"
        );
    }
    assert_eq!(server.try_sign_up("grace", "пароль-река-7").await.status, 200);
}

#[tokio::test]
async fn a_school_signs_in_at_once_from_one_address() {
    let server = TestServer::new();
    let names: Vec<String> = (0..300).map(|n| format!("pupil-{n}z")).collect();
    for class in names.chunks(50) {
        let responses = join_all(class.iter().map(|name| server.try_sign_up(name, PASSWORD))).await;
        assert!(
            responses.iter().all(|answer| answer.status == 200),
            "{:?}",
            responses.iter().find(|answer| answer.status != 200)
        );
    }
    let responses = join_all(names.iter().map(|name| server.try_sign_in(name, PASSWORD))).await;
    assert!(
        responses.iter().all(|answer| answer.status == 200),
        "{:?}",
        responses.iter().find(|answer| answer.status != 200)
    );
}

#[tokio::test]
async fn invite_only_registers_the_first_person_only() {
    let server =
        TestServer::with_config(|config| config.registration = Some(Registration::InviteOnly));
    server.user("ada").await;
    assert_eq!(
        server.try_sign_up("grace", PASSWORD).await.error(),
        (403, "forbidden".into(), String::new())
    );
    assert_eq!(server.try_sign_in("ada", PASSWORD).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn invite_only_admits_one_of_many_concurrent_first_people() {
    let server =
        TestServer::with_config(|config| config.registration = Some(Registration::InviteOnly));
    let names: Vec<String> = (0..40).map(|n| format!("person-{n}")).collect();
    let responses = join_all(names.iter().map(|name| server.try_sign_up(name, PASSWORD))).await;
    let mut statuses: Vec<u16> = responses.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    // Some get `busy`, because too many passwords are hashed at once.
    let (first, others) = (statuses.remove(0), statuses);
    assert_eq!(first, 200);
    assert!(others.iter().all(|status| matches!(status, 403 | 503)), "{others:?}");
    let admitted = responses.iter().find(|answer| answer.status == 200).unwrap();
    let admitted = TestUser::of("the first", admitted, server.client());
    assert_eq!(admitted.snapshot().await["people"].as_array().unwrap().len(), 1);
}
