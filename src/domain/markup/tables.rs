//! Tables: with pipes, as Markdown has them, and with tabs, as spreadsheets put them on the clipboard.

use super::{Align, Block, blocks::Reader, inlines};

/// Most columns of a table, most rows, and most cells, of which many may be empty; a larger one is shown as it was typed. Two thousand rows
/// of nothing would take a browser more than a second.
const MOST_COLUMNS: usize = 32;
const MOST_ROWS: usize = 200;
const MOST_CELLS: usize = 1_000;

/// Reads a table that begins on this line.
pub(super) fn read(reader: &mut Reader, line: &str) -> bool {
    piped(reader, line) || tabbed(reader, line)
}

/// A head, a line of dashes for each of its cells, and rows that are no longer than it: so no cell is out of sight.
fn piped(reader: &mut Reader, line: &str) -> bool {
    let Some(align) = reader.lines.get(reader.at + 1).filter(|_| line.contains('|')).and_then(|line| dashes(line)) else { return false };
    let head = cells(line);
    if head.len() != align.len() || align.len() > MOST_COLUMNS {
        return false;
    }
    let body = reader.lines[reader.at + 2..]
        .iter()
        .map(|line| (line.contains('|'), cells(line)))
        .map_while(|(is_row, cells)| (is_row && cells.len() <= align.len()).then_some(cells));
    let rows: Vec<Vec<&str>> = std::iter::once(head).chain(body).take(MOST_ROWS + 1).collect();
    if rows.len() > MOST_ROWS || rows.len() * align.len() > MOST_CELLS {
        return false;
    }
    let lines = rows.len() + 1;
    let rows = rows.into_iter().map(|row| (0..align.len()).map(|column| cell(row.get(column).copied(), true)).collect()).collect();
    reader.push(Block::Table { align, headed: true, rows }, lines)
}

/// Two lines or more, with as many tabs in each. Of the last row, empty cells may have been trimmed away.
fn tabbed(reader: &mut Reader, line: &str) -> bool {
    let tabs = line.matches('\t').count();
    if tabs == 0 || tabs >= MOST_COLUMNS || line.trim().is_empty() {
        return false;
    }
    let last = reader.lines.len() - 1;
    let rows: Vec<Vec<&str>> = reader.lines[reader.at..]
        .iter()
        .zip(reader.at..)
        .map_while(|(line, at)| {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let fits = cells.len() == tabs + 1 || at == last && cells.len() > 1 && cells.len() <= tabs;
            (fits && !line.trim().is_empty()).then_some(cells)
        })
        .take(MOST_ROWS + 1)
        .collect();
    // Code is set in with tabs: there, first cells are empty.
    let named = rows.iter().skip(1).filter(|row| !row[0].is_empty()).count();
    if rows.len() < 2
        || rows.len() > MOST_ROWS
        || rows.len() * (tabs + 1) > MOST_CELLS
        || 2 * named < rows.len() - 1
        || (tabs == 1 && line.starts_with('\t'))
    {
        return false;
    }
    let headed = rows[0].iter().all(|cell| !is_number(cell));
    let is_numeric = |column: usize| {
        let mut cells = rows.iter().skip(usize::from(headed)).filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| is_number(cell))
    };
    let align = (0..=tabs).map(|column| if is_numeric(column) { Align::End } else { Align::Start }).collect();
    let lines = rows.len();
    let rows = rows.into_iter().map(|row| (0..=tabs).map(|column| cell(row.get(column).copied(), false)).collect()).collect();
    reader.push(Block::Table { align, headed, rows }, lines)
}

fn cell(text: Option<&str>, is_piped: bool) -> Vec<super::Inline> {
    match text {
        Some(text) if is_piped => inlines::read(&text.replace("\\|", "|")),
        Some(text) => inlines::read(text),
        None => Vec::new(),
    }
}

/// An amount as spreadsheets show it: digits with separators, a sign, a currency or per cent.
fn is_number(cell: &str) -> bool {
    cell.contains(|c: char| c.is_ascii_digit()) && cell.chars().all(|c| c.is_ascii_digit() || " .,'’+-−%€$£¥\u{a0}\u{202f}".contains(c))
}

/// The cells of a row; a pipe after a backslash or in code is part of one.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').filter(|line| !line.ends_with('\\')).unwrap_or(line);
    let (mut cells, mut begin, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = line[at..].find(['|', '`']) {
        let here = at + found;
        let rest = &line[here..];
        at = here + 1;
        if rest.starts_with('`') {
            at = here + code(rest);
        } else if !line[..here].ends_with('\\') {
            cells.push(line[begin..here].trim());
            begin = at;
        }
    }
    cells.push(line[begin..].trim());
    cells
}

/// How long the code is that begins here, or the backticks that nothing closes.
fn code(text: &str) -> usize {
    let run = |text: &str| text.len() - text.trim_start_matches('`').len();
    let length = run(text);
    let mut at = length;
    while let Some(found) = text[at..].find('`') {
        let other = run(&text[at + found..]);
        at += found + other;
        if other == length {
            return at;
        }
    }
    length
}

/// How the columns stand, if this is the line under a table's head.
fn dashes(line: &str) -> Option<Vec<Align>> {
    let one = |cell: &str| {
        let inner = cell.strip_prefix(':').unwrap_or(cell);
        let inner = inner.strip_suffix(':').unwrap_or(inner);
        let is_dashes = !inner.is_empty() && inner.bytes().all(|byte| byte == b'-');
        is_dashes.then(|| match (cell.starts_with(':'), cell.ends_with(':')) {
            (true, true) => Align::Center,
            (false, true) => Align::End,
            _ => Align::Start,
        })
    };
    line.contains('|').then(|| cells(line).into_iter().map(one).collect::<Option<Vec<_>>>()).flatten()
}
