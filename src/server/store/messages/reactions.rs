//! Adds and removes reactions, within the limits per message.

use crate::{
    domain::{Change, emoji, message},
    server::store::{MessageTarget, Result, WriteTx},
};

impl WriteTx {
    pub(in crate::server::store) async fn react(
        &mut self,
        target: MessageTarget,
        emoji: String,
        on: bool,
    ) -> Result<()> {
        let current = self.load_message(target).await?;
        message::check_not_deleted(&current.state)?;
        let spelling = emoji::spelling(&emoji);
        let (all, distinct, same, own): (i64, i64, i64, i64) = sqlx::query_as(
            // An emoji with and without its variation selector is the same.
            "select count(*), count(distinct replace(emoji, char(65039), '')), count(*) filter \
             (where replace(emoji, char(65039), '') = $3), \
             count(*) filter (where replace(emoji, char(65039), '') = $3 and person = $4) \
             from reactions where stream = $1 and message = $2",
        )
        .bind(target.conversation)
        .bind(target.message)
        .bind(&spelling)
        .bind(target.by)
        .fetch_one(&mut self.connection)
        .await?;
        if (own > 0) == on {
            return Ok(());
        }
        if on {
            let count = |rows: i64| usize::try_from(rows).unwrap_or(usize::MAX);
            message::may_react(count(all), count(distinct), same == 0)?;
        }
        let since = self
            .append_change(
                target,
                Change::Reacted {
                    by: target.by,
                    message: target.message,
                    emoji: emoji.clone(),
                    on,
                },
            )
            .await?;
        let write = if on {
            sqlx::query(
                "insert into reactions (stream, message, emoji, person, since) \
                 values ($1, $2, $3, $4, $5)",
            )
        } else {
            sqlx::query(
                "delete from reactions where stream = $1 and message = $2 \
                 and replace(emoji, char(65039), '') = $3 and person = $4 and since < $5",
            )
        };
        write
            .bind(target.conversation)
            .bind(target.message)
            .bind(if on { emoji } else { spelling })
            .bind(target.by)
            .bind(since)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}
