//! Tests of data that an earlier version of ChatBox wrote.

use std::{path::Path, sync::Arc};

use uuid::Uuid;

use crate::{
    domain::{ClientId, Code, PersonId},
    server::{
        clock::Clock,
        error::AppError,
        store::{MessageTarget, NewMessage, NewPerson, Result, Store},
    },
};

async fn open(file: &Path) -> Store {
    Store::open(file, Clock::default(), Arc::new(drop)).await.unwrap()
}

async fn register(store: &Store, username: &str, display_name: &str) -> Result<PersonId> {
    let new = NewPerson {
        username: username.into(),
        username_key: username.into(),
        display_name: display_name.into(),
        password_hash: String::new(),
        registration: None,
        invitation: None,
    };
    Ok(store.register(new).await?.id)
}

async fn write_rows(store: &Store, statements: &'static [&'static str]) {
    store
        .write(move |tx| {
            Box::pin(async move {
                for statement in statements {
                    sqlx::query(*statement).execute(&mut tx.connection).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
}

async fn count(store: &Store, statement: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(statement).fetch_one(&store.readers).await.unwrap();
    count
}

#[tokio::test]
async fn confusable_names_are_kept_and_compared_with_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chatbox.sqlite");
    let store = open(&file).await;
    register(&store, "ada", "Ada Lovelace").await.unwrap();
    let grace = register(&store, "grace", "Grace Hopper").await.unwrap();
    // No confusable forms of names, and two names that look alike or are invalid.
    write_rows(
        &store,
        &[
            "delete from display_names",
            "delete from meta where key = 'display_names'",
            "update people set display_name = 'ada lovelace' || char(8203) where username = 'grace'",
        ],
    )
    .await;
    store.close().await;
    let store = open(&file).await;
    assert_eq!(count(&store, "select count(*) from display_names").await, 2);
    assert_eq!(store.person(grace).await.unwrap().display_name, "ada lovelace\u{200b}");
    // The first begins with a Cyrillic letter; the second is confusable with Grace's.
    for name in ["Аda Lovelace", "Ada Lovelace"] {
        match register(&store, "other", name).await {
            Err(AppError::Client(error)) => {
                let field = error.field.as_deref();
                assert_eq!((error.code, field), (Code::Conflict, Some("display_name")), "{name}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn spellings_of_an_emoji_that_were_kept_apart_are_removed_together() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("chatbox.sqlite")).await;
    let ada = register(&store, "ada", "Ada").await.unwrap();
    let everyone = store.everyone();
    let message = NewMessage {
        author: ada,
        conversation: everyone,
        client_id: ClientId(Uuid::from_u128(1)),
        body: "hello".into(),
        reply_to: None,
        files: Vec::new(),
    };
    let (message, _) = store.post(message).await.unwrap();
    let target = MessageTarget { by: ada, conversation: everyone, message };
    store.react(target, "❤️".into(), true).await.unwrap();
    // With and without the variation selector.
    write_rows(
        &store,
        &["insert into reactions (stream, message, emoji, person, since) \
           select stream, message, '❤', person, since from reactions"],
    )
    .await;
    assert_eq!(count(&store, "select count(*) from reactions").await, 2);
    store.react(target, "❤️".into(), false).await.unwrap();
    assert_eq!(count(&store, "select count(*) from reactions").await, 0);
}
