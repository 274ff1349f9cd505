//! URLs and e-mail addresses in text: where they end, and which become links.

use crate::domain::script::{is_invisible, is_symbol, is_unspaced, is_word};

/// Maximum bytes of the text or the URL of a link.
pub(super) const MAX_LENGTH: usize = 2_000;
/// Maximum bytes of the local part of an e-mail address.
const MAX_LOCAL_LENGTH: usize = 64;

/// The destination of a typed URL; `None` unless its scheme is safe.
pub(super) fn destination(address: &str) -> Option<String> {
    if address.is_empty() || address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    if scheme(address).is_some() {
        return Some(address.to_owned());
    }
    if is_www(address) {
        return Some(format!("https://{address}"));
    }
    let (local, domain) = address.split_once('@')?;
    let is_mail =
        !local.is_empty() && local.chars().all(is_local) && mail_domain(domain) == domain.len();
    is_mail.then(|| format!("mailto:{address}"))
}

/// Length of the scheme of a URL.
fn scheme(address: &str) -> Option<usize> {
    let begins = |scheme: &str| {
        address.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    };
    ["https://", "http://", "mailto:"].into_iter().find(|scheme| begins(scheme)).map(str::len)
}

fn is_www(address: &str) -> bool {
    let begins = address.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("www."));
    let host = address.split(['/', '?', '#', ':']).next().unwrap_or_default();
    begins && host.matches('.').count() > 1 && host.split('.').all(|label| !label.is_empty())
}

/// Length of the URL at this offset, without trailing punctuation.
pub(super) fn at(text: &str, at: usize) -> Option<usize> {
    let before = text[..at].chars().next_back();
    let rest = &text[at..];
    let www = rest.get(..4).is_some_and(|begin| begin.eq_ignore_ascii_case("www."));
    let begin = match scheme(rest) {
        Some(_) if before.is_some_and(|before| before.is_ascii_alphanumeric()) => return None,
        Some(length) if !rest[..length].ends_with('/') => {
            let local = rest[length..].find('@')?;
            let domain = mail_domain(&rest[length + local + 1..]);
            let is_mail =
                local > 0 && domain > 0 && rest[length..length + local].chars().all(is_local);
            return is_mail.then_some(length + local + 1 + domain);
        }
        Some(length) => length,
        None if www
            && !before.is_some_and(|before| is_word(before) || "./@-_\\:".contains(before)) =>
        {
            0
        }
        _ => return None,
    };
    let end = begin + end(&rest[begin..], before == Some('\''))?;
    let end = without_closing(&rest[..end]);
    (end > begin && (begin > 0 || is_www(&rest[..end]))).then_some(end)
}

/// End of a URL after its scheme. Text of scripts without spaces may follow directly; it belongs to
/// the URL only at the start of a title (`/wiki/中国`) or a value (`?q=中国`).
fn end(rest: &str, in_quotes: bool) -> Option<usize> {
    let literal = rest.strip_prefix('[').and_then(|inside| inside.find(']')).filter(|end| {
        rest[1..=*end].bytes().all(|b| b.is_ascii_alphanumeric() || b":.%".contains(&b))
    });
    let skipped = literal.map_or(0, |end| end + 2);
    if literal.is_none() && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let (mut in_host, mut unspaced, mut before) =
        (true, false, if skipped > 0 { ']' } else { '/' });
    let mut open: Vec<char> = Vec::new();
    for (found, c) in rest[skipped..].char_indices() {
        let at = skipped + found;
        if stops(c) || in_quotes && c == '\'' {
            return Some(at);
        }
        if is_unspaced(c) {
            let begins = if in_host {
                before == '/' || before == '.'
            } else {
                before == '=' || before == '#' || rest[..at].ends_with("/wiki/")
            };
            let goes_on = is_unspaced(before) || unspaced && !in_host;
            if !begins && !goes_on {
                return Some(at);
            }
            unspaced = true;
        } else if in_host {
            match c {
                '/' | '?' | '#' => (in_host, unspaced) = (false, false),
                '-' | '_' | '.' | '~' | '%' | ':' | '@' => {}
                c if c.is_alphanumeric() => {}
                _ => return Some(at),
            }
        } else {
            match c {
                '(' => open.push(')'),
                '[' => open.push(']'),
                '{' => open.push('}'),
                ')' | ']' | '}' if open.pop() != Some(c) => return Some(at),
                _ => {}
            }
        }
        before = c;
    }
    Some(rest.len())
}

/// Whether a character ends a URL.
fn stops(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_whitespace() || c.is_ascii_control() || "\"<>`|\\".contains(c);
    }
    c.is_whitespace()
        || is_invisible(c)
        || is_symbol(c)
        || matches!(c,
            '«' | '»' | '\u{2014}'..='\u{206f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}'
            | '\u{3030}'..='\u{3040}' | '\u{ff00}'..='\u{ffef}' | '\u{fe10}'..='\u{fe6f}'
            | '\u{60c}' | '\u{61b}' | '\u{61f}' | '\u{6d4}' | '\u{964}' | '\u{965}' | '\u{589}')
}

/// Length without trailing punctuation and brackets that were opened before the URL.
fn without_closing(address: &str) -> usize {
    let mut rest = address;
    loop {
        let last = rest.chars().next_back().unwrap_or(' ');
        let is_lone =
            |open: char, close: char| rest.matches(open).count() < rest.matches(close).count();
        let closes = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' => true,
            ')' => is_lone('(', ')'),
            ']' => is_lone('[', ']'),
            '}' => is_lone('{', '}'),
            '(' | '[' | '{' => true,
            _ => false,
        };
        if !closes {
            return rest.len();
        }
        rest = &rest[..rest.len() - last.len_utf8()];
    }
}

/// Lengths of the local part and the domain of the e-mail address whose `@` is at this offset.
pub(super) fn mail_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let local: usize =
        text[..at].chars().rev().take_while(|c| is_local(*c)).map(char::len_utf8).sum();
    let skipped = text[at - local..at].len()
        - text[at - local..at].trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let local = local - skipped;
    let before = text[..at - local].chars().next_back();
    let domain = mail_domain(&text[at + 1..]);
    let after = &text[at + 1 + domain..];
    // Not a repository (`git@host:path`), user information (`ssh://me@host`, `me:secret@host`) or a
    // Fediverse handle (`@me@host`).
    let is_other = after.starts_with(':') && after[1..].starts_with(|c: char| !c.is_whitespace())
        || after.starts_with(['/', '@']);
    let stands = !before.is_some_and(|before| "/:@\\".contains(before) || is_word(before));
    (local > 0
        && local <= MAX_LOCAL_LENGTH
        && domain > 0
        && stands
        && !is_other
        && !text[..at].ends_with('.'))
    .then_some((local, domain))
}

const fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
}

/// Length of the domain at the start: several labels, the last of letters.
fn mail_domain(text: &str) -> usize {
    let end = text.find(|c: char| !(is_word(c) || matches!(c, '.' | '-'))).unwrap_or(text.len());
    let domain = text[..end].trim_end_matches(['.', '-']);
    let labels: Vec<&str> = domain.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let is_name = last.starts_with("xn--")
        || last.chars().count() > 1 && last.chars().all(char::is_alphabetic);
    let all = labels
        .iter()
        .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    if labels.len() > 1 && is_name && all { domain.len() } else { 0 }
}

/// The destination in the parentheses of a link: `url` or `<url>`, each with an optional title.
pub(super) fn in_parentheses(inside: &str) -> Option<String> {
    let inside = inside.trim();
    let (address, title) = match inside.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        Some((address, title)) => (address, title),
        None => inside.split_at(inside.find(char::is_whitespace).unwrap_or(inside.len())),
    };
    let title = title.trim();
    let is_title = [('"', '"'), ('\'', '\''), ('(', ')')].iter().any(|(open, close)| {
        title.len() > 1 && title.starts_with(*open) && title.ends_with(*close)
    });
    if title.is_empty() || is_title { destination(address) } else { None }
}
