//! The rule of the width: a share of the lines may be longer, because of long string literals.

use std::fs;

use super::{assert_none, files_under};

/// Folders, and the endings of the files in them that count.
const FOLDERS: [(&str, &[&str]); 5] = [
    ("src", &["rs", "js"]),
    ("tests", &["rs", "c"]),
    ("bench/src", &["rs"]),
    ("end2end", &["ts"]),
    ("scripts", &["", "sh", "mjs"]),
];
/// Maximum number of characters of a line.
const MAX_WIDTH: usize = 100;
/// Maximum number of lines that are longer, of each thousand.
const MAX_LONG_PER_THOUSAND: usize = 5;
/// How many of the files with the most long lines are listed.
const LISTED: usize = 20;

#[test]
fn few_lines_are_longer_than_the_width() {
    let (mut lines, mut long, mut files) = (0, 0, Vec::new());
    for file in FOLDERS.iter().flat_map(|(folder, endings)| files_under(folder, endings)) {
        let text = fs::read_to_string(&file).unwrap();
        let found = text.lines().filter(|line| line.chars().count() > MAX_WIDTH).count();
        (lines, long) = (lines + text.lines().count(), long + found);
        files.push((found, super::tree::relative(&file)));
    }
    assert!(lines > 10_000, "the files are found");
    if long * 1_000 < lines * MAX_LONG_PER_THOUSAND {
        return;
    }
    files.sort_unstable_by(|one, other| other.cmp(one));
    let listed = files.iter().take(LISTED).map(|(found, path)| format!("{found:4}  {path}"));
    let sum = format!("{long} of {lines} lines have over {MAX_WIDTH} characters. The most are in:");
    assert_none([sum].into_iter().chain(listed));
}
