//! Injects client errors into write ops: after any number of written rows, a statement of the
//! engine fails, and the op sees a client error in its place.
//!
//! Triggers on every table count the rows down. A statement that only reads needs no point of its
//! own: a refusal after it leaves what a refusal before it leaves.

use crate::{
    domain::{ChatError, Code},
    server::{
        error::{AppError, Result},
        store::{Store, WriteTx},
    },
};

/// The message of an injected error.
const REFUSED: &str = "refused by a test";

/// Makes the writer count the rows that it writes.
pub(super) async fn install(store: &Store) {
    // The full-text index writes its other tables at the commit, and the engine writes `meta` at
    // the beginning of a transaction: no op is running then.
    let tables: Vec<(String,)> = sqlx::query_as(
        "select name from sqlite_schema where type = 'table' and sql not like '%virtual table%' \
         and name <> 'meta' and (name not like 'search_%' or name = 'search_docsize')",
    )
    .fetch_all(&store.readers)
    .await
    .unwrap();
    let mut statements = vec![
        "create temp table refusal (rows_left integer not null)".to_owned(),
        "insert into refusal values (-1)".to_owned(),
        "create temp table op_end (n integer not null)".to_owned(),
        "insert into op_end values (0)".to_owned(),
    ];
    for table in tables.iter().map(|(name,)| format!("main.{name}")).chain(["op_end".to_owned()]) {
        for verb in ["insert", "update", "delete"] {
            let trigger = format!("count_{verb}_{}", table.trim_start_matches("main."));
            statements.push(format!(
                "create temp trigger {trigger} before {verb} on {table} begin \
                 select raise(abort, '{REFUSED}') from refusal where rows_left = 0; \
                 update refusal set rows_left = rows_left - 1; end"
            ));
        }
    }
    store
        .write(|tx| {
            Box::pin(async move {
                for statement in statements {
                    let statement = sqlx::AssertSqlSafe(statement);
                    sqlx::query(statement).execute(&mut tx.connection).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
}

/// Refuses the next op after this many rows.
pub(super) async fn refuse_after(store: &Store, rows: u32) {
    store
        .write(move |tx| {
            Box::pin(async move {
                // The end of this op is a row too.
                sqlx::query("update refusal set rows_left = $1 + 1")
                    .bind(rows)
                    .execute(&mut tx.connection)
                    .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

/// The client error that stands for this error of the engine, if it was injected.
pub(in crate::server::store) fn injected(error: &sqlx::Error) -> Option<ChatError> {
    // The full-text index hides the message of a trigger, but not its code. There are no other
    // triggers.
    const SQLITE_CONSTRAINT_TRIGGER: &str = "1811";
    let code = error.as_database_error()?.code()?;
    (code == SQLITE_CONSTRAINT_TRIGGER).then(|| ChatError::new(Code::Conflict, REFUSED))
}

/// Counts the end of an op, so that it can be refused after its last statement as well.
pub(in crate::server::store) async fn end_of_op<T>(
    tx: &mut WriteTx,
    result: Result<T>,
) -> Result<T> {
    let end = sqlx::query("update op_end set n = 0").execute(&mut tx.connection).await;
    match end {
        Err(error) if result.is_ok() && injected(&error).is_some() => Err(error.into()),
        // Without `install` there is no such table.
        _ => result,
    }
}

/// Whether an op failed with the injected error.
pub(super) fn is_injected<T>(result: &Result<T>) -> bool {
    matches!(result, Err(AppError::Client(error)) if error.message == REFUSED)
}
