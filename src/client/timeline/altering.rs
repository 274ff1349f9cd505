//! What becomes of messages that are here: they are altered in their place.

use std::sync::Arc;

use super::Timeline;
use crate::domain::{Change, Entry, Seq, message::State, text};

impl Timeline {
    /// What a change does to messages that are here.
    pub(super) fn alter(&mut self, entry: &Entry) {
        match &entry.change {
            Change::Posted { answers: Some(quote), .. } => self.change(quote.message, |_, state| state.answer(entry.seq)),
            Change::Edited { message, body, .. } => self.reword(*message, body, |state| state.edited = Some(entry.at)),
            Change::Restored { message, body, .. } => self.reword(*message, body, |state| state.deleted = None),
            Change::Deleted { message, .. } => self.reword(*message, "", |state| state.deleted = Some(entry.at)),
            Change::Reacted { by, message, emoji, on } => self.change(*message, |_, state| state.react(*by, emoji, *on)),
            Change::Pinned { message, on, .. } => self.change(*message, |_, state| state.pinned = *on),
            Change::Settled { message, on, .. } => self.change(*message, |_, state| state.settled = *on),
            _ => {}
        }
    }

    fn change(&mut self, message: Seq, change: impl FnOnce(&mut String, &mut State)) {
        let Ok(place) = self.entries.binary_search_by_key(&message, |entry| entry.seq) else { return };
        if let Change::Posted { body, state, .. } = &mut Arc::make_mut(&mut self.entries[place]).change {
            change(body, state);
        }
    }

    /// A message says something else now; so do those that quote it.
    fn reword(&mut self, message: Seq, says: &str, change: impl FnOnce(&mut State)) {
        self.change(message, |body, state| {
            says.clone_into(body);
            change(state);
        });
        for entry in &mut self.entries {
            if matches!(&entry.change, Change::Posted { answers: Some(quote), .. } if quote.message == message)
                && let Change::Posted { answers: Some(quote), .. } = &mut Arc::make_mut(entry).change
            {
                quote.excerpt = text::excerpt(says);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{HistoryPage, PersonId};
    use uuid::Uuid;

    #[test]
    fn what_alters_a_message_while_its_page_is_on_its_way_is_not_lost() {
        let ada = PersonId(Uuid::from_u128(1));
        let said = |seq: u64, body: &str| Entry {
            seq: Seq(seq),
            at: 0,
            change: Change::Posted { author: ada, body: body.into(), client_id: None, answers: None, state: State::default() },
        };
        let edited = |seq: u64, body: &str| Entry { seq: Seq(seq), at: 7, change: Change::Edited { by: ada, message: Seq(2), body: body.into() } };
        let mut timeline = Timeline::on_its_way();
        timeline.happen(edited(8, "known to the page"));
        timeline.happen(edited(9, "new"));
        timeline.show(HistoryPage { entries: vec![said(2, "page")], more_before: false, more_after: false, head: Seq(8) });
        let body = |timeline: &Timeline| match &timeline.message(Seq(2)).unwrap().change {
            Change::Posted { body, state, .. } => (body.clone(), state.edited),
            _ => unreachable!(),
        };
        assert_eq!(body(&timeline), ("new".into(), Some(7)));
        timeline.happen(edited(10, "newer"));
        assert_eq!((body(&timeline).0, timeline.last()), ("newer".into(), Some(Seq(2))), "an alteration is no row");
    }
}
