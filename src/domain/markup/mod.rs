//! Messages as they are written (with Markdown's marks), read into a small tree. A reader of our own, because a message is no
//! document: a line's end is a line's end, what is not understood stays as it was typed, nothing is defined out of sight, and a
//! browser loads far less than a library would be. The screen draws the tree; the server reads off it what a message is.

mod addresses;
mod blocks;
mod delimiters;
mod escapes;
mod facts;
mod formulas;
mod inlines;
mod lists;
mod tables;
#[cfg(test)]
mod tests;
mod tree;

pub use facts::Facts;
pub use tree::{Align, Block, Inline, Item, ListKind};

/// Deepest nesting; views are drawn by recursion.
const DEEPEST: usize = 12;

/// Reads a message.
#[must_use]
pub fn parse(text: &str) -> Vec<Block> {
    let blocks = blocks::read(&text.split('\n').collect::<Vec<_>>(), 0);
    match &blocks[..] {
        // A line across parts nothing here: these are signs that somebody typed.
        [Block::Rule] => vec![Block::Paragraph(vec![Inline::Text(text.trim().to_owned())])],
        _ => blocks,
    }
}

/// Whether a message looks otherwise than it was typed.
#[must_use]
pub fn is_marked_up(text: &str) -> bool {
    facts::has_marks(&parse(text))
}

/// Whether a text ends in code that is not closed yet: there a new line goes on with it.
#[must_use]
pub fn ends_in_code(text: &str) -> bool {
    blocks::end_in_code(text.split('\n'))
}

/// The words alone, on one line, for a list. Never empty where something was typed.
#[must_use]
pub fn plain(text: &str) -> String {
    one_line(text, &parse(text))
}

/// The words of the beginning of a message. A formula or something marked that was cut off in the middle is read as if it ended there.
#[must_use]
pub fn plain_beginning(text: &str) -> String {
    let is_open = |mark: &&str| {
        let after = text.rsplit(*mark).next().and_then(|after| after.chars().next());
        // A price is no formula.
        let begins = after.is_some_and(|after| *mark == "$$" || !(after.is_whitespace() || *mark == "$" && after.is_ascii_digit()));
        begins && text.matches(*mark).count() % 2 == 1
    };
    let open = ["```", "$$", "$", "`", "**", "~~"].into_iter().find(is_open).unwrap_or_default();
    let closed = text.trim_end().to_owned() + open;
    one_line(text, &parse(&closed))
}

fn one_line(text: &str, blocks: &[Block]) -> String {
    let mut words = String::new();
    facts::words(blocks, &mut words);
    let collapsed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(collapsed(&words)).filter(|line| !line.is_empty()).unwrap_or_else(|| collapsed(text))
}

/// What a message is: its links, whether it has code or asks something, who is meant.
#[must_use]
pub fn facts(text: &str) -> Facts {
    Facts::of(&parse(text))
}

/// Where the links of a message lead, in the order of the text.
#[must_use]
pub fn links(text: &str) -> Vec<String> {
    facts(text).links
}
