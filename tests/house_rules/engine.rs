//! The rule that tests are independent of the database engine: they use the interfaces of the
//! server. Only tests of the data file itself may open it as an SQLite file.

use super::{assert_none, files_under, is_sql, reader::Source};

/// The rules name the engine in their examples.
const RULES: &str = "tests/house_rules";

/// The only file of the tests that may use the engine.
const ENGINE: &str = "tests/harness/sqlite_file.rs";

/// The module in that file may be used by these.
const ABOUT_THE_FILE: [&str; 4] =
    [ENGINE, "tests/harness/mod.rs", "tests/suite/data/", "tests/prove/disk.rs"];

#[test]
fn tests_do_not_depend_on_the_engine() {
    let files = files_under("tests", &["rs"]).into_iter().map(|file| Source::read(&file));
    assert_none(files.flat_map(|file| engine_uses(&file)));
}

/// The names of the engine, the paths of its files and the SQL in a file that may not have them.
fn engine_uses(file: &Source) -> Vec<String> {
    let may_use = |places: &[&str]| places.iter().any(|place| file.path.starts_with(place));
    let is_name = |word: &str| match word {
        "SqliteFile" | "sqlite_file" => !may_use(&ABOUT_THE_FILE),
        word => (word == "sqlx" || word.starts_with("Sqlite")) && !may_use(&[ENGINE]),
    };
    let is_misplaced = |text: &str| {
        (text.contains(".sqlite") && !may_use(&ABOUT_THE_FILE))
            || (is_sql(text) && !may_use(&[ENGINE]))
    };
    let names = file.tokens.iter().filter(|token| token.word().is_some_and(is_name));
    let names = names.map(|token| token.start.line);
    let texts = file.strings().filter(|(_, text)| is_misplaced(text) && !may_use(&[RULES]));
    let lines = names.chain(texts.map(|(line, _)| line));
    let message = "use the interfaces of the server instead of the engine";
    lines.map(|line| format!("{}:{line}: {message}", file.path)).collect()
}

#[test]
fn uses_of_the_engine_are_noticed() {
    for (path, text, is_noticed) in [
        ("tests/suite/x.rs", "use sqlx::Row;", true),
        ("tests/suite/data/x.rs", "fn f() { sqlx::query(a); }", true),
        ("tests/prove/x.rs", "fn f() { let a: SqliteConnection = b; }", true),
        ("tests/suite/x.rs", "use crate::harness::sqlite_file::vacuum_into;", true),
        ("tests/suite/data/x.rs", "use crate::harness::sqlite_file::SqliteFile;", false),
        ("tests/suite/x.rs", "fn f() { data.join(\"chatbox.sqlite\"); }", true),
        ("tests/suite/data/x.rs", "fn f() { data.join(\"chatbox.sqlite\"); }", false),
        ("tests/suite/data/x.rs", "fn f() { run(\"delete from people\"); }", true),
        (ENGINE, "use sqlx::sqlite::SqliteConnection;", false),
        ("tests/suite/x.rs", "// sqlx, chatbox.sqlite\nfn f() { \"sqlx\"; }", false),
    ] {
        assert_eq!(!engine_uses(&Source::of(path, text)).is_empty(), is_noticed, "{path}: {text}");
    }
}
