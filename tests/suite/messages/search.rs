//! Search: matching, ranking and access.

use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, new_id},
};

/// The texts of the results, the best first.
async fn found(person: &TestUser, query: &str) -> Vec<String> {
    texts(&person.call_ok("search", json!({ "query": query, "limit": 50 })).await)
}

pub(crate) fn texts(answer: &Value) -> Vec<String> {
    let pieces = |hit: &Value| {
        hit["excerpt"]
            .as_array()
            .unwrap()
            .iter()
            .map(|piece| piece["text"].as_str().unwrap().to_owned())
            .collect()
    };
    answer["hits"].as_array().unwrap().iter().map(pieces).collect()
}

#[tokio::test]
async fn search_finds_words_and_parts_in_every_script_best_first() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let bodies = [
        "Our rate limits are unlimited",
        "The limit is here",
        "Limits, again",
        "Ein Élan in der Straße",
        "搜索引擎很快",
        "カタカナで検索する",
        "한국어 검색",
        "ค้นหาข้อความภาษาไทย",
        "البحث عن أَحْمَد",
        "plan B 🎉",
    ];
    for body in bodies {
        ada.post(&direct, body).await;
    }
    for (query, hits) in [
        ("limit", vec![1, 2, 0]),
        ("LIMIT rate", vec![0]),
        ("\"limit is\"", vec![1]),
        ("\"limit\"", vec![1]),
        ("nlimi", vec![0]),
        ("elan", vec![3]),
        ("élan", vec![3]),
        ("strasse", vec![3]),
        ("索引", vec![4]),
        ("擎", vec![4]),
        ("検索", vec![5]),
        ("색", vec![6]),
        ("ข้อความ", vec![7]),
        ("احمد", vec![8]),
        ("b", vec![9]),
        ("🎉", vec![9]),
        ("pl", vec![9]),
        ("la", vec![]),
        ("limit missing", vec![]),
        ("搜引", vec![]),
    ] {
        let wanted: Vec<_> = hits.into_iter().map(|n: usize| bodies[n]).collect();
        assert_eq!(found(&grace, query).await, wanted, "{query}");
    }
    let answer = grace.call_ok("search", json!({ "query": "limit" })).await;
    assert_eq!(
        answer["hits"][0]["excerpt"][1],
        json!({ "text": "limit", "hit": true }),
        "matches are marked"
    );
}

#[tokio::test]
async fn search_filters_narrow_results() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace, kofi] = users(&server).await;
    let everyone = ada.everyone().await;
    let group = ada.create_group("Physics 2", &[&grace, &kofi]).await;
    let direct = ada.open_direct(&grace).await;
    ada.post(&everyone, "hello all").await;
    ada.post(&group, "hello, see https://example.org").await;
    grace.post(&group, "hello with `code`").await;
    grace.post(&direct, "hello, is that so?\nYes").await;
    let (all, link, code, question) = (
        "hello all",
        "hello, see https://example.org",
        "hello with code",
        "hello, is that so? Yes",
    );
    for (query, wanted) in [
        ("hello", vec![question, code, link, all]),
        ("from:grace hello", vec![question, code]),
        ("from:@Grace", vec![question, code]),
        ("from:me", vec![link, all]),
        ("from:ada from:grace in:physics", vec![code, link]),
        ("in:\"Physics 2\" hello", vec![code, link]),
        ("in:everyone", vec![all]),
        ("in:grace", vec![question]),
        ("in:grace in:everyone hello", vec![question, all]),
        ("has:link", vec![link]),
        ("has:code hello", vec![code]),
        ("has:code has:link", vec![]),
        ("is:question", vec![question]),
        ("hello after:today", vec![question, code, link, all]),
        ("hello after:yesterday before:today", vec![]),
        ("hello before:7d", vec![]),
        ("hello after:2020-01-01 before:2999-12-31", vec![question, code, link, all]),
    ] {
        assert_eq!(found(&ada, query).await, wanted, "{query}");
    }
    assert_eq!(found(&kofi, "hello").await, [code, link, all]);
    for ahead in [-24 * 60, -1, 1, 24 * 60, i32::MAX, i32::MIN] {
        let now = json!({ "query": "hello after:today", "ahead": ahead });
        assert_eq!(
            ada.call_ok("search", now).await["hits"].as_array().unwrap().len(),
            4,
            "the current time is today in every time zone"
        );
    }
    for (query, named) in [
        ("from:nobody", "No person is named"),
        ("in:nowhere", "None of your"),
        ("has:x", "has:"),
        ("!?", "Enter a word"),
        ("", "Enter a word"),
        ("before:today", "Enter a word"),
    ] {
        let answer = ada.call("search", json!({ "query": query })).await;
        assert_eq!(answer.error(), (422, "invalid".into(), "query".into()), "{query}");
        assert!(
            answer.json()["message"].as_str().unwrap().starts_with(named),
            "{query}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn search_reveals_nothing_unreadable() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace, kofi, mei] = users(&server).await;
    let everyone = ada.everyone().await;
    let group = ada.create_group("Secret garden", &[&grace, &kofi]).await;
    ada.post(&group, "the magnolia blooms").await;
    // More newer messages than are scanned at once, all from conversations that others may read.
    for n in 0..60 {
        ada.post(&group, &format!("magnolia {n}")).await;
    }
    mei.post(&everyone, "what is a magnolia").await;
    assert_eq!(found(&kofi, "blooms").await, ["the magnolia blooms"]);
    ada.remove_member(&group, &kofi).await.ok();
    let of_nothing = |person: TestUser, query: &'static str| async move {
        person.call("search", json!({ "query": query })).await
    };
    for outsider in [&mei, &kofi] {
        assert_eq!(found(outsider, "magnolia").await, ["what is a magnolia"]);
        assert_eq!(found(outsider, "blooms").await, Vec::<String>::new());
        assert_eq!(found(outsider, "from:ada").await, Vec::<String>::new());
        let (foreign, missing) = (
            of_nothing(outsider.clone(), "in:secret blooms").await,
            of_nothing(outsider.clone(), "in:sacred blooms").await,
        );
        assert_eq!(
            (foreign.status, foreign.text.replace("secret", "")),
            (missing.status, missing.text.replace("sacred", ""))
        );
        let (foreign, missing) = (
            of_nothing(outsider.clone(), "blooms").await,
            of_nothing(outsider.clone(), "blossoms").await,
        );
        assert_eq!((foreign.status, foreign.text), (missing.status, missing.text), "to the byte");
    }
    assert_eq!(found(&grace, "in:secret blooms").await, ["the magnolia blooms"]);
    ada.add_members(&group, &[&kofi]).await.ok();
    assert_eq!(
        found(&kofi, "blooms").await,
        ["the magnolia blooms"],
        "new members can search earlier messages"
    );
    // A cursor from another user's results grants no access.
    let page = ada.call_ok("search", json!({ "query": "magnolia in:secret", "limit": 1 })).await;
    assert!(page["before"].as_str().unwrap().contains('~'));
    let answer = mei.call("search", json!({ "query": "magnolia", "before": page["before"] })).await;
    assert_eq!(answer.error(), (422, "invalid".into(), "before".into()));
}

#[tokio::test]
async fn search_queries_are_literal() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada] = users(&server).await;
    let everyone = ada.everyone().await;
    ada.post(&everyone, "plain words").await;
    ada.post(&everyone, "odd'--words \" NEAR(a b, 5) * AND OR NOT ^ {x} : + %_ zqlink").await;
    let hostile = [
        "'",
        "\"",
        "\"\"\"",
        "'; drop table changes; --",
        "NEAR(",
        "NEAR(a, b)",
        "*",
        "a*",
        "pla*",
        "%",
        "_",
        "^plain",
        "plain AND",
        "OR",
        "NOT words",
        "(",
        ")",
        "-",
        "pieces:plain",
        "search:x",
        "{pieces}:x",
        "\0",
        "pla\0in",
        "\u{feff}",
        "\u{202e}",
        "🎉",
        "zqlink",
        "zqf00000000000000000000000000000000",
        "\\",
        "a\nb",
        "from:'",
        "from:%",
        "in:*",
        "in:\"",
        "before:'",
        "has:\"link",
        "\u{301}",
        "ﷺ",
        "İ",
        "+",
        "{",
        "}",
        "plain + words",
        "rowid:1",
        "${x}",
        "{{7*7}}",
    ];
    let long = [
        "x ".repeat(10_000),
        "x".repeat(10_000),
        "\"a\" ".repeat(30),
        "ab*".repeat(300),
        "字".repeat(999),
        "from:a ".repeat(140),
        "aa ".repeat(333),
        "a-b-".repeat(240),
    ];
    for query in hostile.into_iter().map(str::to_owned).chain(long) {
        let answer = ada.call("search", json!({ "query": query })).await;
        assert!(
            [200, 422].contains(&answer.status),
            "{query:.60}: {} {}",
            answer.status,
            answer.text
        );
    }
    assert_eq!(found(&ada, "plain AND").await, Vec::<String>::new(), "AND is a word");
    assert_eq!(found(&ada, "odd AND words").await.len(), 1);
    assert_eq!(found(&ada, "NOT").await.len(), 1);
    assert_eq!(found(&ada, "pla*").await, ["plain words"], "an asterisk is not part of a word");
    assert_eq!(found(&ada, "has:link").await, Vec::<String>::new(), "markers cannot be typed");
    assert_eq!(ada.message_bodies(&everyone).await.len(), 2);
    assert_eq!(
        ada.call("search", json!({ "query": "zqlink", "ahead": i32::MAX })).await.status,
        200
    );
}

#[tokio::test]
async fn a_message_is_found_at_once_and_after_a_restart() {
    let server = TestServer::new();
    let [mut ada] = users(&server).await;
    let everyone = ada.everyone().await;
    for n in 0..20 {
        let id = new_id();
        for _again in 0..2 {
            ada.post_with_id(&id, &everyone, &format!("brandnew{n}")).await.ok();
        }
        assert_eq!(found(&ada, &format!("brandnew{n}")).await, [format!("brandnew{n}")]);
    }
    let server = server.restart();
    ada.switch_to(&server);
    assert_eq!(found(&ada, "brandnew").await.len(), 20);
}

#[tokio::test]
async fn version_numbers_and_symbols_are_found_and_excerpts_have_no_markup() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let bodies = [
        "Release v1.2.3-rc.1 is out",
        "# **C++** for `beginners`",
        "C# or F#",
        "+1 from me",
        "10 or 1 of us",
        "50% off, was $20",
        "> quoted\n\n[a page](https://example.org/some_page)",
        "~~~\nis it code?\n~~~",
        "mail ada@example.org #urgent",
    ];
    for body in bodies {
        ada.post(&direct, body).await;
    }
    let shown = [
        bodies[0],
        "C++ for beginners",
        bodies[2],
        bodies[3],
        bodies[4],
        bodies[5],
        "quoted a page",
        "is it code?",
        bodies[8],
    ];
    for (query, hits) in [
        ("1.2.3", vec![0]),
        ("v1.2", vec![0]),
        ("1.2.4", vec![]),
        ("rc.1", vec![0]),
        ("C++", vec![1]),
        ("c#", vec![2]),
        ("C", vec![2, 1]),
        ("F#", vec![2]),
        ("+1", vec![3]),
        ("1", vec![4, 3, 0]),
        ("50%", vec![5]),
        ("$20", vec![5]),
        ("$50", vec![]),
        ("#urgent", vec![8]),
        ("@ada", vec![]),
        ("ada@example.org", vec![8]),
        ("beginners", vec![1]),
        ("\"a page\"", vec![6]),
        ("has:code", vec![7, 1]),
        ("is:question", vec![]),
        ("has:link", vec![8, 6]),
    ] {
        let wanted: Vec<_> = hits.into_iter().map(|n: usize| shown[n]).collect();
        let mut texts = found(&grace, query).await;
        texts.sort_unstable();
        let mut sorted = wanted.clone();
        sorted.sort_unstable();
        assert_eq!(texts, sorted, "{query}");
    }
    assert_eq!(
        found(&grace, "some_page").await,
        ["> quoted [a page](https://example.org/some_page)"],
        "matches in addresses are shown"
    );
    let summary = grace.find_summary(&direct).await.unwrap();
    assert_eq!(summary["last"]["excerpt"], bodies[8]);
}
