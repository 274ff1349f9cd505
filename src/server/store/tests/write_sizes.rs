//! Tests how many pages each frequent operation writes, so that no change makes it more unseen: a
//! page costs two writes to the WAL and one to the data file.

use std::{fs, path::Path, sync::Arc};

use uuid::Uuid;

use super::person;
use crate::{
    domain::{ClientId, ConversationId, PersonId, Seq},
    server::{
        clock::Clock,
        store::{MessageTarget, NewMessage, Result, Store, write_queue::BoxFuture},
    },
};

#[derive(Clone)]
struct State {
    store: Store,
    ada: PersonId,
    grace: PersonId,
    group: ConversationId,
    message: MessageTarget,
}

type Op = fn(State, u128) -> BoxFuture<'static, Result<()>>;

/// The operations, with the most pages that one of them may write.
const OPS: [(&str, u64, Op); 8] = [
    ("post", 12, |s, n| run(async move { s.store.post(message(&s, n, "hello")).await })),
    ("reply", 13, |s, n| {
        run(async move {
            let reply_to = Some(s.message.message);
            s.store.post(NewMessage { reply_to, ..message(&s, n, "hello") }).await
        })
    }),
    ("mention", 17, |s, n| run(async move { s.store.post(message(&s, n, "hello @grace")).await })),
    ("edit", 13, |s, n| run(async move { s.store.edit(s.message, format!("edit {n}")).await })),
    ("react", 4, |s, n| {
        run(async move { s.store.react(s.message, "👍".into(), n.is_multiple_of(2)).await })
    }),
    ("mark_read", 4, |s, n| {
        let upto = Seq(s.message.message.0 + u64::try_from(n % 50).unwrap());
        run(async move { s.store.mark_read(s.grace, s.group, upto).await })
    }),
    ("pin", 5, |s, n| run(async move { s.store.pin(s.message, n.is_multiple_of(2)).await })),
    ("save_delivered", 1, |s, n| {
        let upto = Seq(s.message.message.0 + u64::try_from(n % 50).unwrap());
        run(async move { s.store.save_delivered(vec![(s.group, s.grace, upto)]).await })
    }),
];

fn run<T>(op: impl Future<Output = Result<T>> + Send + 'static) -> BoxFuture<'static, Result<()>> {
    Box::pin(async move { op.await.map(drop) })
}

fn message(s: &State, n: u128, body: &str) -> NewMessage {
    NewMessage {
        author: s.ada,
        conversation: s.group,
        // In no order, like those of browsers.
        client_id: ClientId(Uuid::from_u128(
            n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835),
        )),
        body: body.to_owned(),
        reply_to: None,
        files: Vec::new(),
    }
}

/// Pages that were written to the WAL since it was truncated.
fn pages(wal: &Path) -> u64 {
    const WAL_HEADER: u64 = 32;
    const FRAME: u64 = 24 + 4096;
    fs::metadata(wal).unwrap().len().saturating_sub(WAL_HEADER) / FRAME
}

#[tokio::test]
async fn no_operation_writes_more_pages_than_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chatbox.sqlite");
    let open = || Store::open(&file, Clock::default(), Arc::new(drop));
    let store = open().await.unwrap();
    let ada = store.register(person("ada")).await.unwrap().id;
    let grace = store.register(person("grace")).await.unwrap().id;
    let group =
        store.create_group(ada, "Physics".into(), vec![grace]).await.unwrap().conversation.id;
    let target = |message| MessageTarget { by: ada, conversation: group, message };
    let mut state = State { store: store.clone(), ada, grace, group, message: target(Seq(0)) };
    // Enough that no table and no index is on one page.
    for n in 1_000..3_000 {
        let seq = store.post(message(&state, n, "a message of some length")).await.unwrap().0;
        state.message = target(Seq(seq.0.saturating_sub(60)));
    }
    let wal = folder.path().join("chatbox.sqlite-wal");
    let (mut n, mut wrong) = (10_000, Vec::new());
    for (name, most, op) in OPS {
        // The WAL is empty after a start, and not checkpointed by so few operations.
        state.store.close().await;
        state.store = open().await.unwrap();
        n += 1;
        op(state.clone(), n).await.unwrap();
        let mut written = Vec::new();
        for _ in 0..21 {
            n += 1;
            let before = pages(&wal);
            op(state.clone(), n).await.unwrap();
            written.push(pages(&wal) - before);
        }
        written.sort_unstable();
        // Now and then a page is split, or the search index merges its segments.
        let usual = written[written.len() / 2];
        if usual > most || usual + 1 < most {
            wrong.push(format!("{name} writes {usual} pages, the limit is {most}: {written:?}"));
        }
    }
    state.store.close().await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}
