//! Addresses as people type and paste them.

use super::*;

#[test]
fn urls_end_before_the_following_text() {
    let cases = [
        // Scripts without spaces go on right after an address.
        ("请看https://example.org/docs谢谢", vec!["https://example.org/docs"]),
        ("https://example.orgを見てください", vec!["https://example.org"]),
        ("https://example.org/を見て", vec!["https://example.org/"]),
        (
            "https://example.org/a/b.html，然后（https://example.org/c）。",
            vec!["https://example.org/a/b.html", "https://example.org/c"],
        ),
        ("https://example.org/?id=5请看", vec!["https://example.org/?id=5"]),
        ("「https://example.org/x」と", vec!["https://example.org/x"]),
        ("https://example.org에서", vec!["https://example.org"]),
        ("https://example.org/aดูนะ", vec!["https://example.org/a"]),
        ("https://zh.wikipedia.org/wiki/中国，很大", vec!["https://zh.wikipedia.org/wiki/中国"]),
        ("https://example.org/?q=東京", vec!["https://example.org/?q=東京"]),
        (
            "https://例え.jp/x と https://日本語.テスト。",
            vec!["https://例え.jp/x", "https://日本語.テスト"],
        ),
        (
            "https://münchen.example/straße http://пример.рф/путь",
            vec!["https://münchen.example/straße", "http://пример.рф/путь"],
        ),
        (
            "https://example.org/🎉 https://example.org/x🎉",
            vec!["https://example.org/", "https://example.org/x"],
        ),
        // Hosts.
        ("http://build_server:8080/", vec!["http://build_server:8080/"]),
        (
            "http://[::1]/ http://[2001:db8::1]:8080/x",
            vec!["http://[::1]/", "http://[2001:db8::1]:8080/x"],
        ),
        (
            "http://localhost:3000 and http://10.0.0.1:80/a",
            vec!["http://localhost:3000", "http://10.0.0.1:80/a"],
        ),
        ("http://_dmarc.example.org", vec!["http://_dmarc.example.org"]),
        (
            "www.example.org, (www.example.org/x) WWW.Example.org",
            vec!["https://www.example.org", "https://www.example.org/x", "https://WWW.Example.org"],
        ),
        ("看www.example.org吧", vec!["https://www.example.org"]),
        // What ends a sentence, and what does not.
        (
            "https://example.org/foo_ https://example.org/foo_.",
            vec!["https://example.org/foo_", "https://example.org/foo_"],
        ),
        (
            "https://en.wikipedia.org/wiki/Foo_(bar) (see https://example.org/a_(b))",
            vec!["https://en.wikipedia.org/wiki/Foo_(bar)", "https://example.org/a_(b)"],
        ),
        (
            "(https://example.org/a),(https://example.org/b)",
            vec!["https://example.org/a", "https://example.org/b"],
        ),
        ("'https://a.example','https://b.example'", vec!["https://a.example", "https://b.example"]),
        ("{\"url\":\"https://a.example/x\",\"b\":1}", vec!["https://a.example/x"]),
        ("<a href='https://a.example/x'>", vec!["https://a.example/x"]),
        (
            "https://example.org/a?b=c&d=e#f. https://example.org/!!! https://example.org/x?",
            vec![
                "https://example.org/a?b=c&d=e#f",
                "https://example.org/",
                "https://example.org/x",
            ],
        ),
        (
            "https://example.org/a…and “https://example.org/b”",
            vec!["https://example.org/a", "https://example.org/b"],
        ),
        ("https://example.org/~ada/*", vec!["https://example.org/~ada/*"]),
        (
            "**https://example.org/a** _https://example.org/b_ ~~https://example.org/c_~~ \
             *see https://example.org/d*,",
            vec![
                "https://example.org/a",
                "https://example.org/b",
                "https://example.org/c_",
                "https://example.org/d",
            ],
        ),
        (
            "https://example.org:8443/x:y https://user@example.org/",
            vec!["https://example.org:8443/x:y", "https://user@example.org/"],
        ),
        (
            "https://web.archive.org/web/2020/https://example.org/",
            vec!["https://web.archive.org/web/2020/https://example.org/"],
        ),
        // In brackets.
        (
            "[x](https://a.example/ \"a title\") [y](https://b.example/ 'b') \
             [z](<https://c.example/>) [w]( https://d.example/ (d) )",
            vec![
                "https://a.example/",
                "https://b.example/",
                "https://c.example/",
                "https://d.example/",
            ],
        ),
        (
            "[x](www.example.org) [y](ada@example.org) [z](https://a.example/(b))",
            vec!["https://www.example.org", "mailto:ada@example.org", "https://a.example/(b)"],
        ),
        ("see [https://a.example/ later](soon)", vec!["https://a.example/"]),
        // E-mail.
        (
            "ada@example.org, Ada <ada.l+x@mail.example.org>; mailto:a@b.example",
            vec!["mailto:ada@example.org", "mailto:ada.l+x@mail.example.org", "mailto:a@b.example"],
        ),
        ("写信给ada@example.org吧", vec!["mailto:ada@example.org"]),
        (
            "first_last@ex-ample.co.uk. _x@y.example_",
            vec!["mailto:first_last@ex-ample.co.uk", "mailto:x@y.example"],
        ),
    ];
    for (text, found) in cases {
        assert_eq!(links(text), found, "{text}");
    }
}

#[test]
fn lookalikes_of_urls_are_text() {
    for text in [
        "http://",
        "https:// x",
        "http",
        "http://,",
        "https://.",
        "http://{host}/x",
        "http://$HOST/",
        "http://:80/",
        "https://…",
        "www.",
        "www. example",
        "www..org",
        "awww.example.org",
        "xhttps://example.org",
        "C:\\www.x.org",
        "git@github.example:org/repo.git",
        "ssh://git@host.example/x",
        "postgres://me:secret@db.example/x",
        "@me@social.example",
        "left-pad@1.2.3",
        "a@b",
        "@ada",
        "ada@",
        "@",
        "x @ y.example",
        "ada@grace",
        "ada@.example",
        "ftp://example.org/x",
        "javascript:alert(1)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "[x](//example.org)",
        "[x](vbscript:a@b.example)",
        "[x](javascript:a@b.example)",
        "file:///etc/hosts",
        "<javascript:alert(1)>",
    ] {
        assert_eq!(links(text), Vec::<String>::new(), "{text}");
    }
}
