//! Searching: what one may type (`query`, `day`), where it stands in a page's address (`address`), and what is answered.
//! How text is folded and found is the server's matter: see `server/search`.

mod address;
mod day;
mod query;

pub use address::asked;
pub use day::Day;
pub use query::{Key, Query, Term, Typed, typed};

use serde::{Deserialize, Serialize};

use super::{ConversationId, Millis, PersonId, Seq};

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Where it stands: a conversation of who asks.
    pub conversation: ConversationId,
    /// Its place there.
    pub seq: Seq,
    /// When it was written.
    pub at: Millis,
    /// Who wrote it.
    pub author: PersonId,
    /// The part of it in which the words stand, on one line.
    pub excerpt: Vec<Piece>,
}

/// A piece of an excerpt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Its text.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// What a search found, the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The messages.
    pub hits: Vec<Hit>,
    /// Where to go on, when there may be more.
    pub before: Option<String>,
}

/// Hits on a page, unless it is said otherwise.
pub const PAGE: u32 = 20;
/// Most hits on a page.
pub const LARGEST_PAGE: u32 = 50;
