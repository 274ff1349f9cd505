//! Names of the protocol that differ from those of the code: each is in the glossary of
//! `docs/architecture.md`.

use std::{collections::BTreeSet, fs};

use super::{assert_none, files_under, tree::relative};

/// Where names of the protocol are defined.
const FOLDERS: [&str; 3] = ["src/api", "src/domain", "src/protocol"];

#[test]
fn renamed_names_are_in_the_glossary() {
    let doc = fs::read_to_string("docs/architecture.md").unwrap();
    let (_, glossary) = doc.split_once("\n## Glossary\n").unwrap();
    let (glossary, _) = glossary.split_once("\n## ").unwrap();
    let words: BTreeSet<_> = glossary.split('`').skip(1).step_by(2).collect();
    let mut count = 0;
    let mut missing = Vec::new();
    for file in FOLDERS.iter().flat_map(|folder| files_under(folder, &["rs"])) {
        for name in renamed(&fs::read_to_string(&file).unwrap()) {
            count += 1;
            if !words.contains(name.as_str()) {
                missing.push(format!("{}: `{name}` is not in the glossary", relative(&file)));
            }
        }
    }
    assert!(count > 20, "the names are found");
    assert_none(missing);
}

/// The names given by `rename = "…"`, and the endpoints of functions with another name.
fn renamed(source: &str) -> Vec<String> {
    let quoted = |text: &str| text.split('"').next().unwrap_or_default().to_owned();
    let mut found: Vec<_> = source.split("rename = \"").skip(1).map(quoted).collect();
    for part in source.split("endpoint = \"").skip(1) {
        let function = part.split("fn ").nth(1).and_then(|rest| rest.split('(').next());
        let endpoint = quoted(part);
        if function != Some(endpoint.as_str()) {
            found.push(endpoint);
        }
    }
    found
}

#[test]
fn renamed_names_are_noticed() {
    let source = "#[serde(default, rename = \"settled\")] resolved: bool,\n\
                  #[server(endpoint = \"marked\")]\npub async fn list_flagged() {}\n\
                  #[server(endpoint = \"react\")]\npub async fn react() {}";
    assert_eq!(renamed(source), ["settled", "marked"]);
}
