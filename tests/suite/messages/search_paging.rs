//! Pages of search results: nothing twice, nothing left out, also over very many conversations.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    harness::server::{TestServer, users},
    messages::search::texts,
};

#[tokio::test]
async fn paging_reaches_the_end_and_shows_each_message_once() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let everyone = ada.everyone().await;
    for n in 0..900 {
        ada.post(
            if n % 3 == 0 { &everyone } else { &direct },
            &format!("needle{} {n}", if n % 2 == 0 { "" } else { "s" }),
        )
        .await;
    }
    for limit in [7, 50, 1_000_000_000] {
        let (mut seen, mut before, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let answer = grace
                .call_ok("search", json!({ "query": "needle", "limit": limit, "before": before }))
                .await;
            let page = texts(&answer);
            assert!(page.len() <= 50);
            seen.extend(page);
            if seen.len() < 100 {
                ada.post(&direct, "needle, and another").await;
            }
            before = answer["before"].clone();
            pages += 1;
            if before.is_null() {
                break;
            }
        }
        let distinct: BTreeSet<_> = seen.iter().filter(|text| !text.contains("another")).collect();
        let counted = seen.iter().filter(|text| !text.contains("another")).count();
        assert_eq!((distinct.len(), counted), (900, 900), "{pages} pages of {limit}");
        assert_eq!(
            seen[0].replace("needle, and another", "needle 898"),
            "needle 898",
            "whole words first, newest first"
        );
    }
    for forged in [
        "",
        "~",
        "~~",
        "~~-1",
        "-1~-1~-1",
        "0",
        "x.1~x.2~3",
        "~00000000000000000000000000000000.1~0",
        "~~99999999999999999999",
        "a~b~c~d",
        "🎉",
    ] {
        let answer = grace.call("search", json!({ "query": "needle", "before": forged })).await;
        assert!(
            answer.status == 422 || (answer.status == 200 && forged == "~~0"),
            "{forged}: {}",
            answer.text
        );
    }
    for limit in [json!(0), json!(-1), json!(1.5), json!("x")] {
        let answer = grace.call("search", json!({ "query": "needle", "limit": limit })).await;
        assert!(
            [200, 400].contains(&answer.status) && answer.text.len() < 20_000,
            "{limit}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn search_covers_very_many_conversations() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace, kofi] = users(&server).await;
    let everyone = ada.everyone().await;
    // Ada is in more conversations than one query can name, Kofi in a few small ones with hardly
    // any of the messages.
    for (person, groups, each) in [(&ada, 270, 1), (&kofi, 12, 2), (&grace, 2, 300)] {
        for group in 0..groups {
            let group = person.create_group(&format!("{} {group}", person.name), &[]).await;
            for n in 0..each {
                person.post(&group, &format!("needle {n} of {}", person.name)).await;
            }
        }
    }
    kofi.post(&everyone, "needle for all").await;
    for (person, count) in [(&ada, 271), (&kofi, 25), (&grace, 601)] {
        for query in ["needle", "eedl", "needle after:7d"] {
            let (mut seen, mut before) = (Vec::new(), Value::Null);
            loop {
                let answer = person
                    .call_ok("search", json!({ "query": query, "limit": 50, "before": before }))
                    .await;
                seen.extend(
                    answer["hits"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|hit| format!("{} {}", hit["conversation"], hit["seq"])),
                );
                assert!(
                    texts(&answer)
                        .iter()
                        .all(|text| text == "needle for all" || text.ends_with(&person.name))
                );
                before = answer["before"].clone();
                if before.is_null() {
                    break;
                }
            }
            let distinct: BTreeSet<_> = seen.iter().collect();
            assert_eq!(
                (seen.len(), distinct.len()),
                (count, count),
                "{} looks for {query}",
                person.name
            );
        }
    }
}
