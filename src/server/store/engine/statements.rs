//! Several statements in one call. A call is handed over to the thread of its connection and back,
//! which costs more than a small statement.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Either, Executor, SqlSafeStr, SqlStr, Sqlite, sqlite::SqliteArguments};

use super::{BEGIN, COMMIT, Connection, Row};

/// A call to which arguments are bound, for all its statements in their order.
pub(in crate::server::store) type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

/// Statements that run in one call, with placeholders without numbers. The call may also begin the
/// transaction and commit it.
pub(in crate::server::store) struct Statements {
    count: usize,
    /// By whether they begin a transaction, then by whether they commit it.
    texts: [[SqlStr; 2]; 2],
}

/// A call that failed. Its earlier statements were executed.
pub(in crate::server::store) struct CallError {
    pub(in crate::server::store) cause: sqlx::Error,
    /// Number of statements that were executed.
    pub(in crate::server::store) executed: usize,
}

impl Statements {
    pub(in crate::server::store) fn new(statements: &[String]) -> Self {
        let text = |begins: bool, commits: bool| {
            let begin = begins.then_some(BEGIN);
            let all = begin.into_iter().chain(statements.iter().map(String::as_str));
            let all: Vec<_> = all.chain(commits.then_some(COMMIT)).collect();
            AssertSqlSafe(Arc::<str>::from(all.join("; "))).into_sql_str()
        };
        let texts = [false, true].map(|begins| [false, true].map(|commits| text(begins, commits)));
        Self { count: statements.len(), texts }
    }

    /// Number of statements in a call.
    pub(in crate::server::store) fn count(&self, begins: bool, commits: bool) -> usize {
        self.count + usize::from(begins) + usize::from(commits)
    }

    /// Runs the statements, and returns the rows of all of them.
    ///
    /// # Errors
    /// The first statement that fails ends the call.
    pub(in crate::server::store) async fn run(
        &self,
        connection: &mut Connection,
        begins: bool,
        commits: bool,
        bind: impl FnOnce(Query) -> Query,
    ) -> Result<Vec<Row>, CallError> {
        let count = self.count(begins, commits);
        let text = &self.texts[usize::from(begins)][usize::from(commits)];
        let (mut executed, mut rows) = (0, Vec::new());
        let mut steps = connection.fetch_many(bind(sqlx::query(text.clone())));
        // The end of the last statement is the end of the call: the end of the stream would be
        // another message between the threads.
        while executed < count {
            match steps.try_next().await {
                Ok(Some(Either::Left(_))) => executed += 1,
                Ok(Some(Either::Right(row))) => rows.push(row),
                // The thread of the connection has ended.
                Ok(None) => return Err(CallError { cause: sqlx::Error::WorkerCrashed, executed }),
                Err(cause) => return Err(CallError { cause, executed }),
            }
        }
        Ok(rows)
    }
}
