//! The load generator: `chatbox-bench` measures ChatBox by its public protocol, and reference peers
//! in the same way, so that ratios come from one run. Each scenario writes one line of JSON;
//! `table` makes a table of many. See `docs/benchmarks.md`.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use chatbox_bench::{
    figures::Run,
    measure::{
        deliver::{self, Load},
        long, open, search, share, standing,
    },
    peer,
    people::People,
    process, table,
    target::{Kind, Target},
};
use clap::{Args, Parser, Subcommand};

/// Measures ChatBox and its peers.
#[derive(Parser)]
#[command(name = "chatbox-bench", version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A group of N people online, some of whom write: latencies, deliveries a second, what each
    /// costs.
    Deliver {
        #[command(flatten)]
        at: At,
        /// How many are in the group, each online by one socket.
        #[arg(long, default_value_t = 100)]
        people: usize,
        /// Messages a second; without it as many as it takes.
        #[arg(long)]
        rate: Option<f64>,
        /// Messages under way at most.
        #[arg(long, default_value_t = 64)]
        window: usize,
    },
    /// Messages a second that are kept while nobody listens.
    Store {
        #[command(flatten)]
        at: At,
        /// Messages under way at most.
        #[arg(long, default_value_t = 256)]
        window: usize,
    },
    /// Idle connections: memory of each, and that nothing comes while nothing happens.
    Idle {
        #[command(flatten)]
        at: At,
        /// How many.
        #[arg(long, default_value_t = 5_000)]
        connections: usize,
    },
    /// Many that were cut off come back at once.
    Storm {
        #[command(flatten)]
        at: At,
        /// How many.
        #[arg(long, default_value_t = 1_000)]
        connections: usize,
        /// How many of them at once.
        #[arg(long, default_value_t = 1_000)]
        at_once: usize,
    },
    /// Registers people beforehand, so that no run has to.
    People {
        #[command(flatten)]
        at: At,
        /// How many there are to be.
        #[arg(long, default_value_t = 1_000)]
        count: usize,
    },
    /// How long searches take in a workspace that `chatbox demo` has made.
    Search {
        #[command(flatten)]
        at: At,
        /// Who asks.
        #[arg(long, default_values = ["ada"])]
        username: Vec<String>,
        /// How often each query is asked.
        #[arg(long, default_value_t = 20)]
        times: usize,
    },
    /// How long it takes to open things in a workspace that `chatbox demo` has made.
    Open {
        #[command(flatten)]
        at: At,
        /// Who asks.
        #[arg(long, default_values = ["ada"])]
        username: Vec<String>,
        /// How often each.
        #[arg(long, default_value_t = 200)]
        times: usize,
    },
    /// How long messages take while operations over large groups go on, in a workspace of 3,001
    /// people that `chatbox demo` has made.
    Long {
        #[command(flatten)]
        at: At,
        /// Who does both.
        #[arg(long, default_value = "ada")]
        username: String,
    },
    /// Many people who upload large files at once, again and again: what comes in, and the server's
    /// memory meanwhile.
    Share {
        #[command(flatten)]
        at: At,
        /// How many people.
        #[arg(long, default_value_t = 20)]
        people: usize,
        /// How large each file is, in MB.
        #[arg(long, default_value_t = 50)]
        megabytes: usize,
    },
    /// A reference peer, served until it is ended.
    #[command(subcommand)]
    Peer(Peer),
    /// A table of medians and ratios from the lines in a file.
    Table {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum Peer {
    /// A bare event loop that appends to a file and syncs it: what this machine can do.
    Durable {
        /// Where to listen.
        address: SocketAddr,
        /// The file.
        journal: PathBuf,
    },
    /// Bare axum, which stores nothing.
    Axum {
        /// Where to listen.
        address: SocketAddr,
    },
}

#[derive(Args)]
struct At {
    /// Where the server listens.
    #[arg(long)]
    address: SocketAddr,
    /// How to speak to it.
    #[arg(long, value_enum, default_value = "chatbox")]
    kind: Kind,
    /// The name in the table.
    #[arg(long, default_value = "ChatBox")]
    name: String,
    /// The server's process.
    #[arg(long)]
    pid: Option<u32>,
    /// How long to measure, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Where the people's sessions are kept between runs.
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
                standing::idle(
                    &at.returning(connections.div_ceil(10))?,
                    connections,
                    pid,
                    at.long(),
                    at.run(format!("idle {connections}")),
                )?
            }
            Self::Storm { at, connections, at_once } => standing::storm(
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
                for run in long::long(at.address, &username, at.long(), &at.name)? {
                    writeln!(io::stdout().lock(), "{}", serde_json::to_string(&run)?)?;
                }
                return Ok(());
            }
            Self::Share { at, people, megabytes } => {
                let cookies = People::of(&at.sessions, at.address, people)?.cookies(people);
                share::share(
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
            Self::Peer(Peer::Axum { address }) => return peer::framework::serve(address),
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

    /// A new group of so many.
    fn group(&self, count: usize) -> io::Result<Target> {
        let (conversation, head, members) = match self.kind {
            Kind::Chatbox => {
                People::of(&self.sessions, self.address, count)?.group(self.address, count)?
            }
            // A peer counts from when it was started.
            Kind::Bare | Kind::Socketio => Default::default(),
        };
        Ok(Target::new(self.kind, self.address, members, conversation, head))
    }

    /// So many who come back.
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
