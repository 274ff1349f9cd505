//! Tests that no operation does more in one transaction because a group is larger or more is
//! unread. They count steps of the engine, which do not depend on the machine; the benchmarks
//! measure durations.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    domain::{ClientId, ConversationId, PersonId, Seq},
    server::{
        clock::Clock,
        store::{
            MessageTarget, NewMessage, NewPerson, Store, messages::new_message::PreparedMessage,
        },
    },
};
use uuid::Uuid;

/// Steps between two counts.
const STEP_INTERVAL: i32 = 100;
/// An operation on ten times as much may take this many times the steps.
const GROWTH: u64 = 2;

/// A store that counts the steps of its transactions.
struct StepCounter {
    store: Store,
    steps: Arc<AtomicU64>,
    max_steps: Arc<AtomicU64>,
    people: Vec<PersonId>,
    group: ConversationId,
}

impl StepCounter {
    /// A group with this many people and this many messages that its creator has not read.
    async fn open(folder: &std::path::Path, members: usize, messages: u128) -> Self {
        let (steps, max_steps) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
        let store = Store::open(
            &folder.join(format!("{members}.sqlite")),
            Clock::default(),
            Arc::new(drop),
        )
        .await
        .unwrap();
        let people = store.write(move |tx| {
            Box::pin(async move {
                let mut people = Vec::new();
                // Twice as many as are in the group.
                for n in 0..members * 2 {
                    people.push(tx.register(same_name(n)).await?.id);
                }
                Ok(people)
            })
        });
        let people = people.await.unwrap();
        let (creator, writer, others) = (people[0], people[1], people[1..members].to_vec());
        let group =
            store.create_group(creator, "Large".into(), others).await.unwrap().conversation.id;
        let messages =
            (0..messages).map(|n| message(writer, group, n)).map(PreparedMessage::new).collect();
        store.write(|tx| Box::pin(tx.insert_messages(messages, false))).await.unwrap();
        let this = Self { store, steps, max_steps, people, group };
        let (steps, counted, longest) =
            (Arc::clone(&this.steps), Arc::clone(&this.steps), Arc::clone(&this.max_steps));
        this.store
            .write(move |tx| {
                Box::pin(async move {
                    let count = move || {
                        steps.fetch_add(1, Ordering::Relaxed);
                        true
                    };
                    let committed = move || {
                        longest.fetch_max(counted.swap(0, Ordering::Relaxed), Ordering::Relaxed);
                        true
                    };
                    let mut engine = tx.connection.lock_handle().await?;
                    engine.set_progress_handler(STEP_INTERVAL, count);
                    engine.set_commit_hook(committed);
                    Ok(())
                })
            })
            .await
            .unwrap();
        this
    }

    /// The most steps of one transaction since the last call.
    fn max_steps(&self) -> u64 {
        self.max_steps.fetch_max(self.steps.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        self.max_steps.swap(0, Ordering::Relaxed) * u64::try_from(STEP_INTERVAL).unwrap()
    }

    /// The most steps of each operation, by its name.
    async fn measure(&self) -> Vec<(&'static str, u64)> {
        let Self { store, people, group, .. } = self;
        let (creator, writer, group) = (people[0], people[1], *group);
        let members = people.len() / 2;
        let _ = self.max_steps();
        let mut measured = Vec::new();
        store.mark_read(creator, group, Seq(40)).await.unwrap();
        measured.push(("mark_read", self.max_steps()));
        store.mark_unread(creator, group, Seq(10)).await.unwrap();
        measured.push(("mark_unread", self.max_steps()));
        store.mark_read(creator, group, Seq(u64::MAX)).await.unwrap();
        measured.push(("mark_read to the end", self.max_steps()));
        store.add_members(creator, group, people[members..].to_vec()).await.unwrap();
        measured.push(("add_members", self.max_steps()));
        store.create_group(creator, "Another".into(), people[1..].to_vec()).await.unwrap();
        measured.push(("create_group", self.max_steps()));
        let mentions =
            NewMessage { body: "@everyone look".into(), ..message(creator, group, u128::MAX) };
        let (seq, _) = store.post(mentions).await.unwrap();
        measured.push(("post", self.max_steps()));
        let target = MessageTarget { by: creator, conversation: group, message: seq };
        store.edit(target, "@everyone look here".into()).await.unwrap();
        measured.push(("edit", self.max_steps()));
        store.delete(target).await.unwrap();
        store.restore(target).await.unwrap();
        measured.push(("delete and restore", self.max_steps()));
        store.open_direct(creator, writer).await.unwrap();
        measured.push(("open_direct", self.max_steps()));
        store.remove_member(creator, group, people[members]).await.unwrap();
        measured.push(("remove_member", self.max_steps()));
        store.leave(writer, group).await.unwrap();
        measured.push(("leave", self.max_steps()));
        store.save_last_seen(people.clone()).await.unwrap();
        store
            .save_delivered(people.iter().map(|person| (group, *person, seq)).collect())
            .await
            .unwrap();
        measured.push(("note_last_seen and note_delivered", self.max_steps()));
        store.purge_deleted().await.unwrap();
        store.purge_files().await.unwrap();
        measured.push(("forget", self.max_steps()));
        store.register(same_name(usize::MAX)).await.unwrap();
        measured.push(("register", self.max_steps()));
        measured
    }
}

/// A person with the same display name as all others.
fn same_name(n: usize) -> NewPerson {
    let [username, username_key] = [n; 2].map(|n| format!("person-{n}"));
    NewPerson {
        username,
        username_key,
        display_name: "Maria Silva".into(),
        password_hash: String::new(),
        registration: None,
        invitation: None,
    }
}

fn message(author: PersonId, conversation: ConversationId, n: u128) -> NewMessage {
    NewMessage {
        author,
        conversation,
        client_id: ClientId(Uuid::from_u128(n)),
        body: format!("message {n}"),
        reply_to: None,
        files: Vec::new(),
    }
}

#[tokio::test]
async fn transactions_do_not_grow_with_the_data() {
    let folder = tempfile::tempdir().unwrap();
    let small = StepCounter::open(folder.path(), 60, 600).await.measure().await;
    let large = StepCounter::open(folder.path(), 600, 6_000).await.measure().await;
    for ((operation, few), (_, many)) in small.iter().zip(&large) {
        assert!(
            *many <= few * GROWTH + 20_000,
            "{operation}: {few} steps, and {many} where there is ten times as much"
        );
    }
    assert!(large.iter().any(|(_, steps)| *steps > 0), "steps are counted: {large:?}");
}
