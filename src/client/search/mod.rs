//! The last search and its results, kept so that coming back from a message shows them again.

pub mod suggestions;

use leptos::{prelude::*, task::spawn_local};

use super::{AppState, browser};
use crate::{
    api::search as ask,
    domain::{ChatError, search::Hit},
};

/// A search, as far as it is loaded.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The query.
    pub query: String,
    /// The results, best first.
    pub hits: Vec<Hit>,
    /// Cursor of the next page, if there may be one.
    pub before: Option<String>,
    /// Whether a request is in flight.
    pub loading: bool,
    /// The error of the last request.
    pub failed: Option<ChatError>,
}

impl AppState {
    /// Runs a search, unless its results are shown already; `anew` forces it.
    pub fn run_search(self, query: &str, anew: bool) {
        if !anew
            && self.search.with_untracked(|search| search.query == query && search.failed.is_none())
        {
            return;
        }
        let loading = !query.trim().is_empty();
        self.search.set(Search { query: query.to_owned(), loading, ..Search::default() });
        if loading {
            self.fetch_results(query.to_owned(), None);
        }
    }

    /// Loads the next page of results.
    pub fn load_more_results(self) {
        let more = self.search.with_untracked(|search| {
            (!search.loading).then(|| (search.query.clone(), search.before.clone()))
        });
        let Some((query, Some(before))) = more else { return };
        self.search.update(|search| (search.loading, search.failed) = (true, None));
        self.fetch_results(query, Some(before));
    }

    fn fetch_results(self, query: String, before: Option<String>) {
        let ahead = i32::try_from(browser::utc_offset(browser::now()) / 60_000).ok();
        spawn_local(async move {
            let answer = ask::search(query.clone(), before.clone(), None, ahead).await;
            // Another search may have started meanwhile.
            let waited = self.search.with_untracked(|search| {
                search.loading && search.query == query && search.before == before
            });
            if !waited {
                return;
            }
            self.search.update(|search| {
                search.loading = false;
                match answer {
                    Ok(found) => {
                        search.hits.extend(found.hits);
                        search.before = found.before;
                    }
                    Err(error) => search.failed = Some(error),
                }
            });
        });
    }
}
