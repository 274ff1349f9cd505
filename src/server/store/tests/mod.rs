//! Tests of the store as a whole.

mod growth;
mod older_data;
mod query_plans;
mod refusal_points;
pub(super) mod refusals;
mod refused_ops;
mod schema_doc;
mod write_sizes;

use super::NewPerson;

/// A person to register, without a password.
fn person(name: &str) -> NewPerson {
    let [username, username_key, display_name] = [name; 3].map(str::to_owned);
    NewPerson {
        username,
        username_key,
        display_name,
        password_hash: String::new(),
        registration: None,
        invitation: None,
    }
}
