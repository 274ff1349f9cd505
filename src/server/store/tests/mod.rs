//! Tests of the store as a whole.

mod growth;
mod query_plans;
mod refused_ops;
