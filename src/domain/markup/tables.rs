//! Table parser: pipe tables of Markdown, and tab-separated rows pasted from spreadsheets.

use super::{Align, Block, blocks::Parser, inlines};

/// Maximum columns, rows and cells of a table; a larger one stays as typed. 2,000 empty rows take a
/// browser more than a second.
const MAX_COLUMNS: usize = 32;
const MAX_ROWS: usize = 200;
const MAX_CELLS: usize = 1_000;

/// Parses a table that starts on this line.
pub(super) fn read(parser: &mut Parser, line: &str) -> bool {
    piped(parser, line) || tabbed(parser, line)
}

/// A pipe table: header, delimiter row, and rows no longer than the header, so that no cell is
/// hidden.
fn piped(parser: &mut Parser, line: &str) -> bool {
    let Some(align) = parser
        .lines
        .get(parser.at + 1)
        .filter(|_| line.contains('|'))
        .and_then(|line| dashes(line))
    else {
        return false;
    };
    let head = cells(line);
    if head.len() != align.len() || align.len() > MAX_COLUMNS {
        return false;
    }
    let body = parser.lines[parser.at + 2..]
        .iter()
        .map(|line| (line.contains('|'), cells(line)))
        .map_while(|(is_row, cells)| (is_row && cells.len() <= align.len()).then_some(cells));
    let rows: Vec<Vec<&str>> = std::iter::once(head).chain(body).take(MAX_ROWS + 1).collect();
    if rows.len() > MAX_ROWS || rows.len() * align.len() > MAX_CELLS {
        return false;
    }
    let lines = rows.len() + 1;
    let rows = rows
        .into_iter()
        .map(|row| (0..align.len()).map(|column| cell(row.get(column).copied(), true)).collect())
        .collect();
    parser.push(Block::Table { align, headed: true, rows }, lines)
}

/// A tab-separated table: two or more lines with the same number of tabs. Trailing empty cells of
/// the last row may be missing.
fn tabbed(parser: &mut Parser, line: &str) -> bool {
    let tabs = line.matches('\t').count();
    if tabs == 0 || tabs >= MAX_COLUMNS || line.trim().is_empty() {
        return false;
    }
    let last = parser.lines.len() - 1;
    let rows: Vec<Vec<&str>> = parser.lines[parser.at..]
        .iter()
        .zip(parser.at..)
        .map_while(|(line, at)| {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let fits =
                cells.len() == tabs + 1 || at == last && cells.len() > 1 && cells.len() <= tabs;
            (fits && !line.trim().is_empty()).then_some(cells)
        })
        .take(MAX_ROWS + 1)
        .collect();
    // Code is indented with tabs: its first cells are empty.
    let named = rows.iter().skip(1).filter(|row| !row[0].is_empty()).count();
    if rows.len() < 2
        || rows.len() > MAX_ROWS
        || rows.len() * (tabs + 1) > MAX_CELLS
        || 2 * named < rows.len() - 1
        || (tabs == 1 && line.starts_with('\t'))
    {
        return false;
    }
    let headed = rows[0].iter().all(|cell| !is_number(cell));
    let is_numeric = |column: usize| {
        let mut cells = rows
            .iter()
            .skip(usize::from(headed))
            .filter_map(|row| row.get(column))
            .filter(|cell| !cell.is_empty())
            .peekable();
        cells.peek().is_some() && cells.all(|cell| is_number(cell))
    };
    let align = (0..=tabs)
        .map(|column| if is_numeric(column) { Align::End } else { Align::Start })
        .collect();
    let lines = rows.len();
    let rows = rows
        .into_iter()
        .map(|row| (0..=tabs).map(|column| cell(row.get(column).copied(), false)).collect())
        .collect();
    parser.push(Block::Table { align, headed, rows }, lines)
}

fn cell(text: Option<&str>, is_piped: bool) -> Vec<super::Inline> {
    match text {
        Some(text) if is_piped => inlines::read(&text.replace("\\|", "|")),
        Some(text) => inlines::read(text),
        None => Vec::new(),
    }
}

/// Whether a cell is a number of a spreadsheet: digits with separators, sign, currency or percent.
fn is_number(cell: &str) -> bool {
    cell.contains(|c: char| c.is_ascii_digit())
        && cell.chars().all(|c| c.is_ascii_digit() || " .,'’+-−%€$£¥\u{a0}\u{202f}".contains(c))
}

/// The cells of a row. A pipe after a backslash or in code is part of a cell.
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

/// Length of the code span at the start, or of its unclosed backticks.
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

/// Alignment of the columns, if this is the delimiter row.
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
    line.contains('|')
        .then(|| cells(line).into_iter().map(one).collect::<Option<Vec<_>>>())
        .flatten()
}
