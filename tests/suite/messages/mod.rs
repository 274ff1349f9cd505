//! Messages: edits, drafts and saved messages, receipts, search, link previews and highlighting.

pub(crate) mod delivery_receipts;
pub(crate) mod drafts_and_saved;
pub(crate) mod edits;
pub(crate) mod highlighting;
pub(crate) mod link_preview_fetching;
pub(crate) mod link_previews;
pub(crate) mod read_receipts;
pub(crate) mod search;
pub(crate) mod search_paging;
