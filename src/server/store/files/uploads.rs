//! Files: whose they are, where they are shared, and under which names their bytes lie. The bytes themselves are no matter of the store.

use crate::{
    domain::{
        Attachment, ChatError, Code, ConversationId, FileId, Millis, PersonId, Seq,
        file::{self, SharedFile},
    },
    protocol::codec,
    server::{
        error::Failure,
        store::{Ledger, Outcome, Store, columns::size, conversations::members, journal_rows},
    },
};

/// Most files of one person that are not sent.
const MOST_NOT_SENT: i64 = 200;

/// A file that somebody begins to upload.
#[derive(Clone, Debug)]
pub struct Share {
    /// Its id, by its sender's browser.
    pub id: FileId,
    /// Who sends it.
    pub owner: PersonId,
    /// Where it is to be shared.
    pub conversation: ConversationId,
    /// What it is called, already cleaned.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// Its attachment, once it is there whole.
    pub file: Option<Attachment>,
}

/// The names under which a file's bytes lie, and as what they may be played.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// Of the whole.
    pub whole: String,
    /// Of a picture, to be looked at by itself.
    pub large: Option<String>,
    /// Of a picture, for between messages.
    pub small: Option<String>,
    /// Its media type, if it may be played in place.
    pub media: Option<String>,
}

/// A file that somebody may fetch.
#[derive(Clone, Debug)]
pub struct Served {
    /// What it is.
    pub file: Attachment,
    /// Where it lies.
    pub objects: Objects,
}

#[derive(sqlx::FromRow)]
struct FileRow {
    owner: PersonId,
    conversation: ConversationId,
    name: String,
    size: i64,
    shown: Option<String>,
    /// Its message was deleted.
    #[sqlx(default)]
    is_gone: bool,
}

#[derive(sqlx::FromRow)]
struct ObjectsRow {
    shown: String,
    media: Option<String>,
    whole: String,
    large: Option<String>,
    small: Option<String>,
}

impl Store {
    /// Begins an upload, or finds that it was begun: `most` bytes are this person's share of the disk.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation, and where the id is somebody else's; `conflict` where it was begun
    /// otherwise; `too_large` where the share is used up; `too_many` where too much is not sent.
    pub async fn begin_upload(&self, share: Share, most: u64) -> Outcome<Share> {
        self.perform(move |ledger| Box::pin(ledger.begin_upload(share, most))).await
    }

    /// An upload that this person began, while they are in its conversation and its message, if it was sent, stands.
    ///
    /// # Errors
    /// `not_found` otherwise, and for everybody else.
    pub async fn upload(&self, owner: PersonId, id: FileId) -> Outcome<Share> {
        let row: Option<FileRow> = sqlx::query_as(
            "select f.owner, f.conversation, f.name, f.size, f.shown from files f \
             join memberships m on m.person = f.owner and m.conversation = f.conversation \
             left join changes c on c.stream = f.conversation and c.seq = f.message \
             where f.id = $1 and f.owner = $2 and (f.message is null or (c.kind = 'posted' and c.deleted is null))",
        )
        .bind(id)
        .bind(owner)
        .fetch_optional(&self.readers)
        .await?;
        row.and_then(|row| row.share(id)).ok_or_else(|| ChatError::not_found().into())
    }

    /// A file is there whole, and takes so many bytes: `most` are this person's share of the disk.
    ///
    /// # Errors
    /// `not_found` where it was given up meanwhile; `too_large` where it takes more than is left of the share.
    pub async fn finish_upload(&self, owner: PersonId, file: Attachment, objects: Objects, takes: u64, most: u64) -> Outcome<()> {
        self.perform(move |ledger| Box::pin(ledger.finish_upload(owner, file, objects, (takes, most)))).await
    }

    /// A file that this person uploaded and has not sent, for something else than a message.
    ///
    /// # Errors
    /// `not_found` where there is no such file.
    pub async fn not_sent(&self, owner: PersonId, id: FileId) -> Outcome<Served> {
        let waits = sqlx::query("select 1 from files where id = $1 and owner = $2 and message is null").bind(id).bind(owner);
        waits.fetch_optional(&self.readers).await?.ok_or_else(ChatError::not_found)?;
        self.file(owner, id).await
    }

    /// Somebody gives a file up that they did not send. Says the names of bytes that may lie there for nobody now.
    ///
    /// # Errors
    /// `not_found` where there is no such file of theirs.
    pub async fn give_up_upload(&self, owner: PersonId, id: FileId) -> Outcome<Vec<String>> {
        self.perform(move |ledger| Box::pin(ledger.give_up_upload(owner, id))).await
    }

    /// A file, for who may see it: all in the conversation in which it was sent, while the message stands; until it is sent, its owner.
    ///
    /// # Errors
    /// `not_found` for everybody else.
    pub async fn file(&self, person: PersonId, id: FileId) -> Outcome<Served> {
        let row: Option<ObjectsRow> = sqlx::query_as(
            "select f.shown, f.media, f.whole, f.large, f.small from files f \
             join memberships m on m.person = $1 and m.conversation = f.conversation \
             left join changes c on c.stream = f.conversation and c.seq = f.message \
             where f.id = $2 and f.whole is not null and f.shown is not null \
             and ((f.message is null and f.owner = $1) or (c.kind = 'posted' and c.deleted is null))",
        )
        .bind(person)
        .bind(id)
        .fetch_optional(&self.readers)
        .await?;
        let ObjectsRow { shown, media, whole, large, small } = row.ok_or_else(ChatError::not_found)?;
        Ok(Served { file: read(&shown)?, objects: Objects { whole, large, small, media } })
    }

    /// The files of a conversation, the newest first: those of messages before this one, at most so many messages.
    ///
    /// # Errors
    /// `not_found` for all who are not in it.
    pub async fn files(&self, person: PersonId, conversation: ConversationId, before: Seq, limit: u32) -> Outcome<Vec<SharedFile>> {
        let mut view = self.readers.begin().await?;
        members::head_for(&mut view, person, conversation).await?;
        let rows: Vec<(Seq, Millis, PersonId, Option<String>)> = sqlx::query_as(
            "select c.seq, c.at, c.actor, c.files from (select distinct message from files where conversation = $1 and message is not null \
             and message < $2 order by message desc) s cross join changes c on c.stream = $1 and c.seq = s.message and c.deleted is null limit $3",
        )
        .bind(conversation)
        .bind(before)
        .bind(limit)
        .fetch_all(&mut *view)
        .await?;
        let shared = |(seq, at, author, files): (Seq, Millis, PersonId, Option<String>)| {
            let files = journal_rows::files(files.as_deref()).unwrap_or_default();
            files.into_iter().map(move |file| SharedFile { seq, at, author, file }).collect::<Vec<_>>()
        };
        Ok(rows.into_iter().flat_map(shared).collect())
    }
}

impl FileRow {
    fn share(self, id: FileId) -> Option<Share> {
        let Self { owner, conversation, name, size, shown, .. } = self;
        let file = match shown {
            Some(shown) => Some(codec::read_any(&shown).ok()?),
            None => None,
        };
        Some(Share { id, owner, conversation, name, size: u64::try_from(size).ok()?, file })
    }
}

pub(in crate::server::store) fn read(shown: &str) -> Outcome<Attachment> {
    codec::read_any(shown).map_err(|e| Failure::Broken(e.into()))
}

pub(in crate::server::store) fn write<T: serde::Serialize>(shown: &T) -> Outcome<String> {
    codec::write_any(shown).map_err(|e| Failure::Broken(e.into()))
}

impl Ledger {
    async fn begin_upload(&mut self, share: Share, most: u64) -> Outcome<Share> {
        members::head_for(&mut self.connection, share.owner, share.conversation).await?;
        let known: Option<FileRow> = sqlx::query_as(
            "select f.owner, f.conversation, f.name, f.size, f.shown, f.message is not null and (c.kind <> 'posted' or c.deleted is not null) as is_gone \
             from files f left join changes c on c.stream = f.conversation and c.seq = f.message where f.id = $1",
        )
        .bind(share.id)
        .fetch_optional(&mut self.connection)
        .await?;
        if let Some(row) = known {
            if row.is_gone {
                return Err(ChatError::not_found().into());
            }
            // Also one that was sent: whoever did not hear that asks again.
            let same = row.conversation == share.conversation && row.name == share.name && size(row.size) == share.size;
            return match row.owner == share.owner {
                true if same => row.share(share.id).ok_or_else(|| Failure::Broken("a file that cannot be read".into())),
                true => Err(ChatError::conflict("This ID is already used by another file.").at("file").into()),
                false => Err(ChatError::not_found().into()),
            };
        }
        let (waiting,): (i64,) = sqlx::query_as("select count(*) from files where owner = $1 and message is null")
            .bind(share.owner)
            .fetch_one(&mut self.connection)
            .await?;
        if waiting >= MOST_NOT_SENT {
            return Err(ChatError::too_many("You have too many unsent files. Send or remove some and try again.", 60).into());
        }
        self.has_room(share.owner, share.size, most, "size").await?;
        sqlx::query("insert into files (id, owner, conversation, name, size, started) values ($1, $2, $3, $4, $5, $6)")
            .bind(share.id)
            .bind(share.owner)
            .bind(share.conversation)
            .bind(&share.name)
            .bind(i64::try_from(share.size).unwrap_or(i64::MAX))
            .bind(self.now)
            .execute(&mut self.connection)
            .await?;
        Ok(share)
    }

    /// Whether so many bytes more fit into somebody's share of the disk.
    async fn has_room(&mut self, owner: PersonId, more: u64, most: u64, field: &str) -> Outcome<()> {
        let (used,): (i64,) =
            sqlx::query_as("select coalesce(sum(weight), 0) from files where owner = $1").bind(owner).fetch_one(&mut self.connection).await?;
        if size(used).saturating_add(more) <= most {
            return Ok(());
        }
        let (used, most) = (file::size(size(used)), file::size(most));
        let words = format!(
            "You have used {used} of {most}, so this file does not fit. Delete messages with large files. Their space is freed after 30 days."
        );
        Err(ChatError::new(Code::TooLarge, words).at(field).into())
    }

    async fn finish_upload(&mut self, owner: PersonId, file: Attachment, objects: Objects, (takes, most): (u64, u64)) -> Outcome<()> {
        let Objects { whole, large, small, media } = objects;
        let announced: Option<(i64,)> = sqlx::query_as("select weight from files where id = $1 and owner = $2 and message is null")
            .bind(file.id)
            .bind(owner)
            .fetch_optional(&mut self.connection)
            .await?;
        let (announced,) = announced.ok_or_else(ChatError::not_found)?;
        self.has_room(owner, takes.saturating_sub(size(announced)), most, "file").await?;
        let done = sqlx::query(
            "update files set shown = $3, media = $4, whole = $5, large = $6, small = $7, laid_down = $8 \
             where id = $1 and owner = $2 and message is null",
        );
        let done = done.bind(file.id).bind(owner).bind(write(&file)?).bind(media).bind(whole).bind(large).bind(small);
        let done = done.bind(i64::try_from(takes).unwrap_or(i64::MAX));
        match done.execute(&mut self.connection).await?.rows_affected() {
            0 => Err(ChatError::not_found().into()),
            _ => Ok(()),
        }
    }

    async fn give_up_upload(&mut self, owner: PersonId, id: FileId) -> Outcome<Vec<String>> {
        let gone = sqlx::query_as("delete from files where id = $1 and owner = $2 and message is null returning whole, large, small");
        let gone: Option<(Option<String>, Option<String>, Option<String>)> = gone.bind(id).bind(owner).fetch_optional(&mut self.connection).await?;
        let (whole, large, small) = gone.ok_or_else(ChatError::not_found)?;
        Ok([whole, large, small].into_iter().flatten().collect())
    }
}
