//! Tests that every frequent statement finds its rows by an index, so that nothing slows down as
//! the tables grow. The statements are taken from the sources of the store, new ones included.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sqlx::AssertSqlSafe;

use crate::server::store::{
    engine,
    messages::{pagination, post},
};

/// Statements that may scan a table, and why.
const ALLOWED_SCANS: [(&str, &str); 14] = [
    ("delete from display_names", "at a start with another version of the derived names"),
    ("select name, rootpage from sqlite_schema", "a few tables, once, after a crash"),
    ("select conversation, person from memberships order by conversation", "once, at the start"),
    ("select id from conversations where kind = 'direct'", "once, at the start"),
    ("select id from people limit 1", "one row"),
    ("select id from people where hides_presence", "once, at the start"),
    ("select id from people where hides_typing", "once, at the start"),
    ("select * from profiles", "a snapshot has everybody, and a search may name anybody"),
    ("select v.*, p.created,", "the administration searches all people"),
    ("select id, code, creator, created,", "the newest 500"),
    (
        "select stream, seq from changes where kind = 'posted' and number is null",
        "once in a file's life",
    ),
    ("insert into draft", "what was just handed in"),
    (
        "select (select count(*) from (select 1 from people limit 2))",
        "until the next steps are dismissed",
    ),
    ("select 1", "no table"),
];

#[tokio::test]
async fn every_statement_uses_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = engine::open(&folder.path().join("plans.sqlite")).await.unwrap();
    let mut checked = 0;
    for statement in statements() {
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(AssertSqlSafe(format!("explain query plan {statement}")))
                .fetch_all(&mut connection)
                .await
                .unwrap_or_else(|e| panic!("{statement}: {e}"));
        let scans = plan.iter().map(|(.., step)| step.as_str()).find(|step| scans(step));
        let allowed = ALLOWED_SCANS.iter().any(|(begin, _)| statement.starts_with(begin));
        assert!(allowed || scans.is_none(), "{statement}\n{scans:?}");
        checked += 1;
    }
    assert!(checked > 40, "the statements are found: {checked}");
    assert!(
        scans("SCAN changes") && !scans("SEARCH changes USING PRIMARY KEY (stream=?)"),
        "a scan is noticed"
    );
}

/// Whether a step scans a table. Bound rows, and rows that a part of the statement made, do not
/// count.
fn scans(step: &str) -> bool {
    let made = [
        "CONSTANT ROW",
        "SCAN draft",
        "SCAN d",
        "SCAN (",
        "SCAN (subquery",
        "SCAN thread",
        "SCAN up",
    ];
    // The search is asked for terms (M), for one message (=) or for a range (><).
    let searched = step.contains("VIRTUAL TABLE INDEX")
        && [":M", ":=", ":><"].iter().any(|asked| step.contains(asked));
    step.starts_with("SCAN ")
        && !step.contains("USING INDEX sqlite_autoindex_meta")
        && !searched
        && step != "SCAN s"
        && !made.iter().any(|made| step.contains(made))
}

/// All SQL in the sources of the store: strings that begin like a statement, their lines joined.
fn statements() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/store");
    let mut found = Vec::new();
    for path in files_under(&folder) {
        // Tests, and a backup, which reads a whole data file and not in the server.
        if path.starts_with(folder.join("tests")) || path.ends_with("engine/data_file.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let statements_at = text.match_indices('"').filter(|(at, _)| {
            ["select ", "insert into ", "update ", "delete from "]
                .iter()
                .any(|begin| text[at + 1..].starts_with(begin))
        });
        for (at, _) in statements_at {
            let Some(end) = text[at + 1..].find('"') else { continue };
            let lines = text[at + 1..at + 1 + end].split("\\\n").map(str::trim_start);
            found.push(lines.collect::<String>());
        }
    }
    // Statements that macros assemble are completed here.
    let committed = [
        "c.stream = $1 and c.seq > $2 order by c.seq limit $3",
        "c.stream = $1 and c.seq in (with recursive thread (seq) as (select $2 union select a.seq \
         from thread join changes a \
         on a.stream = $1 and a.kind = 'posted' and a.target is not null and a.target = thread.seq \
         limit $3) select seq from thread) order by c.seq",
    ];
    let entries: Vec<_> =
        found.iter().filter(|statement| statement.ends_with("where ")).cloned().collect();
    // Nor does a text with a gap for placeholders run as it is.
    found.retain(|statement| !statement.ends_with("where ") && !statement.contains('{'));
    for open in entries {
        let committed = if open.contains("from changes c") {
            &committed[..]
        } else {
            &["m.person = $1 and m.conversation = $2", "m.person = $1"][..]
        };
        found.extend(committed.iter().map(|end| format!("{open}{end}")));
    }
    let pages = pagination::page_statements();
    found.extend(pages.into_iter().map(|statement| statement.as_str().to_owned()));
    found.extend(post::all_insert_statements());
    found
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}
