//! Tests of the store as a whole.

mod growth;
mod older_data;
mod query_plans;
mod refusal_points;
pub(super) mod refusals;
mod refused_ops;
mod schema_doc;
mod write_sizes;
