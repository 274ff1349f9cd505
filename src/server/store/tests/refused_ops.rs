//! Tests that a refused write op leaves no trace, wherever in the op the refusal comes.

use std::sync::{Arc, Mutex};

use crate::{
    domain::{ChatError, ClientId, ConversationId, PersonId, Seq},
    server::{
        clock::Clock,
        error::AppError,
        store::{
            NewMessage, NewPerson, Result, Store, StoreEvent, WriteTx,
            messages::new_message::PreparedMessage, write_queue::BoxFuture,
        },
    },
};
use futures_util::future::join_all;
use uuid::Uuid;

fn person(n: usize) -> NewPerson {
    let [username, username_key] = [n; 2].map(|n| format!("person-{n}"));
    NewPerson {
        username,
        username_key,
        display_name: format!("Person {n}"),
        password_hash: String::new(),
        registration: None,
        invitation: None,
    }
}

fn message(author: PersonId, conversation: ConversationId, n: u128) -> PreparedMessage {
    let client_id = ClientId(Uuid::from_u128(n));
    PreparedMessage::new(NewMessage {
        author,
        conversation,
        client_id,
        body: format!("message {n}"),
        reply_to: None,
        files: Vec::new(),
    })
}

/// Every row of every table, in order, apart from the generation of the data file: it counts
/// checkpoints.
pub(super) async fn dump(store: &Store) -> Vec<String> {
    let tables: Vec<(String,)> = sqlx::query_as(
        "select name from sqlite_schema where type = 'table' \
         and sql not like '%virtual table%' order by name",
    )
    .fetch_all(&store.readers)
    .await
    .unwrap();
    let mut rows = Vec::new();
    for (table,) in tables {
        let columns: Vec<(String,)> = sqlx::query_as("select name from pragma_table_info($1)")
            .bind(&table)
            .fetch_all(&store.readers)
            .await
            .unwrap();
        let row = columns
            .iter()
            .map(|(name,)| format!("quote(\"{name}\")"))
            .collect::<Vec<_>>()
            .join(" || ',' || ");
        let text = format!("select {row} as line from \"{table}\" order by line");
        let lines: Vec<(String,)> =
            sqlx::query_as(sqlx::AssertSqlSafe(text)).fetch_all(&store.readers).await.unwrap();
        rows.extend(lines.into_iter().map(|(line,)| format!("{table}: {line}")));
    }
    rows.retain(|row| !row.starts_with("meta: 'generation'"));
    rows
}

/// Runs this op and then refuses it.
async fn refuse<T, F>(store: &Store, op: F)
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    let refused: Result<()> = store
        .write(move |tx| {
            Box::pin(async move {
                op(tx).await?;
                Err(AppError::Client(ChatError::not_found()))
            })
        })
        .await;
    assert!(matches!(refused, Err(AppError::Client(_))), "{refused:?}");
}

#[tokio::test]
async fn a_refused_op_leaves_no_row_and_no_event_and_its_neighbours_stay() {
    let folder = tempfile::tempdir().unwrap();
    let published = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&published);
    let publish = Arc::new(move |events: Vec<StoreEvent>| sink.lock().unwrap().extend(events));
    let store = Store::open(&folder.path().join("chatbox.sqlite"), Clock::default(), publish)
        .await
        .unwrap();
    let ada = store.register(person(1)).await.unwrap().id;
    let grace = store.register(person(2)).await.unwrap().id;
    let group =
        store.create_group(ada, "Physics".into(), vec![grace]).await.unwrap().conversation.id;
    let everyone = store.everyone();
    store
        .write(move |tx| Box::pin(tx.insert_messages(vec![message(ada, group, 1)], false)))
        .await
        .unwrap();
    let (before, events_before) = (dump(&store).await, published.lock().unwrap().len());
    assert!(
        before.iter().any(|row| row.contains("message 1")),
        "the dump has the messages: {before:#?}"
    );

    refuse(&store, |tx| Box::pin(tx.register(person(3)))).await;
    refuse(&store, move |tx| {
        Box::pin(
            tx.insert_messages(vec![message(ada, group, 2), message(grace, everyone, 3)], false),
        )
    })
    .await;
    refuse(&store, move |tx| {
        Box::pin(async move {
            tx.register(person(4)).await?;
            tx.insert_messages(vec![message(grace, group, 4)], false).await
        })
    })
    .await;
    assert_eq!(dump(&store).await, before);
    assert_eq!(published.lock().unwrap().len(), events_before);

    // In one batch with ops that succeed.
    let refused = (10..20).map(|n| refuse(&store, move |tx| Box::pin(tx.register(person(n)))));
    let written = (20..30).map(|n| store.register(person(n)));
    let ((), registered) =
        futures_util::join!(async { drop(join_all(refused).await) }, join_all(written));
    assert!(registered.iter().all(Result::is_ok));
    let people: Vec<_> =
        dump(&store).await.into_iter().filter(|row| row.starts_with("people: ")).collect();
    assert_eq!(people.len(), 12, "{people:#?}");
    // Streams stay dense: the next event follows the last.
    let (head,): (Seq,) = sqlx::query_as("select head from conversations where id = $1")
        .bind(group)
        .fetch_one(&store.readers)
        .await
        .unwrap();
    let seqs = store
        .write(move |tx| Box::pin(tx.insert_messages(vec![message(ada, group, 5)], false)))
        .await
        .unwrap();
    assert_eq!(seqs.into_iter().next().unwrap().unwrap().0, head.next());
}
