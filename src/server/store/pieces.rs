//! What the search looks up: kept in the very transaction that keeps the message, and made up for where a file is older than it.

use std::sync::LazyLock;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::{Ledger, Outcome, engine::Connection};
use crate::{
    domain::{ConversationId, PersonId, Seq},
    server::search::pieces_of,
};

/// How many messages one statement takes in: as many as the largest of these that are waiting, then the rest.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

static INSERTS: LazyLock<[SqlStr; SIZES.len()]> = LazyLock::new(|| {
    SIZES.map(|size| {
        let more = ", (?, ?)".repeat(size - 1);
        AssertSqlSafe(["insert into search (rowid, pieces) values (?, ?)", &more].concat()).into_sql_str()
    })
});

/// How many messages of an older file are taken in by one transaction.
const TOGETHER: usize = 1_000;

/// Takes messages in: their number, and their pieces.
pub(super) async fn take_in(to: &mut Connection, messages: &[(i64, String)]) -> Result<(), sqlx::Error> {
    let mut rest = messages;
    while let Some(which) = SIZES.iter().position(|size| *size <= rest.len()) {
        let (now, later) = rest.split_at(SIZES[which]);
        let mut insert = sqlx::query(INSERTS[which].clone());
        for (number, pieces) in now {
            insert = insert.bind(number).bind(pieces);
        }
        insert.execute(&mut *to).await?;
        rest = later;
    }
    Ok(())
}

impl Ledger {
    /// A message says something else now: it is found by that alone.
    ///
    /// # Errors
    /// Only what the engine says.
    pub(super) async fn find_anew(&mut self, conversation: ConversationId, seq: Seq, pieces: String) -> Outcome<()> {
        if let Some(number) = self.find_no_more(conversation, seq).await? {
            take_in(&mut self.connection, &[(number, pieces)]).await?;
        }
        Ok(())
    }

    /// A message is gone: nothing finds it. Says its number, if it is a message.
    ///
    /// # Errors
    /// Only what the engine says.
    pub(super) async fn find_no_more(&mut self, conversation: ConversationId, seq: Seq) -> Outcome<Option<i64>> {
        let number: Option<(Option<i64>,)> = sqlx::query_as("select number from changes where stream = $1 and seq = $2")
            .bind(conversation)
            .bind(seq)
            .fetch_optional(&mut self.connection)
            .await?;
        let number = number.and_then(|(number,)| number);
        if number.is_some() {
            sqlx::query("delete from search where rowid = $1").bind(number).execute(&mut self.connection).await?;
        }
        Ok(number)
    }
}

/// Takes in what was written before there was a search: once, in transactions of a bounded size. One that is broken off goes on
/// at the next start: what has a number is taken in.
pub(super) async fn catch_up(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let done: Option<(i64,)> = sqlx::query_as("select 1 from meta where key = 'search'").fetch_optional(&mut *connection).await?;
    if done.is_some() {
        return Ok(());
    }
    let missing: Vec<(ConversationId, Seq)> =
        sqlx::query_as("select stream, seq from changes where kind = 'posted' and number is null order by at, stream, seq")
            .fetch_all(&mut *connection)
            .await?;
    if !missing.is_empty() {
        tracing::info!(messages = missing.len(), "taking older messages into the search; this is done once");
    }
    let (mut number,): (i64,) = sqlx::query_as("select coalesce(max(number), 0) from changes").fetch_one(&mut *connection).await?;
    for some in missing.chunks(TOGETHER) {
        sqlx::query(super::engine::BEGIN).execute(&mut *connection).await?;
        let mut messages = Vec::with_capacity(some.len());
        for (conversation, seq) in some {
            number += 1;
            let (author, body): (PersonId, String) =
                sqlx::query_as("update changes set number = $3 where stream = $1 and seq = $2 returning actor, body")
                    .bind(conversation)
                    .bind(seq)
                    .bind(number)
                    .fetch_one(&mut *connection)
                    .await?;
            // One that is deleted has its number all the same: it may be restored.
            if !body.is_empty() {
                messages.push((number, pieces_of(*conversation, author, &body)));
            }
        }
        take_in(connection, &messages).await?;
        sqlx::query("commit").execute(&mut *connection).await?;
        super::engine::checkpoint(connection).await;
    }
    sqlx::query("insert into meta (key, value) values ('search', '1')").execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::*;
    use crate::{
        domain::{ClientId, search::Query},
        server::{
            clock,
            store::{Draft, Hand, NewPerson, Store, Wanted, engine},
        },
    };

    async fn open(file: &Path) -> Store {
        Store::open(file, Arc::new(drop)).await.unwrap()
    }

    async fn ada(store: &Store) -> PersonId {
        let [username, username_key, display_name] = ["ada"; 3].map(str::to_owned);
        store.register(NewPerson { username, username_key, display_name, password_hash: String::new(), only_first: false }).await.unwrap().id
    }

    async fn post(store: &Store, author: PersonId, body: &str) -> Seq {
        let draft = Draft {
            author,
            conversation: store.everyone(),
            client_id: ClientId(clock::id()),
            body: body.to_owned(),
            answers: None,
            files: Vec::new(),
        };
        store.post(draft).await.unwrap().0
    }

    async fn found(store: &Store, person: PersonId, query: &str) -> Vec<u64> {
        let wanted = Wanted { query: Query::parse(query).unwrap(), ahead: 0, before: None, limit: 50 };
        store.search(person, wanted).await.unwrap().hits.into_iter().map(|hit| hit.seq.0).collect()
    }

    #[tokio::test]
    async fn a_message_that_is_changed_is_found_by_what_it_says_now_and_one_that_is_gone_by_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("changed.sqlite")).await;
        let ada = ada(&store).await;
        let seq = post(&store, ada, "the first words").await;
        let other = post(&store, ada, "other words").await;
        assert_eq!(found(&store, ada, "words").await, [other.0, seq.0]);
        let hand = Hand { by: ada, conversation: store.everyone(), message: seq };
        store.edit(hand, "something else".to_owned()).await.unwrap();
        assert_eq!((found(&store, ada, "words").await, found(&store, ada, "else").await), (vec![other.0], vec![seq.0]));
        for _twice in 0..2 {
            store.delete(hand).await.unwrap();
            assert_eq!((found(&store, ada, "else").await, found(&store, ada, "from:ada").await), (vec![], vec![other.0]));
        }
        store.restore(hand).await.unwrap();
        assert_eq!(found(&store, ada, "from:ada").await, [other.0, seq.0], "in its old place");
        assert_eq!(found(&store, ada, "else").await, [seq.0]);
        store.close().await;
    }

    #[tokio::test]
    async fn a_file_from_before_the_search_is_taken_in_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("older.sqlite");
        let store = open(&file).await;
        let ada = ada(&store).await;
        for n in 0..2_500 {
            post(&store, ada, &format!("message {n}")).await;
        }
        store.close().await;
        let mut connection = engine::open(&file).await.unwrap();
        for undo in [
            "insert into search (search) values ('delete-all')",
            "update changes set number = null where number > 999",
            "delete from meta where key = 'search'",
        ] {
            sqlx::query(undo).execute(&mut connection).await.unwrap();
        }
        // What was taken in before it was broken off is there; the rest is as it was.
        let rows: Vec<(i64, PersonId, ConversationId, String)> =
            sqlx::query_as("select number, actor, stream, body from changes where number > 0").fetch_all(&mut connection).await.unwrap();
        let rows: Vec<_> = rows.into_iter().map(|(number, author, place, body)| (number, pieces_of(place, author, &body))).collect();
        take_in(&mut connection, &rows).await.unwrap();
        drop(connection);
        for _twice in 0..2 {
            let store = open(&file).await;
            for n in ["7", "1500", "2499"] {
                assert_eq!(found(&store, ada, &format!("\"message {n}\"")).await.len(), 1, "{n}");
            }
            assert_eq!(found(&store, ada, "message").await.len(), 50);
            store.close().await;
        }
        let store = open(&file).await;
        let newest = post(&store, ada, "message 2500").await;
        assert_eq!(found(&store, ada, "message").await[0], newest.0);
        store.close().await;
    }
}
