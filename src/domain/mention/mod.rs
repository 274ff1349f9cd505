//! Who is meant by a message: `@name` for one person, `@everyone` for all. The rule by which the server tells them and by which
//! the screen shows it. What stands in code or in a link means nobody.

mod fences;

use super::person::USERNAME_LENGTH;

/// Most people that one message can mean; whoever is named after them is not told.
pub const MOST_MENTIONED: usize = 50;
/// The name that means all.
pub const EVERYONE: &str = "everyone";
/// Most bytes of a link's words or address, as the screen reads them.
const LONGEST_LINK: usize = 2_000;
/// Brackets that turn out to be no link before the rest are taken for what they are: no text takes long.
const MOST_TRIES: usize = 100;

/// Who is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// In lower case, in the order of the text, nobody twice. Whether there is such a person is not known here.
    pub usernames: Vec<String>,
    /// Whether all are meant; whether the author may ring them is the conversation's rule.
    pub everyone: bool,
}

/// Who is meant by this message.
#[must_use]
pub fn mentions(body: &str) -> Mentions {
    let mut found = Mentions::default();
    if body.contains('@') {
        fences::outside(body, |running| found.read(running));
    }
    found
}

/// The name after the at sign at this place, as it was typed: at a word's beginning, without the marks that end a sentence.
#[must_use]
pub fn name_at(text: &str, at: usize) -> Option<&str> {
    let after = text.get(at..)?.strip_prefix('@')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let run = &after[..after.find(|c| !is_part(c)).unwrap_or(after.len())];
    let name = run.trim_end_matches(['.', '_', '-']);
    let ends = after[run.len()..].chars().next().is_none_or(|next| !(is_letter(next) || next == '@'));
    (may_begin(text, at) && ends && USERNAME_LENGTH.contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(name)
}

/// Whether a name may begin at this place, after what stands before it.
#[must_use]
pub fn may_begin(text: &str, at: usize) -> bool {
    text[..at].chars().next_back().is_none_or(|before| !(is_letter(before) || matches!(before, '@' | '/' | '\\')))
}

/// A letter of a script that sets blanks between words; in the others a name may stand right beside one.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && c < '\u{2e80}'
}

impl Mentions {
    /// Reads running text, in which marks of code and links may stand.
    fn read(&mut self, text: &str) {
        let (mut at, mut tries) = (0, 0);
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            at += match c {
                '\\' => c.len_utf8() + rest[1..].chars().next().filter(|next| "\\`*_~[]()#>|-+.!<".contains(*next)).map_or(0, char::len_utf8),
                '`' => code(rest),
                '[' if tries < MOST_TRIES => link(rest).unwrap_or_else(|| {
                    tries += 1;
                    1
                }),
                'h' | 'H' if is_address(rest) && !text[..at].ends_with(|before: char| before.is_ascii_alphanumeric()) => address(rest),
                '@' => match name_at(text, at) {
                    Some(name) => {
                        self.add(name.to_ascii_lowercase());
                        1 + name.len()
                    }
                    None => 1,
                },
                _ => c.len_utf8(),
            };
        }
    }

    fn add(&mut self, name: String) {
        if name == EVERYONE {
            self.everyone = true;
        } else if self.usernames.len() < MOST_MENTIONED && !self.usernames.contains(&name) {
            self.usernames.push(name);
        }
    }
}

fn is_address(text: &str) -> bool {
    let begins = |scheme: &str| text.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
    begins("https://") || begins("http://")
}

/// How long the address is that begins here: as long as the screen makes it a link.
fn address(text: &str) -> usize {
    let mut depth = 0_i32;
    let end = text.find(|c: char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ => {}
        }
        depth < 0 || c.is_whitespace() || c.is_control() || matches!(c, '|' | '"' | '<' | '>' | '`')
    });
    text[..end.unwrap_or(text.len())].trim_end_matches(['*', '_', '~']).len().max(1)
}

/// How long the code is that begins here, or the marks that nothing closes.
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

/// How long `[words](address)` is, if this is one that leads somewhere.
fn link(text: &str) -> Option<usize> {
    let words = bracketed(text, '[', ']')?;
    let address = bracketed(&text[words..], '(', ')')?;
    let target = &text[words + 1..];
    (is_address(target) || target.get(..7).is_some_and(|begin| begin.eq_ignore_ascii_case("mailto:"))).then_some(words + address)
}

fn bracketed(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= LONGEST_LINK) {
        if c == open {
            depth += 1;
        } else if depth == 0 {
            return None;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> String {
        let Mentions { usernames, everyone } = mentions(body);
        usernames.join(" ") + if everyone { " !" } else { "" }
    }

    #[test]
    fn names_at_the_beginning_of_words_are_meant() {
        for (body, meant) in [
            ("@ada", "ada"),
            ("Hello @Ada, and @kofi_2!", "ada kofi_2"),
            ("@ada. @grace... @mei-", "ada grace mei"),
            ("(@ada) **@grace** _@kofi_ \"@mei\" ~~@noor~~", "ada grace kofi mei noor"),
            ("@ada @ADA @ada", "ada"),
            ("你好@ada你好", "ada"),
            ("@ada's turn, @grace: yours", "ada grace"),
            ("- @ada\n> @grace\n# @kofi\n| @mei |", "ada grace kofi mei"),
            ("@everyone and @ada", "ada !"),
            ("@Everyone.", " !"),
            ("a\n@ada", "ada"),
        ] {
            assert_eq!(of(body), meant, "{body}");
        }
    }

    #[test]
    fn what_is_no_name_means_nobody() {
        for body in [
            "",
            "@",
            "@@ada",
            "ada@grace",
            "ada@example.org",
            "@ada@example.org",
            "@a",
            "@-ada",
            "@.ada",
            "@_ada",
            "é@ada",
            "@adaé",
            "\\@ada",
            "/@ada",
            "https://example.org/@ada",
            "https://example.org/?q=x,@ada",
            "HTTPS://x.org/(@ada)",
            "<https://example.org,@ada>",
            "@\u{200b}ada",
            "[to @ada](https://example.org)",
            "[x](https://example.org/,@ada)",
            "[@ada](mailto:a@b.c)",
            "everyone",
            "@everyoneé",
        ] {
            assert_eq!(of(body), "", "{body}");
        }
        assert_eq!(of(&format!("@{}", "x".repeat(33))), "");
    }

    #[test]
    fn code_means_nobody_and_ends_where_it_ends() {
        for (body, meant) in [
            ("`@ada` @grace", "grace"),
            ("``@ada ` @ada`` @grace", "grace"),
            ("`not closed @ada", "ada"),
            ("`two\nlines @ada` @grace", "grace"),
            ("`a\n\nb` @ada", "ada"),
            ("\\`@ada\\`", "ada"),
            ("```\n@ada\n```\n@grace", "grace"),
            ("```rust\n@ada", ""),
            ("~~~~\n~~~\n@ada\n~~~~\n@grace", "grace"),
            ("> ```\n> @ada\n@grace", "grace"),
            ("- ```\n  @ada\n  ```\n- @grace", "grace"),
            ("```x``` @ada", "ada"),
            ("- `a\n- b` @ada", "ada"),
        ] {
            assert_eq!(of(body), meant, "{body}");
        }
    }

    #[test]
    fn at_most_fifty_are_meant_and_no_text_takes_long() {
        let crowd: String = (0..10_000).map(|n| format!("@u{n} ")).collect();
        assert_eq!(mentions(&crowd).usernames.len(), MOST_MENTIONED);
        assert!(mentions(&(crowd + "@everyone")).everyone);
        for piece in ["@", "[", "`", "``a`", "[a](", "@a.", "> ", "\\", "https://", "@u`", "\n```\n"] {
            let _ = mentions(&(piece.repeat(40_960 / piece.len()) + "@"));
        }
    }
}
