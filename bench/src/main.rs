//! The load generator: `chatbox-bench` measures ChatBox through its public protocol, and reference
//! servers in the same way, so that ratios come from one run. Each scenario writes one line of
//! JSON; `table` makes a table of many. See `docs/benchmarks.md`.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use chatbox_bench::{
    figures::Run,
    peer,
    people::People,
    process,
    scenarios::{
        connections,
        deliver::{self, Load},
        group_operations, open, search, uploads,
    },
    table,
    target::{Kind, Target},
};
use clap::{Args, Parser, Subcommand};

/// Measures ChatBox and reference servers.
#[derive(Parser)]
#[command(name = "chatbox-bench", version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Deliveries in a group whose members are all online: latencies, deliveries per second, and
    /// the cost of each.
    Deliver {
        #[command(flatten)]
        at: At,
        /// Members of the group, each with one socket.
        #[arg(long, default_value_t = 100)]
        people: usize,
        /// Messages per second; as many as possible by default.
        #[arg(long)]
        rate: Option<f64>,
        /// Maximum number of messages in flight.
        #[arg(long, default_value_t = 64)]
        window: usize,
    },
    /// Messages stored per second without listeners.
    Store {
        #[command(flatten)]
        at: At,
        /// Maximum number of messages in flight.
        #[arg(long, default_value_t = 256)]
        window: usize,
    },
    /// Idle connections: memory per connection, and the absence of traffic.
    Idle {
        #[command(flatten)]
        at: At,
        /// Number of connections.
        #[arg(long, default_value_t = 5_000)]
        connections: usize,
    },
    /// Many clients reconnect at once.
    Storm {
        #[command(flatten)]
        at: At,
        /// Number of clients.
        #[arg(long, default_value_t = 1_000)]
        connections: usize,
        /// Concurrent connection attempts.
        #[arg(long, default_value_t = 1_000)]
        at_once: usize,
    },
    /// Registers people in advance.
    People {
        #[command(flatten)]
        at: At,
        /// Number of people.
        #[arg(long, default_value_t = 1_000)]
        count: usize,
    },
    /// Latency of searches in a workspace of `chatbox demo`.
    Search {
        #[command(flatten)]
        at: At,
        /// The user that sends the requests.
        #[arg(long, default_values = ["ada"])]
        username: Vec<String>,
        /// Repetitions of each query.
        #[arg(long, default_value_t = 20)]
        times: usize,
    },
    /// Latency of opening conversations, pages and threads in a workspace of `chatbox demo`.
    Open {
        #[command(flatten)]
        at: At,
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
        #[command(flatten)]
        at: At,
        /// The user that does both.
        #[arg(long, default_value = "ada")]
        username: String,
    },
    /// Many people upload large files at once: throughput, and memory of the server.
    Share {
        #[command(flatten)]
        at: At,
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

#[derive(Subcommand)]
enum Peer {
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

#[derive(Args)]
struct At {
    /// Address of the server.
    #[arg(long)]
    address: SocketAddr,
    /// Its protocol.
    #[arg(long, value_enum, default_value = "chatbox")]
    kind: Kind,
    /// Its name in the table.
    #[arg(long, default_value = "ChatBox")]
    name: String,
    /// Process ID of the server.
    #[arg(long)]
    pid: Option<u32>,
    /// Duration, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// The file that stores sessions between runs.
    #[arg(long, default_value = "people.json")]
    sessions: PathBuf,
}

fn main() -> ExitCode {
    match CommandLine::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chatbox-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Command {
    fn run(self) -> io::Result<()> {
        process::open_files(10_000)?;
        let run = match self {
            Self::Deliver { at, people, rate, window } => {
                let load = Load { listeners: people, window, rate, long: at.long(), pid: at.pid };
                let how = rate.map_or_else(|| "full".to_owned(), |rate| format!("{rate}/s"));
                deliver::deliver(
                    &at.group(people)?,
                    load,
                    at.run(format!("deliver {people} {how}")),
                )?
            }
            Self::Store { at, window } => {
                let load = Load { listeners: 0, window, rate: None, long: at.long(), pid: at.pid };
                deliver::deliver(&at.group(10)?, load, at.run(format!("store {window}")))?
            }
            Self::Idle { at, connections } => {
                let pid = at.pid.ok_or_else(|| io::Error::other("--pid is needed"))?;
                connections::idle(
                    &at.returning(connections.div_ceil(10))?,
                    connections,
                    pid,
                    at.long(),
                    at.run(format!("idle {connections}")),
                )?
            }
            Self::Storm { at, connections, at_once } => connections::storm(
                &at.returning(connections)?,
                connections,
                at_once,
                at.pid,
                at.run(format!("storm {connections}")),
            )?,
            Self::Search { at, username, times } => {
                for username in username {
                    for run in search::search(at.address, &username, times, &at.name)? {
                        writeln!(io::stdout().lock(), "{}", serde_json::to_string(&run)?)?;
                    }
                }
                return Ok(());
            }
            Self::Open { at, username, times } => {
                for username in username {
                    for run in open::open(at.address, &username, times, &at.name)? {
                        writeln!(io::stdout().lock(), "{}", serde_json::to_string(&run)?)?;
                    }
                }
                return Ok(());
            }
            Self::Long { at, username } => {
                for run in group_operations::long(at.address, &username, at.long(), &at.name)? {
                    writeln!(io::stdout().lock(), "{}", serde_json::to_string(&run)?)?;
                }
                return Ok(());
            }
            Self::Share { at, people, megabytes } => {
                let cookies = People::of(&at.sessions, at.address, people)?.cookies(people);
                uploads::share(
                    at.address,
                    &cookies,
                    megabytes,
                    at.long(),
                    at.pid,
                    at.run(format!("share {people} x {megabytes} MB")),
                )?
            }
            Self::People { at, count } => {
                return People::of(&at.sessions, at.address, count).map(drop);
            }
            Self::Peer(Peer::Durable { address, journal }) => {
                return peer::durable::serve(address, &journal);
            }
            Self::Peer(Peer::Axum { address }) => return peer::bare_axum::serve(address),
            Self::Table { file } => {
                return io::stdout().lock().write_all(table::table(&file)?.as_bytes());
            }
        };
        writeln!(io::stdout().lock(), "{}", serde_json::to_string(&run)?)
    }
}

impl At {
    fn long(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    fn run(&self, scenario: String) -> Run {
        Run { peer: self.name.clone(), scenario, ..Run::default() }
    }

    /// Creates a group of this size.
    fn group(&self, count: usize) -> io::Result<Target> {
        let (conversation, head, members) = match self.kind {
            Kind::Chatbox => {
                People::of(&self.sessions, self.address, count)?.group(self.address, count)?
            }
            // A reference server numbers messages from its start.
            Kind::Bare | Kind::Socketio => Default::default(),
        };
        Ok(Target::new(self.kind, self.address, members, conversation, head))
    }

    /// Clients that reconnect.
    fn returning(&self, count: usize) -> io::Result<Target> {
        let members = match self.kind {
            Kind::Chatbox => {
                People::of(&self.sessions, self.address, count)?.returning(self.address, count)?
            }
            Kind::Bare | Kind::Socketio => Vec::new(),
        };
        Ok(Target::new(self.kind, self.address, members, String::new(), 0))
    }
}
