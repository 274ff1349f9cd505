//! Lines read into parts: paragraphs, headings, quotes, lists, code, tables, lines across.

use super::{Align, Block, DEEPEST, inlines};

/// Most columns of a table, most rows, and most cells, of which many may be empty; a larger one is shown as it was typed. Two thousand rows
/// of nothing would take a browser more than a second.
const MOST_COLUMNS: usize = 32;
const MOST_ROWS: usize = 200;
const MOST_CELLS: usize = 1_000;
/// Most lines of a formula.
const MOST_LINES: usize = 50;

/// Reads lines, which stand so deep inside other parts.
pub(super) fn read(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut reader = Reader { lines, at: 0, depth, blocks: Vec::new(), running: Vec::new() };
    while let Some(line) = reader.line() {
        if depth >= DEEPEST {
            reader.running.push(line);
            reader.at += 1;
        } else if !(reader.code(line)
            || reader.formula(line)
            || reader.heading(line)
            || reader.quote(line)
            || reader.rule(line)
            || reader.list(line)
            || reader.table(line))
        {
            if line.trim().is_empty() {
                reader.end_running()
            } else {
                reader.running.push(line)
            }
            reader.at += 1;
        }
    }
    reader.end_running();
    reader.blocks
}

/// Whether the last of these lines stands in code that is not closed yet.
pub(super) fn end_in_code<'t>(lines: impl Iterator<Item = &'t str>) -> bool {
    let next = |open: Option<Fence>, line: &str| match open {
        Some(fence) => (!fence.is_closed_by(line)).then_some(fence),
        None => Fence::of(line).map(|(fence, _)| fence),
    };
    lines.fold(None, next).is_some()
}

/// What code stands between.
#[derive(Clone, Copy)]
struct Fence {
    mark: char,
    length: usize,
}

impl Fence {
    /// The one that this line opens, and what stands after it.
    fn of(line: &str) -> Option<(Self, &str)> {
        let begin = indented(line).1;
        let mark = ['`', '~'].into_iter().find(|mark| begin.starts_with(&mark.to_string().repeat(3)))?;
        let language = begin.trim_start_matches(mark);
        (!language.contains('`')).then_some((Self { mark, length: begin.len() - language.len() }, language))
    }

    fn is_closed_by(self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }
}

struct Reader<'l, 't> {
    lines: &'l [&'t str],
    at: usize,
    depth: usize,
    blocks: Vec<Block>,
    /// Lines of running text that are not yet a paragraph.
    running: Vec<&'t str>,
}

impl<'t> Reader<'_, 't> {
    fn line(&self) -> Option<&'t str> {
        self.lines.get(self.at).copied()
    }

    fn end_running(&mut self) {
        if !self.running.is_empty() {
            self.blocks.push(Block::Paragraph(inlines::read(&self.running.join("\n"))));
            self.running.clear();
        }
    }

    fn push(&mut self, block: Block, lines: usize) -> bool {
        self.end_running();
        self.blocks.push(block);
        self.at += lines;
        true
    }

    /// Between two fences; one that is not closed goes on to the end.
    fn code(&mut self, line: &str) -> bool {
        let Some((fence, language)) = Fence::of(line) else { return false };
        let indent = indented(line).0;
        let rest = &self.lines[self.at + 1..];
        let end = rest.iter().position(|line| fence.is_closed_by(line)).unwrap_or(rest.len());
        let text = rest[..end].iter().map(|line| without(line, indent)).collect::<Vec<_>>().join("\n");
        self.push(Block::Code { language: language.trim().to_owned(), text }, end + 2)
    }

    /// Between two `$$` that begin and end lines of their own.
    fn formula(&mut self, line: &str) -> bool {
        let Some(first) = line.trim().strip_prefix("$$") else { return false };
        let mut tex = first.to_owned();
        for lines in 1..=MOST_LINES {
            if let Some(inside) = tex.trim_end().strip_suffix("$$").map(str::trim) {
                let is_one = !inside.is_empty() && !inside.contains("$$");
                let formula = Block::Formula(inside.to_owned());
                return is_one && self.push(formula, lines);
            }
            let Some(line) = self.lines.get(self.at + lines).filter(|line| !line.trim().is_empty()) else { return false };
            tex = tex + "\n" + line;
        }
        false
    }

    fn heading(&mut self, line: &str) -> bool {
        let rest = line.trim_start_matches('#');
        let level = line.len() - rest.len();
        match rest.strip_prefix(' ').map(str::trim) {
            Some(words) if (1..=6).contains(&level) && !words.is_empty() => self.push(Block::Heading(inlines::read(words)), 1),
            _ => false,
        }
    }

    /// Lines that begin with `>`, each of them: what comes after is the writer's own again.
    fn quote(&mut self, line: &str) -> bool {
        if quoted(line).is_none() {
            return false;
        }
        let inside: Vec<&str> = self.lines[self.at..].iter().map_while(|line| quoted(line)).collect();
        self.push(Block::Quote(read(&inside, self.depth + 1)), inside.len())
    }

    fn rule(&mut self, line: &str) -> bool {
        let mut marks = line.chars().filter(|c| !c.is_whitespace());
        let Some(first @ ('-' | '*' | '_')) = marks.next() else { return false };
        let more = marks.clone().count();
        if more < 2 || !marks.all(|c| c == first) {
            return false;
        }
        self.push(Block::Rule, 1)
    }

    fn list(&mut self, line: &'t str) -> bool {
        let Some(first) = Marker::of(line) else { return false };
        // A year that begins a line in the middle of a text begins no list.
        if !self.running.is_empty() && first.number.is_some_and(|number| number != 1) {
            return false;
        }
        let (mut items, mut at) = (Vec::new(), self.at);
        let next = |at: usize| {
            let marker = self.lines.get(at).and_then(|line| Marker::of(line));
            marker.filter(|marker| marker.kind == first.kind && marker.indent <= first.indent + 1)
        };
        let is_blank = |at: usize| self.lines.get(at).is_some_and(|line| line.trim().is_empty());
        while let Some(marker) = next(at) {
            let mut inside = vec![marker.rest];
            at += 1;
            while let Some(line) = self.lines.get(at) {
                let belongs = |line: &str| !line.trim().is_empty() && indented(line).0 >= first.indent + 2;
                let after = self.lines.get(at + 1).is_some_and(|line| belongs(line));
                if !(belongs(line) || line.trim().is_empty() && after) {
                    break;
                }
                inside.push(without(line, marker.width));
                at += 1;
            }
            items.push(read(&inside, self.depth + 1));
            if is_blank(at) && next(at + 1).is_some() {
                at += 1;
            }
        }
        let lines = at - self.at;
        self.push(Block::List { start: first.number, items }, lines)
    }

    /// A head, a line of dashes for each of its cells, and rows that are no longer than it: so no cell is out of sight.
    fn table(&mut self, line: &str) -> bool {
        let Some(align) = self.lines.get(self.at + 1).filter(|_| line.contains('|')).and_then(|line| dashes(line)) else { return false };
        let head = cells(line);
        if head.len() != align.len() || align.len() > MOST_COLUMNS {
            return false;
        }
        let body = self.lines[self.at + 2..]
            .iter()
            .map(|line| (line.contains('|'), cells(line)))
            .map_while(|(is_row, cells)| (is_row && cells.len() <= align.len()).then_some(cells));
        let rows: Vec<Vec<_>> = std::iter::once(head)
            .chain(body)
            .map(|row| {
                (0..align.len()).map(|column| row.get(column).map_or_else(Vec::new, |cell| inlines::read(&cell.replace("\\|", "|")))).collect()
            })
            .collect();
        if rows.len() > MOST_ROWS || rows.len() * align.len() > MOST_CELLS {
            return false;
        }
        let lines = rows.len() + 1;
        self.push(Block::Table { align, rows }, lines)
    }
}

/// What begins an item of a list.
struct Marker<'t> {
    indent: usize,
    /// Of the marker with what is before it.
    width: usize,
    kind: char,
    number: Option<u32>,
    rest: &'t str,
}

impl<'t> Marker<'t> {
    fn of(line: &'t str) -> Option<Self> {
        let (indent, begin) = indented(line);
        let digits = begin.bytes().take_while(u8::is_ascii_digit).count();
        let (number, mark) = match digits {
            0 => (None, begin),
            1..=9 => (Some(begin[..digits].parse().ok()?), &begin[digits..]),
            _ => return None,
        };
        let kind = mark.chars().next().filter(|kind| if number.is_some() { matches!(kind, '.' | ')') } else { matches!(kind, '-' | '*' | '+') })?;
        let rest = mark[1..].strip_prefix(' ').filter(|rest| !rest.trim().is_empty())?;
        Some(Self { indent, width: indent + digits + 2, kind, number, rest })
    }
}

/// How far a line is set in, and the line without that; a tab counts four.
fn indented(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches([' ', '\t']);
    (line[..line.len() - rest.len()].bytes().map(|byte| if byte == b'\t' { 4 } else { 1 }).sum(), rest)
}

/// The line, so much less set in.
fn without(line: &str, width: usize) -> &str {
    let mut left = width;
    let mut rest = line;
    while left > 0 {
        match rest.as_bytes().first() {
            Some(b' ') => left -= 1,
            Some(b'\t') => left = left.saturating_sub(4),
            _ => break,
        }
        rest = &rest[1..];
    }
    rest
}

fn quoted(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('>')?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}

/// The cells of a row; a pipe after a backslash is part of one.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').filter(|line| !line.ends_with('\\')).unwrap_or(line);
    let (mut cells, mut begin) = (Vec::new(), 0);
    for (at, _) in line.match_indices('|').filter(|(at, _)| !line[..*at].ends_with('\\')) {
        cells.push(line[begin..at].trim());
        begin = at + 1;
    }
    cells.push(line[begin..].trim());
    cells
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
