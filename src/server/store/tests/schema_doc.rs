//! Compares `docs/schema.md` with the schema of a new database.

use std::{collections::BTreeSet, sync::Arc};

use crate::server::{clock::Clock, store::Store};

const DOC: &str = include_str!("../../../../docs/schema.md");

/// `table` and `table.column` for each heading and each first cell of the page.
fn documented() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut table = "";
    for line in DOC.lines() {
        let name = |begin| line.strip_prefix(begin)?.split('`').next();
        if let Some(found) = name("## `") {
            table = found;
            names.insert(table.to_owned());
        } else if let Some(column) = name("| `") {
            names.insert(format!("{table}.{column}"));
        }
    }
    names
}

#[tokio::test]
async fn every_table_and_column_is_documented() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chatbox.sqlite");
    let store = Store::open(&file, Clock::default(), Arc::new(drop)).await.unwrap();
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select t.name, c.name from sqlite_schema t join pragma_table_xinfo(t.name) c \
         where t.type = 'table' and t.name not like 'search_%' and t.name not like 'sqlite_%' \
         and t.name <> '_sqlx_migrations' and c.hidden <> 1",
    )
    .fetch_all(&store.readers)
    .await
    .unwrap();
    let mut names = BTreeSet::new();
    for (table, column) in columns {
        names.insert(format!("{table}.{column}"));
        names.insert(table);
    }
    assert_eq!(documented(), names);
}
