//! The loaded part of a conversation's history: contiguous and bounded, so that the page stays
//! small.

mod aggregations;

use std::sync::Arc;

use crate::domain::{Change, ClientId, Entry, HistoryPage, Seq};

/// Maximum number of entries on a screen of usual size; twice that while the user scrolls back and
/// others write.
const MAX_ENTRIES: usize = 240;

/// Direction of the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Older entries.
    Older,
    /// Newer entries.
    Newer,
}

/// A contiguous part of one history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    entries: Vec<Arc<Entry>>,
    /// Whether a page was loaded; before that it holds live entries only.
    loaded: bool,
    more_before: bool,
    more_after: bool,
    /// Aggregating events received while a page was loading: the page may be older than they are.
    late: Vec<Entry>,
    /// Entries that fill the screen and its load margins. A smaller timeline would load at both
    /// ends forever.
    room: usize,
    /// The page being loaded.
    pub loading: Option<Direction>,
    /// Why the last page failed to load.
    pub failed: Option<String>,
}

impl Timeline {
    /// Empty, with a page being loaded.
    #[must_use]
    pub fn pending() -> Self {
        Self { loading: Some(Direction::Newer), ..Self::default() }
    }

    /// The entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Maximum number of entries it holds.
    #[must_use]
    pub fn capacity(&self) -> usize {
        MAX_ENTRIES.max(self.room)
    }

    /// Sets how many entries the screen has room for.
    pub const fn set_capacity(&mut self, entries: usize) {
        self.room = entries;
    }

    /// Whether a page was loaded.
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether older entries exist.
    #[must_use]
    pub const fn has_older(&self) -> bool {
        self.loaded && self.more_before
    }

    /// Whether newer entries exist that are not loaded.
    #[must_use]
    pub const fn has_newer(&self) -> bool {
        self.loaded && self.more_after
    }

    /// Position of the first entry.
    #[must_use]
    pub fn first(&self) -> Option<Seq> {
        self.entries.first().map(|entry| entry.seq)
    }

    /// Whether a position lies within the loaded part.
    #[must_use]
    pub fn covers(&self, seq: Seq) -> bool {
        (!self.more_before || self.first().is_some_and(|first| first <= seq))
            && (!self.more_after || self.last().is_some_and(|last| last >= seq))
    }

    /// Position of the last entry.
    #[must_use]
    pub fn last(&self) -> Option<Seq> {
        self.entries.last().map(|entry| entry.seq)
    }

    /// Replaces the timeline with a page. Live entries received meanwhile follow it.
    pub fn replace(&mut self, page: HistoryPage) {
        let live = std::mem::take(&mut self.entries);
        let head = page.head;
        self.entries = page.entries.into_iter().map(Arc::new).collect();
        if !page.more_after {
            let last = self.last().unwrap_or(head);
            self.entries.extend(live.into_iter().filter(|entry| entry.seq > last));
        }
        (self.loaded, self.more_before, self.more_after) =
            (true, page.more_before, page.more_after);
        self.arrived(head);
    }

    /// Applies the aggregating events that are newer than the page.
    fn arrived(&mut self, head: Seq) {
        (self.loading, self.failed) = (None, None);
        for entry in std::mem::take(&mut self.late) {
            if entry.seq > head {
                self.aggregate(&entry);
            }
        }
    }

    /// Prepends the page before `edge`. A page that no longer fits, because the beginning was
    /// dropped, is ignored: it would leave a gap.
    pub fn prepend(&mut self, edge: Seq, page: HistoryPage) {
        if !self.loaded {
            return;
        }
        if self.first() != Some(edge) {
            return self.arrived(Seq(u64::MAX));
        }
        let head = page.head;
        let mut entries: Vec<Arc<Entry>> =
            page.entries.into_iter().filter(|entry| entry.seq < edge).map(Arc::new).collect();
        self.more_before = page.more_before;
        entries.append(&mut self.entries);
        if entries.len() > self.capacity() {
            entries.truncate(self.capacity());
            self.more_after = true;
        }
        self.entries = entries;
        self.arrived(head);
    }

    /// Appends the page after `edge`, with the same check.
    pub fn append(&mut self, edge: Seq, page: HistoryPage) {
        if !self.loaded {
            return;
        }
        if self.last() != Some(edge) {
            return self.arrived(Seq(u64::MAX));
        }
        let head = page.head;
        self.entries
            .extend(page.entries.into_iter().filter(|entry| entry.seq > edge).map(Arc::new));
        self.more_after = page.more_after;
        self.drop_oldest();
        self.arrived(head);
    }

    /// Applies an event.
    pub fn apply(&mut self, entry: Entry) {
        self.aggregate(&entry);
        let hidden = !entry.change.is_shown();
        if self.loading.is_some()
            && (hidden || matches!(entry.change, Change::Posted { reply_to: Some(_), .. }))
        {
            self.late.push(entry.clone());
        }
        if hidden || self.more_after || self.last().is_some_and(|last| last >= entry.seq) {
            return;
        }
        if self.entries.len() >= 2 * self.capacity() {
            // The user scrolls back while many messages arrive: the rest is loaded when they come
            // down.
            self.more_after = true;
            return;
        }
        self.entries.push(Arc::new(entry));
    }

    /// A loaded message.
    #[must_use]
    pub fn message(&self, seq: Seq) -> Option<&Arc<Entry>> {
        let place = self.entries.binary_search_by_key(&seq, |entry| entry.seq).ok()?;
        self.entries.get(place)
    }

    /// Drops the oldest entries beyond the capacity.
    pub fn drop_oldest(&mut self) {
        if self.entries.len() > self.capacity() {
            self.entries.drain(..self.entries.len() - self.capacity());
            self.more_before = true;
        }
    }

    /// Whether an own message with this client id is loaded.
    #[must_use]
    pub fn has(&self, id: ClientId) -> bool {
        let is_it = |entry: &Arc<Entry>| match &entry.change {
            Change::Posted { client_id, .. } => *client_id == Some(id),
            _ => false,
        };
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
        HistoryPage {
            entries: seqs.map(entry).collect(),
            more_before: first > 1,
            more_after: last < head,
            head: Seq(head),
        }
    }

    fn seqs(timeline: &Timeline) -> Vec<u64> {
        timeline.entries().iter().map(|entry| entry.seq.0).collect()
    }

    #[test]
    fn entries_received_while_a_page_is_loading_are_neither_lost_nor_duplicated() {
        let mut timeline = Timeline::default();
        timeline.apply(entry(8));
        timeline.apply(entry(9));
        timeline.replace(page(3..=8, 8));
        assert_eq!(seqs(&timeline), (3..=9).collect::<Vec<_>>());
        timeline.apply(entry(9));
        assert_eq!(timeline.last(), Some(Seq(9)));
    }

    #[test]
    fn loading_older_pages_drops_the_end_and_loading_newer_ones_restores_it() {
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
    fn a_page_that_no_longer_fits_is_ignored() {
        let head = 3 * MAX_ENTRIES as u64;
        let mut timeline = Timeline::default();
        timeline.replace(page(301..=head, head));
        timeline.drop_oldest();
        timeline.prepend(Seq(301), page(241..=300, head));
        assert_eq!(
            timeline.first(),
            Some(Seq(head + 1 - MAX_ENTRIES as u64)),
            "what came does not touch what is shown"
        );
        assert!(timeline.has_older() && timeline.loading.is_none(), "and can be asked for again");
        let mut begun_again = Timeline::pending();
        begun_again.prepend(Seq(301), page(241..=300, head));
        assert_eq!(
            (begun_again.first(), begun_again.loading),
            (None, Some(Direction::Newer)),
            "the newest are still on their way"
        );
        begun_again.replace(page(661..=head, head));
        begun_again.append(Seq(300), page(301..=360, head));
        assert_eq!(begun_again.first(), Some(Seq(661)));
    }
}
