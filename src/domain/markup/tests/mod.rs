//! Tests of the message parser.

use super::{Block, Inline, MAX_DEPTH, facts, links, parse, plain, plain_beginning};

mod facts_agree;
mod literal;
mod web;

fn shown(blocks: &[Block]) -> String {
    blocks.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn one(block: &Block) -> String {
    match block {
        Block::Paragraph(inside) => format!("p({})", words(inside)),
        Block::Heading(inside) => format!("h({})", words(inside)),
        Block::Quote(inside) => format!("q({})", shown(inside)),
        Block::List { kind, items } => {
            format!(
                "l({})",
                items
                    .iter()
                    .map(|item| format!("{} {}", item.shown(*kind), shown(&item.inside)))
                    .collect::<Vec<_>>()
                    .join(" | ")
            )
        }
        Block::Code { language, text } => format!("c{language}({text})"),
        Block::Table { align, rows, .. } => {
            format!(
                "t{}({})",
                align.len(),
                rows.iter()
                    .map(|row| row.iter().map(|cell| words(cell)).collect::<Vec<_>>().join(" | "))
                    .collect::<Vec<_>>()
                    .join(" / ")
            )
        }
        Block::Formula(tex) => format!("$${tex}$$"),
        Block::Rule => "-".to_owned(),
    }
}

fn words(inlines: &[Inline]) -> String {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text(text) => text.replace('\n', "/"),
            Inline::Strong(inside) => format!("**{}**", words(inside)),
            Inline::Emphasis(inside) => format!("_{}_", words(inside)),
            Inline::Strike(inside) => format!("~{}~", words(inside)),
            Inline::Code(code) => format!("`{code}`"),
            Inline::Formula { tex, display } => {
                format!("{}{tex}", if *display { "$$" } else { "$" })
            }
            Inline::Link { address, inside } => format!("<{address} {}>", words(inside)),
        })
        .collect()
}

#[test]
fn markup_is_parsed() {
    for (typed, read) in [
        ("plain", "p(plain)"),
        ("two\nlines", "p(two/lines)"),
        ("one\n\ntwo", "p(one) p(two)"),
        (
            "**strong**, *stressed*, ~~struck~~ and `code`",
            "p(**strong**, _stressed_, ~struck~ and `code`)",
        ),
        ("snake_case_name and 2 * 3 * 4", "p(snake_case_name and 2 * 3 * 4)"),
        ("# Plan\n- one\n- two\n  - deep", "h(Plan) l(• p(one) | • p(two) l(- p(deep)))"),
        ("3. three\n4. four", "l(3. p(three) | 4. p(four))"),
        ("> said\n> so\n\nindeed", "q(p(said/so)) p(indeed)"),
        ("```rust\nfn main() {}\n\n  x\n```", "crust(fn main() {}\n\n  x)"),
        (
            "see https://example.org/a_b_c, and [here](https://example.org)",
            "p(see <https://example.org/a_b_c https://example.org/a_b_c>, and <https://example.org here>)",
        ),
        (
            "<https://example.org> <ada@example.org>",
            "p(<https://example.org https://example.org> <mailto:ada@example.org ada@example.org>)",
        ),
        ("| a | b |\n|---|--:|\n| 1 | `2` |", "t2(a | b / 1 | `2`)"),
        ("a\n\n---\n\nb", "p(a) - p(b)"),
        (
            "2*3*4 and **a*b** and ***both*** and *_nested_*",
            "p(2*3*4 and **a*b** and **_both_** and __nested__)",
        ),
        (
            "not * a * list, **not closed, ~one~ and __init__.py",
            "p(not * a * list, **not closed, ~one~ and __init__.py)",
        ),
        ("¯\\_(ツ)_/¯ and \\*stars\\*", "p(¯\\_(ツ)_/¯ and *stars*)"),
        ("text\n- one\n\n- two\nafter", "p(text) l(• p(one) | • p(two)) p(after)"),
        ("In\n1986. was a year", "p(In/1986. was a year)"),
        (
            "**https://example.org/x** `a``b` ``c ` d``",
            "p(**<https://example.org/x https://example.org/x>** `a``b` `c ` d`)",
        ),
        ("- item\n  ```\n  code\n  ```", "l(- p(item) c(code))"),
        ("#hashtag\n#", "p(#hashtag/#)"),
        ("```\nnot closed", "c(not closed)"),
    ] {
        assert_eq!(shown(&parse(typed)), read, "{typed}");
    }
}

#[test]
fn formulas_are_parsed_and_prices_are_text() {
    for (typed, read) in [
        ("let $x$ be", "p(let $x be)"),
        ("the $n$th of $a, b$.", "p(the $nth of $a, b.)"),
        ("$5 and $6", "p($5 and $6)"),
        ("5$ or 6$", "p(5$ or 6$)"),
        ("US$5-$10, $ x $, $x$5", "p(US$5-$10, $ x $, $x$5)"),
        ("$a*b*c$ and *$x$*", "p($a*b*c and _$x_)"),
        ("\\$x$ and $\\$5$", "p($x$ and $\\$5)"),
        ("`$x$` $", "p(`$x$` $)"),
        ("so $$x$$ is", "p(so $$x is)"),
        ("$$\\sum_i x_i$$", "$$\\sum_i x_i$$"),
        ("a\n$$\na &= b \\\\\nc\n$$\nb", "p(a) $$a &= b \\\\\nc$$ p(b)"),
        ("$$", "p($$)"),
        ("$$\nnot\n\nclosed$$", "p($$/not) p(closed$$)"),
        ("$$a$$ and $$b$$", "p($$a and $$b)"),
        ("$x\ny$", "p($x/y$)"),
    ] {
        assert_eq!(shown(&parse(typed)), read, "{typed}");
    }
}

#[test]
fn no_text_is_lost_and_no_link_is_unsafe() {
    for (typed, read) in [
        ("<b>bold</b> & &amp; &lt;", "p(<b>bold</b> & &amp; &lt;)"),
        ("<script>alert(1)</script>\nafter", "p(<script>alert(1)</script>/after)"),
        ("<div>\n**raw**\n</div>", "p(<div>/**raw**/</div>)"),
        (
            "[x](javascript:alert(1)) [y](data:text/html,x) [z](//example.org) [w]()",
            "p([x](javascript:alert(1)) [y](data:text/html,x) [z](//example.org) [w]())",
        ),
        ("![a picture](https://example.org/p.png)", "p(<https://example.org/p.png a picture>)"),
        (
            "![](https://example.org/p.png)",
            "p(<https://example.org/p.png https://example.org/p.png>)",
        ),
        (
            "[note]: https://example.org\nand more",
            "p([note]: <https://example.org https://example.org>/and more)",
        ),
        ("[a]: b\n[c]: d", "p([a]: b/[c]: d)"),
        ("| a |\n|---|\n| 1 | 2 |", "t1(a) p(| 1 | 2 |)"),
        ("1) Jul<y\n\\*not a list", "l(1) p(Jul<y)) p(*not a list)"),
        (
            "[JAVASCRIPT&colon;alert(1)](&#106;avascript:alert(1))",
            "p([JAVASCRIPT&colon;alert(1)](&#106;avascript:alert(1)))",
        ),
    ] {
        assert_eq!(shown(&parse(typed)), read, "{typed}");
    }
}

#[test]
fn oversized_markup_stays_as_typed() {
    let wide = format!("{}\n{}\n{}", "a|".repeat(1_600), "-|".repeat(1_600), "x|\n".repeat(1_000));
    for bomb in [
        ">".repeat(5_000) + "x",
        "- ".repeat(3_000) + "x",
        "[".repeat(10_000),
        "*a ".repeat(3_000),
        "`".repeat(9_999),
        wide,
        "![".repeat(3_000),
        "|x".repeat(3_000),
        "<".repeat(9_000),
        "&amp;".repeat(2_000),
    ] {
        let read = parse(&bomb);
        assert!(depth(&read) <= MAX_DEPTH + 1, "{:.20}", bomb);
    }
    for (rows, is_table) in [(198, true), (200, false)] {
        let read = parse(&format!("|a|b|\n|-|-|\n{}", "|x|\n".repeat(rows)));
        assert_eq!(
            read.iter().any(|block| matches!(block, Block::Table { .. })),
            is_table,
            "{rows} rows"
        );
    }
}

fn depth(blocks: &[Block]) -> usize {
    let inside = |block: &Block| match block {
        Block::Quote(inside) => depth(inside),
        Block::List { items, .. } => {
            items.iter().map(|item| depth(&item.inside)).max().unwrap_or(0)
        }
        _ => 0,
    };
    1 + blocks.iter().map(inside).max().unwrap_or(0)
}

#[test]
fn plain_text_has_no_delimiters() {
    for (typed, shown) in [
        (
            "**Bold** and `code`, see [the notes](https://example.org)",
            "Bold and code, see the notes",
        ),
        ("# Plan\n- one\n- two", "Plan • one • two"),
        ("a * b * c, snake_case_name, 2 > 1", "a * b * c, snake_case_name, 2 > 1"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("so $x^2$ and $$ y $$ it is", "so x^2 and y it is"),
        ("see:\n```rust\nfn main() { }\n```", "see: fn main() { }"),
        ("", ""),
    ] {
        assert_eq!(plain(typed), shown);
    }
    for (cut_off, shown) in [
        ("then $$ \\int_0^1 f", "then \\int_0^1 f"),
        ("then $\\int_0^1 f", "then \\int_0^1 f"),
        ("a **very long", "a very long"),
        ("it costs $5 and", "it costs $5 and"),
    ] {
        assert_eq!(plain_beginning(cut_off), shown);
    }
}

/// Whatever is thrown together is read, and every letter of it is shown, or is part of an address
/// or of a language's name.
#[test]
fn random_markup_loses_no_letter() {
    #[rustfmt::skip]
    const PIECES: [&str; 42] = [
        "*", "**", "_", "__", "~~", "~", "`", "``", "```", "[", "]", "(", ")", "![", "](", "<", ">",
        "> ", "# ", "- ", "1. ", "12) ", "|", "|-|", "---", "\n", "\n\n", "  ", "\t", "\\",
        "https://a.b/c", "mailto:d", "字", "👩‍👧", "é", "ø", "¯", "word", " ", "&amp;", "$", "$$\n",
    ];
    let mut dice: u64 = 7;
    let mut throw = |below: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((dice >> 33) % below).unwrap()
    };
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    for _ in 0..20_000 {
        let typed: String = (0..throw(30)).map(|_| PIECES[throw(42)]).collect();
        let mut shown = String::new();
        all(&parse(&typed), &mut shown);
        let (mut before, mut after): (Vec<char>, Vec<char>) =
            (letters(&typed).chars().collect(), letters(&shown).chars().collect());
        before.sort_unstable();
        after.sort_unstable();
        assert_eq!(before, after, "{typed:?} is shown as {shown:?}");
    }
}

fn all(blocks: &[Block], into: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(inside) | Block::Heading(inside) => all_words(inside, into),
            Block::Quote(inside) => all(inside, into),
            Block::List { items, .. } => items.iter().for_each(|item| all(&item.inside, into)),
            Block::Code { language, text } => {
                [language, text].into_iter().for_each(|text| into.push_str(text))
            }
            Block::Formula(tex) => into.push_str(tex),
            Block::Table { rows, .. } => {
                rows.iter().flatten().for_each(|cell| all_words(cell, into))
            }
            Block::Rule => {}
        }
    }
}

fn all_words(inlines: &[Inline], into: &mut String) {
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Formula { tex: text, .. } => {
                into.push_str(text)
            }
            Inline::Strong(inside) | Inline::Emphasis(inside) | Inline::Strike(inside) => {
                all_words(inside, into)
            }
            Inline::Link { address, inside: within } => {
                if !inline.is_bare_link() {
                    into.push_str(address);
                }
                all_words(within, into);
            }
        }
    }
}

#[test]
fn links_are_listed_in_order_and_not_from_code() {
    for (text, found) in [
        (
            "see https://a.example/x, and (http://b.example).",
            vec!["https://a.example/x", "http://b.example"],
        ),
        (
            "**[words](https://a.example/)** <https://b.example/>",
            vec!["https://a.example/", "https://b.example/"],
        ),
        (
            "> https://q.example/\n- https://l.example/\n# https://h.example/",
            vec!["https://q.example/", "https://l.example/", "https://h.example/"],
        ),
        (
            "| https://a.example/ | x |\n|---|---|\n| y | https://b.example/ |",
            vec!["https://a.example/", "https://b.example/"],
        ),
        ("`https://a.example/` ```https://b.example/```", vec![]),
        ("```\nhttps://a.example/\n```", vec![]),
        ("$x = \\text{https://a.example/}$ [x](javascript:alert) ftp://a.example/", vec![]),
    ] {
        assert_eq!(links(text), found, "{text}");
    }
}

#[test]
fn code_is_open_until_the_fence_closes() {
    for open in ["```", "```js", "a\n~~~\nb", "````\n```", "```js\n```py", "```\n```\n  ```"] {
        assert!(super::ends_in_code(open), "{open}");
    }
    for closed in ["", "`a", "```a```", "```\na\n```"] {
        assert!(!super::ends_in_code(closed), "{closed}");
    }
}
