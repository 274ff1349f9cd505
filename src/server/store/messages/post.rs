//! Posting messages. One message is one row. Queued messages are inserted by one call, because the
//! call costs more than the rows.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use sqlx::FromRow;

use super::new_message::{NewMessage, Position, PreparedMessage};
use crate::{
    domain::{
        Change, ChatError, ClientId, ConversationId, Entry, FileId, Millis, PersonId, Seq, file,
        message::{Quote, State},
        text,
    },
    protocol::StreamId,
    server::{
        error::AppError,
        store::{
            Result, Store, StoreEvent, WriteTx,
            conversations::membership,
            engine::{
                self,
                statements::{Query, Statements},
            },
            files::uploads::encode,
        },
    },
};

/// Columns of a message with attachments: the attachments as JSON, and their names.
type AttachmentColumns = (String, String);

/// Rows of the prepared statements: a few sizes, so that few statements are prepared. Unused rows
/// cost next to nothing.
const BATCH_SIZES: [usize; 5] = [1, 4, 16, 64, 256];

/// The statements that insert messages, for each size; see [`insert_statements`].
static INSERTS: LazyLock<[Statements; BATCH_SIZES.len()]> =
    LazyLock::new(|| BATCH_SIZES.map(|size| Statements::new(&insert_statements(size, false))));
/// The same for one message with attachments. Most messages have none, so that theirs bind no
/// columns for them.
static INSERT_WITH_FILES: LazyLock<Statements> =
    LazyLock::new(|| Statements::new(&insert_statements(1, true)));

/// The statements that insert messages, in this order:
///
/// 1. Check the membership, assign the numbers and insert. A row is returned for each message that
///    was inserted. A message that was posted before gets no number.
/// 2. Add them to the search index: they are the rows beyond the head of their conversation.
/// 3. Move the heads.
///
/// `cross join` keeps the order of the tables: without statistics about them, the planner would
/// scan all messages to find those of a large batch.
fn insert_statements(size: usize, with_files: bool) -> [String; 3] {
    // Placeholders without numbers, because numbered ones are looked up one by one. Texts are
    // bound, never written into the statement.
    let rows = |columns: &str| {
        (0..size).map(|n| format!("({n}, {columns})")).collect::<Vec<_>>().join(", ")
    };
    let (messages, terms, ids) = (rows("?, ?, ?, ?, ?"), rows("?, ?, ?, ?"), vec!["?"; size]);
    let (columns, values) = if with_files { (", files, names", ", ?, ?") } else { ("", "") };
    [
        format!(
            "with draft (n, author, conversation, client_id, body, answers) as (values {messages}) \
             insert into changes (stream, seq, at, kind, actor, body, client_id, target, \
             number{columns}) \
             select c.id, c.head + row_number() over (partition by c.id order by d.n), ?, 'posted', \
             d.author, d.body, d.client_id, d.answers, \
             (select coalesce(max(number), 0) from changes) + row_number() over (order by d.n){values} \
             from draft d cross join memberships m cross join conversations c \
             where m.person = d.author and m.conversation = d.conversation \
             and c.id = d.conversation and not exists (select 1 from changes k \
             where k.actor = d.author and k.client_id = d.client_id) \
             and (d.answers is null or exists (select 1 from changes t \
             where t.stream = d.conversation and t.seq = d.answers and t.kind = 'posted')) \
             returning actor, client_id, seq"
        ),
        format!(
            "with draft (n, author, conversation, client_id, terms) as (values {terms}) \
             insert into search (rowid, pieces) select k.number, d.terms from draft d \
             cross join conversations c cross join changes k \
             where c.id = d.conversation and k.actor = d.author and k.client_id = d.client_id \
             and k.stream = c.id and k.seq > c.head order by d.n"
        ),
        format!(
            "update conversations set (head, last_posted) = (select max(k.seq), max(k.seq) \
             from changes k where k.stream = conversations.id) where id in ({}) \
             and exists (select 1 from changes k where k.stream = conversations.id \
             and k.seq > conversations.head)",
            ids.join(", ")
        ),
    ]
}

impl Store {
    /// Posts a message, or finds that it was posted before. Returns its position.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member; `conflict` when the ID was used for another
    /// message.
    pub async fn post(&self, message: NewMessage) -> Result<Position> {
        self.write_queue.run_bulk(PreparedMessage::new(message)).await
    }

    /// Posts a message with attachments, which its author uploaded for this conversation.
    ///
    /// # Errors
    /// As `post`; `not_found` at `files` where one does not exist, is incomplete, or was sent
    /// before.
    pub async fn post_with_files(
        &self,
        message: NewMessage,
        files: Vec<FileId>,
    ) -> Result<Position> {
        let prepare = PreparedMessage::new(message);
        self.write(move |tx| Box::pin(tx.post_with_files(prepare, files))).await
    }
}

impl WriteTx {
    /// Posts one message among other writes.
    pub(in crate::server::store) async fn post(&mut self, message: NewMessage) -> Result<Position> {
        self.insert_messages(vec![PreparedMessage::new(message)], false)
            .await?
            .pop()
            .unwrap_or_else(|| Err(ChatError::not_found().into()))
    }

    /// Inserts messages in their order; the results are in the order of the messages. If nothing
    /// else follows in the transaction (`commits`), it may be committed.
    ///
    /// # Errors
    /// A database error: then none of them was inserted.
    pub(in crate::server::store) async fn insert_messages(
        &mut self,
        messages: Vec<PreparedMessage>,
        commits: bool,
    ) -> Result<Vec<Result<Position>>> {
        const MAX: usize = BATCH_SIZES[BATCH_SIZES.len() - 1];
        let (mut results, mut rest) = (Vec::with_capacity(messages.len()), messages);
        while !rest.is_empty() {
            let rest_of = rest.split_off(rest.len().min(MAX));
            self.insert_batch(rest, None, commits && rest_of.is_empty(), &mut results).await?;
            rest = rest_of;
        }
        Ok(results)
    }

    async fn post_with_files(
        &mut self,
        prepare: PreparedMessage,
        files: Vec<FileId>,
    ) -> Result<Position> {
        let PreparedMessage { mut message, terms } = prepare;
        let conversation = message.conversation;
        if self.is_duplicate(message.author, message.client_id).await? {
            return self.existing_post(message, files).await;
        }
        membership::check_member(&mut self.connection, message.author, conversation).await?;
        message.files = self.pending_attachments(message.author, conversation, &files).await?;
        let columns = (encode(&message.files)?, file::joined_names(&message.files));
        let mut results = Vec::with_capacity(1);
        let prepared = vec![PreparedMessage { message, terms }];
        self.insert_batch(prepared, Some(columns), false, &mut results).await?;
        let (seq, at) = results.pop().unwrap_or_else(|| Err(ChatError::not_found().into()))?;
        self.mark_sent(&files, seq).await?;
        Ok((seq, at))
    }

    /// Inserts messages by one call to the database. It also begins the transaction if it is the
    /// first one, and commits it if nothing follows.
    async fn insert_batch(
        &mut self,
        prepared: Vec<PreparedMessage>,
        attachments: Option<AttachmentColumns>,
        commits: bool,
        results: &mut Vec<Result<Position>>,
    ) -> Result<()> {
        let at = self.now;
        // What a mention or a reply needs is written or read before the commit.
        let nothing_follows = attachments.is_none()
            && prepared.iter().all(|PreparedMessage { message, .. }| {
                message.reply_to.is_none() && !message.body.contains('@')
            });
        let index = BATCH_SIZES
            .iter()
            .position(|size| *size >= prepared.len())
            .unwrap_or(BATCH_SIZES.len() - 1);
        let statements = match attachments {
            Some(_) => &*INSERT_WITH_FILES,
            None => &INSERTS[index],
        };
        let bind = |query| bind_messages(query, &prepared, BATCH_SIZES[index], at, attachments);
        let rows = self.run_statements(statements, commits && nothing_follows, bind).await?;
        let written: Result<Vec<(PersonId, ClientId, Seq)>, _> =
            rows.iter().map(FromRow::from_row).collect();
        let mut written: HashMap<_, _> = match written {
            Ok(written) => written.into_iter().map(|(by, id, seq)| ((by, id), seq)).collect(),
            // Nobody would hear of what is committed.
            Err(e) if self.is_committed() => engine::abort_on_io_error(&e),
            Err(e) => return Err(e.into()),
        };
        for PreparedMessage { message, .. } in prepared {
            let result = match written.remove(&(message.author, message.client_id)) {
                Some(seq) => {
                    // Fails all: a client error for this message alone would leave it written.
                    self.emit_posted(message, seq).await?;
                    Ok((seq, at))
                }
                None => self.existing_post(message, Vec::new()).await,
            };
            match result {
                // Of a committed transaction, nothing can be rolled back any more.
                Err(error @ AppError::Internal(_)) if !self.is_committed() => return Err(error),
                result => results.push(result),
            }
        }
        Ok(())
    }

    async fn emit_posted(&mut self, message: NewMessage, seq: Seq) -> Result<()> {
        let NewMessage { author, conversation, client_id, body, reply_to, files } = message;
        if body.contains('@') {
            let conversation_of_message =
                membership::conversation_of(&mut self.connection, author, conversation).await?;
            self.insert_mentions(&conversation_of_message, seq, author, &body).await?;
        }
        let reply_to = match reply_to {
            Some(message) => Some(self.reply_preview(conversation, message).await?),
            None => None,
        };
        let change = Change::Posted {
            author,
            body,
            client_id: Some(client_id),
            reply_to,
            files,
            state: State::default(),
        };
        self.emit(StoreEvent::Appended(
            StreamId::Conversation(conversation),
            Entry { seq, at: self.now, change },
        ));
        Ok(())
    }

    async fn reply_preview(&mut self, conversation: ConversationId, message: Seq) -> Result<Quote> {
        // An excerpt is made of the first 400 characters.
        let (author, body): (PersonId, String) = sqlx::query_as(
            "select actor, substr(said, 1, 400) from changes where stream = $1 and seq = $2",
        )
        .bind(conversation)
        .bind(message)
        .fetch_one(&mut self.connection)
        .await?;
        Ok(Quote { message, author, excerpt: text::excerpt(&body) })
    }
}

/// Binds messages to [`insert_statements`]; the rows beyond them are null.
fn bind_messages(
    mut query: Query,
    prepared: &[PreparedMessage],
    size: usize,
    at: Millis,
    attachments: Option<AttachmentColumns>,
) -> Query {
    let mut ids = HashSet::with_capacity(prepared.len());
    // A repeated message would take two numbers in one statement: its author is bound as null.
    let authors: Vec<Option<PersonId>> = prepared
        .iter()
        .map(|PreparedMessage { message, .. }| {
            ids.insert((message.author, message.client_id)).then_some(message.author)
        })
        .collect();
    let unused = size - prepared.len();
    for (PreparedMessage { message, .. }, author) in prepared.iter().zip(&authors) {
        query = query
            .bind(*author)
            .bind(message.conversation)
            .bind(message.client_id)
            .bind(message.body.clone())
            .bind(message.reply_to);
    }
    query = bind_nulls(query, 5 * unused).bind(at);
    if let Some((files, names)) = attachments {
        query = query.bind(files).bind(names);
    }
    for (PreparedMessage { message, terms }, author) in prepared.iter().zip(&authors) {
        query = query
            .bind(*author)
            .bind(message.conversation)
            .bind(message.client_id)
            .bind(terms.clone());
    }
    query = bind_nulls(query, 4 * unused);
    for PreparedMessage { message, .. } in prepared {
        query = query.bind(message.conversation);
    }
    bind_nulls(query, unused)
}

fn bind_nulls(query: Query, count: usize) -> Query {
    (0..count).fold(query, |query, _| query.bind(None::<i64>))
}

/// The statements that insert messages, for the test of query plans.
#[cfg(test)]
pub(in crate::server::store) fn all_insert_statements() -> Vec<String> {
    let sizes = BATCH_SIZES.into_iter().flat_map(|size| insert_statements(size, false));
    sizes.chain(insert_statements(1, true)).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::{
        domain::Code,
        server::{clock::Clock, store::NewPerson},
    };

    #[tokio::test]
    async fn a_batch_is_numbered_like_single_messages() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            Store::open(&folder.path().join("together.sqlite"), Clock::default(), Arc::new(drop))
                .await
                .unwrap();
        let (username, username_key, display_name) =
            ("ada".to_owned(), "ada".to_owned(), "Ada".to_owned());
        let ada = store
            .register(NewPerson {
                username,
                username_key,
                display_name,
                password_hash: String::new(),
                registration: None,
                invitation: None,
            })
            .await
            .unwrap()
            .id;
        let (stranger, conversation) = (PersonId(Uuid::from_u128(9)), store.everyone());
        let message = |author, n: u128, body: &str| NewMessage {
            author,
            conversation,
            client_id: ClientId(Uuid::from_u128(n)),
            body: body.to_owned(),
            reply_to: None,
            files: Vec::new(),
        };
        let prepare = |author, n, body: &str| PreparedMessage::new(message(author, n, body));
        let messages = vec![
            prepare(ada, 1, "a"),
            prepare(stranger, 2, "b"),
            prepare(ada, 1, "a"),
            prepare(ada, 1, "other"),
            prepare(ada, 3, "c"),
        ];
        for _again in 0..2 {
            let messages = messages.clone();
            let results =
                store.write(|tx| Box::pin(tx.insert_messages(messages, false))).await.unwrap();
            let outcomes: Vec<_> = results
                .into_iter()
                .map(|result| {
                    result.map(|(seq, _)| seq.0).map_err(|error| ChatError::from(error).code)
                })
                .collect();
            // 1 is the registration.
            assert_eq!(outcomes, [Ok(2), Err(Code::NotFound), Ok(2), Err(Code::Conflict), Ok(3)]);
        }
        let mut waits = std::pin::pin!(store.post(message(ada, 4, "d")));
        assert!(futures_util::poll!(&mut waits).is_pending());
        assert_eq!(store.write_gate().in_flight(), 1, "background work waits for a message");
        waits.await.unwrap();
        let mut doing = std::pin::pin!(store.write(|_| Box::pin(async { Ok(()) })));
        assert!(futures_util::poll!(&mut doing).is_pending());
        assert_eq!(store.write_gate().in_flight(), 1, "and for every other write op");
        doing.await.unwrap();
        assert_eq!(store.write_gate().in_flight(), 0);
        let many = (10..410).map(|n| prepare(ada, n, "many")).collect();
        let results = store.write(|tx| Box::pin(tx.insert_messages(many, false))).await.unwrap();
        let seqs: Vec<_> = results.into_iter().map(|result| result.unwrap().0.0).collect();
        assert_eq!(seqs, (5..405).collect::<Vec<_>>());
    }
}
