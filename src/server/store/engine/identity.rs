//! The identity of a data file: its epoch, its owner name for stored files, and the generation that
//! tells its copies apart.

use std::path::Path;

use uuid::Uuid;

use super::{Connection, last_write::LastWrite};
use crate::{domain::ConversationId, server::clock};

/// The identity of a data file.
pub(in crate::server::store) struct Identity {
    /// The epoch of the database. A restored copy begins a new one.
    pub(in crate::server::store) epoch: String,
    /// Identifies the data file in all its epochs: stored files belong to this owner.
    pub(in crate::server::store) files_owner: String,
    /// The conversation of everybody.
    pub(in crate::server::store) everyone: ConversationId,
}

/// Reads the identity, and creates what is missing. A data file that is not the latest state of
/// `file` begins a new epoch, so that no browser takes its own state for current.
pub(in crate::server::store) async fn init_identity(
    connection: &mut Connection,
    file: &Path,
) -> Result<Identity, sqlx::Error> {
    let known: Option<String> = meta(connection, "epoch").await?;
    let epoch = match known {
        Some(epoch) if is_current(connection, file, &epoch).await? => epoch,
        before => {
            if let Some(before) = before {
                tracing::warn!(
                    "the database is an older copy, or not the one last used in this folder: all \
                     browsers reload their data"
                );
                set_meta(connection, "previous_epoch", &before).await?;
            }
            let epoch = Uuid::new_v4().simple().to_string();
            set_meta(connection, "epoch", &epoch).await?;
            epoch
        }
    };
    let files_owner = match meta(connection, "files_owner").await? {
        Some(owner) => owner,
        None => {
            // In an older or a new data file, the owner is its first epoch.
            let owner = meta(connection, "previous_epoch").await?.unwrap_or_else(|| epoch.clone());
            set_meta(connection, "files_owner", &owner).await?;
            owner
        }
    };
    sqlx::query(
        "insert into conversations (id, kind, created) select $1, 'everyone', $2 \
         where not exists (select 1 from conversations where kind = 'everyone')",
    )
    .bind(clock::id())
    .bind(clock::now())
    .execute(&mut *connection)
    .await?;
    let (everyone,) = sqlx::query_as("select id from conversations where kind = 'everyone'")
        .fetch_one(&mut *connection)
        .await?;
    super::truncate_wal(connection).await?;
    // This is the first write in the empty WAL.
    bump_generation(connection).await?;
    Ok(Identity { epoch, files_owner, everyone })
}

async fn is_current(
    connection: &mut Connection,
    file: &Path,
    epoch: &str,
) -> Result<bool, sqlx::Error> {
    match LastWrite::read(file) {
        Some(last) if last.epoch == epoch => last.is_contained_in(connection).await,
        _ => Ok(false),
    }
}

/// Increments the generation: see `file_check`.
pub(in crate::server::store) async fn bump_generation(
    connection: &mut Connection,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into meta (key, value) values ('generation', '1') \
         on conflict (key) do update set value = cast(cast(meta.value as integer) + 1 as text)",
    )
    .execute(&mut *connection)
    .await?;
    super::bump_user_version(connection).await
}

async fn meta(connection: &mut Connection, key: &str) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> = sqlx::query_as("select value from meta where key = $1")
        .bind(key)
        .fetch_optional(connection)
        .await?;
    Ok(row.map(|(value,)| value))
}

async fn set_meta(connection: &mut Connection, key: &str, value: &str) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into meta (key, value) values ($1, $2) on conflict (key) do update \
         set value = excluded.value",
    )
    .bind(key)
    .bind(value)
    .execute(connection)
    .await
    .map(drop)
}
