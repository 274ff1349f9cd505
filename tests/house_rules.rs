//! The house rules, checked on every file: dependencies between modules, the first line and the
//! length of files, and where SQL and interface texts may be. Each rule is a table;
//! `docs/architecture.md` explains them.

#![allow(clippy::unwrap_used, reason = "a rule that cannot be read has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

#[path = "house_rules/cycles.rs"]
mod cycles;
#[path = "house_rules/engine.rs"]
mod engine;
#[path = "house_rules/glossary.rs"]
mod glossary;
#[path = "house_rules/reader.rs"]
mod reader;
#[path = "house_rules/texts.rs"]
mod texts;
#[path = "house_rules/tokens.rs"]
mod tokens;
#[path = "house_rules/tree.rs"]
mod tree;
#[path = "house_rules/width.rs"]
mod width;

use reader::{Reference, Source};
use tokens::Token;

/// Which of our modules a module may use, besides itself. The first entry whose prefix matches a
/// file applies.
const ALLOWED_MODULES: [(&str, &[&str]); 7] = [
    ("src/domain/", &[]),
    ("src/protocol/", &["domain"]),
    ("src/api/", &["domain", "protocol"]),
    ("src/server/http/", &["domain", "protocol", "api"]),
    ("src/server/", &["domain", "protocol"]),
    ("src/client/", &["domain", "protocol", "api"]),
    ("src/ui/", &["client", "domain", "api"]),
];

/// Exceptions: the place, the module that it may use, and whether only in function bodies.
const MODULE_EXCEPTIONS: [(&str, &str, bool); 2] = [
    // A server function's body runs on the server only.
    ("src/api/", "server", true),
    // Renders the pages.
    ("src/server/http/pages.rs", "ui", false),
];

/// Crates and modules that only these places may use.
const CRATE_PLACES: [(&str, &[&str]); 31] = [
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
const FORBIDDEN_IN_SERVER: [(&str, &[&str]); 9] = [
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

/// The crates that the domain may use.
const DOMAIN_CRATES: [&str; 10] = [
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
const FEATURE_GATES: [&str; 2] = ["src/lib.rs", "src/main.rs"];

/// Where SQL may be. The phrases of the demo contain a query.
const SQL_PLACES: [&str; 2] = ["src/server/store/", "src/server/commands/demo/phrases.rs"];

/// How SQL begins.
const SQL_BEGINNINGS: [&str; 9] = [
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

/// Maximum number of lines of a file.
const MAX_LINES: usize = 400;

#[test]
fn every_file_begins_with_a_doc_comment() {
    assert_none(
        sources()
            .iter()
            .filter(|file| !file.text.starts_with("//! "))
            .map(|file| format!("{}: line 1 must say what the file is for: `//! …`", file.path)),
    );
}

#[test]
fn files_are_short() {
    let long = sources().iter().filter(|file| file.text.lines().count() > MAX_LINES);
    assert_none(
        long.map(|file| format!("{}: over {MAX_LINES} lines; split it by subject", file.path)),
    );
}

#[test]
fn feature_gates_are_in_two_files() {
    let scattered = sources().iter().filter(|file| {
        let is_gate = |pair: &[Token]| pair[0].word() == Some("feature") && pair[1].is("=");
        !FEATURE_GATES.contains(&file.path.as_str()) && file.tokens.windows(2).any(is_gate)
    });
    assert_none(scattered.map(|file| format!("{}: contains a feature gate", file.path)));
}

#[test]
fn modules_use_only_allowed_modules() {
    assert_none(references(forbidden_module));
}

#[test]
fn dependencies_inside_the_server_point_one_way() {
    assert_none(references(forbidden_in_server));
}

#[test]
fn crates_are_used_in_their_places_only() {
    assert_none(references(misplaced_crate));
}

#[test]
fn the_domain_uses_only_allowed_crates() {
    let domain = sources().iter().filter(|file| in_domain(&file.path));
    assert_none(domain.flat_map(|file| {
        let foreign = file.foreign_crates(&DOMAIN_CRATES);
        foreign.into_iter().map(|reference| names(file, reference))
    }));
}

#[test]
fn sql_is_in_the_store_only() {
    assert_none(sources().iter().flat_map(misplaced_sql));
}

/// What a rule reports about the references of all files.
fn references(
    rule: impl Fn(&Source, &Reference) -> Option<String>,
) -> impl Iterator<Item = String> {
    sources().iter().flat_map(move |file| {
        file.references.iter().filter_map(|reference| rule(file, reference)).collect::<Vec<_>>()
    })
}

fn forbidden_module(file: &Source, reference: &Reference) -> Option<String> {
    let (_, allowed) = ALLOWED_MODULES.iter().find(|(place, _)| file.path.starts_with(place))?;
    let used = file.absolute(reference)?;
    let used = used.first()?.as_str();
    let is_own = file.module().first().is_some_and(|own| own == used);
    let is_excepted = MODULE_EXCEPTIONS.iter().any(|(place, other, in_bodies)| {
        file.path.starts_with(place) && *other == used && (!in_bodies || reference.in_body)
    });
    let is_allowed = is_own || allowed.contains(&used) || is_excepted;
    (!is_allowed).then(|| names(file, reference))
}

fn forbidden_in_server(file: &Source, reference: &Reference) -> Option<String> {
    let (_, forbidden) =
        FORBIDDEN_IN_SERVER.iter().find(|(place, _)| file.path.starts_with(place))?;
    let used = file.absolute(reference)?;
    // These two only group modules.
    let mut used = used.iter().filter(|word| !matches!(word.as_str(), "content" | "commands"));
    let is_in_server = used.next().is_some_and(|first| first == "server");
    (is_in_server && forbidden.contains(&used.next()?.as_str())).then(|| names(file, reference))
}

fn misplaced_crate(file: &Source, reference: &Reference) -> Option<String> {
    let (what, _) = CRATE_PLACES.iter().find(|(what, places)| {
        let path = reference.path.as_str();
        let is_it = path.strip_prefix(what).is_some_and(|r| r.is_empty() || r.starts_with("::"));
        is_it && !places.iter().any(|place| file.path.starts_with(place))
    })?;
    Some(format!("{}:{}: {what} is not allowed here", file.path, reference.line))
}

fn names(file: &Source, reference: &Reference) -> String {
    format!("{}:{}: names {}", file.path, reference.line, reference.path)
}

fn in_domain(path: &str) -> bool {
    path.starts_with("src/domain/")
}

/// SQL in a file that may have none.
fn misplaced_sql(file: &Source) -> Vec<String> {
    let found = file.strings().filter(|(_, text)| {
        is_sql(text) && !SQL_PLACES.iter().any(|place| file.path.starts_with(place))
    });
    found.map(|(line, text)| format!("{}:{line}: SQL: {text:.40}", file.path)).collect()
}

fn is_sql(text: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    let begins = SQL_BEGINNINGS.iter().find(|begin| text.starts_with(*begin));
    match begins.copied() {
        // "Select a person" is a sentence, not SQL.
        Some("select ") => text.contains(" from ") || text.contains('('),
        Some("update ") => text.contains(" set "),
        found => found.is_some(),
    }
}

/// The files of `src`.
fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
        files_under("src", &["rs"]).into_iter().map(|file| Source::read(&file)).collect()
    });
    assert!(SOURCES.len() > 30, "the files are found");
    &SOURCES
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
        let found = path.extension().unwrap_or_default();
        endings.iter().any(|ending| found == *ending)
    });
    found.sort();
    found
}

#[track_caller]
fn assert_none(violations: impl IntoIterator<Item = String>) {
    let violations: Vec<_> = violations.into_iter().collect();
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// Each of these violations must be noticed.
#[test]
fn what_breaks_a_rule_is_noticed() {
    let broken = |path: &str, text: &str| {
        let file = Source::of(path, text);
        let is_forbidden = |reference: &Reference| {
            forbidden_module(&file, reference).is_some()
                || misplaced_crate(&file, reference).is_some()
                || forbidden_in_server(&file, reference).is_some()
        };
        file.references.iter().any(is_forbidden)
            || in_domain(path) && !file.foreign_crates(&DOMAIN_CRATES).is_empty()
            || !misplaced_sql(&file).is_empty()
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
        // In macros and attributes.
        ("src/ui/x.rs", "fn f() { view! { <p>{crate::protocol::StreamId::of(a)}</p> } }"),
        ("src/ui/x.rs", "fn f() { select! { _ = tokio::time::sleep(a) => {} } }"),
        ("src/client/x.rs", "fn f() { matches!(x, Some(crate::ui::lazy::LazyView::Search)) }"),
        ("src/domain/x.rs", "fn f() { vec![crate::api::messages::post()]; }"),
        ("src/client/x.rs", "make! { use crate::{domain::Seq, ui::{app, lazy}}; }"),
        ("src/protocol/x.rs", "#[derive(Debug)] #[with(crate::server::log)] struct X;"),
        ("src/server/x.rs", "fn f() { format!(\"delete from people where id = {id}\"); }"),
        ("src/server/x.rs", "#[query(\"select id from people\")] struct X;"),
        // In nested modules.
        ("src/domain/x.rs", "mod a { mod b { use super::super::super::super::server::App; } }"),
        ("src/server/store/x.rs", "mod a { use super::super::super::http::serve; }"),
        ("src/domain/x.rs", "#[cfg(test)] mod tests { mod a { use crate::ui::app; } }"),
        // Outside of a body, although inside of braces.
        ("src/api/x.rs", "struct X { app: crate::server::App }"),
        ("src/api/x.rs", "use ::std::env;"),
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
        // Doc comments, also in macros.
        ("src/server/x.rs", "/// select id from people\nfn f() {}"),
        (
            "src/server/x.rs",
            "//! select id from people\n#[doc = \"select 1 from people\"] fn f() {}",
        ),
        ("src/server/x.rs", "make! { /** delete from people */ fn f() {} }"),
        ("src/ui/x.rs", "fn f() { view! { <p>\"crate::server::App\"</p> } }"),
        ("src/domain/x.rs", "mod a { mod tests { use super::super::*; } }"),
        ("src/domain/x.rs", "use super::time::{self, HOUR}; fn f() { time::day_of(a) }"),
        ("src/api/x.rs", "impl X { fn f() { call!(crate::server::App::new()); } }"),
    ] {
        assert!(!broken(path, text), "{path}: {text}");
    }
}
