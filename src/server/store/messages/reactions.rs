//! Adding and removing reactions.

use crate::{
    domain::{
        Change, ChatError, emoji,
        message::{self, MOST_EMOJI, MOST_REACTIONS},
    },
    server::store::{Hand, Ledger, Outcome},
};

impl Ledger {
    pub(in crate::server::store) async fn react(&mut self, hand: Hand, emoji: String, on: bool) -> Outcome<()> {
        let found = self.find(hand).await?;
        message::stands(&found.state)?;
        let spelling = emoji::spelling(&emoji);
        let (all, kinds, same, mine): (i64, i64, i64, i64) = sqlx::query_as(
            // Spelled with or without its variation selector, an emoji is the same.
            "select count(*), count(distinct replace(emoji, char(65039), '')), count(*) filter (where replace(emoji, char(65039), '') = $3), \
             count(*) filter (where replace(emoji, char(65039), '') = $3 and person = $4) from reactions where stream = $1 and message = $2",
        )
        .bind(hand.conversation)
        .bind(hand.message)
        .bind(&spelling)
        .bind(hand.by)
        .fetch_one(&mut self.connection)
        .await?;
        if (mine > 0) == on {
            return Ok(());
        }
        let (most, most_kinds) = (i64::try_from(MOST_REACTIONS).unwrap_or(i64::MAX), i64::try_from(MOST_EMOJI).unwrap_or(i64::MAX));
        if on && (all >= most || (same == 0 && kinds >= most_kinds)) {
            return Err(ChatError::conflict("This message has reached the limit of reactions.").into());
        }
        let since = self.alter(hand, Change::Reacted { by: hand.by, message: hand.message, emoji: emoji.clone(), on }).await?;
        let write = if on {
            sqlx::query("insert into reactions (stream, message, emoji, person, since) values ($1, $2, $3, $4, $5)")
        } else {
            sqlx::query(
                "delete from reactions where stream = $1 and message = $2 and replace(emoji, char(65039), '') = $3 and person = $4 and since < $5",
            )
        };
        write
            .bind(hand.conversation)
            .bind(hand.message)
            .bind(if on { emoji } else { spelling })
            .bind(hand.by)
            .bind(since)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}
