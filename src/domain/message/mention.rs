//! Mentions: `@name` and `@everyone`. The server notifies and the client highlights by this rule.
//! Code and links mention nobody.

use crate::domain::person::USERNAME_LENGTH;

/// Maximum number of people that a message can mention. Further mentions are ignored.
pub const MAX_MENTIONS: usize = 50;
/// The name that mentions everyone.
pub const EVERYONE: &str = "everyone";
/// Names that mention everyone in other products. Here they notify nobody.
pub const EVERYONE_ALIASES: [&str; 3] = ["all", "channel", "here"];

/// The mentions of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Usernames in lower case, in order, without duplicates. The people may not exist.
    pub usernames: Vec<String>,
    /// Whether everyone is mentioned. Whether the author may do that is a rule of the conversation.
    pub everyone: bool,
}

/// The name after the at sign at this offset, as typed, without trailing punctuation. It must start
/// a word.
#[must_use]
pub fn name_at(text: &str, at: usize) -> Option<&str> {
    let after = text.get(at..)?.strip_prefix('@')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let run = &after[..after.find(|c| !is_part(c)).unwrap_or(after.len())];
    let name = run.trim_end_matches(['.', '_', '-']);
    let ends =
        after[run.len()..].chars().next().is_none_or(|next| !(is_letter(next) || next == '@'));
    (may_begin(text, at)
        && ends
        && USERNAME_LENGTH.contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric()))
    .then_some(name)
}

/// Whether a mention may start at this offset, given the character before it.
#[must_use]
pub fn may_begin(text: &str, at: usize) -> bool {
    text[..at]
        .chars()
        .next_back()
        .is_none_or(|before| !(is_letter(before) || matches!(before, '@' | '/' | '\\')))
}

/// Whether a character is a letter of a script with spaces between words; in others a mention may
/// follow a letter.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() && c < '\u{2e80}'
}

impl Mentions {
    /// Adds the mentions of inline text without code and links.
    pub(in crate::domain) fn read(&mut self, text: &str) {
        for (at, _) in text.match_indices('@') {
            if let Some(name) = name_at(text, at) {
                self.add(name.to_ascii_lowercase());
            }
        }
    }

    fn add(&mut self, name: String) {
        if name == EVERYONE {
            self.everyone = true;
        } else if self.usernames.len() < MAX_MENTIONS && !self.usernames.contains(&name) {
            self.usernames.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::markup::mentions;

    fn of(body: &str) -> String {
        let Mentions { usernames, everyone } = mentions(body);
        usernames.join(" ") + if everyone { " !" } else { "" }
    }

    #[test]
    fn names_at_word_starts_are_mentions() {
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
    fn invalid_names_mention_nobody() {
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
    fn code_mentions_nobody() {
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
    fn mentions_are_limited_and_parsed_in_linear_time() {
        let crowd: String = (0..10_000).map(|n| format!("@u{n} ")).collect();
        assert_eq!(mentions(&crowd).usernames.len(), MAX_MENTIONS);
        assert!(mentions(&(crowd + "@everyone")).everyone);
        for piece in
            ["@", "[", "`", "``a`", "[a](", "@a.", "> ", "\\", "https://", "@u`", "\n```\n"]
        {
            let _ = mentions(&(piece.repeat(40_960 / piece.len()) + "@"));
        }
    }
}
