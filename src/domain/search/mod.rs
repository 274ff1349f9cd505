//! Search: query syntax (`query`, `day`), the query of a page's URL (`query_string`), and results.
//! Folding and matching are in `server/search`.

mod day;
mod query;
mod query_string;

pub use day::Day;
pub use query::{FilterKey, Query, QueryToken, Term, tokenize};
pub use query_string::search_query;

use serde::{Deserialize, Serialize};

use super::{ConversationId, Millis, PersonId, Seq};

/// A matching message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its position.
    pub seq: Seq,
    /// Time of the commit.
    pub at: Millis,
    /// Its author.
    pub author: PersonId,
    /// Excerpt around the matches, on one line.
    pub excerpt: Vec<ExcerptSpan>,
}

/// A part of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcerptSpan {
    /// Its text.
    pub text: String,
    /// Whether it matches the query.
    pub hit: bool,
}

/// A page of search results.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchResults {
    /// The messages, best first.
    pub hits: Vec<Hit>,
    /// Cursor of the next page, if there may be one.
    pub before: Option<String>,
}

/// Default number of hits of a page.
pub const PAGE: u32 = 20;
/// Maximum number of hits of a page.
pub const MAX_PAGE: u32 = 50;
