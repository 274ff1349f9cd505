//! Examples of rendered formulas, and hostile input.

use super::math;
use crate::domain::rendering::{MATHML_ATTRIBUTES, MATHML_ELEMENTS, Span};

fn shown(spans: &[Span]) -> String {
    let one = |span: &Span| format!("{}({}{})", span.kind, span.text, shown(&span.children));
    spans.iter().map(one).collect()
}

fn of(tex: &str) -> String {
    math::render(tex, false).map(|spans| shown(&spans)).unwrap_or_default()
}

#[test]
fn formulas_become_mathml_elements() {
    for (tex, has) in [
        ("x^2", "msup(mi(x)mn(2))"),
        ("\\frac{1}{2}", "mfrac(mrow(mn(1))mrow(mn(2)))"),
        ("\\sqrt{x}", "msqrt("),
        ("\\sum_{i=1}^n i", "∑"),
        ("a < b", "mi(a)mo(<)mi(b)"),
        ("\\{x > 0\\}", "mo(>)"),
        ("5 \\& 6", "(&)"),
        ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "mtable("),
        ("\\text{if } x", "mtext("),
        ("\\left( \\frac a b \\right)", "mo(("),
        ("\\alpha \\to \\infty", "∞"),
        ("\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}", "mtr("),
        ("\\hat{x} \\vec{v} \\overline{AB}", "mover("),
        ("\\mathbb{R}", "ℝ"),
        ("\\int_0^1 f(x)\\,dx", "mspace("),
    ] {
        let found = of(tex);
        assert!(found.contains(has) && found.starts_with("math("), "{tex}: {found}");
    }
}

#[test]
fn invalid_formulas_are_not_rendered() {
    for tex in [
        "",
        " ",
        "\\nonsense",
        "{",
        "}",
        "\\frac{1}",
        "\\left(",
        "x^",
        "x__y",
        "\\begin{a}",
        "\\def\\a{\\a\\a}\\a",
        "\\newcommand{\\a}{\\a}\\a",
        "\\let\\a\\b",
        "\\href{https://example.org}{x}",
        "\\includegraphics{x}",
        "\\html{<b>}",
        "<script>alert(1)</script>\\",
        &"x".repeat(2_001),
        &"{".repeat(900),
        &("{".repeat(40) + "x" + &"}".repeat(40)),
        &"\\sqrt".repeat(399),
    ] {
        assert_eq!(of(tex), "", "{tex}");
    }
}

#[test]
fn hostile_formulas_produce_allowed_elements_only() {
    fn check(spans: &[Span]) {
        for span in spans {
            assert!(MATHML_ELEMENTS.contains(&span.kind.as_str()), "{}", span.kind);
            assert!(
                span.attributes
                    .iter()
                    .all(|(attribute, value)| MATHML_ATTRIBUTES.contains(&attribute.as_str())
                        && !value.contains(['<', ':', '(', '"'])),
                "{:?}",
                span.attributes
            );
            assert!(span.text.is_empty() || span.children.is_empty());
            check(&span.children);
        }
    }
    for tex in [
        "\\text{<script>alert(1)</script>}",
        "<img src=x onerror=alert(1)>",
        "\\text{&lt;b&gt;}",
        "\\color{red}x",
        "\\textcolor{#ff0000}{x}",
        "\\text{\" onload=\"alert(1)}",
        "a\u{202e}b",
        "\\colorbox{url(https://example.org)}{x}",
        "\\operatorname{<svg>}",
        "&amp;",
        "\\text{</math><b>}",
    ] {
        for display in [false, true] {
            check(&math::render(tex, display).unwrap_or_default());
        }
    }
}

#[test]
fn no_formula_crashes_the_renderer() {
    let spans = [
        "{",
        "}",
        "x^",
        "x_",
        "^{",
        "_{",
        "\\sqrt",
        "\\sqrt{",
        "\\frac",
        "\\frac{",
        "\\left(",
        "\\right)",
        "\\left(\\frac{",
        "\\begin{matrix}",
        "\\begin{pmatrix}&",
        "\\\\",
        "&",
        "\\hat",
        "\\overline{",
        "\\text{",
        "$",
        "%",
        "#",
        "~",
        "'",
        "\\mathbb",
        "\\not",
        "\\limits",
        "\\over",
        "[",
        "\\sqrt[",
        "\\color{",
        "\\hline",
        "\\kern1em",
        "字",
        "\0",
        "\\ ",
        "\\begin{array}{",
        "\\substack{",
        "\\genfrac",
        "\\rule",
        "\\phantom{",
        "\\middle|",
    ];
    let work = move || {
        for first in spans {
            for second in ["", "x", "{", "}", "1", "\\sqrt"] {
                let part = format!("{first}{second}");
                for times in [1, 2, 20, 2_000 / part.len()] {
                    for end in ["", "x", "}"] {
                        let _ = math::render(&(part.repeat(times) + end), true);
                    }
                }
            }
        }
    };
    // The stack size of the worker thread.
    std::thread::Builder::new()
        .stack_size(super::worker::STACK_SIZE)
        .spawn(work)
        .unwrap()
        .join()
        .unwrap();
}

#[test]
fn only_allowed_mathml_is_parsed() {
    let good = math::mathml::read(
        "<math display=\"inline\" \
         xmlns=\"x\"><mi>x</mi><mo>&lt;</mo><mspace \
         width=\"1em\"/></math>",
    )
    .unwrap();
    assert_eq!(shown(&good), "math(mi(x)mo(<)mspace())");
    assert_eq!(good[0].attributes, [("display".to_owned(), "inline".to_owned())]);
    for bad in [
        "",
        "x",
        "<math>",
        "</math>",
        "<math></mi>",
        "<script>x</script>",
        "<math><b>x</b></math>",
        "<math href=\"javascript:x\"",
        "<math onclick>x</math>",
        "<math>&bad;</math>",
        "<math/>x",
        "<mtext><svg/></mtext>",
    ] {
        assert!(math::mathml::read(bad).is_none(), "{bad}");
    }
}
