//! What of a message can be asked for besides its words: whether it has a link or code. Whether it is a question says `message`.

/// Whether it has a link, outside of code.
#[must_use]
pub fn has_link(body: &str) -> bool {
    prose(body).any(|line| {
        ["http://", "https://"].iter().any(|scheme| {
            // An address goes on with a name.
            line.match_indices(scheme).any(|(at, _)| line[at + scheme.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '['))
        })
    })
}

/// Whether it has code: a block, or something between backticks.
#[must_use]
pub fn has_code(body: &str) -> bool {
    body.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("```")
            || line.split('`').skip(1).step_by(2).zip(line.split('`').skip(2).step_by(2)).any(|(inside, _)| !inside.trim().is_empty())
    })
}

/// The lines that stand in no block of code.
fn prose(body: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    body.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_begins_with_its_scheme_and_goes_on() {
        for link in ["https://example.org", "see (http://a.b/c).", "http://[::1]:80", "x\nhttps://例え.jp"] {
            assert!(has_link(link), "{link}");
        }
        for none in ["http://", "https:// x", "http", "```\nhttps://example.org\n```", "ftp://x"] {
            assert!(!has_link(none), "{none}");
        }
    }

    #[test]
    fn code_stands_between_backticks_or_fences() {
        for code in ["`x`", "a `b c` d", "```rust\nfn main() {}\n```", "  ```\n"] {
            assert!(has_code(code), "{code}");
        }
        for none in ["`", "it`s", "``", "a\n`\n`b", "` `"] {
            assert!(!has_code(none), "{none}");
        }
    }
}
