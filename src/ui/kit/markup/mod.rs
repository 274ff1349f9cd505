//! Messages as they are written (with Markdown's marks) and as they are shown: read into a small tree (`blocks`, `inlines`),
//! drawn as views (`view`). A reader of our own, because a message is no document: a line's end is a line's end, what is not
//! understood stays as it was typed, nothing is defined out of sight, and a browser loads far less than a library would be.

mod blocks;
mod inlines;
mod names;
#[cfg(test)]
mod tests;
mod tree;
mod view;

pub use names::{Named, Names};
pub use tree::{Align, Block, Inline};
pub use view::RichText;

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
