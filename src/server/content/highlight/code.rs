//! Code highlighting with the grammars of many languages.

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::domain::rendering::Span;

/// Longest line that is highlighted, in bytes. Longer ones are minified or generated.
const LONGEST_LINE: usize = 500;

static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Token kind by scope prefix. The first match applies.
static KINDS: LazyLock<Vec<(Scope, &'static str)>> = LazyLock::new(|| {
    let kinds = [
        ("comment", "comment"),
        ("string", "string"),
        ("constant.character.escape", "number"),
        ("constant", "number"),
        ("keyword", "keyword"),
        ("storage", "keyword"),
        ("variable.language", "keyword"),
        ("entity.name.function", "name"),
        ("support.function", "name"),
        ("variable.function", "name"),
        ("entity.name.tag", "keyword"),
        ("entity.name", "type"),
        ("support.type", "type"),
        ("support.class", "type"),
        ("entity.other", "type"),
        ("markup.inserted", "added"),
        ("markup.deleted", "removed"),
        ("markup.heading", "keyword"),
    ];
    kinds.into_iter().filter_map(|(scope, kind)| Some((Scope::new(scope).ok()?, kind))).collect()
});

/// Splits code into spans; together they are the whole text. `None` for an unknown language. A line
/// that is too long stays plain, and so does the rest once `is_late`.
pub(super) fn highlight(
    language: &str,
    code: &str,
    is_late: impl Fn() -> bool,
) -> Option<Vec<Span>> {
    let grammar = grammar(language)?;
    let (mut state, mut scopes) = (ParseState::new(grammar), ScopeStack::new());
    let (mut spans, mut done) = (Vec::new(), 0);
    for line in code.split_inclusive('\n') {
        if is_late() {
            break;
        }
        if line.len() > LONGEST_LINE {
            add(&mut spans, line, "");
            done += line.len();
            continue;
        }
        let Ok(parts) = state.parse_line(line, &GRAMMARS) else { break };
        let mut from = 0;
        for (at, change) in parts {
            add(&mut spans, &line[from..at], kind(&scopes));
            from = at;
            if scopes.apply(&change).is_err() {
                break;
            }
        }
        add(&mut spans, &line[from..], kind(&scopes));
        done += line.len();
    }
    add(&mut spans, &code[done..], "");
    Some(spans)
}

fn grammar(language: &str) -> Option<&'static SyntaxReference> {
    let word = language
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '{' | ':'))
        .next()?
        .to_ascii_lowercase();
    let known = match word.as_str() {
        "" => return None,
        "c++" => "cpp",
        "c#" | "csharp" => "cs",
        "shell" | "console" | "shellscript" => "sh",
        "golang" => "go",
        "jsx" | "node" => "js",
        "python3" => "py",
        "docker" => "dockerfile",
        other => other,
    };
    GRAMMARS.find_syntax_by_token(known).filter(|found| found.name != "Plain Text")
}

/// The kind of the innermost scope that has one.
fn kind(scopes: &ScopeStack) -> &'static str {
    let of = |scope: &Scope| {
        KINDS.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, kind)| *kind)
    };
    scopes.as_slice().iter().rev().find_map(of).unwrap_or_default()
}

fn add(spans: &mut Vec<Span>, text: &str, kind: &str) {
    match spans.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.kind == kind => last.text.push_str(text),
        _ => spans.push(Span { kind: kind.to_owned(), text: text.to_owned(), ..Span::default() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(language: &str, code: &str) -> Vec<(String, String)> {
        highlight(language, code, || false)
            .unwrap()
            .into_iter()
            .filter(|span| !span.kind.is_empty())
            .map(|span| (span.kind, span.text))
            .collect()
    }

    #[test]
    fn code_is_split_into_tokens() {
        let rust = kinds("rust", "// hi\nfn main() { let x = \"a\"; }");
        for expected in
            [("comment", "// hi\n"), ("keyword", "fn"), ("name", "main"), ("string", "\"a\"")]
        {
            assert!(
                rust.contains(&(expected.0.to_owned(), expected.1.to_owned())),
                "{expected:?} in {rust:?}"
            );
        }
        for (language, code) in [
            ("python", "def f(): return 1"),
            ("py", "import os"),
            ("ts", "const x: number = 1"),
            ("toml", "a = 1"),
            ("c++", "int x;"),
            ("SQL", "select 1"),
            ("java", "class A {}"),
            ("kotlin", "fun f() = 1"),
            ("haskell", "f :: Int"),
            ("bash", "if true; then"),
            ("json", "[1]"),
            ("go", "func f() {}"),
            ("C#", "class A {}"),
            ("latex", "\\section{a}"),
            ("diff", "+a\n-b"),
            ("html", "<p class='a'>"),
            ("css", "a { color: red }"),
            ("r", "x <- 1"),
            ("rust,ignore", "fn f() {}"),
            ("dockerfile", "FROM a"),
            ("js", "let x = 1"),
            ("c", "int x = 1;"),
            ("yaml", "a: 1"),
            ("tsx", "let x = 1"),
        ] {
            assert!(!kinds(language, code).is_empty(), "{language}");
        }
    }

    #[test]
    fn highlighting_keeps_every_character() {
        let long = "x".repeat(5_000) + "\nfn f() {}";
        for code in [
            "",
            "\n",
            "fn",
            "\"never closed",
            "/* never\nclosed",
            "字\u{202e}\0😀\r\n",
            &long,
            "{{{{((((\\\\",
            "<script>alert(1)</script>",
        ] {
            for language in ["rust", "js", "html", "python", "latex", "markdown", "perl"] {
                let spans = highlight(language, code, || false).unwrap();
                assert_eq!(
                    spans.into_iter().map(|span| span.text).collect::<String>(),
                    code,
                    "{language}"
                );
            }
        }
    }

    #[test]
    fn an_unknown_language_stays_plain() {
        for language in ["", " ", "nonsense", "txt", "plain text", "../../etc/passwd", "字"] {
            assert!(highlight(language, "fn main() {}", || false).is_none(), "{language}");
        }
    }

    #[test]
    fn hostile_code_terminates_and_keeps_every_character() {
        for (language, span) in [
            ("js", "`${"),
            ("perl", "s/("),
            ("ruby", "<<A;"),
            ("markdown", "*_["),
            ("php", "<?php \"{$"),
            ("html", "<a <"),
            ("rust", "r#\"("),
        ] {
            for lines in [span.repeat(900 / span.len()), format!("{span}\n").repeat(8_000)] {
                // The time limit of the worker.
                let began = std::time::Instant::now();
                let spans =
                    highlight(language, &lines, || began.elapsed().as_millis() > 500).unwrap();
                assert_eq!(
                    spans.into_iter().map(|span| span.text).collect::<String>(),
                    lines,
                    "{language}"
                );
            }
        }
    }
}
