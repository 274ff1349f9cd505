//! What was loaded of a conversation's history: one piece without holes. It is bounded, so the page stays light however long
//! the history is.

mod aggregations;

use std::sync::Arc;

use crate::domain::{Change, ClientId, Entry, HistoryPage, Seq};

/// Most entries that one piece holds, on a screen of a usual size; twice that while somebody reads back and others write.
const MAX_ENTRIES: usize = 240;

/// Which way more was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Further back.
    Older,
    /// Further on.
    Newer,
}

/// One piece of one history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    entries: Vec<Arc<Entry>>,
    /// Whether a page was loaded; before that only what arrives live is here.
    loaded: bool,
    more_before: bool,
    more_after: bool,
    /// What altered messages while a page was on its way: the page may have been read before.
    late: Vec<Entry>,
    /// Entries that fill the screen and what is loaded around it: a piece that held fewer would be loaded at both ends in turn, for ever.
    room: usize,
    /// What is on its way.
    pub loading: Option<Direction>,
    /// Why the last page did not come.
    pub failed: Option<String>,
}

impl Timeline {
    /// Nothing yet, but asked for.
    #[must_use]
    pub fn pending() -> Self {
        Self { loading: Some(Direction::Newer), ..Self::default() }
    }

    /// The entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Most entries that it holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        MAX_ENTRIES.max(self.room)
    }

    /// Says how many entries the screen has room for.
    pub const fn set_capacity(&mut self, entries: usize) {
        self.room = entries;
    }

    /// Whether there is anything to show yet.
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether there is something before the first.
    #[must_use]
    pub const fn has_older(&self) -> bool {
        self.loaded && self.more_before
    }

    /// Whether there is something after the last that is not here.
    #[must_use]
    pub const fn has_newer(&self) -> bool {
        self.loaded && self.more_after
    }

    /// The first place.
    #[must_use]
    pub fn first(&self) -> Option<Seq> {
        self.entries.first().map(|entry| entry.seq)
    }

    /// Whether a place lies within what is here.
    #[must_use]
    pub fn covers(&self, seq: Seq) -> bool {
        (!self.more_before || self.first().is_some_and(|first| first <= seq)) && (!self.more_after || self.last().is_some_and(|last| last >= seq))
    }

    /// The last place.
    #[must_use]
    pub fn last(&self) -> Option<Seq> {
        self.entries.last().map(|entry| entry.seq)
    }

    /// A page to begin with came: the newest one, or one around a place. What arrived live while it was on its way follows it.
    pub fn replace(&mut self, page: HistoryPage) {
        let live = std::mem::take(&mut self.entries);
        let head = page.head;
        self.entries = page.entries.into_iter().map(Arc::new).collect();
        if !page.more_after {
            let last = self.last().unwrap_or(head);
            self.entries.extend(live.into_iter().filter(|entry| entry.seq > last));
        }
        (self.loaded, self.more_before, self.more_after) = (true, page.more_before, page.more_after);
        self.arrived(head);
    }

    /// A page is here: what altered messages since it was read is done to them now.
    fn arrived(&mut self, head: Seq) {
        (self.loading, self.failed) = (None, None);
        for entry in std::mem::take(&mut self.late) {
            if entry.seq > head {
                self.aggregate(&entry);
            }
        }
    }

    /// The page before `edge` came. One that no longer fits, because the beginning was let go of meanwhile, would leave a hole:
    /// it is thrown away.
    pub fn prepend(&mut self, edge: Seq, page: HistoryPage) {
        if !self.loaded {
            return;
        }
        if self.first() != Some(edge) {
            return self.arrived(Seq(u64::MAX));
        }
        let head = page.head;
        let mut entries: Vec<Arc<Entry>> = page.entries.into_iter().filter(|entry| entry.seq < edge).map(Arc::new).collect();
        self.more_before = page.more_before;
        entries.append(&mut self.entries);
        if entries.len() > self.capacity() {
            entries.truncate(self.capacity());
            self.more_after = true;
        }
        self.entries = entries;
        self.arrived(head);
    }

    /// The page after `edge` came, with the same care.
    pub fn append(&mut self, edge: Seq, page: HistoryPage) {
        if !self.loaded {
            return;
        }
        if self.last() != Some(edge) {
            return self.arrived(Seq(u64::MAX));
        }
        let head = page.head;
        self.entries.extend(page.entries.into_iter().filter(|entry| entry.seq > edge).map(Arc::new));
        self.more_after = page.more_after;
        self.drop_oldest();
        self.arrived(head);
    }

    /// Something happened.
    pub fn apply(&mut self, entry: Entry) {
        self.aggregate(&entry);
        let hidden = !entry.change.is_shown();
        if self.loading.is_some() && (hidden || matches!(entry.change, Change::Posted { answers: Some(_), .. })) {
            self.late.push(entry.clone());
        }
        if hidden || self.more_after || self.last().is_some_and(|last| last >= entry.seq) {
            return;
        }
        if self.entries.len() >= 2 * self.capacity() {
            // Somebody reads back while very much arrives: the rest is fetched when they come down.
            self.more_after = true;
            return;
        }
        self.entries.push(Arc::new(entry));
    }

    /// A message, if it is here.
    #[must_use]
    pub fn message(&self, seq: Seq) -> Option<&Arc<Entry>> {
        let place = self.entries.binary_search_by_key(&seq, |entry| entry.seq).ok()?;
        self.entries.get(place)
    }

    /// Nobody looks at the beginning: keeps no more than is shown.
    pub fn drop_oldest(&mut self) {
        if self.entries.len() > self.capacity() {
            self.entries.drain(..self.entries.len() - self.capacity());
            self.more_before = true;
        }
    }

    /// Whether a message of one's own, by its id, is here.
    #[must_use]
    pub fn has(&self, id: ClientId) -> bool {
        let is_it = |entry: &Arc<Entry>| matches!(&entry.change, Change::Posted { client_id: Some(known), .. } if *known == id);
        self.entries.iter().rev().any(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PersonId;
    use uuid::Uuid;

    fn entry(seq: u64) -> Entry {
        Entry { seq: Seq(seq), at: 0, change: Change::Created { by: PersonId(Uuid::nil()) } }
    }

    fn page(seqs: std::ops::RangeInclusive<u64>, head: u64) -> HistoryPage {
        let (first, last) = (*seqs.start(), *seqs.end());
        HistoryPage { entries: seqs.map(entry).collect(), more_before: first > 1, more_after: last < head, head: Seq(head) }
    }

    fn seqs(timeline: &Timeline) -> Vec<u64> {
        timeline.entries().iter().map(|entry| entry.seq.0).collect()
    }

    #[test]
    fn what_arrives_while_the_page_is_on_its_way_is_neither_lost_nor_doubled() {
        let mut timeline = Timeline::default();
        timeline.apply(entry(8));
        timeline.apply(entry(9));
        timeline.replace(page(3..=8, 8));
        assert_eq!(seqs(&timeline), (3..=9).collect::<Vec<_>>());
        timeline.apply(entry(9));
        assert_eq!(timeline.last(), Some(Seq(9)));
    }

    #[test]
    fn reading_far_back_lets_go_of_the_end_and_coming_down_fetches_it_again() {
        let head = 3 * MAX_ENTRIES as u64;
        let mut timeline = Timeline::default();
        timeline.replace(page(head - 59..=head, head));
        while timeline.has_older() {
            let first = timeline.first().unwrap().0;
            timeline.prepend(Seq(first), page(first.saturating_sub(60).max(1)..=first - 1, head));
            assert!(timeline.entries().len() <= MAX_ENTRIES);
        }
        assert!(timeline.has_newer(), "the end was let go");
        timeline.apply(entry(head + 1));
        assert_ne!(timeline.last(), Some(Seq(head + 1)), "a hole is never shown");
        while timeline.has_newer() {
            let last = timeline.last().unwrap().0;
            timeline.append(Seq(last), page(last + 1..=(last + 60).min(head + 1), head + 1));
        }
        assert_eq!(timeline.last(), Some(Seq(head + 1)));
        assert!(timeline.has_older());
        assert!(seqs(&timeline).windows(2).all(|pair| pair[1] == pair[0] + 1), "no hole");
    }

    #[test]
    fn a_page_that_comes_too_late_to_fit_leaves_no_hole() {
        let head = 3 * MAX_ENTRIES as u64;
        let mut timeline = Timeline::default();
        timeline.replace(page(301..=head, head));
        timeline.drop_oldest();
        timeline.prepend(Seq(301), page(241..=300, head));
        assert_eq!(timeline.first(), Some(Seq(head + 1 - MAX_ENTRIES as u64)), "what came does not touch what is shown");
        assert!(timeline.has_older() && timeline.loading.is_none(), "and can be asked for again");
        let mut begun_again = Timeline::pending();
        begun_again.prepend(Seq(301), page(241..=300, head));
        assert_eq!((begun_again.first(), begun_again.loading), (None, Some(Direction::Newer)), "the newest are still on their way");
        begun_again.replace(page(661..=head, head));
        begun_again.append(Seq(300), page(301..=360, head));
        assert_eq!(begun_again.first(), Some(Seq(661)));
    }
}
