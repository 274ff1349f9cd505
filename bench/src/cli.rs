//! The command line of the load generator: scenarios, reference servers and the table.

use std::{net::SocketAddr, path::PathBuf};

use chatbox_bench::target::Kind;
use clap::{Args, Parser, Subcommand};

/// Maximum number of messages in flight at full load.
pub(crate) const FULL_WINDOW: usize = 64;

/// Measures ChatBox and reference servers.
#[derive(Parser)]
#[command(name = "chatbox-bench", version, about)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    /// The scenario, reference server or table.
    pub(crate) command: Command,
}

/// A scenario, a reference server or the table.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Deliveries in a group whose members are all online: latencies, deliveries per second, and
    /// the cost of each.
    Deliver {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// Members of the group, each with one socket.
        #[arg(long, default_value_t = 100)]
        people: usize,
        /// Messages per second; as many as possible by default.
        #[arg(long)]
        rate: Option<f64>,
        /// Maximum number of messages in flight.
        #[arg(long, default_value_t = FULL_WINDOW)]
        window: usize,
        /// First word of the scenario in the table.
        #[arg(long, default_value = "deliver")]
        label: String,
    },
    /// Messages stored per second without receivers.
    Store {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// Maximum number of messages in flight.
        #[arg(long, default_value_t = 256)]
        window: usize,
    },
    /// Messages posted one by one without receivers, and calls of the function `me`: server CPU and
    /// latency of each.
    Lone {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
    },
    /// Deliveries in a group at a rate, without and with sign-ins at the same time.
    SignIns {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// Members of the group, each with one socket.
        #[arg(long, default_value_t = 100)]
        people: usize,
        /// Messages per second.
        #[arg(long, default_value_t = 20.0)]
        rate: f64,
        /// Sign-ins per second.
        #[arg(long, default_value_t = 20.0)]
        sign_ins: f64,
    },
    /// Idle connections: memory per connection, and the absence of traffic.
    Idle {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// Number of connections.
        #[arg(long, default_value_t = 5_000)]
        connections: usize,
    },
    /// Many clients reconnect at once.
    Storm {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// Number of clients.
        #[arg(long, default_value_t = 1_000)]
        connections: usize,
        /// Concurrent connection attempts.
        #[arg(long, default_value_t = 1_000)]
        concurrency: usize,
    },
    /// Registers people in advance.
    People {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// Number of people.
        #[arg(long, default_value_t = 1_000)]
        count: usize,
    },
    /// Latency of searches in a workspace of `chatbox demo`.
    Search {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// The user that sends the requests.
        #[arg(long, default_values = ["ada"])]
        username: Vec<String>,
        /// Repetitions of each query.
        #[arg(long, default_value_t = 20)]
        times: usize,
    },
    /// Latency of opening conversations, pages and threads in a workspace of `chatbox demo`.
    Open {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// The user that sends the requests.
        #[arg(long, default_values = ["ada"])]
        username: Vec<String>,
        /// Repetitions of each.
        #[arg(long, default_value_t = 200)]
        times: usize,
    },
    /// Latency of messages during operations on large groups, in a workspace of `chatbox demo` with
    /// 3,001 people.
    Long {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// The user that posts the messages and starts the operations.
        #[arg(long, default_value = "ada")]
        username: String,
    },
    /// Many people upload large files at once: throughput, and memory of the server.
    Share {
        /// The server.
        #[command(flatten)]
        server: ServerArgs,
        /// Number of people.
        #[arg(long, default_value_t = 20)]
        people: usize,
        /// Size of each file, in MB.
        #[arg(long, default_value_t = 50)]
        megabytes: usize,
    },
    /// Runs a reference server.
    #[command(subcommand)]
    Peer(Peer),
    /// A table of medians and ratios from a file of results.
    Table {
        /// The file.
        file: PathBuf,
    },
}

/// A reference server.
#[derive(Subcommand)]
pub(crate) enum Peer {
    /// A bare event loop that appends to a file and syncs it: the limit of this machine.
    Durable {
        /// Address to listen on.
        address: SocketAddr,
        /// The file.
        journal: PathBuf,
    },
    /// Bare axum, which stores nothing.
    Axum {
        /// Address to listen on.
        address: SocketAddr,
    },
}

/// The measured server, and where and how long it is measured.
#[derive(Args)]
pub(crate) struct ServerArgs {
    /// Address of the server.
    #[arg(long)]
    pub(crate) address: SocketAddr,
    /// Its protocol.
    #[arg(long, value_enum, default_value = "chatbox")]
    pub(crate) kind: Kind,
    /// Its name in the table.
    #[arg(long, default_value = "ChatBox")]
    pub(crate) name: String,
    /// Process ID of the server.
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// Duration, in seconds.
    #[arg(long, default_value_t = 5.0)]
    pub(crate) seconds: f64,
    /// The file that stores sessions between runs.
    #[arg(long, default_value = "people.json")]
    pub(crate) sessions: PathBuf,
}
