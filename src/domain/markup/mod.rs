//! Parser of message markup, a dialect of Markdown. A message is not a document: line ends are
//! kept, unknown syntax stays as typed, there are no reference definitions, and the Wasm stays far
//! smaller than with a library. Views render the tree; the server extracts facts from it.

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

use super::mention::Mentions;
pub use facts::Facts;
pub use tree::{Align, Block, Inline, Item, ListKind};

/// Maximum nesting; views are rendered by recursion.
const MAX_DEPTH: usize = 12;

/// Parses a message.
#[must_use]
pub fn parse(text: &str) -> Vec<Block> {
    let blocks = blocks::read(&text.split('\n').collect::<Vec<_>>(), 0);
    match &blocks[..] {
        // A rule alone separates nothing: keep it as text.
        [Block::Rule] => vec![Block::Paragraph(vec![Inline::Text(text.trim().to_owned())])],
        _ => blocks,
    }
}

/// Whether a message has any formatting.
#[must_use]
pub fn is_marked_up(text: &str) -> bool {
    facts::has_marks(&parse(text))
}

/// Whether a text ends inside an unclosed code block, where Enter adds a line.
#[must_use]
pub fn ends_in_code(text: &str) -> bool {
    blocks::end_in_code(text.split('\n'))
}

/// The plain text of a message on one line. Never empty unless the message is.
#[must_use]
pub fn plain(text: &str) -> String {
    one_line(text, &parse(text))
}

/// The plain text of a truncated message. A formula or span that was cut off is closed at the end.
#[must_use]
pub fn plain_beginning(text: &str) -> String {
    let is_open = |delimiter: &&str| {
        let after = text.rsplit(*delimiter).next().and_then(|after| after.chars().next());
        // A price does not start a formula.
        let begins = after.is_some_and(|after| {
            *delimiter == "$$"
                || !(after.is_whitespace() || *delimiter == "$" && after.is_ascii_digit())
        });
        begins && text.matches(*delimiter).count() % 2 == 1
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

/// Facts of a message: links, code, question, mentions.
#[must_use]
pub fn facts(text: &str) -> Facts {
    Facts::of(&parse(text))
}

/// The mentions of a message. Code and links mention nobody.
#[must_use]
pub fn mentions(text: &str) -> Mentions {
    if text.contains('@') { facts(text).mentions } else { Mentions::default() }
}

/// Destinations of the links of a message, in order.
#[must_use]
pub fn links(text: &str) -> Vec<String> {
    facts(text).links
}
