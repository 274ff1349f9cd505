//! What of a message stands between fences of code, and what outside of them.

/// Hands on the text between the fences of code, each part that stands by itself alone: marks do not reach from one to the next.
pub(super) fn outside(body: &str, mut read: impl FnMut(&str)) {
    let mut running = String::new();
    let mut fence: Option<Fence> = None;
    for whole in body.split('\n') {
        if let Some(open) = &fence {
            let (depth, line) = unquoted(whole, open.depth);
            let belongs = depth == open.depth && (line.trim().is_empty() || indent(line) >= open.indent);
            if belongs && !open.is_closed_by(line) {
                continue;
            }
            fence = None;
            if belongs {
                continue;
            }
        }
        let (depth, line) = unquoted(whole, usize::MAX);
        let item = item(line);
        let inside = item.map_or(0, |_| indent(line) + 2);
        fence = Fence::of(item.unwrap_or(line), depth, inside);
        let begins = fence.is_some() || depth > 0 || item.is_some() || line.trim().is_empty() || line.starts_with(['#', '|']);
        if begins && !running.is_empty() {
            read(&running);
            running.clear();
        }
        if fence.is_none() {
            running.push_str(line);
            running.push('\n');
        }
    }
    read(&running);
}

/// What code stands behind.
struct Fence {
    mark: char,
    length: usize,
    /// How many quotes it stands in, and how far lines of its item are set in: with these it ends.
    depth: usize,
    indent: usize,
}

impl Fence {
    fn of(line: &str, depth: usize, inside: usize) -> Option<Self> {
        let begin = line.trim_start_matches([' ', '\t']);
        let mark = ['`', '~'].into_iter().find(|mark| begin.chars().take_while(|c| c == mark).count() >= 3)?;
        let language = begin.trim_start_matches(mark);
        (!language.contains('`')).then_some(Self { mark, length: begin.len() - language.len(), depth, indent: inside })
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.mark)
    }
}

fn indent(line: &str) -> usize {
    line.bytes()
        .map_while(|byte| match byte {
            b' ' => Some(1),
            b'\t' => Some(4),
            _ => None,
        })
        .sum()
}

/// In how many quotes a line stands, of so many that count, and the line without their marks.
fn unquoted(line: &str, most: usize) -> (usize, &str) {
    let (mut depth, mut rest) = (0, line);
    while let Some(inner) = rest.trim_start().strip_prefix('>').filter(|_| depth < most) {
        depth += 1;
        rest = inner;
    }
    (depth, rest)
}

/// What stands in an item of a list that begins on this line.
fn item(line: &str) -> Option<&str> {
    let begin = line.trim_start();
    let digits = begin.bytes().take_while(u8::is_ascii_digit).count();
    let mark = if digits == 0 { begin.strip_prefix(['-', '*', '+']) } else { begin[digits..].strip_prefix(['.', ')']) };
    mark?.strip_prefix(' ')
}
