//! Block parser: paragraphs, headings, quotes, code, formulas, rules. Lists and tables have files
//! of their own.

use super::{Block, MAX_DEPTH, formulas, inlines, lists, tables};

/// Maximum lines of a formula.
const MAX_LINES: usize = 50;

/// Parses lines at a nesting depth.
pub(super) fn read(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut parser = Parser {
        lines,
        at: 0,
        depth,
        blocks: Vec::new(),
        running: Vec::new(),
        quoted_upto: 0,
        list: None,
        signed: (0, false),
    };
    while let Some(line) = parser.line() {
        if depth >= MAX_DEPTH {
            parser.running.push(line);
            parser.at += 1;
        } else if !(parser.code(line)
            || parser.formula(line)
            || parser.heading(line)
            || parser.quote(line)
            || parser.rule(line)
            || lists::read(&mut parser, line)
            || tables::read(&mut parser, line))
        {
            if line.trim().is_empty() {
                parser.end_running()
            } else {
                parser.running.push(line)
            }
            parser.at += 1;
        }
    }
    parser.end_running();
    parser.blocks
}

/// Whether the last line is inside an unclosed code block.
pub(super) fn end_in_code<'t>(lines: impl Iterator<Item = &'t str>) -> bool {
    let next = |open: Option<Fence>, line: &str| match open {
        Some(fence) => (!fence.is_closed_by(line) && fence.within(line).is_none()).then_some(fence),
        None => Fence::of(line).map(|(fence, _)| fence),
    };
    lines.fold(None, next).is_some()
}

/// A code fence.
#[derive(Clone, Copy)]
struct Fence {
    marker: char,
    length: usize,
}

impl Fence {
    /// The fence that a line opens, and the info string.
    fn of(line: &str) -> Option<(Self, &str)> {
        let begin = indented(line).1;
        let marker = ['`', '~']
            .into_iter()
            .find(|marker| begin.starts_with(&marker.to_string().repeat(3)))?;
        let language = begin.trim_start_matches(marker);
        // Tildes may be ornament (`~~~ hello ~~~`).
        let is_fence = !language.contains('`') && (marker == '`' || !language.contains('~'));
        is_fence.then_some((Self { marker, length: begin.len() - language.len() }, language))
    }

    fn is_closed_by(self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.marker)
    }

    /// The text before and after backticks that close the code in the middle of a line, which many
    /// people type.
    fn within(self, line: &str) -> Option<(&str, &str)> {
        let (before, rest) =
            line.split_once(&"`".repeat(self.length)).filter(|_| self.marker == '`')?;
        (!rest.starts_with(|c: char| c == '`' || c.is_alphanumeric())).then_some((before, rest))
    }
}

/// Parser of one level of lines.
pub(super) struct Parser<'l, 't> {
    pub(super) lines: &'l [&'t str],
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) blocks: Vec<Block>,
    /// Lines that are not yet a paragraph.
    pub(super) running: Vec<&'t str>,
    /// End of the last quote. Directly after it, the syntax of a quoted line is more lenient.
    quoted_upto: usize,
    /// Sign and end of the last list.
    pub(super) list: Option<(char, usize)>,
    /// Cache: the line up to which it is known whether lines start with both `+` and `-`, and
    /// whether they do.
    pub(super) signed: (usize, bool),
}

impl<'t> Parser<'_, 't> {
    fn line(&self) -> Option<&'t str> {
        self.lines.get(self.at).copied()
    }

    fn end_running(&mut self) {
        if !self.running.is_empty() {
            self.blocks.push(Block::Paragraph(inlines::read(&self.running.join("\n"))));
            self.running.clear();
        }
    }

    /// Appends a block of so many lines.
    pub(super) fn push(&mut self, block: Block, lines: usize) -> bool {
        self.end_running();
        self.blocks.push(block);
        self.at += lines;
        true
    }

    /// A fenced code block; an unclosed one extends to the end.
    fn code(&mut self, line: &'t str) -> bool {
        let Some((fence, info)) = Fence::of(line) else { return false };
        let indent = indented(line).0;
        let rest = &self.lines[self.at + 1..];
        let closed = rest.iter().position(|line| fence.is_closed_by(line));
        let end = closed.unwrap_or(rest.len());
        if closed.is_none() && rest.iter().all(|line| line.trim().is_empty()) {
            // Empty: keep the fence as text.
            return false;
        }
        let within = (0..end)
            .filter(|_| closed.is_none())
            .find_map(|at| Some((at, fence.within(rest[at])?)));
        let mut code: Vec<&str> = rest[..within.map_or(end, |(last, _)| last)].to_vec();
        code.extend(
            within.map(|(_, (before, _))| before).filter(|before| !before.trim().is_empty()),
        );
        let mut text: Vec<&str> = code.into_iter().map(|line| without(line, indent)).collect();
        let info = info.trim();
        // Words after the fence that is closed within a line are code, not a language.
        let is_code = within.is_some() && info.contains(char::is_whitespace);
        if is_code {
            text.insert(0, info);
        }
        let language = if is_code { String::new() } else { info.to_owned() };
        self.push(
            Block::Code { language, text: text.join("\n") },
            within.map_or(end + 2, |(last, _)| last + 2),
        );
        self.running.extend(
            within.map(|(_, (_, after))| after.trim_start()).filter(|after| !after.is_empty()),
        );
        true
    }

    /// A display formula: `$$` at the start of a line and at the end of a line.
    fn formula(&mut self, line: &str) -> bool {
        let Some(first) = line.trim().strip_prefix("$$") else { return false };
        let mut tex = first.to_owned();
        for lines in 1..=MAX_LINES {
            if let Some(inside) = tex.trim_end().strip_suffix("$$") {
                let is_one = !inside.contains("$$") && formulas::is_display(inside);
                let formula = Block::Formula(inside.trim().to_owned());
                return is_one && self.push(formula, lines);
            }
            let Some(line) = self.lines.get(self.at + lines).filter(|line| !line.trim().is_empty())
            else {
                return false;
            };
            tex = tex + "\n" + line;
        }
        false
    }

    /// `# text`. Several such lines in a row are shell prompts or comments.
    fn heading(&mut self, line: &str) -> bool {
        let is_like = |at: Option<usize>| {
            at.and_then(|at| self.lines.get(at))
                .is_some_and(|other| level(other).is_some() && level(other) == level(line))
        };
        let in_row = is_like(self.at.checked_sub(1)) || is_like(Some(self.at + 1));
        match level(line) {
            Some(level) if !in_row => {
                self.push(Block::Heading(inlines::read(line[level..].trim())), 1)
            }
            _ => false,
        }
    }

    /// Lines that all start with `>`. There are no lazy continuation lines.
    fn quote(&mut self, line: &str) -> bool {
        let goes_on = self.at > 0 && self.quoted_upto == self.at;
        let quoted_lines =
            || self.lines[self.at..].iter().take_while(|line| line.trim_start().starts_with('>'));
        // Nested quotes count only next to plain ones.
        if quoted(line, goes_on).is_none()
            && !(quoted(line, true).is_some()
                && quoted_lines().any(|line| quoted(line, false).is_some()))
        {
            return false;
        }
        let inside: Vec<&str> =
            self.lines[self.at..].iter().map_while(|line| quoted(line, true)).collect();
        if inside.iter().all(|line| line.trim().is_empty()) {
            return false;
        }
        self.quoted_upto = self.at + inside.len();
        self.push(Block::Quote(read(&inside, self.depth + 1)), inside.len())
    }

    fn rule(&mut self, line: &str) -> bool {
        let mut markers = line.chars().filter(|c| !c.is_whitespace());
        let Some(first @ ('-' | '*' | '_')) = markers.next() else { return false };
        let more = markers.clone().count();
        // Below text, stars and underscores are censored words or a gap to fill in.
        if more < 2 || !markers.all(|c| c == first) || first != '-' && !self.running.is_empty() {
            return false;
        }
        self.push(Block::Rule, 1)
    }
}

/// Level of a heading line.
fn level(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    ((1..=6).contains(&level)
        && rest.strip_prefix(' ').is_some_and(|words| !words.trim().is_empty()))
    .then_some(level)
}

/// Indentation of a line and its rest; a tab counts four.
pub(super) fn indented(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches([' ', '\t']);
    (
        line[..line.len() - rest.len()].bytes().map(|byte| if byte == b'\t' { 4 } else { 1 }).sum(),
        rest,
    )
}

/// The line with so much indentation removed.
pub(super) fn without(line: &str, width: usize) -> &str {
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

/// A quoted line without its first `>`. A blank must follow: `>_<` is an emoticon, `>>> x` a Python
/// prompt, `>=` an operator. Inside of a quote, `>` may be alone or repeated.
fn quoted(line: &str, goes_on: bool) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('>')?;
    let after = rest.trim_start_matches('>');
    let is_one = after.len() == rest.len();
    let fits = if after.is_empty() {
        goes_on
    } else {
        after.starts_with([' ', '\t']) && (is_one || goes_on)
    };
    fits.then(|| rest.strip_prefix(' ').unwrap_or(rest))
}
