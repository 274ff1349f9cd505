//! Who is meant by a message: `@name` for one person, `@everyone` for all. The rule by which the server tells them and by which
//! the screen shows it. What stands in code or in a link means nobody.

use super::{markup, person::USERNAME_LENGTH};

/// Most people that one message can mean; whoever is named after them is not told.
pub const MOST_MENTIONED: usize = 50;
/// The name that means all.
pub const EVERYONE: &str = "everyone";
/// Names that mean all in other products. Here they notify nobody.
pub const LIKE_EVERYONE: [&str; 3] = ["all", "channel", "here"];

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
    if body.contains('@') { markup::facts(body).mentions } else { Mentions::default() }
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
    /// Reads words of running text, in which neither code nor links stand.
    pub(super) fn read(&mut self, text: &str) {
        for (at, _) in text.match_indices('@') {
            if let Some(name) = name_at(text, at) {
                self.add(name.to_ascii_lowercase());
            }
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
