//! The search index. It is updated in the transaction that writes the message, and backfilled for
//! older data files.

use std::sync::LazyLock;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::{
    domain::{ConversationId, PersonId, Seq},
    server::{
        search::index_terms,
        store::{Result, WriteTx, engine::Connection},
    },
};

/// Rows of the prepared statements: the largest that fits is used, then the rest.
const BATCH_SIZES: [usize; 5] = [256, 64, 16, 4, 1];

static INSERT_STATEMENTS: LazyLock<[SqlStr; BATCH_SIZES.len()]> = LazyLock::new(|| {
    BATCH_SIZES.map(|size| {
        let more = ", (?, ?)".repeat(size - 1);
        AssertSqlSafe(["insert into search (rowid, pieces) values (?, ?)", &more].concat())
            .into_sql_str()
    })
});

/// The version of the index terms; another version rebuilds the index at the next start.
const INDEX_VERSION: &str = "2";

/// Messages that one transaction of the backfill indexes.
const BACKFILL_BATCH: usize = 1_000;

/// Inserts messages: their numbers and their terms.
pub(in crate::server::store) async fn insert(
    to: &mut Connection,
    messages: &[(i64, String)],
) -> Result<(), sqlx::Error> {
    let mut rest = messages;
    while let Some(size_index) = BATCH_SIZES.iter().position(|size| *size <= rest.len()) {
        let (now, following) = rest.split_at(BATCH_SIZES[size_index]);
        let mut insert = sqlx::query(INSERT_STATEMENTS[size_index].clone());
        for (number, terms) in now {
            insert = insert.bind(number).bind(terms);
        }
        insert.execute(&mut *to).await?;
        rest = following;
    }
    Ok(())
}

impl WriteTx {
    /// Replaces the terms of an edited message.
    ///
    /// # Errors
    /// A database error.
    pub(in crate::server::store) async fn reindex(
        &mut self,
        conversation: ConversationId,
        seq: Seq,
        terms: String,
    ) -> Result<()> {
        if let Some(number) = self.remove_from_index(conversation, seq).await? {
            insert(&mut self.connection, &[(number, terms)]).await?;
        }
        Ok(())
    }

    /// Removes a message from the index. Returns its number, if it is a message.
    ///
    /// # Errors
    /// A database error.
    pub(in crate::server::store) async fn remove_from_index(
        &mut self,
        conversation: ConversationId,
        seq: Seq,
    ) -> Result<Option<i64>> {
        let number: Option<(Option<i64>,)> =
            sqlx::query_as("select number from changes where stream = $1 and seq = $2")
                .bind(conversation)
                .bind(seq)
                .fetch_optional(&mut self.connection)
                .await?;
        let number = number.and_then(|(number,)| number);
        if number.is_some() {
            sqlx::query("delete from search where rowid = $1")
                .bind(number)
                .execute(&mut self.connection)
                .await?;
        }
        Ok(number)
    }
}

/// Brings the index up to date: indexes messages from before there was one, and rebuilds the terms
/// of an earlier version. Runs once, in transactions of a bounded size; after an interruption it
/// continues at the next start.
pub(in crate::server::store) async fn backfill(
    connection: &mut Connection,
) -> Result<(), sqlx::Error> {
    if meta_value(connection, "search").await?.as_deref() == Some(INDEX_VERSION) {
        return Ok(());
    }
    let (last_number,): (i64,) = sqlx::query_as("select coalesce(max(number), 0) from changes")
        .fetch_one(&mut *connection)
        .await?;
    index_unnumbered(connection, last_number).await?;
    rebuild(connection, last_number).await?;
    sqlx::query(
        "insert into meta (key, value) values ('search', $1) \
         on conflict (key) do update set value = excluded.value",
    )
    .bind(INDEX_VERSION)
    .execute(&mut *connection)
    .await?;
    sqlx::query("delete from meta where key = 'search_upto'").execute(connection).await?;
    Ok(())
}

async fn meta_value(connection: &mut Connection, key: &str) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> =
        sqlx::query_as("select cast(value as text) from meta where key = $1")
            .bind(key)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(meta_value,)| meta_value))
}

/// Numbers and indexes messages without a number.
async fn index_unnumbered(connection: &mut Connection, mut number: i64) -> Result<(), sqlx::Error> {
    let missing: Vec<(ConversationId, Seq)> = sqlx::query_as(
        "select stream, seq from changes where kind = 'posted' \
         and number is null order by at, stream, seq",
    )
    .fetch_all(&mut *connection)
    .await?;
    if !missing.is_empty() {
        tracing::info!(
            messages = missing.len(),
            "adding existing messages to the search index; this happens once"
        );
    }
    for batch in missing.chunks(BACKFILL_BATCH) {
        sqlx::query(crate::server::store::engine::BEGIN).execute(&mut *connection).await?;
        let mut messages = Vec::with_capacity(batch.len());
        for (conversation, seq) in batch {
            number += 1;
            let (author, body): (PersonId, String) = sqlx::query_as(
                "update changes set number = $3 where stream = $1 \
                 and seq = $2 returning actor, body",
            )
            .bind(conversation)
            .bind(seq)
            .bind(number)
            .fetch_one(&mut *connection)
            .await?;
            // A deleted message gets a number too: it may be restored.
            if !body.is_empty() {
                messages.push((number, index_terms(*conversation, author, &body)));
            }
        }
        insert(connection, &messages).await?;
        sqlx::query("commit").execute(&mut *connection).await?;
        crate::server::store::engine::checkpoint(connection).await;
    }
    Ok(())
}

/// Rebuilds the terms of messages up to this number. The progress is saved with each batch.
async fn rebuild(connection: &mut Connection, last: i64) -> Result<(), sqlx::Error> {
    let mut upto: i64 = meta_value(connection, "search_upto")
        .await?
        .and_then(|upto| upto.parse().ok())
        .unwrap_or(0);
    if upto < last {
        tracing::info!(
            messages = last - upto,
            "rebuilding the search index for this version; this happens once"
        );
    }
    while upto < last {
        sqlx::query(crate::server::store::engine::BEGIN).execute(&mut *connection).await?;
        let rows: Vec<(i64, ConversationId, PersonId, String)> = sqlx::query_as(
            "select number, stream, actor, body from changes where number > $1 \
             and number <= $2 order by number limit $3",
        )
        .bind(upto)
        .bind(last)
        .bind(i64::try_from(BACKFILL_BATCH).unwrap_or(i64::MAX))
        .fetch_all(&mut *connection)
        .await?;
        let end = if rows.len() < BACKFILL_BATCH {
            last
        } else {
            rows.last().map_or(last, |(number, ..)| *number)
        };
        sqlx::query("delete from search where rowid > $1 and rowid <= $2")
            .bind(upto)
            .bind(end)
            .execute(&mut *connection)
            .await?;
        let rows = rows.into_iter().filter(|(.., body)| !body.is_empty());
        let messages: Vec<_> = rows
            .map(|(number, conversation, author, body)| {
                (number, index_terms(conversation, author, &body))
            })
            .collect();
        insert(connection, &messages).await?;
        sqlx::query(
            "insert into meta (key, value) values ('search_upto', $1) \
             on conflict (key) do update set value = excluded.value",
        )
        .bind(end.to_string())
        .execute(&mut *connection)
        .await?;
        sqlx::query("commit").execute(&mut *connection).await?;
        crate::server::store::engine::checkpoint(connection).await;
        upto = end;
    }
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
            store::{MessageTarget, NewMessage, NewPerson, SearchRequest, Store, engine},
        },
    };

    async fn open(file: &Path) -> Store {
        Store::open(file, clock::Clock::default(), Arc::new(drop)).await.unwrap()
    }

    async fn ada(store: &Store) -> PersonId {
        let [username, username_key, display_name] = ["ada"; 3].map(str::to_owned);
        store
            .register(NewPerson {
                username,
                username_key,
                display_name,
                password_hash: String::new(),
                registration: None,
                invitation: None,
            })
            .await
            .unwrap()
            .id
    }

    async fn post(store: &Store, author: PersonId, body: &str) -> Seq {
        let message = NewMessage {
            author,
            conversation: store.everyone(),
            client_id: ClientId(clock::id()),
            body: body.to_owned(),
            reply_to: None,
            files: Vec::new(),
        };
        store.post(message).await.unwrap().0
    }

    async fn found(store: &Store, person: PersonId, query: &str) -> Vec<u64> {
        let request = SearchRequest {
            query: Query::parse(query).unwrap(),
            utc_offset_minutes: 0,
            before: None,
            limit: 50,
        };
        store.search(person, request).await.unwrap().hits.into_iter().map(|hit| hit.seq.0).collect()
    }

    #[tokio::test]
    async fn edits_and_deletions_update_the_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder.path().join("changed.sqlite")).await;
        let ada = ada(&store).await;
        let seq = post(&store, ada, "the first words").await;
        let other = post(&store, ada, "other words").await;
        assert_eq!(found(&store, ada, "words").await, [other.0, seq.0]);
        let target = MessageTarget { by: ada, conversation: store.everyone(), message: seq };
        store.edit(target, "something else".to_owned()).await.unwrap();
        assert_eq!(
            (found(&store, ada, "words").await, found(&store, ada, "else").await),
            (vec![other.0], vec![seq.0])
        );
        for _twice in 0..2 {
            store.delete(target).await.unwrap();
            assert_eq!(
                (found(&store, ada, "else").await, found(&store, ada, "from:ada").await),
                (vec![], vec![other.0])
            );
        }
        store.restore(target).await.unwrap();
        assert_eq!(found(&store, ada, "from:ada").await, [other.0, seq.0], "in its old place");
        assert_eq!(found(&store, ada, "else").await, [seq.0]);
        store.close().await;
    }

    #[tokio::test]
    async fn an_unindexed_file_is_indexed_when_opened() {
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
        // As after an interruption: the first messages are indexed, the others are not.
        let rows: Vec<(i64, PersonId, ConversationId, String)> =
            sqlx::query_as("select number, actor, stream, body from changes where number > 0")
                .fetch_all(&mut connection)
                .await
                .unwrap();
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(number, author, conversation, body)| {
                (number, index_terms(conversation, author, &body))
            })
            .collect();
        insert(&mut connection, &rows).await.unwrap();
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

    #[tokio::test]
    async fn an_interrupted_rebuild_continues() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("earlier.sqlite");
        let store = open(&file).await;
        let ada = ada(&store).await;
        let old = post(&store, ada, "v1.2.3-rc.1 in C++").await;
        for n in 0..1_200 {
            post(&store, ada, &format!("message {n}")).await;
        }
        let new = post(&store, ada, "v1.2.3 and C#").await;
        let gone = post(&store, ada, "C++ is gone").await;
        store
            .delete(MessageTarget { by: ada, conversation: store.everyone(), message: gone })
            .await
            .unwrap();
        store.close().await;
        for (upto, hits) in [(None, vec![new.0, old.0]), (Some(1_000), vec![new.0])] {
            let mut connection = engine::open(&file).await.unwrap();
            for undo in [
                "insert into search (search) values ('delete-all')",
                "update meta set value = '1' where key = 'search'",
            ] {
                sqlx::query(undo).execute(&mut connection).await.unwrap();
            }
            if let Some(upto) = upto {
                let mark = sqlx::query("insert into meta (key, value) values ('search_upto', $1)")
                    .bind(upto.to_string());
                mark.execute(&mut connection).await.unwrap();
            }
            drop(connection);
            for _twice in 0..2 {
                let store = open(&file).await;
                assert_eq!(
                    (found(&store, ada, "1.2.3").await, found(&store, ada, "C#").await),
                    (hits.clone(), vec![new.0])
                );
                assert_eq!(
                    found(&store, ada, "C++").await.len(),
                    hits.len() - 1,
                    "what is deleted stays so"
                );
                store.close().await;
            }
        }
    }
}
