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

/// Whether a text ends in code that is not closed yet: there a new line goes on with it.
#[must_use]
pub fn ends_in_code(text: &str) -> bool {
    blocks::end_in_code(text.split('\n'))
}

/// The words alone, on one line, for a list. What was cut off in the middle of a formula or of something marked is read as if
/// that ended there.
#[must_use]
pub fn plain(text: &str) -> String {
    let (whole, cut) = text.strip_suffix('…').map_or((text, ""), |whole| (whole, "…"));
    let is_open = |mark: &&str| {
        let after = whole.rsplit(*mark).next().and_then(|after| after.chars().next());
        // A price is no formula.
        let begins = after.is_some_and(|after| *mark == "$$" || !(after.is_whitespace() || *mark == "$" && after.is_ascii_digit()));
        begins && whole.matches(*mark).count() % 2 == 1
    };
    let open = ["```", "$$", "$", "`", "**", "~~"].into_iter().find(is_open).filter(|_| !cut.is_empty()).unwrap_or_default();
    let mut words = String::new();
    tree::words(&parse(&(whole.trim_end().to_owned() + open)), &mut words);
    words.split_whitespace().collect::<Vec<_>>().join(" ") + cut
}

/// Where the links of a message lead, in the order of the text, as they are typed.
#[must_use]
pub fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    tree::links(&parse(text), &mut found);
    found
}
