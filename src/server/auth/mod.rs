//! Who somebody is: passwords, tokens, names that cannot be mistaken, and how often what may be tried.

mod limits;
mod names;
mod password;
mod token;

pub use limits::Limits;
pub use names::{LIKENESS_VERSION, Likeness, key as username_key, likeness, may_be_display_name, may_be_group_name, may_be_username};
pub use password::{Hasher, check_strength};
pub use token::Token;
