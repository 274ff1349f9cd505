//! Display names that could be taken for each other: what each looks like is kept, and a new one is compared with all of them.

use crate::{
    domain::{ChatError, PersonId},
    server::{
        auth::{CONFUSABLES_VERSION, ConfusableForms, confusable_forms},
        store::{
            Result, Store,
            engine::{self, Connection},
        },
    },
};

/// How many people one transaction takes in at the start.
const BATCH_SIZE: i64 = 1_000;

impl Store {
    /// Asked before a password is hashed, so that a refusal costs nothing; what counts is the answer inside the transaction.
    ///
    /// # Errors
    /// `conflict` at `display_name`, when it looks like another one without being the same.
    pub async fn check_display_name(&self, display_name: &str) -> Result<()> {
        let mut reader = self.readers.acquire().await?;
        check(&mut reader, display_name, &confusable_forms(display_name)).await
    }
}

/// Refuses a name that looks like somebody's without being the same.
///
/// # Errors
/// `conflict` at `display_name`.
pub(in crate::server::store) async fn check(from: &mut Connection, name: &str, confusable_forms: &ConfusableForms) -> Result<()> {
    // Two ranges instead of `<>`: those who have the very same name, who may be many, are not gone through.
    let similar: Option<(i64,)> = sqlx::query_as(
        "select 1 from display_names where folded = $2 and name < $1 \
         union all select 1 from display_names where folded = $2 and name > $1 \
         union all select 1 from display_names where skeleton = $3 and name < $1 and (script <> $4 or script = '') \
         union all select 1 from display_names where skeleton = $3 and name > $1 and (script <> $4 or script = '') \
         limit 1",
    )
    .bind(name)
    .bind(&confusable_forms.folded)
    .bind(&confusable_forms.skeleton)
    .bind(&confusable_forms.script)
    .fetch_optional(from)
    .await?;
    if similar.is_some() {
        return Err(ChatError::conflict("This display name looks too much like another person's. Choose another.").at("display_name").into());
    }
    Ok(())
}

/// Keeps what somebody's name looks like.
pub(in crate::server::store) async fn insert(
    to: &mut Connection,
    person: PersonId,
    name: &str,
    confusable_forms: ConfusableForms,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into display_names (person, name, folded, skeleton, script) values ($1, $2, $3, $4, $5)")
        .bind(person)
        .bind(name)
        .bind(confusable_forms.folded)
        .bind(confusable_forms.skeleton)
        .bind(confusable_forms.script)
        .execute(to)
        .await?;
    Ok(())
}

/// Takes in those who registered before this was kept, and all anew where it was made otherwise. Names that looked alike before stay.
pub(in crate::server::store) async fn backfill(connection: &mut Connection) -> Result<(), sqlx::Error> {
    let done: Option<(String,)> =
        sqlx::query_as("select cast(value as text) from meta where key = 'display_names'").fetch_optional(&mut *connection).await?;
    if done.is_some_and(|(version,)| version == CONFUSABLES_VERSION) {
        return Ok(());
    }
    sqlx::query("delete from display_names").execute(&mut *connection).await?;
    let mut last: Option<PersonId> = None;
    loop {
        sqlx::query(engine::BEGIN).execute(&mut *connection).await?;
        let people: Vec<(PersonId, String)> = sqlx::query_as("select id, display_name from people where id > coalesce($1, x'') order by id limit $2")
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
    sqlx::query("insert into meta (key, value) values ('display_names', $1) on conflict (key) do update set value = excluded.value")
        .bind(CONFUSABLES_VERSION)
        .execute(connection)
        .await?;
    Ok(())
}
