//! The house rules, checked on every file: dependencies between modules, the first line and the
//! length of files, and where SQL and interface texts may be. Each rule is a table;
//! `docs/architecture.md` explains them.

#![allow(clippy::unwrap_used, reason = "a rule that cannot be read has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
};

#[path = "house_rules/reader.rs"]
mod reader;
#[path = "house_rules/texts.rs"]
mod texts;
#[path = "house_rules/tree.rs"]
mod tree;

use reader::{Named, Source};

/// Which of our modules a module may use, besides itself.
const MAY_KNOW: [(&str, &[&str]); 7] = [
    ("src/domain/", &[]),
    ("src/protocol/", &["domain"]),
    ("src/api/", &["domain", "protocol"]),
    ("src/server/http/", &["domain", "protocol", "api"]),
    ("src/server/", &["domain", "protocol"]),
    ("src/client/", &["domain", "protocol", "api"]),
    ("src/ui/", &["client", "domain", "api"]),
];

/// Exceptions: where, which module, and whether only inside of a function body.
const EXCEPT: [(&str, &str, bool); 2] = [
    // A server function's body runs on the server only.
    ("src/api/", "server", true),
    // The only file of the server that knows what a page looks like.
    ("src/server/http/pages.rs", "ui", false),
];

/// Crates and modules that only these places may use.
const ONLY_IN: [(&str, &[&str]); 31] = [
    ("sqlx", &["src/server/store/"]),
    ("argon2", &["src/server/auth/"]),
    ("zxcvbn", &["src/server/auth/"]),
    ("unicode_security", &["src/server/names/"]),
    ("unicode_properties", &["src/domain/name/", "src/server/names/"]),
    ("std::env", &["src/server/config.rs", "src/main.rs"]),
    ("axum", &["src/server/", "src/main.rs"]),
    ("tokio", &["src/server/", "src/main.rs"]),
    ("leptos_axum", &["src/server/", "src/main.rs"]),
    ("tower_http", &["src/server/http/"]),
    // Besides the socket's codec: the statuses of the framework's errors are in their bodies.
    ("serde_json", &["src/protocol/", "src/server/http/api.rs"]),
    ("gloo_net", &["src/client/connection/"]),
    ("leptos_router", &["src/ui/"]),
    ("leptos_meta", &["src/ui/"]),
    ("rust_embed", &["src/server/http/files/assets.rs"]),
    ("syntect", &["src/server/content/highlight/"]),
    ("two_face", &["src/server/content/highlight/"]),
    ("pulldown_latex", &["src/server/content/highlight/"]),
    ("image", &["src/server/content/images/"]),
    ("gif", &["src/server/content/images/"]),
    ("jpeg_decoder", &["src/server/content/images/"]),
    ("fast_image_resize", &["src/server/content/images/"]),
    ("rustix", &["src/server/background/pool.rs", "src/server/content/highlight/worker.rs"]),
    // Only link previews connect to other servers.
    ("hyper::client", &["src/server/content/link_preview/"]),
    ("object_store", &["src/server/storage/"]),
    ("http_body_util", &["src/server/content/link_preview/"]),
    ("tokio_rustls", &["src/server/storage/backend.rs", "src/server/content/link_preview/"]),
    ("webpki_roots", &["src/server/content/link_preview/"]),
    ("html5gum", &["src/server/content/link_preview/"]),
    ("encoding_rs", &["src/server/content/link_preview/"]),
    ("url", &["src/server/content/link_preview/"]),
];

/// Modules of `server` that a module of `server` must not use: dependencies point one way.
const NOT_IN_SERVER: [(&str, &[&str]); 9] = [
    ("src/server/background/", &["auth", "http", "link_preview", "realtime", "storage", "store"]),
    ("src/server/names/", &["auth", "http", "link_preview", "realtime", "storage", "store"]),
    ("src/server/search/", &["auth", "http", "link_preview", "realtime", "storage", "store"]),
    (
        "src/server/content/images/",
        &["auth", "http", "link_preview", "realtime", "storage", "store"],
    ),
    ("src/server/store/", &["auth", "http", "link_preview", "realtime", "storage"]),
    ("src/server/realtime/", &["auth", "http", "link_preview", "storage"]),
    ("src/server/storage/", &["auth", "http", "link_preview", "realtime"]),
    ("src/server/content/link_preview/", &["auth", "http", "realtime", "storage"]),
    ("src/server/auth/", &["http", "link_preview", "realtime", "storage"]),
];

/// Everything that the domain may use.
const DOMAIN_USES: [&str; 10] = [
    "std",
    "serde",
    "thiserror",
    "unicode_normalization",
    "unicode_properties",
    "uuid",
    "rustfmt",
    "crate",
    "super",
    "self",
];

/// The only files with feature gates.
const GATES: [&str; 2] = ["src/lib.rs", "src/main.rs"];

/// Where SQL may be. The phrases of the demo contain a query.
const SQL_IN: [&str; 2] = ["src/server/store/", "src/server/commands/demo/phrases.rs"];

/// How SQL begins.
const SQL: [&str; 9] = [
    "select ",
    "insert into ",
    "update ",
    "delete from ",
    "create table",
    "create index",
    "begin immediate",
    "pragma ",
    "with recursive",
];

const LONGEST_FILE: usize = 400;

#[test]
fn every_file_introduces_itself() {
    assert_none(
        sources()
            .iter()
            .filter(|file| !file.text.starts_with("//! "))
            .map(|file| format!("{}: line 1 says what it is for: `//! …`", file.path)),
    );
}

#[test]
fn no_file_is_long() {
    let long = sources().into_iter().filter(|file| file.text.lines().count() > LONGEST_FILE);
    assert_none(
        long.map(|file| {
            format!("{}: over {LONGEST_FILE} lines; split the noun by aspect", file.path)
        }),
    );
}

#[test]
fn features_are_asked_for_at_the_gate_only() {
    let scattered = sources().into_iter().filter(|file| {
        !GATES.contains(&file.path.as_str()) && file.code.replace(' ', "").contains("feature=")
    });
    assert_none(scattered.map(|file| format!("{}: asks for a feature", file.path)));
}

#[test]
fn rooms_know_only_whom_they_may() {
    assert_none(sources().iter().flat_map(|file| {
        file.names().into_iter().filter_map(|named| stranger(&file.path, &named))
    }));
}

#[test]
fn dependencies_inside_the_server_point_one_way() {
    assert_none(sources().iter().flat_map(|file| {
        file.names().into_iter().filter_map(|named| against_the_arrow(&file.path, &named))
    }));
}

#[test]
fn crates_stay_in_their_rooms() {
    assert_none(sources().iter().flat_map(|file| {
        file.names().into_iter().filter_map(|named| out_of_place(&file.path, &named))
    }));
}

#[test]
fn the_domain_needs_nothing() {
    let domain = sources().into_iter().filter(|file| in_domain(&file.path));
    assert_none(domain.flat_map(|file| {
        let foreign = file.foreign_crates(&DOMAIN_USES);
        foreign
            .into_iter()
            .map(|named| format!("{}:{}: names {}", file.path, named.line, named.path))
            .collect::<Vec<_>>()
    }));
}

#[test]
fn sql_stands_in_the_store_only() {
    assert_none(sources().iter().flat_map(sql));
}

#[test]
fn migrations_are_prose_in_lower_case() {
    let files: Vec<_> = files_under("migrations", &["sql"]);
    assert!(!files.is_empty());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.display();
        assert!(text.starts_with("-- "), "{name} begins by saying what it is for");
        let code = text.lines().map(|line| line.split("--").next().unwrap_or_default());
        for (n, line) in code.enumerate() {
            assert!(
                !line
                    .split('\'')
                    .step_by(2)
                    .any(|part| part.contains(|c: char| c.is_ascii_uppercase())),
                "{name}:{}: {line}",
                n + 1
            );
        }
    }
}

/// The first module whose prefix matches the file decides.
fn stranger(path: &str, named: &Named) -> Option<String> {
    let (room, known) = MAY_KNOW.iter().find(|(room, _)| path.starts_with(room))?;
    let ours = named.room(path)?;
    let own = room.split('/').nth(1) == Some(ours.as_str());
    let excepted = EXCEPT.iter().any(|(place, other, inside)| {
        path.starts_with(place) && *other == ours && (!inside || named.depth > 0)
    });
    if own || known.contains(&ours.as_str()) || excepted {
        None
    } else {
        Some(format!("{path}:{}: names {}", named.line, named.path))
    }
}

fn against_the_arrow(path: &str, named: &Named) -> Option<String> {
    let (_, forbidden) = NOT_IN_SERVER.iter().find(|(place, _)| path.starts_with(place))?;
    let used = named.server_module(path)?;
    forbidden
        .contains(&used.as_str())
        .then(|| format!("{path}:{}: names {}", named.line, named.path))
}

fn out_of_place(path: &str, named: &Named) -> Option<String> {
    let (what, _) = ONLY_IN.iter().find(|(what, places)| {
        let is_it = named.path == *what || named.path.starts_with(&format!("{what}::"));
        is_it && !places.iter().any(|place| path.starts_with(place))
    })?;
    Some(format!("{path}:{}: {what} does not belong here", named.line))
}

fn in_domain(path: &str) -> bool {
    path.starts_with("src/domain/")
}

/// SQL in a file that may have none.
fn sql(file: &Source) -> Vec<String> {
    let found = file.strings.iter().filter(|(_, text)| {
        is_sql(text) && !SQL_IN.iter().any(|place| file.path.starts_with(place))
    });
    found.map(|(line, text)| format!("{}:{line}: SQL: {text:.40}", file.path)).collect()
}

fn is_sql(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    let begins = SQL.iter().find(|begin| text.starts_with(*begin));
    match begins.copied() {
        // "Select a person" is a sentence, not SQL.
        Some("select ") => text.contains(" from ") || text.contains('('),
        Some("update ") => text.contains(" set "),
        found => found.is_some(),
    }
}

fn sources() -> Vec<Source> {
    let sources: Vec<_> =
        files_under("src", &["rs"]).into_iter().map(|file| Source::read(&file)).collect();
    assert!(sources.len() > 30, "the files are found");
    sources
}

fn files_under(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found.retain(|path| {
        path.extension().is_some_and(|found| endings.iter().any(|ending| found == *ending))
    });
    found.sort();
    found
}

#[track_caller]
fn assert_none(broken: impl IntoIterator<Item = String>) {
    let broken: Vec<_> = broken.into_iter().collect();
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

/// Each of these violations must be noticed.
#[test]
fn what_breaks_a_rule_is_noticed() {
    let broken = |path: &str, text: &str| {
        let file = Source::of(path, text);
        let wrong_name = |named: &Named| {
            stranger(path, named).is_some()
                || out_of_place(path, named).is_some()
                || against_the_arrow(path, named).is_some()
        };
        file.names().iter().any(wrong_name)
            || !file.foreign_crates(&DOMAIN_USES).is_empty() && in_domain(path)
            || !sql(&file).is_empty()
    };
    for (path, text) in [
        ("src/domain/x.rs", "use crate::{\n    protocol::Cursors,\n};"),
        ("src/domain/mod.rs", "use super::protocol::Cursors;"),
        ("src/domain/x.rs", "fn f() { crate::server::clock::now() }"),
        ("src/domain/x.rs", "use super::super::api::accounts;"),
        ("src/domain/x.rs", "use rand::Rng;"),
        ("src/domain/x.rs", "fn f() { leptos::logging::log!(); }"),
        ("src/protocol/x.rs", "use crate::{domain::Seq, api::{messages, conversations}};"),
        ("src/api/x.rs", "use crate::server::App;"),
        ("src/server/http/api.rs", "use crate::ui;"),
        ("src/server/store/x.rs", "use crate::{domain::{Seq}, api::messages::Receipt};"),
        ("src/server/realtime/x.rs", "use crate::server::{http::request, store::Store};"),
        ("src/server/store/mod.rs", "use super::{auth, error::Result};"),
        ("src/client/x.rs", "fn f() { let x = crate::ui::app::App; }"),
        ("src/ui/x.rs", "use crate::protocol::StreamId;"),
        ("src/server/http/x.rs", "#[derive(sqlx::FromRow)] struct X;"),
        ("src/api/x.rs", "use std::{collections::HashMap, env};"),
        ("src/client/state.rs", "use gloo_net::websocket::Message;"),
        ("src/ui/x.rs", "fn f() { tokio::spawn(async {}); }"),
        ("src/server/x.rs", "fn f() { let q = \"select id from people\"; }"),
        ("src/server/x.rs", "fn f() { let q = r#\"UPDATE people SET x = 1\"#; }"),
    ] {
        assert!(broken(path, text), "{path}: {text}");
    }
    for (path, text) in [
        (
            "src/domain/x.rs",
            "// use crate::server::App;\n/* crate::ui */ use super::Seq; mod tests { use super::*; }",
        ),
        ("src/domain/mod.rs", "mod tests { use super::*; }"),
        (
            "src/domain/x.rs",
            "use std::fmt; use super::text; fn f() { fmt::write(); text::excerpt(); \
             u64::from(1_u8); serde::de() }",
        ),
        ("src/api/x.rs", "fn f() { use crate::server::App; }"),
        (
            "src/server/http/pages.rs",
            "use crate::{api::conversations::InitialState, ui::{self, shell::Head}};",
        ),
        (
            "src/server/store/x.rs",
            "fn f(x: &'static str) { sqlx::query(\"select 1 from people\"); let c = '\"'; }",
        ),
        ("src/ui/x.rs", "fn f() { \"Select a person, crate::server::App\"; }"),
        ("src/server/config.rs", "use std::env;"),
    ] {
        assert!(!broken(path, text), "{path}: {text}");
    }
}
