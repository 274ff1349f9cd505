//! What was looked for last, and what was found: kept, so that one who comes back from a message finds it as it was.

pub mod suggestions;

use leptos::{prelude::*, task::spawn_local};

use super::{Chat, browser};
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
    pub asking: bool,
    /// What went wrong.
    pub failed: Option<ChatError>,
}

impl Chat {
    /// Looks for this, unless it is what is shown; `anew` also then.
    pub fn look_for(self, query: &str, anew: bool) {
        if !anew && self.search.with_untracked(|search| search.query == query && search.failed.is_none()) {
            return;
        }
        let asking = !query.trim().is_empty();
        self.search.set(Search { query: query.to_owned(), asking, ..Search::default() });
        if asking {
            self.ask_search(query.to_owned(), None);
        }
    }

    /// Shows more of what was found.
    pub fn look_further(self) {
        let more = self.search.with_untracked(|search| (!search.asking).then(|| (search.query.clone(), search.before.clone())));
        let Some((query, Some(before))) = more else { return };
        self.search.update(|search| (search.asking, search.failed) = (true, None));
        self.ask_search(query, Some(before));
    }

    fn ask_search(self, query: String, before: Option<String>) {
        let ahead = i32::try_from(browser::offset(browser::now()) / 60_000).ok();
        spawn_local(async move {
            let answer = ask::search(query.clone(), before.clone(), None, ahead).await;
            // Meanwhile something else may be looked for.
            let waited = self.search.with_untracked(|search| search.asking && search.query == query && search.before == before);
            if !waited {
                return;
            }
            self.search.update(|search| {
                search.asking = false;
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
