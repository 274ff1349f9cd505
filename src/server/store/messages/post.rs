//! Posting: one message, one row, for ever. Messages that wait together are written by one statement, because what costs is
//! the way to the engine, not the row.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use crate::{
    domain::{
        Attachment, Change, ChatError, ClientId, ConversationId, Entry, FileId, Millis, PersonId, Seq,
        message::{Quote, State},
        text,
    },
    protocol::StreamId,
    server::{
        error::Failure,
        search,
        store::{Ledger, News, Outcome, Store},
    },
};

/// A message on its way in.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Who writes.
    pub author: PersonId,
    /// Where.
    pub conversation: ConversationId,
    /// The sender's name for it: the same again is the same message.
    pub client_id: ClientId,
    /// What, already checked.
    pub body: String,
    /// The message that it answers.
    pub answers: Option<Seq>,
    /// The files that it carries.
    pub files: Vec<Attachment>,
}

/// A message with its index terms. Those of a long text take a while, so they are made before the transaction.
#[derive(Clone, Debug)]
pub(in crate::server::store) struct Posting {
    draft: Draft,
    terms: String,
}

impl Posting {
    pub(in crate::server::store) fn new(draft: Draft) -> Self {
        let terms = search::pieces_of(draft.conversation, draft.author, &draft.body);
        Self { draft, terms }
    }

    /// Bytes to write, about.
    pub(in crate::server::store) fn size(&self) -> usize {
        self.draft.body.len() + self.terms.len()
    }
}

/// Where a message stands, and since when.
pub(in crate::server::store) type Place = (Seq, Millis);

/// How many one statement has room for: a few sizes, so that few statements are prepared. What is left empty costs next to nothing.
const SIZES: [usize; 5] = [1, 4, 16, 64, 256];

/// One statement for each size asks who may, takes the numbers and writes; a row comes back for each draft of which all three
/// held. A draft that was kept before takes no number.
static INSERTS: LazyLock<[SqlStr; SIZES.len()]> = LazyLock::new(|| {
    SIZES.map(|size| {
        // Places without numbers, because numbered ones are looked up one by one. What people wrote is bound, never written here.
        let rows = (0..size).map(|n| format!("({n}, ?, ?, ?, ?, ?)")).collect::<Vec<_>>().join(", ");
        AssertSqlSafe(format!(
            "with draft (n, author, conversation, client_id, body, answers) as (values {rows}) \
             insert into changes (stream, seq, at, kind, actor, body, client_id, target, number) \
             select c.id, c.head + row_number() over (partition by c.id order by d.n), ?, 'posted', d.author, d.body, d.client_id, d.answers, \
             (select coalesce(max(number), 0) from changes) + row_number() over (order by d.n) \
             from draft d join memberships m on m.person = d.author and m.conversation = d.conversation join conversations c on c.id = d.conversation \
             where not exists (select 1 from changes k where k.actor = d.author and k.client_id = d.client_id) \
             and (d.answers is null or exists (select 1 from changes t where t.stream = d.conversation and t.seq = d.answers and t.kind = 'posted')) \
             returning actor, client_id, seq, number"
        ))
        .into_sql_str()
    })
});

impl Store {
    /// Keeps a message, or finds that it was kept before, and says where it stands and since when.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation; `conflict` when the id was used for another message.
    pub async fn post(&self, draft: Draft) -> Outcome<Place> {
        self.writer.post(Posting::new(draft)).await
    }

    /// The same for a message that carries these files, which its author uploaded for this conversation.
    ///
    /// # Errors
    /// As well: `not_found` at `files` where one of them is not there, is not there whole, or was sent before.
    pub async fn post_carrying(&self, draft: Draft, files: Vec<FileId>) -> Outcome<Place> {
        let posting = Posting::new(draft);
        self.perform(move |ledger| Box::pin(ledger.post_carrying(posting, files))).await
    }
}

impl Ledger {
    /// One message, among other deeds.
    pub(in crate::server::store) async fn post(&mut self, draft: Draft) -> Outcome<Place> {
        self.post_all(vec![Posting::new(draft)]).await?.pop().unwrap_or_else(|| Err(ChatError::not_found().into()))
    }

    /// Messages in the order in which they came; the outcome of each stands where it stood.
    ///
    /// # Errors
    /// What the engine said: then none of them is kept.
    pub(in crate::server::store) async fn post_all(&mut self, drafts: Vec<Posting>) -> Outcome<Vec<Outcome<Place>>> {
        const MOST: usize = SIZES[SIZES.len() - 1];
        let (mut outcomes, mut rest) = (Vec::with_capacity(drafts.len()), drafts);
        while !rest.is_empty() {
            let later = rest.split_off(rest.len().min(MOST));
            self.post_some(rest, &mut outcomes).await?;
            rest = later;
        }
        Ok(outcomes)
    }

    async fn post_carrying(&mut self, posting: Posting, files: Vec<FileId>) -> Outcome<Place> {
        let Posting { mut draft, terms } = posting;
        let conversation = draft.conversation;
        if self.is_known(draft.author, draft.client_id).await? {
            return self.posted_before(draft, files).await;
        }
        crate::server::store::conversations::members::head_for(&mut self.connection, draft.author, conversation).await?;
        draft.files = self.ready(draft.author, conversation, &files).await?;
        let attached = draft.files.clone();
        let posted = self.post_all(vec![Posting { draft, terms }]).await?.pop();
        let (seq, at) = posted.unwrap_or_else(|| Err(ChatError::not_found().into()))?;
        self.attach(conversation, seq, &attached).await?;
        Ok((seq, at))
    }

    async fn is_known(&mut self, author: PersonId, client_id: ClientId) -> Outcome<bool> {
        let row = sqlx::query("select 1 from changes where actor = $1 and client_id = $2");
        Ok(row.bind(author).bind(client_id).fetch_optional(&mut self.connection).await?.is_some())
    }

    async fn post_some(&mut self, postings: Vec<Posting>, outcomes: &mut Vec<Outcome<Place>>) -> Outcome<()> {
        let at = self.now;
        let (drafts, terms): (Vec<_>, Vec<_>) = postings.into_iter().map(|posting| (posting.draft, posting.terms)).unzip();
        let mut ids = HashSet::with_capacity(drafts.len());
        // The same message twice in one statement would take two numbers: the second one is bound as nobody's.
        let again: Vec<bool> = drafts.iter().map(|draft| !ids.insert((draft.author, draft.client_id))).collect();
        let which = SIZES.iter().position(|size| *size >= drafts.len()).unwrap_or(SIZES.len() - 1);
        let mut insert = sqlx::query_as(INSERTS[which].clone());
        for (draft, again) in drafts.iter().zip(&again) {
            insert =
                insert.bind((!again).then_some(draft.author)).bind(draft.conversation).bind(draft.client_id).bind(&draft.body).bind(draft.answers);
        }
        for _ in drafts.len()..SIZES[which] {
            insert = insert.bind(None::<PersonId>).bind(None::<ConversationId>).bind(None::<ClientId>).bind(None::<String>).bind(None::<Seq>);
        }
        let rows: Vec<(PersonId, ClientId, Seq, i64)> = insert.bind(at).fetch_all(&mut self.connection).await?;
        let mut written: HashMap<_, _> = rows.into_iter().map(|(author, client_id, seq, number)| ((author, client_id), (seq, number))).collect();
        let mut heads = HashMap::new();
        let mut to_find = Vec::with_capacity(written.len());
        for ((draft, terms), again) in drafts.iter().zip(terms).zip(&again) {
            if let (false, Some((seq, number))) = (again, written.get(&(draft.author, draft.client_id))) {
                let head = heads.entry(draft.conversation).or_insert(*seq);
                *head = (*head).max(*seq);
                to_find.push((*number, terms));
            }
        }
        crate::server::store::search::index::take_in(&mut self.connection, &to_find).await?;
        for (conversation, head) in heads {
            sqlx::query("update conversations set head = $2, last_posted = $2 where id = $1")
                .bind(conversation)
                .bind(head)
                .execute(&mut self.connection)
                .await?;
        }
        for draft in drafts {
            let outcome = match written.remove(&(draft.author, draft.client_id)) {
                Some((seq, _)) => self.tell_posted(draft, seq).await.map(|()| (seq, at)),
                None => self.posted_before(draft, Vec::new()).await,
            };
            match outcome {
                Err(broken @ Failure::Broken(_)) => return Err(broken),
                settled => outcomes.push(settled),
            }
        }
        Ok(())
    }

    async fn tell_posted(&mut self, draft: Draft, seq: Seq) -> Outcome<()> {
        let Draft { author, conversation, client_id, body, answers, files } = draft;
        if body.contains('@') {
            let it = crate::server::store::conversations::members::conversation_of(&mut self.connection, author, conversation).await?;
            self.note_new_mentions(&it, seq, author, &body).await?;
        }
        let answers = match answers {
            Some(message) => Some(self.quote(conversation, message).await?),
            None => None,
        };
        let change = Change::Posted { author, body, client_id: Some(client_id), answers, files, state: State::default() };
        self.tell(News::Happened(StreamId::Conversation(conversation), Entry { seq, at: self.now, change }));
        Ok(())
    }

    async fn quote(&mut self, conversation: ConversationId, message: Seq) -> Outcome<Quote> {
        // An excerpt is made of the first 400 characters.
        let (author, body): (PersonId, String) = sqlx::query_as("select actor, substr(said, 1, 400) from changes where stream = $1 and seq = $2")
            .bind(conversation)
            .bind(message)
            .fetch_one(&mut self.connection)
            .await?;
        Ok(Quote { message, author, excerpt: text::excerpt(&body) })
    }

    async fn posted_before(&mut self, draft: Draft, mut files: Vec<FileId>) -> Outcome<Place> {
        crate::server::store::conversations::members::head_for(&mut self.connection, draft.author, draft.conversation).await?;
        let kept: Option<KeptRow> =
            sqlx::query_as("select stream, seq, at, body, target, edited, deleted, names from changes where actor = $1 and client_id = $2")
                .bind(draft.author)
                .bind(draft.client_id)
                .fetch_optional(&mut self.connection)
                .await?;
        let Some(kept) = kept else { return Err(ChatError::invalid("answers", "The message that you replied to does not exist.").into()) };
        let same_text = match self.first_text(&kept).await? {
            Some(first) => first == draft.body,
            // Deleted and forgotten: the id alone decides.
            None => true,
        };
        let carried = if kept.names.is_some() { self.carried(kept.stream, kept.seq).await? } else { Vec::new() };
        files.sort_unstable();
        if kept.stream == draft.conversation && kept.target == draft.answers && same_text && carried == files {
            return Ok((kept.seq, kept.at));
        }
        Err(Failure::Refused(ChatError::conflict("This ID is already used by another message.").at("client_id")))
    }
}

impl Ledger {
    /// What a message said when it was sent, also if it was edited or deleted since. `None` once that is forgotten.
    async fn first_text(&mut self, kept: &KeptRow) -> Outcome<Option<String>> {
        if kept.edited.is_none() && kept.deleted.is_none() {
            return Ok(Some(kept.body.clone()));
        }
        let first: Option<(String,)> = sqlx::query_as("select body from versions where stream = $1 and message = $2 order by until limit 1")
            .bind(kept.stream)
            .bind(kept.seq)
            .fetch_optional(&mut self.connection)
            .await?;
        Ok(first.map(|(body,)| body))
    }
}

/// A message that was kept before under the same name.
#[derive(sqlx::FromRow)]
struct KeptRow {
    stream: ConversationId,
    seq: Seq,
    at: Millis,
    body: String,
    target: Option<Seq>,
    edited: Option<Millis>,
    deleted: Option<Millis>,
    names: Option<String>,
}

/// The statement that writes one message.
#[cfg(test)]
pub(in crate::server::store) fn insert_of_one() -> SqlStr {
    INSERTS[0].clone()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;
    use crate::{domain::Code, server::store::NewPerson};

    #[tokio::test]
    async fn messages_written_together_are_numbered_as_if_each_came_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("together.sqlite"), Arc::new(drop)).await.unwrap();
        let (username, username_key, display_name) = ("ada".to_owned(), "ada".to_owned(), "Ada".to_owned());
        let ada =
            store.register(NewPerson { username, username_key, display_name, password_hash: String::new(), only_first: false }).await.unwrap().id;
        let (stranger, conversation) = (PersonId(Uuid::from_u128(9)), store.everyone());
        let draft = |author, n: u128, body: &str| Draft {
            author,
            conversation,
            client_id: ClientId(Uuid::from_u128(n)),
            body: body.to_owned(),
            answers: None,
            files: Vec::new(),
        };
        let posting = |author, n, body: &str| Posting::new(draft(author, n, body));
        let drafts = vec![posting(ada, 1, "a"), posting(stranger, 2, "b"), posting(ada, 1, "a"), posting(ada, 1, "other"), posting(ada, 3, "c")];
        for _again in 0..2 {
            let drafts = drafts.clone();
            let outcomes = store.perform(|ledger| Box::pin(ledger.post_all(drafts))).await.unwrap();
            let told: Vec<_> =
                outcomes.into_iter().map(|outcome| outcome.map(|(seq, _)| seq.0).map_err(|failure| ChatError::from(failure).code)).collect();
            // 1 is that somebody registered.
            assert_eq!(told, [Ok(2), Err(Code::NotFound), Ok(2), Err(Code::Conflict), Ok(3)]);
        }
        let mut waits = std::pin::pin!(store.post(draft(ada, 4, "d")));
        assert!(futures_util::poll!(&mut waits).is_pending());
        assert_eq!(store.precedence().under_way(), 1, "what takes long waits for it");
        waits.await.unwrap();
        let mut doing = std::pin::pin!(store.perform(|_| Box::pin(async { Ok(()) })));
        assert!(futures_util::poll!(&mut doing).is_pending());
        assert_eq!(store.precedence().under_way(), 1, "and for all else that is written down");
        doing.await.unwrap();
        assert_eq!(store.precedence().under_way(), 0);
        let many = (10..410).map(|n| posting(ada, n, "many")).collect();
        let outcomes = store.perform(|ledger| Box::pin(ledger.post_all(many))).await.unwrap();
        let seqs: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap().0.0).collect();
        assert_eq!(seqs, (5..405).collect::<Vec<_>>());
    }
}
