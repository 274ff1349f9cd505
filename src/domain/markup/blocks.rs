//! Lines read into parts: paragraphs, headings, quotes, code, formulas, lines across; lists and tables have files of their own.

use super::{Block, DEEPEST, formulas, inlines, lists, tables};

/// Most lines of a formula.
const MOST_LINES: usize = 50;

/// Reads lines, which stand so deep inside other parts.
pub(super) fn read(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut reader = Reader { lines, at: 0, depth, blocks: Vec::new(), running: Vec::new(), quoted_upto: 0, list: None, signed: (0, false) };
    while let Some(line) = reader.line() {
        if depth >= DEEPEST {
            reader.running.push(line);
            reader.at += 1;
        } else if !(reader.code(line)
            || reader.formula(line)
            || reader.heading(line)
            || reader.quote(line)
            || reader.rule(line)
            || lists::read(&mut reader, line)
            || tables::read(&mut reader, line))
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
        Some(fence) => (!fence.is_closed_by(line) && fence.within(line).is_none()).then_some(fence),
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
        // Tildes are also ornament (`~~~ hello ~~~`).
        let is_fence = !language.contains('`') && (mark == '`' || !language.contains('~'));
        is_fence.then_some((Self { mark, length: begin.len() - language.len() }, language))
    }

    fn is_closed_by(self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }

    /// What stands before and after backticks that close the code within a line, as many people type it.
    fn within(self, line: &str) -> Option<(&str, &str)> {
        let (before, rest) = line.split_once(&"`".repeat(self.length)).filter(|_| self.mark == '`')?;
        (!rest.starts_with(|c: char| c == '`' || c.is_alphanumeric())).then_some((before, rest))
    }
}

/// Reads one level of lines.
pub(super) struct Reader<'l, 't> {
    pub(super) lines: &'l [&'t str],
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) blocks: Vec<Block>,
    /// Lines of running text that are not yet a paragraph.
    pub(super) running: Vec<&'t str>,
    /// Where the last quote ended: right after it, less makes a line part of one.
    quoted_upto: usize,
    /// The sign of the last list, and where it ended.
    pub(super) list: Option<(char, usize)>,
    /// Up to which line it is known whether lines begin with both `+` and `-`, and whether they do.
    pub(super) signed: (usize, bool),
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

    /// Takes a block that so many lines are.
    pub(super) fn push(&mut self, block: Block, lines: usize) -> bool {
        self.end_running();
        self.blocks.push(block);
        self.at += lines;
        true
    }

    /// Between two fences; one that is not closed goes on to the end.
    fn code(&mut self, line: &'t str) -> bool {
        let Some((fence, info)) = Fence::of(line) else { return false };
        let indent = indented(line).0;
        let rest = &self.lines[self.at + 1..];
        let closed = rest.iter().position(|line| fence.is_closed_by(line));
        let end = closed.unwrap_or(rest.len());
        if closed.is_none() && rest.iter().all(|line| line.trim().is_empty()) {
            // Nothing stands in it: these are signs.
            return false;
        }
        let within = (0..end).filter(|_| closed.is_none()).find_map(|at| Some((at, fence.within(rest[at])?)));
        let mut code: Vec<&str> = rest[..within.map_or(end, |(last, _)| last)].to_vec();
        code.extend(within.map(|(_, (before, _))| before).filter(|before| !before.trim().is_empty()));
        let mut text: Vec<&str> = code.into_iter().map(|line| without(line, indent)).collect();
        let info = info.trim();
        // Words on the line of the fence, closed within a line: they were no language.
        let is_code = within.is_some() && info.contains(char::is_whitespace);
        if is_code {
            text.insert(0, info);
        }
        let language = if is_code { String::new() } else { info.to_owned() };
        self.push(Block::Code { language, text: text.join("\n") }, within.map_or(end + 2, |(last, _)| last + 2));
        self.running.extend(within.map(|(_, (_, after))| after.trim_start()).filter(|after| !after.is_empty()));
        true
    }

    /// Between two `$$` that begin and end lines of their own.
    fn formula(&mut self, line: &str) -> bool {
        let Some(first) = line.trim().strip_prefix("$$") else { return false };
        let mut tex = first.to_owned();
        for lines in 1..=MOST_LINES {
            if let Some(inside) = tex.trim_end().strip_suffix("$$") {
                let is_one = !inside.contains("$$") && formulas::is_display(inside);
                let formula = Block::Formula(inside.trim().to_owned());
                return is_one && self.push(formula, lines);
            }
            let Some(line) = self.lines.get(self.at + lines).filter(|line| !line.trim().is_empty()) else { return false };
            tex = tex + "\n" + line;
        }
        false
    }

    /// `# words`. Several such lines in a row are a shell's prompts or comments.
    fn heading(&mut self, line: &str) -> bool {
        let is_like =
            |at: Option<usize>| at.and_then(|at| self.lines.get(at)).is_some_and(|other| level(other).is_some() && level(other) == level(line));
        let in_row = is_like(self.at.checked_sub(1)) || is_like(Some(self.at + 1));
        match level(line) {
            Some(level) if !in_row => self.push(Block::Heading(inlines::read(line[level..].trim())), 1),
            _ => false,
        }
    }

    /// Lines that begin with `>`, each of them: what comes after is the writer's own again.
    fn quote(&mut self, line: &str) -> bool {
        let goes_on = self.at > 0 && self.quoted_upto == self.at;
        let marked = || self.lines[self.at..].iter().take_while(|line| line.trim_start().starts_with('>'));
        // What was quoted several times stands among what was quoted once.
        if quoted(line, goes_on).is_none() && !(quoted(line, true).is_some() && marked().any(|line| quoted(line, false).is_some())) {
            return false;
        }
        let inside: Vec<&str> = self.lines[self.at..].iter().map_while(|line| quoted(line, true)).collect();
        if inside.iter().all(|line| line.trim().is_empty()) {
            return false;
        }
        self.quoted_upto = self.at + inside.len();
        self.push(Block::Quote(read(&inside, self.depth + 1)), inside.len())
    }

    fn rule(&mut self, line: &str) -> bool {
        let mut marks = line.chars().filter(|c| !c.is_whitespace());
        let Some(first @ ('-' | '*' | '_')) = marks.next() else { return false };
        let more = marks.clone().count();
        // Below a line of text, stars and underscores are hidden words or a gap to be filled in.
        if more < 2 || !marks.all(|c| c == first) || first != '-' && !self.running.is_empty() {
            return false;
        }
        self.push(Block::Rule, 1)
    }
}

/// Of which level a line is a heading.
fn level(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    ((1..=6).contains(&level) && rest.strip_prefix(' ').is_some_and(|words| !words.trim().is_empty())).then_some(level)
}

/// How far a line is set in, and the line without that; a tab counts four.
pub(super) fn indented(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches([' ', '\t']);
    (line[..line.len() - rest.len()].bytes().map(|byte| if byte == b'\t' { 4 } else { 1 }).sum(), rest)
}

/// The line, so much less set in.
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

/// A quoted line without its first mark. A blank follows the mark, as in all that quotes by itself: `>_<` is a face, `>>> x` is
/// typed into Python, `>=` compares. In a quote that has begun, marks may stand alone or be many.
fn quoted(line: &str, goes_on: bool) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('>')?;
    let after = rest.trim_start_matches('>');
    let is_one = after.len() == rest.len();
    let fits = if after.is_empty() { goes_on } else { after.starts_with([' ', '\t']) && (is_one || goes_on) };
    fits.then(|| rest.strip_prefix(' ').unwrap_or(rest))
}
