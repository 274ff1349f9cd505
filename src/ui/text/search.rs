//! Texts of the search for messages.

use super::count_of_messages;

pub const SEARCH: &str = "Search";
pub const SEARCH_MESSAGES: &str = "Search messages";
pub const SUGGESTIONS: &str = "Suggestions";
pub const SHOW_MORE: &str = "Show more";
pub const HELP_HEADING: &str = "Search all your conversations";
pub const HELP: &str = "Enter words or parts of words in any order. Use “quotes” for an exact \
                        phrase, and filters such as from: or in: to narrow the results.";
pub const NO_RECENT_MATCHES: &str = "No matches among the newest messages.";
/// Between the author and the conversation of a message.
pub const IN: &str = " in ";

/// The page title.
pub fn title(query: &str) -> String {
    format!("{query} · Search")
}

pub fn no_matches_for(query: &str) -> String {
    format!(
        "No matches for “{query}”. Try fewer words or filters. Parts of words match from three \
         letters."
    )
}

/// The number of matches while there may be more.
pub fn matches_so_far(n: usize) -> String {
    format!("{} so far", count_of_messages(n))
}
