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
        server: ServerArgs,
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
    /// Messages stored per second without receivers.
    Store {
        #[command(flatten)]
        server: ServerArgs,
        /// Maximum number of messages in flight.
        #[arg(long, default_value_t = 256)]
        window: usize,
    },
    /// Idle connections: memory per connection, and the absence of traffic.
    Idle {
        #[command(flatten)]
        server: ServerArgs,
        /// Number of connections.
        #[arg(long, default_value_t = 5_000)]
        connections: usize,
    },
    /// Many clients reconnect at once.
    Storm {
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
        #[command(flatten)]
        server: ServerArgs,
        /// Number of people.
        #[arg(long, default_value_t = 1_000)]
        count: usize,
    },
    /// Latency of searches in a workspace of `chatbox demo`.
    Search {
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
        #[command(flatten)]
        server: ServerArgs,
        /// The user that posts the messages and starts the operations.
        #[arg(long, default_value = "ada")]
        username: String,
    },
    /// Many people upload large files at once: throughput, and memory of the server.
    Share {
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
struct ServerArgs {
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
        process::raise_open_files_limit(10_000)?;
        let run = match self {
            Self::Deliver { server, people, rate, window } => {
                let load = Load {
                    receivers: people,
                    window,
                    rate,
                    duration: server.duration(),
                    pid: server.pid,
                };
                let pace = rate.map_or_else(|| "full".to_owned(), |rate| format!("{rate}/s"));
                deliver::deliver(
                    &server.group(people)?,
                    load,
                    server.new_run(format!("deliver {people} {pace}")),
                )?
            }
            Self::Store { server, window } => {
                let load = Load {
                    receivers: 0,
                    window,
                    rate: None,
                    duration: server.duration(),
                    pid: server.pid,
                };
                deliver::deliver(
                    &server.group(10)?,
                    load,
                    server.new_run(format!("store {window}")),
                )?
            }
            Self::Idle { server, connections } => {
                let pid = server.pid.ok_or_else(|| io::Error::other("--pid is needed"))?;
                connections::idle(
                    &server.resuming(connections.div_ceil(10))?,
                    connections,
                    pid,
                    server.duration(),
                    server.new_run(format!("idle {connections}")),
                )?
            }
            Self::Storm { server, connections, concurrency } => connections::storm(
                &server.resuming(connections)?,
                connections,
                concurrency,
                server.pid,
                server.new_run(format!("storm {connections}")),
            )?,
            Self::Search { server, username, times } => {
                for username in username {
                    for run in search::search(server.address, &username, times, &server.name)? {
                        writeln!(io::stdout().lock(), "{}", serde_json::to_string(&run)?)?;
                    }
                }
                return Ok(());
            }
            Self::Open { server, username, times } => {
                for username in username {
                    for run in open::open(server.address, &username, times, &server.name)? {
                        writeln!(io::stdout().lock(), "{}", serde_json::to_string(&run)?)?;
                    }
                }
                return Ok(());
            }
            Self::Long { server, username } => {
                for run in group_operations::group_operations(
                    server.address,
                    &username,
                    server.duration(),
                    &server.name,
                )? {
                    writeln!(io::stdout().lock(), "{}", serde_json::to_string(&run)?)?;
                }
                return Ok(());
            }
            Self::Share { server, people, megabytes } => {
                let cookies = People::load_or_register(&server.sessions, server.address, people)?
                    .cookies(people);
                uploads::concurrent_uploads(
                    server.address,
                    &cookies,
                    megabytes,
                    server.duration(),
                    server.pid,
                    server.new_run(format!("share {people} x {megabytes} MB")),
                )?
            }
            Self::People { server, count } => {
                return People::load_or_register(&server.sessions, server.address, count).map(drop);
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

impl ServerArgs {
    fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    fn new_run(&self, scenario: String) -> Run {
        Run { peer: self.name.clone(), scenario, ..Run::default() }
    }

    /// Creates a group of this size.
    fn group(&self, count: usize) -> io::Result<Target> {
        let (conversation, head, members) = match self.kind {
            Kind::Chatbox => People::load_or_register(&self.sessions, self.address, count)?
                .create_group(self.address, count)?,
            // A reference server numbers messages from its start.
            Kind::Bare | Kind::Socketio => Default::default(),
        };
        Ok(Target::new(self.kind, self.address, members, conversation, head))
    }

    /// Clients that reconnect.
    fn resuming(&self, count: usize) -> io::Result<Target> {
        let members = match self.kind {
            Kind::Chatbox => People::load_or_register(&self.sessions, self.address, count)?
                .with_cursors(self.address, count)?,
            Kind::Bare | Kind::Socketio => Vec::new(),
        };
        Ok(Target::new(self.kind, self.address, members, String::new(), 0))
    }
}
