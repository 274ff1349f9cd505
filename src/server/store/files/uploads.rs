//! Uploads and files: their owners, their conversations, and the names of their blobs. The store
//! does not hold the bytes.

use crate::{
    domain::{
        Attachment, ChatError, Code, ConversationId, FileId, Millis, PersonId, Seq,
        file::{self, SharedFile},
    },
    protocol::codec,
    server::{
        error::AppError,
        store::{Result, Store, WriteTx, columns::size, conversations::membership, journal_rows},
    },
};

/// Maximum number of unsent files of one person.
const MAX_PENDING: i64 = 200;

/// An upload.
#[derive(Clone, Debug)]
pub struct UploadRecord {
    /// Its ID, chosen by the sender's browser.
    pub id: FileId,
    /// The sender.
    pub owner: PersonId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The file name, already cleaned.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// The attachment, once the upload is complete.
    pub file: Option<Attachment>,
}

/// The blobs of a file, and the media type for playback.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlobKeys {
    /// The whole file.
    pub whole: String,
    /// A large image, for the viewer.
    pub large: Option<String>,
    /// A small image, for the message list.
    pub small: Option<String>,
    /// The media type, if it may be played in place.
    pub media: Option<String>,
}

/// A file that somebody may download.
#[derive(Clone, Debug)]
pub struct StoredFile {
    /// The attachment.
    pub file: Attachment,
    /// Its blobs.
    pub keys: BlobKeys,
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
struct BlobKeysRow {
    shown: String,
    media: Option<String>,
    whole: String,
    large: Option<String>,
    small: Option<String>,
}

impl Store {
    /// Starts an upload, or finds the one that was started. `quota` is the person's limit in bytes.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member, and where the ID is somebody else's;
    /// `conflict` where it was started with other arguments; `too_large` beyond the quota;
    /// `too_many` with too many unsent files.
    pub async fn start_upload(&self, upload: UploadRecord, quota: u64) -> Result<UploadRecord> {
        self.write(move |tx| Box::pin(tx.start_upload(upload, quota))).await
    }

    /// An upload of this person, while they are a member and its message, if it was sent, is not
    /// deleted.
    ///
    /// # Errors
    /// `not_found` otherwise.
    pub async fn upload(&self, owner: PersonId, id: FileId) -> Result<UploadRecord> {
        let row: Option<FileRow> = sqlx::query_as(
            "select f.owner, f.conversation, f.name, f.size, f.shown from files f \
             join memberships m on m.person = f.owner and m.conversation = f.conversation \
             left join changes c on c.stream = f.conversation and c.seq = f.message \
             where f.id = $1 and f.owner = $2 and (f.message is null or (c.kind = 'posted' \
             and c.deleted is null))",
        )
        .bind(id)
        .bind(owner)
        .fetch_optional(&self.readers)
        .await?;
        row.and_then(|row| row.into_record(id)).ok_or_else(|| ChatError::not_found().into())
    }

    /// Completes an upload of this size. `quota` is the person's limit in bytes.
    ///
    /// # Errors
    /// `not_found` where it was cancelled meanwhile; `too_large` beyond the quota.
    pub async fn finish_upload(
        &self,
        owner: PersonId,
        file: Attachment,
        keys: BlobKeys,
        stored_size: u64,
        quota: u64,
    ) -> Result<()> {
        self.write(move |tx| Box::pin(tx.finish_upload(owner, file, keys, (stored_size, quota))))
            .await
    }

    /// An unsent file of this person, to be used for something else than a message.
    ///
    /// # Errors
    /// `not_found` where there is none.
    pub async fn pending_file(&self, owner: PersonId, id: FileId) -> Result<StoredFile> {
        let pending =
            sqlx::query("select 1 from files where id = $1 and owner = $2 and message is null")
                .bind(id)
                .bind(owner);
        pending.fetch_optional(&self.readers).await?.ok_or_else(ChatError::not_found)?;
        self.file(owner, id).await
    }

    /// Cancels an upload. Returns the blobs that may now be unreferenced.
    ///
    /// # Errors
    /// `not_found` where this person has no such unsent file.
    pub async fn cancel_upload(&self, owner: PersonId, id: FileId) -> Result<Vec<String>> {
        self.write(move |tx| Box::pin(tx.cancel_upload(owner, id))).await
    }

    /// A file, for those who may see it: the members while its message is not deleted; until it is
    /// sent, its owner.
    ///
    /// # Errors
    /// `not_found` for everybody else.
    pub async fn file(&self, person: PersonId, id: FileId) -> Result<StoredFile> {
        let row: Option<BlobKeysRow> = sqlx::query_as(
            "select f.shown, f.media, f.whole, f.large, f.small from files f \
             join memberships m on m.person = $1 and m.conversation = f.conversation \
             left join changes c on c.stream = f.conversation and c.seq = f.message \
             where f.id = $2 and f.whole is not null and f.shown is not null \
             and ((f.message is null and f.owner = $1) or (c.kind = 'posted' \
             and c.deleted is null))",
        )
        .bind(person)
        .bind(id)
        .fetch_optional(&self.readers)
        .await?;
        let BlobKeysRow { shown, media, whole, large, small } =
            row.ok_or_else(ChatError::not_found)?;
        Ok(StoredFile {
            file: decode_attachment(&shown)?,
            keys: BlobKeys { whole, large, small, media },
        })
    }

    /// The files of a conversation, the newest first: of the messages before a position, up to a
    /// limit of messages.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn files(
        &self,
        person: PersonId,
        conversation: ConversationId,
        before: Seq,
        limit: u32,
    ) -> Result<Vec<SharedFile>> {
        let mut view = self.readers.begin().await?;
        membership::check_member(&mut view, person, conversation).await?;
        let rows: Vec<(Seq, Millis, PersonId, Option<String>)> = sqlx::query_as(
            "select c.seq, c.at, c.actor, c.files from (select distinct message from files \
             where conversation = $1 and message is not null \
             and message < $2 order by message desc) s cross join changes c on c.stream = $1 \
             and c.seq = s.message and c.deleted is null limit $3",
        )
        .bind(conversation)
        .bind(before)
        .bind(limit)
        .fetch_all(&mut *view)
        .await?;
        let shared = |(seq, at, author, files): (Seq, Millis, PersonId, Option<String>)| {
            let files = journal_rows::parse_files(files.as_deref()).unwrap_or_default();
            files
                .into_iter()
                .map(move |file| SharedFile { seq, at, author, file })
                .collect::<Vec<_>>()
        };
        Ok(rows.into_iter().flat_map(shared).collect())
    }
}

impl FileRow {
    fn into_record(self, id: FileId) -> Option<UploadRecord> {
        let Self { owner, conversation, name, size, shown, .. } = self;
        let file = match shown {
            Some(shown) => Some(codec::decode_json(&shown).ok()?),
            None => None,
        };
        Some(UploadRecord { id, owner, conversation, name, size: u64::try_from(size).ok()?, file })
    }
}

pub(in crate::server::store) fn decode_attachment(shown: &str) -> Result<Attachment> {
    codec::decode_json(shown).map_err(|e| AppError::Internal(e.into()))
}

pub(in crate::server::store) fn encode<T: serde::Serialize>(shown: &T) -> Result<String> {
    codec::encode_json(shown).map_err(|e| AppError::Internal(e.into()))
}

impl WriteTx {
    async fn start_upload(&mut self, upload: UploadRecord, quota: u64) -> Result<UploadRecord> {
        membership::check_member(&mut self.connection, upload.owner, upload.conversation).await?;
        let existing: Option<FileRow> = sqlx::query_as(
            "select f.owner, f.conversation, f.name, f.size, f.shown, f.message is not null \
             and (c.kind <> 'posted' or c.deleted is not null) as is_gone \
             from files f left join changes c on c.stream = f.conversation \
             and c.seq = f.message where f.id = $1",
        )
        .bind(upload.id)
        .fetch_optional(&mut self.connection)
        .await?;
        if let Some(row) = existing {
            if row.is_gone {
                return Err(ChatError::not_found().into());
            }
            // Also one that was sent: a client that missed the response asks again.
            let same = row.conversation == upload.conversation
                && row.name == upload.name
                && size(row.size) == upload.size;
            return match row.owner == upload.owner {
                true if same => row
                    .into_record(upload.id)
                    .ok_or_else(|| AppError::Internal("a file that cannot be read".into())),
                true => Err(ChatError::conflict("This ID is already used by another file.")
                    .at("file")
                    .into()),
                false => Err(ChatError::not_found().into()),
            };
        }
        let (pending,): (i64,) =
            sqlx::query_as("select count(*) from files where owner = $1 and message is null")
                .bind(upload.owner)
                .fetch_one(&mut self.connection)
                .await?;
        if pending >= MAX_PENDING {
            return Err(ChatError::too_many(
                "You have too many unsent files. Send or remove some and try again.",
                60,
            )
            .into());
        }
        self.check_quota(upload.owner, upload.size, quota, "size").await?;
        sqlx::query(
            "insert into files (id, owner, conversation, name, size, started) \
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(upload.id)
        .bind(upload.owner)
        .bind(upload.conversation)
        .bind(&upload.name)
        .bind(i64::try_from(upload.size).unwrap_or(i64::MAX))
        .bind(self.now)
        .execute(&mut self.connection)
        .await?;
        Ok(upload)
    }

    /// Whether this many more bytes fit into somebody's quota.
    async fn check_quota(
        &mut self,
        owner: PersonId,
        more: u64,
        quota: u64,
        field: &str,
    ) -> Result<()> {
        let (used,): (i64,) =
            sqlx::query_as("select coalesce(sum(weight), 0) from files where owner = $1")
                .bind(owner)
                .fetch_one(&mut self.connection)
                .await?;
        if size(used).saturating_add(more) <= quota {
            return Ok(());
        }
        let (used, quota) = (file::format_size(size(used)), file::format_size(quota));
        let words = format!(
            "You have used {used} of {quota}, so this file does not fit. Delete messages with \
             large files. Their space is freed after 30 days."
        );
        Err(ChatError::new(Code::TooLarge, words).at(field).into())
    }

    async fn finish_upload(
        &mut self,
        owner: PersonId,
        file: Attachment,
        keys: BlobKeys,
        (stored_size, quota): (u64, u64),
    ) -> Result<()> {
        let BlobKeys { whole, large, small, media } = keys;
        let announced: Option<(i64,)> = sqlx::query_as(
            "select weight from files where id = $1 and owner = $2 and message is null",
        )
        .bind(file.id)
        .bind(owner)
        .fetch_optional(&mut self.connection)
        .await?;
        let (announced,) = announced.ok_or_else(ChatError::not_found)?;
        self.check_quota(owner, stored_size.saturating_sub(size(announced)), quota, "file").await?;
        let done = sqlx::query(
            "update files set shown = $3, media = $4, whole = $5, large = $6, small = $7, \
             laid_down = $8 \
             where id = $1 and owner = $2 and message is null",
        );
        let done = done
            .bind(file.id)
            .bind(owner)
            .bind(encode(&file)?)
            .bind(media)
            .bind(whole)
            .bind(large)
            .bind(small);
        let done = done.bind(i64::try_from(stored_size).unwrap_or(i64::MAX));
        match done.execute(&mut self.connection).await?.rows_affected() {
            0 => Err(ChatError::not_found().into()),
            _ => Ok(()),
        }
    }

    async fn cancel_upload(&mut self, owner: PersonId, id: FileId) -> Result<Vec<String>> {
        let deleted = sqlx::query_as(
            "delete from files where id = $1 and owner = $2 and message is null \
             returning whole, large, small",
        );
        let deleted: Option<(Option<String>, Option<String>, Option<String>)> =
            deleted.bind(id).bind(owner).fetch_optional(&mut self.connection).await?;
        let (whole, large, small) = deleted.ok_or_else(ChatError::not_found)?;
        Ok([whole, large, small].into_iter().flatten().collect())
    }
}
