//! The load generator: `chatbox-bench` measures ChatBox through its public protocol, and reference
//! servers in the same way, so that ratios come from one run. Each scenario writes one line of
//! JSON; `table` makes a table of many. See `docs/benchmarks.md`.

mod cli;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use chatbox_bench::{
    figures::Run,
    peer,
    people::{self, People},
    process,
    scenarios::{
        connections,
        deliver::{self, Load},
        group_operations, lone, open, search,
        sign_ins::{self, SignIns},
        uploads,
    },
    table,
    target::{Kind, Target},
};
use clap::Parser;

use cli::{Command, CommandLine, FULL_WINDOW, Peer, ServerArgs};

/// Open files beside the connections of a scenario.
const OTHER_FILES: usize = 100;
/// Number of accounts that sign in, in turn.
const SIGN_IN_ACCOUNTS: usize = 200;

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
    /// Number of connections of the scenario.
    fn connections(&self) -> usize {
        match self {
            Self::Deliver { people, window, .. } => people + window,
            Self::Store { window, .. } => *window,
            Self::SignIns { people, .. } => people + FULL_WINDOW,
            Self::Idle { connections, .. } | Self::Storm { connections, .. } => *connections,
            _ => 0,
        }
    }

    fn run(self) -> io::Result<()> {
        let open_files = self.connections() + OTHER_FILES;
        process::raise_open_files_limit(u64::try_from(open_files).unwrap_or(u64::MAX))?;
        let run = match self {
            Self::Deliver { server, people, rate, window, label } => {
                let pace = match (rate, window) {
                    (None, FULL_WINDOW) => "full".to_owned(),
                    (None, window) => format!("window {window}"),
                    (Some(rate), FULL_WINDOW) => format!("{rate}/s"),
                    (Some(rate), window) => format!("{rate}/s window {window}"),
                };
                deliver::deliver(
                    &server.group(people)?,
                    server.load(people, window, rate),
                    server.new_run(format!("{label} {people} {pace}")),
                )?
            }
            Self::Store { server, window } => deliver::deliver(
                &server.group(10)?,
                server.load(0, window, None),
                server.new_run(format!("store {window}")),
            )?,
            Self::Lone { server } => lone::lone(
                &server.group(1)?,
                server.duration(),
                server.server_pid()?,
                server.new_run("lone".to_owned()),
            )?,
            Self::SignIns { server, people, rate, sign_ins } => {
                let all = people + SIGN_IN_ACCOUNTS;
                People::load_or_register(&server.sessions, server.address, all)?;
                sign_ins::sign_ins(
                    [&server.group(people)?, &server.group(people)?],
                    server.load(people, FULL_WINDOW, Some(rate)),
                    &SignIns {
                        usernames: (people..all).map(people::username).collect(),
                        rate: sign_ins,
                    },
                    server.new_run(format!("sign-ins {people} {rate}/s beside {sign_ins}/s")),
                )?
            }
            Self::Idle { server, connections } => connections::idle(
                &server.resuming(connections.div_ceil(10))?,
                connections,
                server.server_pid()?,
                server.duration(),
                server.new_run(format!("idle {connections}")),
            )?,
            Self::Storm { server, connections, concurrency } => connections::storm(
                &server.resuming(connections)?,
                connections,
                concurrency,
                server.pid,
                server.new_run(format!("storm {connections}")),
            )?,
            Self::Search { server, username, times } => {
                for username in username {
                    print(&search::search(server.address, &username, times, &server.name)?)?;
                }
                return Ok(());
            }
            Self::Open { server, username, times } => {
                for username in username {
                    print(&open::open(server.address, &username, times, &server.name)?)?;
                }
                return Ok(());
            }
            Self::Long { server, username } => {
                return print(&group_operations::group_operations(
                    server.address,
                    &username,
                    server.duration(),
                    &server.name,
                )?);
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
        print(&[run])
    }
}

/// Prints one line of JSON for each run.
fn print(runs: &[Run]) -> io::Result<()> {
    for run in runs {
        writeln!(io::stdout().lock(), "{}", serde_json::to_string(run)?)?;
    }
    Ok(())
}

impl ServerArgs {
    fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    fn load(&self, receivers: usize, window: usize, rate: Option<f64>) -> Load {
        Load { receivers, window, rate, duration: self.duration(), pid: self.pid }
    }

    /// The process ID, for scenarios that cannot do without.
    fn server_pid(&self) -> io::Result<u32> {
        self.pid.ok_or_else(|| io::Error::other("--pid is needed"))
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
