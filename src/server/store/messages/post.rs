//! Posting messages. One message is one row. Queued messages are inserted by one statement, because
//! the call costs more than the row.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::new_message::{NewMessage, Position, PreparedMessage};
use crate::{
    domain::{
        Change, ChatError, ClientId, ConversationId, Entry, FileId, PersonId, Seq, file,
        message::{Quote, State},
        text,
    },
    protocol::StreamId,
    server::{
        error::AppError,
        store::{
            Result, Store, StoreEvent, WriteTx, conversations::membership, files::uploads::encode,
        },
    },
};

/// Columns of a message with attachments: the attachments as JSON, and their names.
type AttachmentColumns = (String, String);

/// Rows of the prepared statements: a few sizes, so that few statements are prepared. Unused rows
/// cost next to nothing.
const BATCH_SIZES: [usize; 5] = [1, 4, 16, 64, 256];

/// One statement for each size checks the membership, assigns the numbers and inserts. It returns a
/// row for each message that was inserted. A message that was posted before gets no number.
static INSERT_STATEMENTS: LazyLock<[SqlStr; BATCH_SIZES.len()]> =
    LazyLock::new(|| BATCH_SIZES.map(|size| insert_statement(size, false)));
/// The same for one message with attachments. Most messages have none, so that theirs bind no
/// columns for them.
static INSERT_WITH_FILES: LazyLock<SqlStr> = LazyLock::new(|| insert_statement(1, true));

fn insert_statement(size: usize, with_files: bool) -> SqlStr {
    // Placeholders without numbers, because numbered ones are looked up one by one. Texts are
    // bound, never written into the statement.
    let rows = (0..size).map(|n| format!("({n}, ?, ?, ?, ?, ?)")).collect::<Vec<_>>().join(", ");
    let (columns, values) = if with_files { (", files, names", ", ?, ?") } else { ("", "") };
    AssertSqlSafe(format!(
        "with draft (n, author, conversation, client_id, body, answers) as (values {rows}) \
         insert into changes (stream, seq, at, kind, actor, body, client_id, target, \
         number{columns}) \
         select c.id, c.head + row_number() over (partition by c.id order by d.n), ?, 'posted', \
         d.author, d.body, d.client_id, d.answers, \
         (select coalesce(max(number), 0) from changes) + row_number() over (order by d.n){values} \
         from draft d join memberships m on m.person = d.author \
         and m.conversation = d.conversation join conversations c on c.id = d.conversation \
         where not exists (select 1 from changes k where k.actor = d.author \
         and k.client_id = d.client_id) \
         and (d.answers is null or exists (select 1 from changes t \
         where t.stream = d.conversation and t.seq = d.answers and t.kind = 'posted')) \
         returning actor, client_id, seq, number"
    ))
    .into_sql_str()
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
        self.insert_messages(vec![PreparedMessage::new(message)])
            .await?
            .pop()
            .unwrap_or_else(|| Err(ChatError::not_found().into()))
    }

    /// Inserts messages in their order; the results are in the order of the messages.
    ///
    /// # Errors
    /// A database error: then none of them was inserted.
    pub(in crate::server::store) async fn insert_messages(
        &mut self,
        messages: Vec<PreparedMessage>,
    ) -> Result<Vec<Result<Position>>> {
        const MAX: usize = BATCH_SIZES[BATCH_SIZES.len() - 1];
        let (mut results, mut rest) = (Vec::with_capacity(messages.len()), messages);
        while !rest.is_empty() {
            let rest_of = rest.split_off(rest.len().min(MAX));
            self.insert_batch(rest, None, &mut results).await?;
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
        self.insert_batch(vec![PreparedMessage { message, terms }], Some(columns), &mut results)
            .await?;
        let (seq, at) = results.pop().unwrap_or_else(|| Err(ChatError::not_found().into()))?;
        self.mark_sent(&files, seq).await?;
        Ok((seq, at))
    }

    async fn insert_batch(
        &mut self,
        prepared: Vec<PreparedMessage>,
        attachments: Option<AttachmentColumns>,
        results: &mut Vec<Result<Position>>,
    ) -> Result<()> {
        let at = self.now;
        let (messages, terms): (Vec<_>, Vec<_>) =
            prepared.into_iter().map(|prepare| (prepare.message, prepare.terms)).unzip();
        let mut ids = HashSet::with_capacity(messages.len());
        // A repeated message would take two numbers in one statement: its author is bound as null.
        let repeated: Vec<bool> = messages
            .iter()
            .map(|message| !ids.insert((message.author, message.client_id)))
            .collect();
        let index = BATCH_SIZES
            .iter()
            .position(|size| *size >= messages.len())
            .unwrap_or(BATCH_SIZES.len() - 1);
        let statement = match attachments {
            Some(_) => &INSERT_WITH_FILES,
            None => &INSERT_STATEMENTS[index],
        };
        let mut insert = sqlx::query_as(SqlStr::clone(statement));
        for (message, repeated) in messages.iter().zip(&repeated) {
            insert = insert
                .bind((!repeated).then_some(message.author))
                .bind(message.conversation)
                .bind(message.client_id)
                .bind(&message.body)
                .bind(message.reply_to);
        }
        for _ in messages.len()..BATCH_SIZES[index] {
            insert = insert
                .bind(None::<PersonId>)
                .bind(None::<ConversationId>)
                .bind(None::<ClientId>)
                .bind(None::<String>)
                .bind(None::<Seq>);
        }
        insert = insert.bind(at);
        if let Some((files, names)) = attachments {
            insert = insert.bind(files).bind(names);
        }
        let rows: Vec<(PersonId, ClientId, Seq, i64)> =
            insert.fetch_all(&mut self.connection).await?;
        let mut written: HashMap<_, _> = rows
            .into_iter()
            .map(|(author, client_id, seq, number)| ((author, client_id), (seq, number)))
            .collect();
        let mut heads = HashMap::new();
        let mut to_index = Vec::with_capacity(written.len());
        for ((message, terms), repeated) in messages.iter().zip(terms).zip(&repeated) {
            if let (false, Some((seq, number))) =
                (repeated, written.get(&(message.author, message.client_id)))
            {
                let head = heads.entry(message.conversation).or_insert(*seq);
                *head = (*head).max(*seq);
                to_index.push((*number, terms));
            }
        }
        crate::server::store::search::index::insert(&mut self.connection, &to_index).await?;
        for (conversation, head) in heads {
            sqlx::query("update conversations set head = $2, last_posted = $2 where id = $1")
                .bind(conversation)
                .bind(head)
                .execute(&mut self.connection)
                .await?;
        }
        for message in messages {
            let result = match written.remove(&(message.author, message.client_id)) {
                Some((seq, _)) => {
                    // Fails all: a client error for this message alone would leave it written.
                    self.emit_posted(message, seq).await?;
                    Ok((seq, at))
                }
                None => self.existing_post(message, Vec::new()).await,
            };
            match result {
                Err(error @ AppError::Internal(_)) => return Err(error),
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

/// The statements that insert one message, for the test of query plans.
#[cfg(test)]
pub(in crate::server::store) fn insert_statements() -> [SqlStr; 2] {
    [INSERT_STATEMENTS[0].clone(), INSERT_WITH_FILES.clone()]
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
                only_first: false,
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
            let results = store.write(|tx| Box::pin(tx.insert_messages(messages))).await.unwrap();
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
        let results = store.write(|tx| Box::pin(tx.insert_messages(many))).await.unwrap();
        let seqs: Vec<_> = results.into_iter().map(|result| result.unwrap().0.0).collect();
        assert_eq!(seqs, (5..405).collect::<Vec<_>>());
    }
}
