//! List parser. Markers are kept as typed: numbers may be dates, signs may mean pro and contra.

use super::{
    Block, Item, ListKind,
    blocks::{Parser, indented, without},
};

/// Parses a list that starts on this line.
pub(super) fn read(parser: &mut Parser, line: &str) -> bool {
    let Some(first) = Marker::of(line) else { return false };
    // A year at the start of a line inside a paragraph starts no list.
    if !parser.running.is_empty() && first.number.is_some_and(|number| number != "1")
        || is_signed(parser)
    {
        return false;
    }
    let lines = parser.lines;
    let (mut items, mut at) = (Vec::new(), parser.at);
    let next = |at: usize| {
        let marker = lines.get(at).and_then(|line| Marker::of(line));
        marker.filter(|marker| {
            marker.kind == first.kind
                && marker.number.is_some() == first.number.is_some()
                && marker.indent <= first.indent + 1
        })
    };
    let is_blank = |at: usize| lines.get(at).is_some_and(|line| line.trim().is_empty());
    while let Some(marker) = next(at) {
        let (done, rest) = task(marker.rest);
        let mut inside = vec![rest];
        at += 1;
        while let Some(line) = lines.get(at) {
            let belongs =
                |line: &str| !line.trim().is_empty() && indented(line).0 >= first.indent + 2;
            let after = lines.get(at + 1).is_some_and(|line| belongs(line));
            if !(belongs(line) || line.trim().is_empty() && after) {
                break;
            }
            inside.push(without(line, marker.width));
            at += 1;
        }
        let typed = marker.number.unwrap_or_default().to_owned() + &marker.kind.to_string();
        items.push(Item {
            marker: typed,
            done,
            inside: super::blocks::read(&inside, parser.depth + 1),
        });
        if is_blank(at) && next(at + 1).is_some() {
            at += 1;
        }
    }
    let follows = lines
        .get(at)
        .and_then(|line| Marker::of(line))
        .is_some_and(|marker| marker.number.is_none() && marker.kind != first.kind);
    let precedes = parser.list.is_some_and(|(kind, end)| end == parser.at && kind != first.kind);
    let kind = match first.number {
        Some(_) => ListKind::Numbered,
        None if items.len() > 1 && !follows && !precedes => ListKind::Bulleted,
        None => ListKind::Signed,
    };
    let taken = at - parser.at;
    parser.list = first.number.is_none().then_some((first.kind, at));
    parser.push(Block::List { kind, items }, taken)
}

/// Whether the lines around this one, up to blank ones, start with both `+` and `-`: a diff, or pro
/// and contra.
fn is_signed(parser: &mut Parser) -> bool {
    if parser.signed.0 <= parser.at {
        let is_blank = |line: &&str| line.trim().is_empty();
        let begin =
            parser.lines[..parser.at].iter().rposition(is_blank).map_or(0, |blank| blank + 1);
        let end = parser.lines[parser.at..]
            .iter()
            .position(is_blank)
            .map_or(parser.lines.len(), |blank| parser.at + blank);
        let any = |sign: char| {
            parser.lines[begin..end].iter().any(|line| line.trim_start().starts_with(sign))
        };
        parser.signed = (end, any('+') && any('-'));
    }
    parser.signed.1
}

/// Whether an item is a task and done, and its content.
fn task(rest: &str) -> (Option<bool>, &str) {
    let open = rest.strip_prefix("[ ] ").map(|rest| (Some(false), rest));
    let done = || {
        ["[x] ", "[X] "]
            .iter()
            .find_map(|done| rest.strip_prefix(done))
            .map(|rest| (Some(true), rest))
    };
    open.or_else(done).filter(|(_, rest)| !rest.trim().is_empty()).unwrap_or((None, rest))
}

/// The marker of a list item.
struct Marker<'t> {
    indent: usize,
    /// Width of the marker with its indentation.
    width: usize,
    kind: char,
    /// The digits as typed.
    number: Option<&'t str>,
    rest: &'t str,
}

impl<'t> Marker<'t> {
    /// Parses a marker. A plus is none: it adds or agrees.
    fn of(line: &'t str) -> Option<Self> {
        let (indent, begin) = indented(line);
        let digits = begin.bytes().take_while(u8::is_ascii_digit).count();
        let (number, marker_text) = match digits {
            0 => (None, begin),
            1..=9 => (Some(&begin[..digits]), &begin[digits..]),
            _ => return None,
        };
        let kind = marker_text.chars().next().filter(|kind| {
            if number.is_some() { matches!(kind, '.' | ')') } else { matches!(kind, '-' | '*') }
        })?;
        let rest = marker_text[1..].strip_prefix(' ').filter(|rest| !rest.trim().is_empty())?;
        Some(Self { indent, width: indent + digits + 2, kind, number, rest })
    }
}
