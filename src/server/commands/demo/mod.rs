//! `chatbox demo`: fills an empty data folder with a sample workspace, the same for the same
//! options.
//!
//! In reading order: the people (`people`), their conversations (`conversations`), the events and
//! their times (`timeline`), and the texts (`message_text`, `phrases`). These only generate data,
//! with `rng`; `store::seed` writes it.

mod conversations;
mod message_text;
mod people;
mod phrases;
mod rng;
mod timeline;

use std::{io::Write, path::Path, sync::Arc};

use crate::domain::Millis;
use crate::server::{
    auth::Hasher,
    clock::{self, Clock},
    config::DemoConfig,
    error::AppError,
    store::{Result, Store, seed::Seeder},
};
use rng::Rng;
use timeline::Timeline;

/// The password of all users. It is public, so a demo must not contain secrets.
pub const PASSWORD: &str = "paper-lantern-27";

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;
/// Age of the workspace: half a year.
const SPAN: Millis = 182 * DAY;
/// Events per transaction.
const BATCH_SIZE: usize = 5_000;
/// Number of messages from which progress is printed.
const PROGRESS_FROM: u32 = 100_000;

/// Fills an empty data folder and prints how to sign in.
///
/// # Errors
/// One sentence that says what to do.
pub async fn fill(config: &DemoConfig) -> Result<(), String> {
    fill_with(config, &Hasher::new(false)).await?;
    // Ignores a closed standard output.
    let _ = std::io::stdout().write_all(summary(config).as_bytes());
    Ok(())
}

async fn fill_with(config: &DemoConfig, hasher: &Hasher) -> Result<(), String> {
    let (folder, file) = (config.data.display(), config.data_file());
    if holds_data(&file) {
        return Err(format!(
            "{folder} already contains ChatBox data. Choose an empty folder with --data."
        ));
    }
    std::fs::create_dir_all(&config.data).map_err(|e| {
        format!("Cannot create the data folder {folder}: {e}. Choose another folder with --data.")
    })?;
    let store =
        Store::open(&file, Clock::default(), Arc::new(|_| {})).await.map_err(|e| e.to_string())?;
    let written = write(config, store.clone(), hasher).await;
    store.close().await;
    written.map_err(|error| {
        let cause = match error {
            AppError::Client(error) => error.message,
            AppError::Internal(cause) => cause.to_string(),
        };
        format!(
            "Cannot create the sample workspace: {cause}. Check the free disk space, delete \
             {}, then try again.",
            file.display()
        )
    })
}

/// A journal that SQLite left behind counts too: it may contain messages.
fn holds_data(file: &Path) -> bool {
    ["", "-wal", "-journal"].into_iter().any(|end| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        Path::new(&name).exists()
    })
}

async fn write(config: &DemoConfig, store: Store, hasher: &Hasher) -> Result<()> {
    let number = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let password_hash = hasher.hash(PASSWORD.to_owned()).await?;
    let now = clock::now();
    let timeline = Timeline::generate(
        number(config.people),
        number(config.conversations),
        number(config.messages),
        now,
        &password_hash,
    );
    let all = timeline.len();
    let mut seeding = Seeder::begin(store, now - SPAN).await?;
    let mut events = timeline.into_events();
    let (mut written, mut reported) = (0, 0);
    while written < all {
        let next: Vec<_> = events.by_ref().take(BATCH_SIZE).collect();
        written += next.len();
        seeding.write(next).await?;
        let tenths = written * 10 / all;
        if config.messages >= PROGRESS_FROM && tenths > reported {
            reported = tenths;
            let _ = writeln!(
                std::io::stderr(),
                "{tenths}0 % of {}",
                count_of(config.messages, "message")
            );
        }
    }
    Ok(())
}

fn summary(config: &DemoConfig) -> String {
    let folder = config.data.display();
    let (people, messages) = (with_thousands(config.people), count_of(config.messages, "message"));
    let conversations = count_of(config.conversations, "conversation");
    format!(
        "Created a sample workspace in {folder}: {people} people, {conversations}, \
         {messages}.\n\n  \
         Start the server   chatbox serve --data {folder}\n  \
         Open               http://127.0.0.1:3000\n  \
         Username           ada (all accounts have the same password)\n  \
         Password           {PASSWORD}\n\n\
         This password is public. Use the sample workspace on your own machine only.\n"
    )
}

fn count_of(number: u32, noun: &str) -> String {
    format!("{} {noun}{}", with_thousands(number), if number == 1 { "" } else { "s" })
}

/// A number with thousands separators: 20,000.
fn with_thousands(number: u32) -> String {
    let digits = number.to_string();
    digits.char_indices().fold(String::new(), |text, (place, digit)| {
        let comma = if place > 0 && (digits.len() - place).is_multiple_of(3) { "," } else { "" };
        format!("{text}{comma}{digit}")
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{
        domain::Change,
        server::{
            App,
            config::{Command, CommandLine},
        },
    };

    fn demo(folder: &Path, numbers: &[&str]) -> DemoConfig {
        let folder = folder.to_string_lossy();
        let typed = ["chatbox", "demo", "--data", &folder];
        let Command::Demo(config) = CommandLine::parse_from(typed.iter().chain(numbers)).command
        else {
            panic!("not a demo")
        };
        config
    }

    async fn served(folder: &Path) -> App {
        let Command::Serve(config) =
            CommandLine::parse_from(["chatbox", "serve", "--data", &folder.to_string_lossy()])
                .command
        else {
            panic!("not a server")
        };
        App::open(crate::server::config::Config { quick_hashes: true, ..*config }).await.unwrap()
    }

    #[test]
    fn demo_password_is_strong_enough() {
        crate::server::auth::check_strength(PASSWORD, &["ada", "Ada Lovelace"]).unwrap();
    }

    #[test]
    fn numbers_have_thousands_separators() {
        assert_eq!(
            [1, 999, 20_000, 1_000_000].map(with_thousands),
            ["1", "999", "20,000", "1,000,000"]
        );
    }

    #[tokio::test]
    async fn a_filled_folder_is_consistent() {
        let folder = tempfile::tempdir().unwrap();
        let config =
            demo(folder.path(), &["--people", "8", "--conversations", "6", "--messages", "200"]);
        let hasher = Hasher::new(true);
        fill_with(&config, &hasher).await.unwrap();
        assert!(fill_with(&config, &hasher).await.unwrap_err().contains("already"), "never twice");

        let app = served(folder.path()).await;
        let (ada, _) = app
            .sign_in(
                "ada",
                PASSWORD.into(),
                &crate::server::auth::current_user::ClientInfo {
                    user_agent: "test".into(),
                    session: None,
                    is_local: true,
                },
            )
            .await
            .unwrap();
        let (snapshot, _) = app.store.snapshot(ada.clone(), None, 50).await.unwrap();
        assert_eq!(
            (
                snapshot.people.len(),
                snapshot.conversations.iter().filter(|one| one.last.is_some()).count()
            ),
            (8, 6)
        );
        let unread = snapshot
            .conversations
            .iter()
            .map(|one| one.unread.count())
            .filter(|unread| *unread > 0);
        assert_eq!(
            unread.collect::<std::collections::BTreeSet<_>>(),
            [1, 3, 12].into(),
            "what Ada has yet to read"
        );
        let mut posts = 0;
        for person in &snapshot.people {
            for crate::server::store::Head { stream, head, .. } in
                app.store.heads(person.id).await.unwrap()
            {
                let entries = app
                    .store
                    .entries_after(person.id, stream, crate::domain::Seq::START)
                    .await
                    .unwrap();
                let seqs: Vec<u64> = entries.iter().map(|entry| entry.seq.0).collect();
                assert_eq!(seqs, (1..=head.0).collect::<Vec<_>>(), "{stream} is dense");
                assert!(
                    entries.is_sorted_by_key(|entry| entry.at)
                        && entries.last().is_none_or(|last| last.at <= clock::now())
                );
                let last =
                    entries.iter().rfind(|entry| matches!(entry.change, Change::Posted { .. }));
                let summary = snapshot
                    .conversations
                    .iter()
                    .find(|one| stream.uuid() == one.conversation.id.0);
                if let Some(summary) = summary.filter(|_| *person == ada) {
                    assert_eq!(
                        summary.last.as_ref().map(|last| last.seq),
                        last.map(|last| last.seq)
                    );
                    posts += entries
                        .iter()
                        .filter(|entry| matches!(entry.change, Change::Posted { .. }))
                        .count();
                }
            }
        }
        assert_eq!(posts, 200, "with so few, Ada is everywhere");
        app.store.close().await;
    }
}
