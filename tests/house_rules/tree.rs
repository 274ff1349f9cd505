//! Rules of the tree and its vocabulary: how many entries a folder has, how migrations begin, and
//! words that the standard terms replaced.

use std::{collections::BTreeMap, fs, path::Path};

use super::{assert_none, files_under};

/// Folders whose files and subfolders a reader takes in at a glance.
const FOLDERS: [&str; 4] = ["src", "tests", "bench/src", "end2end"];
/// Folders whose entries count although they are not sources of a program.
const OTHER_FOLDERS: [&str; 2] = ["scripts", "style"];
/// Maximum number of entries of one of them.
const MAX_ENTRIES: usize = 15;

/// Words that named concepts before the standard terms did.
const RETIRED: [&str; 14] = [
    "altering", "crown", "deed", "deeds", "knowing", "ledger", "reign", "reigns", "shelf",
    "shelve", "town", "towns", "verdict", "workshop",
];
/// This file names them.
const SELF: &str = "tests/house_rules/tree.rs";

#[test]
fn folders_are_small() {
    let mut entries = BTreeMap::<String, Vec<String>>::new();
    for folder in FOLDERS {
        for file in files_under(folder, &["rs", "ts", "js", "c"]) {
            let file = relative(&file);
            let parts: Vec<_> = file.split('/').collect();
            for depth in 1..parts.len() {
                let listed = entries.entry(parts[..depth].join("/")).or_default();
                let entry = parts[depth].to_owned();
                if !listed.contains(&entry) {
                    listed.push(entry);
                }
            }
        }
    }
    for folder in OTHER_FOLDERS {
        let listed = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
        let listed = listed.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        entries.insert(folder.to_owned(), listed.collect());
    }
    assert!(entries.len() > 30, "the folders are found");
    let large = entries.iter().filter(|(_, listed)| listed.len() > MAX_ENTRIES);
    assert_none(large.map(|(folder, listed)| {
        format!("{folder}: {} entries; group them by subject", listed.len())
    }));
}

#[test]
fn migrations_begin_with_a_comment_and_are_in_lower_case() {
    let files: Vec<_> = files_under("migrations", &["sql"]);
    assert!(!files.is_empty());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.display();
        assert!(text.starts_with("-- "), "{name}: line 1 must say what the migration is for");
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

#[test]
fn retired_words_do_not_come_back() {
    let mut found = Vec::new();
    for file in FOLDERS.iter().flat_map(|folder| files_under(folder, &["rs", "ts", "js", "c"])) {
        let path = relative(&file);
        if path == SELF {
            continue;
        }
        for (n, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            found.extend(retired(line).map(|word| {
                format!("{path}:{}: “{word}”; see the glossary in docs/architecture.md", n + 1)
            }));
        }
    }
    assert_none(found);
}

#[test]
fn a_retired_word_is_noticed_in_any_case_and_in_compound_names() {
    for line in
        ["struct Ledger;", "let crown_term = 1;", "fn openTown() {}", "// The deeds of a batch."]
    {
        assert!(retired(line).next().is_some(), "{line}");
    }
    for line in ["indeed", "let towel = 1;", "acknowledge", "reigned"] {
        assert!(retired(line).next().is_none(), "{line}");
    }
}

/// The retired words of a line. A name in several parts has the words of its parts.
fn retired(line: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in line.chars() {
        if !letter.is_ascii_alphabetic()
            || letter.is_ascii_uppercase() && before.is_ascii_lowercase()
        {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_ascii_alphabetic(), words.last_mut()) {
            word.push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.into_iter().filter(|word| RETIRED.contains(&word.as_str()))
}

pub(crate) fn relative(file: &Path) -> String {
    file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(file).display().to_string()
}
