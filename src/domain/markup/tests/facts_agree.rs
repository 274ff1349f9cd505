//! Tests that links, code, questions and excerpts come from the tree that is displayed.

use super::*;
use crate::domain::{markup::mentions, mention};

/// Nobody may be notified of a mention that the screen does not highlight.
#[test]
fn highlighted_and_notified_mentions_agree() {
    #[rustfmt::skip]
    const PIECES: [&str; 22] = [
        "@ada", "@ada", " ", " ", "\n", "`", "``", "```\n", "~~~\n", "> ", "- ", "**", "_", "[",
        "](", ")", "https://a.b/", "(", "\\", "word", "字", "\n\n",
    ];
    fn named(inlines: &[Inline]) -> bool {
        inlines.iter().any(|inline| match inline {
            Inline::Text(text) => {
                text.match_indices('@').any(|(at, _)| mention::name_at(text, at).is_some())
            }
            Inline::Strong(inside) | Inline::Emphasis(inside) | Inline::Strike(inside) => {
                named(inside)
            }
            _ => false,
        })
    }
    fn any(blocks: &[Block]) -> bool {
        blocks.iter().any(|block| match block {
            Block::Paragraph(inside) | Block::Heading(inside) => named(inside),
            Block::Quote(inside) => any(inside),
            Block::List { items, .. } => items.iter().any(|item| any(&item.inside)),
            Block::Table { rows, .. } => rows.iter().flatten().any(|cell| named(cell)),
            _ => false,
        })
    }
    let mut dice: u64 = 11;
    let mut throw = |below: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((dice >> 33) % below).unwrap()
    };
    let (mut notified, mut highlighted_only, mut hidden) = (0, 0, Vec::new());
    for _ in 0..20_000 {
        let typed: String = (0..throw(14)).map(|_| PIECES[throw(22)]).collect();
        let (notifies, highlights) = (!mentions(&typed).usernames.is_empty(), any(&parse(&typed)));
        notified += usize::from(notifies);
        highlighted_only += usize::from(highlights && !notifies);
        if notifies && !highlights {
            hidden.push(typed);
        }
    }
    let examples: Vec<_> = hidden.iter().take(12).collect();
    assert!(hidden.is_empty(), "{} notify without a highlight: {examples:?}", hidden.len());
    assert!(
        notified > 3_000 && highlighted_only * 50 < notified,
        "{notified} notify, {highlighted_only} are only highlighted"
    );
}

/// Links, code, questions and names, each in many places: one fence, whatever it is made of, holds
/// for all of them.
#[test]
fn links_code_questions_and_mentions_follow_the_parser() {
    #[rustfmt::skip]
    let cases = [
        // text, links, code, question, names
        ("https://a.example/ @ada?", 1, false, true, 1),
        ("```\nhttps://a.example/ @ada?\n```", 0, true, false, 0),
        ("~~~\nhttps://a.example/ @ada?\n~~~", 0, true, false, 0),
        ("~~~~ text\nwhy?\n~~~\n@ada\n~~~~\nhttps://a.example/", 1, true, false, 0),
        ("> ~~~\n> @ada?\n> ~~~\n> @grace?", 0, true, true, 1),
        ("- ```\n  @ada?\n  ```\n- https://a.example/", 1, true, false, 0),
        ("`https://a.example/ @ada?`", 0, true, false, 0),
        ("``why?``", 0, true, false, 0),
        ("`not closed @ada why?", 0, false, true, 1),
        ("it`s @ada`s turn?", 0, false, true, 1),
        ("```\nnot closed @ada?", 0, true, false, 0),
        ("``` ", 0, false, false, 0),
        ("[why @ada?](https://a.example/)", 1, false, true, 0),
        ("[mail](mailto:a@b.example) or c@d.example", 2, false, false, 0),
        ("| @ada | why? |\n|---|---|\n| `x` | https://a.example/ |", 1, true, true, 1),
        ("name\twhy\n@ada\twww.example.org", 1, false, false, 1),
        ("# @ada\n1. why?", 0, false, true, 1),
        ("$x?$", 0, false, false, 0),
        ("**really?** yes", 0, false, false, 0),
        ("**really?**", 0, false, true, 0),
        ("~~~ hello? ~~~", 0, false, true, 0),
        ("http:// https:// x", 0, false, false, 0),
        ("a\n`\n`b", 0, false, false, 0),
        ("` `", 0, false, false, 0),
    ];
    for (text, links, code, question, names) in cases {
        let facts = facts(text);
        let read =
            (facts.links.len(), facts.has_code, facts.is_question, facts.mentions.usernames.len());
        assert_eq!(read, (links, code, question, names), "{text}");
    }
}
