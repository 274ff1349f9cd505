//! Tests that every write op leaves no trace when it is refused after any of its statements.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{person, refusals, refused_ops::dump};
use crate::{
    domain::{
        Attachment, ChatError, ClientId, Code, ConversationId, FileId, NotificationLevel, PersonId,
        Role, Seq,
        link_preview::{LinkPreview, Thumbnail},
        person::Status,
        workspace::WorkspaceChange,
    },
    server::{
        clock::Clock,
        error::AppError,
        store::{
            Actor, AvatarOwner, BlobKeys, MessageTarget, NewInvitation, NewMessage, NewPerson,
            NewSession, PreviewImage, ProfileChange, Result, Store, StoreEvent, UploadRecord,
            accounts::audit_log::session_id, write_queue::BoxFuture,
        },
    },
};
use uuid::Uuid;

/// What the ops act on.
#[derive(Clone)]
struct State {
    store: Store,
    ada: PersonId,
    grace: PersonId,
    kofi: PersonId,
    group: ConversationId,
    /// A message of Ada in the group.
    message: MessageTarget,
}

impl State {
    /// Ada, who registered first and is the administrator.
    const fn actor(&self) -> Actor {
        Actor { person: self.ada, session: None }
    }
}

const QUOTA: u64 = 1_000_000;
const INVITATION_CODE: &str = "0123456789ABCDEFGHJKMNPQ";

type Op = fn(State) -> BoxFuture<'static, Result<()>>;

/// Lists ops under the name of the function of the store that runs them, in the order in which they
/// run: each finds what the ones before it wrote.
macro_rules! ops {
    ($($name:ident($state:ident) $op:expr;)*) => {
        const OPS: &[(&str, Op)] = &[$((stringify!($name), {
            fn run($state: State) -> BoxFuture<'static, Result<()>> {
                Box::pin(async move { $op.await.map(drop) })
            }
            run
        })),*];
    };
}

ops! {
    register(s) s.store.register(person("mei"));
    start_session(s) s.store.start_session(session(s.ada, 3, Some(1)));
    end_session(s) s.store.end_session([2; 32]);
    record_use(s) s.store.record_use([3; 32], 99);
    change_password(s) s.store.change_password(s.actor(), String::new(), "other".into());
    set_recovery_codes(s) s.store.set_recovery_codes(s.actor(), "other".into(), vec![[5; 32]]);
    recover(s) s.store.recover("ada".into(), [5; 32], "another".into());
    issue_reset(s) s.store.issue_reset(s.actor(), s.grace, [6; 32]);
    reset_password(s) s.store.reset_password([6; 32], "another".into());
    start_session(s) s.store.start_session(session(s.ada, 4, None));
    start_session(s) s.store.start_session(session(s.ada, 5, None));
    end_session_of(s) s.store.end_session_of(s.ada, session_id(&[4; 32]));
    end_other_sessions(s) s.store.end_other_sessions(s.actor());
    end_sessions(s) s.store.end_sessions(s.actor(), s.grace);
    set_role(s) s.store.set_role(s.actor(), s.grace, Role::Moderator);
    deactivate(s) s.store.deactivate(s.actor(), s.kofi);
    reactivate(s) s.store.reactivate(s.actor(), s.kofi);
    promote(s) s.store.promote("kofi".into());
    issue_operator_reset(s) s.store.issue_operator_reset("grace".into(), [7; 32]);
    end_all_sessions(s) s.store.end_all_sessions("grace".into());
    set_profile(s) s.store.set_profile(s.actor(), profile());
    change_workspace(s) s.store.change_workspace(s.actor(), WorkspaceChange {
        name: Some("Physics".into()), ..WorkspaceChange::default()
    });
    create_invitation(s) s.store.create_invitation(s.actor(), invitation(&s));
    register(s) s.store.register(NewPerson {
        invitation: Some(INVITATION_CODE.into()), ..person("quinn")
    });
    set_avatar(s) s.store.set_avatar(AvatarOwner { by: s.ada, group: None }, Some(avatar("a")));
    set_avatar(s) s.store.set_avatar(AvatarOwner { by: s.ada, group: None }, Some(avatar("b")));
    set_avatar(s) s.store.set_avatar(AvatarOwner { by: s.ada, group: None }, None);
    set_avatar(s)
        s.store.set_avatar(AvatarOwner { by: s.ada, group: Some(s.group) }, Some(avatar("c")));
    save_last_seen(s) s.store.save_last_seen(vec![s.ada, s.grace]);
    set_privacy(s) s.store.set_privacy(s.ada, false, false, Some(false));
    set_status(s) s.store.set_status(s.ada, Some(status()));
    open_direct(s) s.store.open_direct(s.ada, s.kofi);
    create_group(s) s.store.create_group(s.ada, "Chemistry".into(), vec![s.grace, s.kofi]);
    rename(s) s.store.rename(s.ada, s.group, "Optics".into());
    add_members(s) s.store.add_members(s.ada, s.group, vec![s.grace, s.kofi]);
    remove_member(s) s.store.remove_member(s.ada, s.group, s.kofi);
    join_by_invitation(s) s.store.join_by_invitation(s.kofi, INVITATION_CODE.into());
    revoke_invitation(s) async {
        let listed = s.store.invitations(&s.store.person(s.ada).await?).await?;
        s.store.revoke_invitation(s.actor(), listed[0].id.parse().unwrap()).await
    };
    save_delivered(s) s.store.save_delivered(
        [s.group, s.store.everyone()].map(|conversation| (conversation, s.grace, Seq(2))).to_vec()
    );
    move_read_position(s) s.store.mark_read(s.grace, s.group, s.message.message);
    move_read_position(s) s.store.mark_unread(s.grace, s.group, s.message.message);
    set_manual_read(s) s.store.set_manual_read(s.grace, true);
    set_notification_level(s)
        s.store.set_notification_level(s.grace, s.group, NotificationLevel::Mentions, None);
    pin_conversation(s) s.store.pin_conversation(s.grace, s.group, true);
    start_upload(s) s.store.start_upload(upload(&s, 1), QUOTA);
    finish_upload(s) s.store.finish_upload(s.ada, file(1), keys(), 10, QUOTA);
    post_with_files(s) s.store.post_with_files(message(&s, 11, "@grace, see this"), vec![file(1).id]);
    start_upload(s) s.store.start_upload(upload(&s, 2), QUOTA);
    cancel_upload(s) s.store.cancel_upload(s.ada, file(2).id);
    post(s) s.store.post(message(&s, 12, "@grace and @all: look"));
    post(s) s.store.post(NewMessage { reply_to: None, ..message(&s, 13, "in one call") });
    save_preview(s)
        s.store.save_preview(s.group, s.message.message, preview(), Some(preview_image()));
    edit(s) s.store.edit(s.message, "@kofi, @grace: no link".into());
    react(s) s.store.react(s.message, "👍".into(), true);
    react(s) s.store.react(s.message, "👍".into(), false);
    pin(s) s.store.pin(s.message, true);
    resolve_question(s) s.store.resolve_question(s.message, true);
    save(s) s.store.save(s.message, true);
    save(s) s.store.save(s.message, false);
    save_draft(s) s.store.save_draft(s.ada, s.group, "a draft".into(), None);
    edit(s) s.store.edit(s.message, format!("see {}", preview().url));
    save_preview(s)
        s.store.save_preview(s.group, s.message.message, preview(), Some(preview_image()));
    remove_preview(s) s.store.remove_preview(s.message);
    delete(s) s.store.delete(s.message);
    restore(s) s.store.restore(s.message);
    leave(s) s.store.leave(s.grace, s.group);
    purge_deleted(s) s.store.purge_deleted();
    purge_files(s) s.store.purge_files();
}

fn session(person: PersonId, token: u8, replaces: Option<u8>) -> NewSession {
    NewSession {
        person,
        token_hash: [token; 32],
        user_agent: "a browser".into(),
        replaces: replaces.map(|token| [token; 32]),
        verified: None,
    }
}

fn profile() -> ProfileChange {
    ProfileChange {
        username: Some(("augusta".into(), "augusta".into())),
        display_name: Some("Augusta".into()),
        title: Some(Some("Countess".into())),
        time_zone: Some(None),
    }
}

fn invitation(s: &State) -> NewInvitation {
    NewInvitation {
        code: INVITATION_CODE.into(),
        expires_in: None,
        uses: Some(2),
        role: Role::Member,
        groups: vec![s.group],
    }
}

fn avatar(name: &str) -> [String; 3] {
    [1, 2, 3].map(|size| format!("{name}{size}"))
}

fn status() -> Status {
    Status { emoji: None, text: Some("in a lecture".into()) }
}

fn file(n: u128) -> Attachment {
    Attachment {
        id: FileId(Uuid::from_u128(n)),
        name: "notes.txt".into(),
        size: 10,
        ..Attachment::default()
    }
}

fn keys() -> BlobKeys {
    BlobKeys { whole: "whole".into(), ..BlobKeys::default() }
}

fn upload(s: &State, n: u128) -> UploadRecord {
    let Attachment { id, name, size, .. } = file(n);
    UploadRecord { id, owner: s.ada, conversation: s.group, name, size, file: None }
}

/// A message of Ada in the group that replies to her first one.
fn message(s: &State, n: u128, body: &str) -> NewMessage {
    NewMessage {
        author: s.ada,
        conversation: s.group,
        client_id: ClientId(Uuid::from_u128(n)),
        body: body.to_owned(),
        reply_to: Some(s.message.message),
        files: Vec::new(),
    }
}

fn preview() -> LinkPreview {
    LinkPreview {
        url: "https://news.example/a".into(),
        site: "News".into(),
        title: "A title".into(),
        description: String::new(),
        thumbnail: Some(Thumbnail { id: Uuid::from_u128(7), width: 1, height: 1 }),
    }
}

fn preview_image() -> PreviewImage {
    PreviewImage { media: "image/png".into(), bytes: vec![1, 2, 3] }
}

/// A group of Ada and Grace with a message, and things that are old enough to be purged.
async fn prepare(store: Store) -> State {
    let mut people = Vec::new();
    for name in ["ada", "grace", "kofi"] {
        people.push(store.register(person(name)).await.unwrap().id);
    }
    let [ada, grace, kofi] = people.try_into().unwrap();
    for token in [1, 2] {
        store.start_session(session(ada, token, None)).await.unwrap();
    }
    let group =
        store.create_group(ada, "Physics".into(), vec![grace]).await.unwrap().conversation.id;
    let message_of = |message| MessageTarget { by: ada, conversation: group, message };
    let mut state = State { store, ada, grace, kofi, group, message: message_of(Seq(0)) };
    let State { store, .. } = state.clone();
    let mut post = message(&state, 1, "");
    post.reply_to = None;
    post.body = format!("@grace, what is {}?", preview().url);
    state.message = message_of(store.post(post).await.unwrap().0);

    // Ages deleted messages and unsent files beyond the limits of the purges.
    for n in [21, 22] {
        store.start_upload(upload(&state, n), QUOTA).await.unwrap();
        store.finish_upload(ada, file(n), keys(), 10, QUOTA).await.unwrap();
        let old = store.post_with_files(message(&state, n, "old"), vec![file(n).id]).await.unwrap();
        store.delete(message_of(old.0)).await.unwrap();
        store.start_upload(upload(&state, n + 10), QUOTA).await.unwrap();
    }
    store
        .write(|tx| {
            Box::pin(async move {
                for statement in [
                    "update changes set deleted = 1 where deleted is not null",
                    "update files set started = 1",
                ] {
                    sqlx::query(statement).execute(&mut tx.connection).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    state
}

#[tokio::test]
async fn an_op_refused_after_any_of_its_statements_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let published = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&published);
    let publish = Arc::new(move |events: Vec<StoreEvent>| {
        count.fetch_add(events.len(), Ordering::Relaxed);
    });
    let store = Store::open(&folder.path().join("chatbox.sqlite"), Clock::default(), publish)
        .await
        .unwrap();
    let state = prepare(store.clone()).await;
    refusals::install(&store).await;
    for (name, op) in OPS {
        let (before, events_before) = (dump(&store).await, published.load(Ordering::Relaxed));
        let mut rows = 0;
        loop {
            refusals::refuse_after(&store, rows).await;
            let result = op(state.clone()).await;
            if result.is_ok() {
                break;
            }
            // Messages that are posted together fail together, and may be sent again.
            let is_refused = if *name == "post" {
                matches!(&result, Err(AppError::Client(ChatError { code: Code::Busy, .. })))
            } else {
                refusals::is_injected(&result)
            };
            assert!(is_refused, "{name} after {rows} rows: {result:?}");
            let after = dump(&store).await;
            let traces: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
            assert!(after == before, "{name} is refused after {rows} rows: {traces:#?}");
            let events = published.load(Ordering::Relaxed);
            assert_eq!(events, events_before, "{name} is refused after {rows} rows");
            rows += 1;
        }
        assert!(rows > 0 && dump(&store).await != before, "{name} writes something");
    }
}

/// The functions of the store that run a write op, by their source text.
fn functions_that_write(folder: &Path, found: &mut BTreeSet<String>) {
    let entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    for path in entries {
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "tests") {
                functions_that_write(&path, found);
            }
            continue;
        }
        // Seeds a history before the server runs: nothing of it can be refused.
        if path.ends_with("store/seed.rs") {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for function in source.split("async fn ").skip(1) {
            let body: String = function.split_whitespace().collect();
            const CALLS: [&str; 3] =
                ["self.write(|", "self.write(move|", "self.write_queue.run_bulk("];
            if !CALLS.iter().any(|call| body.contains(call)) {
                continue;
            }
            match function.split(['(', '<']).next().unwrap() {
                "$name" => {
                    for call in source.split("message_op!(").skip(1) {
                        let line = call
                            .lines()
                            .map(str::trim_start)
                            .find(|line| !line.is_empty() && !line.starts_with("//"));
                        let name = line.unwrap().split('(').next().unwrap();
                        found.insert(name.to_owned());
                    }
                }
                name => {
                    found.insert(name.to_owned());
                }
            }
        }
    }
}

#[test]
fn every_write_op_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/store");
    let mut found = BTreeSet::new();
    functions_that_write(&folder, &mut found);
    // Needs a data file without people; what it writes is a row, and what `register` writes.
    assert!(found.remove("set_up"));
    let listed: BTreeSet<_> = OPS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(found, listed, "the ops of the store, and those whose refusal is tested");
}
