//! Messages as they are written (with Markdown's marks), read into a small tree. A reader of our own, because a message is no
//! document: a line's end is a line's end, what is not understood stays as it was typed, nothing is defined out of sight, and a
//! browser loads far less than a library would be. The screen draws the tree; the server asks it which links a text has.

mod blocks;
mod inlines;
#[cfg(test)]
mod tests;
mod tree;

pub use tree::{Align, Block, Inline};

/// Deepest nesting; views are drawn by recursion.
const DEEPEST: usize = 12;

/// Reads a message.
#[must_use]
pub fn parse(text: &str) -> Vec<Block> {
    blocks::read(&text.split('\n').collect::<Vec<_>>(), 0)
}

/// Whether a message looks otherwise than it was typed.
#[must_use]
pub fn is_marked_up(text: &str) -> bool {
    tree::has_marks(&parse(text))
}

/// The words alone, on one line, for a list.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut words = String::new();
    tree::words(&parse(text), &mut words);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the links of a message lead, in the order of the text, as they are typed.
#[must_use]
pub fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    tree::links(&parse(text), &mut found);
    found
}
