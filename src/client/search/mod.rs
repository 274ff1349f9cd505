//! What was looked for last, and what was found: kept, so that one who comes back from a message finds it as it was.

pub mod suggestions;

use leptos::{prelude::*, task::spawn_local};

use super::{AppState, browser};
use crate::{
    api::search as ask,
    domain::{ChatError, search::Hit},
};

/// A search and its answer, as far as it has come.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What was typed.
    pub query: String,
    /// What was found, the best first.
    pub hits: Vec<Hit>,
    /// Where to go on, when there may be more.
    pub before: Option<String>,
    /// Whether an answer is on its way.
    pub loading: bool,
    /// What went wrong.
    pub failed: Option<ChatError>,
}

impl AppState {
    /// Looks for this, unless it is what is shown; `anew` also then.
    pub fn run_search(self, query: &str, anew: bool) {
        if !anew && self.search.with_untracked(|search| search.query == query && search.failed.is_none()) {
            return;
        }
        let loading = !query.trim().is_empty();
        self.search.set(Search { query: query.to_owned(), loading, ..Search::default() });
        if loading {
            self.fetch_results(query.to_owned(), None);
        }
    }

    /// Shows more of what was found.
    pub fn load_more_results(self) {
        let more = self.search.with_untracked(|search| (!search.loading).then(|| (search.query.clone(), search.before.clone())));
        let Some((query, Some(before))) = more else { return };
        self.search.update(|search| (search.loading, search.failed) = (true, None));
        self.fetch_results(query, Some(before));
    }

    fn fetch_results(self, query: String, before: Option<String>) {
        let ahead = i32::try_from(browser::utc_offset(browser::now()) / 60_000).ok();
        spawn_local(async move {
            let answer = ask::search(query.clone(), before.clone(), None, ahead).await;
            // Meanwhile something else may be looked for.
            let waited = self.search.with_untracked(|search| search.loading && search.query == query && search.before == before);
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
