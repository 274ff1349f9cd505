//! The server binary: command line → configuration → store → router → serve until told to stop.

use std::{io::IsTerminal, process::ExitCode};

use chatbox::domain::secret_code;
use chatbox::server::{
    App,
    commands::{admin, backup, demo},
    config::{Command, CommandLine, Config, LogFormat},
    content::highlight,
    http, log,
};
use clap::Parser;
use tokio::signal::unix;
use tracing_subscriber::EnvFilter;

/// A request makes some hundred small allocations; the system's allocator took a quarter of the
/// time of one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match CommandLine::parse().command {
        Command::Serve(config) => run(serve(*config)),
        Command::Demo(config) => run(async move {
            start_log(LogFormat::Text);
            demo::fill(&config).await
        }),
        Command::Admin(config) => run(async move { admin::run(&config).await }),
        Command::Backup(config) => run(async move { backup::backup(&config).await }),
        Command::Restore(config) => run(async move { backup::restore(&config).await }),
        Command::Verify(config) => run(async move { backup::verify(&config).await }),
        Command::TypesetWorker => {
            highlight::worker::run();
            ExitCode::SUCCESS
        }
    }
}

#[tokio::main]
async fn run(command: impl Future<Output = Result<(), String>>) -> ExitCode {
    let done = command.await;
    log::finish(done.as_ref().err().map(String::as_str));
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn serve(config: Config) -> Result<(), String> {
    start_log(config.log_format);
    config.check()?;
    let address = config.address;
    // Bind the port first: a second start should report the port, not the locked data folder.
    let listener = http::listen(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!(
                "Cannot listen on {address}: the port is in use. Stop the other program, or \
                 choose another port with --address."
            )
        }
        std::io::ErrorKind::PermissionDenied => format!(
            "Cannot listen on {address}: permission \
             denied. Choose a port above 1023 with --address."
        ),
        _ => format!("Cannot listen on {address}: {error}. Choose another address with --address."),
    })?;
    let origin = config.origin.clone();
    let app = App::open(config).await.map_err(|error| error.to_string())?;
    tracing::info!(
        "ChatBox is ready at {}",
        origin.as_deref().unwrap_or(&format!("http://{address}"))
    );
    if let Some(code) = &app.setup_code {
        // A warning, so that a quieter log has it, too.
        tracing::warn!(
            "this workspace is empty: open /setup to create it. Setup code for a browser on another \
             machine: {}",
            secret_code::grouped(code)
        );
    }
    if !app.config.is_https() {
        tracing::info!(
            "connections are not encrypted: on a network, use a reverse proxy with HTTPS and set \
             --origin to its https:// address"
        );
    }
    http::serve(app, listener, told_to_stop())
        .await
        .map_err(|error| format!("The server cannot accept connections: {error}."))?;
    tracing::info!("stopped");
    Ok(())
}

async fn told_to_stop() {
    let signal = |kind| async move {
        match unix::signal(kind) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = signal(unix::SignalKind::terminate()) => {}
        () = signal(unix::SignalKind::interrupt()) => {}
    }
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_env("CHATBOX_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(log::stderr());
    match format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().init(),
    }
    log::log_panics();
}
