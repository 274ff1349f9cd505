//! Display names that could be confused: the confusable forms of each are stored, and a new name is
//! compared with all of them.

use crate::{
    domain::{ChatError, PersonId},
    server::{
        names::{CONFUSABLES_VERSION, ConfusableForms, confusable_forms},
        store::{
            Result, Store,
            engine::{self, Connection},
        },
    },
};

/// People that one transaction of the backfill processes.
const BATCH_SIZE: i64 = 1_000;

impl Store {
    /// Checked before a password is hashed, so that a rejection costs nothing; the check inside the
    /// transaction decides.
    ///
    /// # Errors
    /// `conflict` at `display_name`, when it looks like another one without being equal.
    pub async fn check_display_name(&self, display_name: &str) -> Result<()> {
        let mut reader = self.readers.acquire().await?;
        check(&mut reader, display_name, &confusable_forms(display_name), None).await
    }
}

/// Rejects a name that looks like that of somebody else without being equal.
///
/// # Errors
/// `conflict` at `display_name`.
pub(in crate::server::store) async fn check(
    from: &mut Connection,
    name: &str,
    confusable_forms: &ConfusableForms,
    of: Option<PersonId>,
) -> Result<()> {
    // Two ranges instead of `<>`: the people with an equal name, who may be many, are not scanned.
    let similar: Option<(i64,)> = sqlx::query_as(
        "select 1 from display_names where folded = $2 and name < $1 and person is not $5 \
         union all select 1 from display_names where folded = $2 and name > $1 \
         and person is not $5 \
         union all select 1 from display_names where skeleton = $3 and name < $1 \
         and (script <> $4 or script = '') and person is not $5 \
         union all select 1 from display_names where skeleton = $3 and name > $1 \
         and (script <> $4 or script = '') and person is not $5 \
         limit 1",
    )
    .bind(name)
    .bind(&confusable_forms.folded)
    .bind(&confusable_forms.skeleton)
    .bind(&confusable_forms.script)
    .bind(of)
    .fetch_optional(from)
    .await?;
    if similar.is_some() {
        return Err(ChatError::conflict(
            "This display name looks too much like another person's. Choose another.",
        )
        .at("display_name")
        .into());
    }
    Ok(())
}

/// Deletes the confusable forms of a person's name.
pub(in crate::server::store) async fn delete(
    from: &mut Connection,
    person: PersonId,
) -> Result<(), sqlx::Error> {
    sqlx::query("delete from display_names where person = $1").bind(person).execute(from).await?;
    Ok(())
}

/// Stores the confusable forms of a name.
pub(in crate::server::store) async fn insert(
    to: &mut Connection,
    person: PersonId,
    name: &str,
    confusable_forms: ConfusableForms,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into display_names (person, name, folded, skeleton, script) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(person)
    .bind(name)
    .bind(confusable_forms.folded)
    .bind(confusable_forms.skeleton)
    .bind(confusable_forms.script)
    .execute(to)
    .await?;
    Ok(())
}

/// Adds people who registered before the forms were stored, and replaces all forms of another
/// version. Names that were confusable before stay.
pub(in crate::server::store) async fn backfill(
    connection: &mut Connection,
) -> Result<(), sqlx::Error> {
    let done: Option<(String,)> =
        sqlx::query_as("select cast(value as text) from meta where key = 'display_names'")
            .fetch_optional(&mut *connection)
            .await?;
    if done.is_some_and(|(version,)| version == CONFUSABLES_VERSION) {
        return Ok(());
    }
    sqlx::query("delete from display_names").execute(&mut *connection).await?;
    let mut last: Option<PersonId> = None;
    loop {
        sqlx::query(engine::BEGIN).execute(&mut *connection).await?;
        let people: Vec<(PersonId, String)> = sqlx::query_as(
            "select id, display_name from people where id > coalesce($1, x'') order by id limit $2",
        )
        .bind(last)
        .bind(BATCH_SIZE)
        .fetch_all(&mut *connection)
        .await?;
        for (person, name) in &people {
            insert(connection, *person, name, confusable_forms(name)).await?;
        }
        sqlx::query("commit").execute(&mut *connection).await?;
        match people.last() {
            Some((person, _)) => last = Some(*person),
            None => break,
        }
    }
    sqlx::query(
        "insert into meta (key, value) values ('display_names', $1) \
         on conflict (key) do update set value = excluded.value",
    )
    .bind(CONFUSABLES_VERSION)
    .execute(connection)
    .await?;
    Ok(())
}
