//! What people paste that is not markup: it is shown as it was typed, letter for letter.

use super::*;

/// Each of these is one paragraph of nothing but text.
#[rustfmt::skip]
const LITERAL: &[&str] = &[
    // Paths and expressions keep their backslashes.
    r"C:\Users\ada\.config", r"\\SERVER\_PATH", r"\\server\share\(old)\file.txt", r"\d+\.\d+",
    r"^\s*\*\s+(\w+)$", r"\d*\*$", r"a\_b", r"\begin{align} x \\ y \end{align}",
    r"\( x \) and \[ y \]", r"find . -name \*.rs", r"echo \$HOME", r"s/\//\\\//g", r"¯\_(ツ)_/¯",
    r"\o/ \m/", r"C:\new\table", r"line\", r"\u00e9\n\t", r"D:\_build\~tmp", r"a \* b", r"\@ada",
    r"x\|y", r"1 \< 2", r"\#include", r"it\'s",
    // Arithmetic and code.
    "a**2 + b**2", "2**8 and 2**16", "2 ** 8 ** 2", "x*y*z", "2*3*4 = 24", "(a+b)*(c+d)*(e+f)",
    "f(*args, **kwargs)", "def f(*a): return g(*a)", "print(*a); print(*b)", "char *s, *t;",
    "int* a; int* b;", "*p = *q;", "**argv, **envp", "/* a */ x /* b */",
    "try SELECT *, count(*) FROM t", "and SELECT a.*, b.*", "*.rs and *.toml", "*.rs,*.toml",
    "rm *.o *.a", "src/**/*.rs tests/**/*.rs", "**/*.js and **/*.ts", "a && b || c", "x = y == z",
    "i++; --j; a-=1", "std::vec<T>", "#include <stdio.h>",
    "foo_bar_baz and _private and __init__.py", "__name__ == '__main__'", "snake_case_ and _x",
    "MAX_VALUE_2", "a_1 + a_2", "C* algebras and C*-algebras", "p* and q*", "5 * 4 * 3",
    "if (a < b && c > d)", "x => x * 2", "~/bin:~/lib", "a ~ b ~~ c", "array[i](x)", "[1](2)",
    "fn<T>(x: &T) -> T", "#!/bin/sh", "!important", "@media (x) { }", "100% of 5%",
    "regex: [^\\]]+",
    // Shells, prices, patterns.
    "PATH=$HOME/bin:$PATH", "it was $4; now 5$", "$5 and $6", "5$ or 6$", "US$5-$10", "$10-$20",
    "$10 - 20$", "between $5 and 10$", "echo $A $B", "$A-$B and $C/$D", "${A}/${B}",
    "cp $src/$s $dst", "$(pwd)/$(date)", "awk '{print $1}' | awk '{print $2}'",
    "where a = $1 and b = $2", "^a$|^b$", "s/x$/y/; s/z$/w/", "^\\s+$ or ^$",
    "$AAPL/$MSFT and $TSLA", "($AAPL)($MSFT)", "A$AP and A$AP", "$$ or $$$", "cheap $, dear $$$",
    "kill $$; echo $$", "$_ and $@ and $#", "$x = $y;", "$foo->bar($baz)", "from $$ to $$ a head",
    "100$US or 90$CA",
    // Faces, ornament, censored words.
    ">_<", ">_< >_<", ">.<", ">:(", ">=3", ">>> 1 + 1", ">> x = 3", ">>file", ">5 people",
    "^_^ or -_-", "-_- hmm -_-", "^_^;; ^_^", "*_*", "*-*", "*.*", "._.", "T_T o_O 0_0", "(>_<)",
    "m(_ _)m", "(*_*) (*_*)", "o(*^_^*)o", "(*´∀`*)", "(*´ω`*)", "(*ﾟ∀ﾟ*)", "_(:3」∠)_",
    "*:･ﾟ✧*:･ﾟ✧", "$_$ $_$", "¬_¬ @_@ ;_;", ">", "f**k this s**t", "f*** and s***",
    "**** out of *****", "5* hotel, 4* hotel", "footnote* and another*", "a**b**c", "p*ssw*rd",
    "***", "---", "___", "~~~", "nice~~~ ok~~~", "~~~ hello ~~~", "hi~ there~", "_____",
    "name: ____ date: ____", "<3 </3", "<- ->", "=> <=", "...", "+1", "+1 -1", "#1", "#", "# ", "-",
    "- ", "*", "1.", "1. ", "[ ]", "[x] done", "()", "![]", "[]()", ":-)", "`", "``", "```",
    "```rust", "it`s John`s", "``quoted'' and ``quoted''", "`a' and `b'",
    // Lists and quotes of other kinds.
    "+ Ada is coming", "a) one", "• one", "– one", "1986", "12.5 and 13.5", "-5 degrees",
    "--flag -x", "-rw-r--r-- 1 ada", "1.2.3", "12/03/2026", "3.April", "1)x",
    // Logs and mail.
    "2026-11-29 06:24:42 [INFO] a_b: c*d*e done_ok", "[2026] <error> `x", "From: \"Ada\" (home)",
    "[+] ok [-] failed [*] info [!] warning", "-- \nAda", "a|b|c", "| not | a table",
    "key=value; other=value", "drwxr-xr-x@ 3",
    // Other scripts.
    "中文*中文*中文", "价格*数量*折扣", "5×3＝15 ＊星＊", "日本_語_です", "שלום_עולם_", "سلام*دنیا*", "ทดสอบ_ทดสอบ_",
    "हिन्दी*है*",
];

#[test]
fn text_that_is_not_markup_stays_as_typed() {
    let mut wrong = Vec::new();
    for typed in LITERAL {
        let read = parse(typed);
        let text = match &read[..] {
            [Block::Paragraph(inside)] => match &inside[..] {
                [Inline::Text(text)] => text.trim() == typed.trim(),
                _ => false,
            },
            _ => false,
        };
        if !text {
            wrong.push(format!("{typed:?}: {}", shown(&read)));
        }
    }
    assert!(wrong.is_empty(), "{} are shown otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn lines_that_are_not_markup_stay_lines() {
    for typed in [
        "+ Ada is coming\n- Kofi is not",
        "- Kofi is not\n+ Ada is coming",
        "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n context\n- old\n- older\n+ new\n+ newer",
        "pro:\n+ cheap\n+ fast\ncontra:\n- loud",
        "+ one\n+ two",
        ">>> 1 + 1\n2\n>>> print('a')\na",
        ">> x = 3\n>> y = 4",
        "# apt update\n# apt install foo",
        "$ ls\n$ cd ..",
        "Termine:\n12. März\n3. April",
        "password:\n***\nname:\n____",
        "two\nlines",
        "\tif x:\n\t\treturn y\n\telse:\n\t\treturn z",
        "a\tb",
        "one\ttwo\nthree",
    ] {
        let lines = shown(&parse(typed));
        assert_eq!(lines, format!("p({})", typed.replace('\n', "/")), "{typed}");
    }
}

#[test]
fn lists_keep_the_typed_markers() {
    for (typed, read) in [
        ("12. März\n3. April\n24. Mai", "l(12. p(März) | 3. p(April) | 24. p(Mai))"),
        (
            "2026. a year\n007. Bond\n1) x\n2) y",
            "l(2026. p(a year) | 007. p(Bond)) l(1) p(x) | 2) p(y))",
        ),
        ("1. a\n1. b\n1. c", "l(1. p(a) | 1. p(b) | 1. p(c))"),
        ("999999999. x", "l(999999999. p(x))"),
        ("- Kofi is not", "l(- p(Kofi is not))"),
        ("- one\n- two", "l(• p(one) | • p(two))"),
        ("* new\n- gone", "l(* p(new)) l(- p(gone))"),
        ("* a\n* b\n- c\n- d", "l(* p(a) | * p(b)) l(- p(c) | - p(d))"),
        ("* a\n* b\n\n- c\n- d", "l(• p(a) | • p(b)) l(• p(c) | • p(d))"),
        ("1. a\n   - b\n   - c\n2. d", "l(1. p(a) l(• p(b) | • p(c)) | 2. p(d))"),
        ("- [ ] milk\n- [x] tea\n- [X] rice", "l(☐ p(milk) | ☑ p(tea) | ☑ p(rice))"),
        ("1. [ ] first\n2. [x] second", "l(☐ p(first) | ☑ p(second))"),
        ("- [] no\n- [y] no\n- [ ]x", "l(• p([] no) | • p([y] no) | • p([ ]x))"),
        ("- [a](https://a.example/)\n- b", "l(• p(<https://a.example/ a>) | • p(b))"),
    ] {
        assert_eq!(shown(&parse(typed)), read, "{typed}");
    }
}

#[test]
fn intended_markup_is_still_parsed() {
    for (typed, read) in [
        (
            "_https://a.example/_ and (*a*) and $f'$",
            "p(_<https://a.example/ https://a.example/>_ and (_a_) and $f')",
        ),
        ("这是**重点**内容，**「引用」**と", "p(这是**重点**内容，**「引用」**と)"),
        ("un**believ**able", "p(un**believ**able)"),
        (
            "(**a**), \"*b*\" and *c*: *d!* _e_. **.gitignore** *yes,* he",
            "p((**a**), \"_b_\" and _c_: _d!_ _e_. **.gitignore** _yes,_ he)",
        ),
        (r"\*stars\* and \_lines\_ and \`ticks\`", "p(*stars* and _lines_ and `ticks`)"),
        (r"\# not a heading", "p(# not a heading)"),
        (r"\- not a list", "p(- not a list)"),
        (r"1\. not a list", "p(1. not a list)"),
        (r"\> not a quote", "p(> not a quote)"),
        (r"\[x](https://a.example/)", "p([x](<https://a.example/ https://a.example/>))"),
        (r"\$5 or \$x$", "p($5 or $x$)"),
        ("> one\n>\n> two\n>> three\n>\n", "q(p(one) p(two) q(p(three)))"),
        (">> earlier\n> later\nmine", "q(q(p(earlier)) p(later)) p(mine)"),
        (
            "设$x$为 and $x < 5$, ($y$) $2x + 1 = 3$ $3$ $k$-th $a$s",
            "p(设$x为 and $x < 5, ($y) $2x + 1 = 3 $3 $k-th $as)",
        ),
        (
            "$\\int f(x) dx$ and $a, b$ and $|x|$ and $1{,}000$",
            "p($\\int f(x) dx and $a, b and $|x| and $1{,}000)",
        ),
        (
            "| a | b |\n|---|---|\n| `x || y` | z |\n| p \\| q | ``c`|`` |",
            "t2(a | b / `x || y` | z / p | q | `c`|`)",
        ),
        ("Name\tPoints\nAda\t12\nKofi\t7,5", "t2(Name | Points / Ada | 12 / Kofi | 7,5)"),
        ("\tQ1\tQ2\nNorth\t1\t2\nSouth\t3", "t3( | Q1 | Q2 / North | 1 | 2 / South | 3 | )"),
        ("Here:\n1\ta\n2\tb\nend", "p(Here:) t2(1 | a / 2 | b) p(end)"),
        ("```SELECT 1\nFROM x``` done", "c(SELECT 1\nFROM x) p(done)"),
        ("```\ncode\n``` thanks", "c(code) p(thanks)"),
        ("```js\nfoo()```\nafter", "cjs(foo()) p(after)"),
        ("```SELECT 1\nFROM x```", "c(SELECT 1\nFROM x)"),
    ] {
        assert_eq!(shown(&parse(typed)), read, "{typed}");
    }
}

#[test]
fn number_columns_are_aligned_to_the_end() {
    let table = |text: &str| match &parse(text)[..] {
        [Block::Table { align, headed, .. }] => (
            align.iter().map(|align| *align == super::super::Align::End).collect::<Vec<_>>(),
            *headed,
        ),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        table("Name\tPoints\tNote\nAda\t12\tgood\nKofi\t-7.5 %\t"),
        (vec![false, true, false], true)
    );
    assert_eq!(table("1\t2\n3\t4"), (vec![true, true], false));
}
