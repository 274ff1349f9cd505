//! Configuration: flags, `CHATBOX_*` environment variables and their defaults. The doc comments are
//! the text of `--help`.

use std::{net::SocketAddr, path::PathBuf};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};

use super::{clock::Clock, content::link_preview::Transport, storage::FileStorage};
use crate::domain::Registration;

/// ChatBox, a self-hosted chat server for teams, schools and courses.
#[derive(Debug, Parser)]
#[command(name = "chatbox", version, about, max_term_width = 100)]
pub struct CommandLine {
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of the program.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server until SIGTERM or Ctrl+C.
    #[command(
        after_help = "The environment variable CHATBOX_LOG sets the log filter, in the syntax of \
                      RUST_LOG [default: info]."
    )]
    Serve(Box<Config>),
    /// Fill an empty data folder with a sample workspace.
    Demo(DemoConfig),
    /// Manage accounts on this machine while the server is stopped.
    ///
    /// For whoever has locked themselves out of the administration.
    Admin(AdminConfig),
    /// Back up the database and attachments to a folder. The server can be running.
    ///
    /// A second backup to the same folder copies new attachments only. The copy is verified; until
    /// it is complete, the previous backup stays in place.
    Backup(BackupConfig),
    /// Restore a backup into a new or empty data folder.
    Restore(RestoreConfig),
    /// Verify a backup or a data folder: the database, all streams, and the hash of every
    /// attachment.
    Verify(VerifyConfig),
    /// Render code and formulas for a server; started by the server itself.
    #[command(name = super::content::highlight::worker::ARGUMENT, hide = true)]
    TypesetWorker,
}

/// The format of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text lines.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// The configuration of the server.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// The folder for the database and attachments.
    ///
    /// Created if it does not exist. `chatbox backup` copies it.
    #[arg(long, env = "CHATBOX_DATA", default_value = "data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where attachments are stored.
    #[command(flatten)]
    pub storage: FileStorage,
    /// The maximum size of an attachment, in MB.
    #[arg(
        long,
        env = "CHATBOX_FILE_LIMIT",
        default_value_t = 100,
        value_name = "MB",
        value_parser = clap::value_parser!(u64).range(1..=1_000_000)
    )]
    pub file_limit: u64,
    /// The maximum total size of the attachments of one person, in MB.
    #[arg(
        long,
        env = "CHATBOX_QUOTA",
        default_value_t = 5_000,
        value_name = "MB",
        value_parser = clap::value_parser!(u64).range(1..=100_000_000)
    )]
    pub quota: u64,
    /// The IP address and port to listen on.
    ///
    /// 127.0.0.1 accepts connections from this machine only. To accept connections from a network,
    /// use 0.0.0.0:3000 and set --origin. Use a reverse proxy for HTTPS.
    #[arg(long, env = "CHATBOX_ADDRESS", default_value = "127.0.0.1:3000", value_name = "IP:PORT")]
    pub address: SocketAddr,
    /// The public address of the server, such as https://chat.example.org.
    ///
    /// Required behind a reverse proxy and on non-loopback addresses: cookies and the cross-site
    /// check depend on it. Without it, the server accepts requests for localhost only.
    #[arg(long, env = "CHATBOX_ORIGIN", value_name = "URL", value_parser = origin)]
    pub origin: Option<String>,
    /// Who can register: anyone, or after the first person only people with an invitation.
    ///
    /// Overrides the setting of the workspace, which is open by default.
    #[arg(
        long,
        env = "CHATBOX_REGISTRATION",
        value_name = "MODE",
        value_parser = PossibleValuesParser::new(["open", "invite-only"])
            .map(|mode| Registration::parse(&mode).unwrap_or_default())
    )]
    pub registration: Option<Registration>,
    /// The format of the log.
    #[arg(long, env = "CHATBOX_LOG_FORMAT", value_enum, default_value_t, value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Enforce rate limits.
    ///
    /// Set to false for benchmarks only. Sign-in attempts are always limited.
    #[arg(
        long,
        env = "CHATBOX_LIMITS",
        default_value_t = true,
        action = clap::ArgAction::Set,
        value_name = "BOOL"
    )]
    pub limits: bool,
    /// Show previews of links in messages.
    ///
    /// The server fetches the linked pages, so other sites see its address; browsers never contact
    /// them. Set to false on servers without Internet access. Overrides the setting of the
    /// workspace, which is true by default.
    #[arg(
        long,
        env = "CHATBOX_LINK_PREVIEWS",
        action = clap::ArgAction::Set,
        value_name = "BOOL"
    )]
    pub link_previews: Option<bool>,
    /// How the server connects to other sites. Not a flag: tests replace it.
    #[arg(skip)]
    pub transport: Transport,
    /// Hash passwords weakly, for fast tests. Not a flag.
    #[arg(skip)]
    pub quick_hashes: bool,
    /// The setup code of an empty workspace. Not a flag: it is random, except in tests.
    #[arg(skip)]
    pub setup_code: Option<String>,
    /// The clock. Not a flag: tests move it.
    #[arg(skip)]
    pub clock: Clock,
    /// Path of this program, which is started again as a worker process.
    #[arg(skip = this_program())]
    pub program: PathBuf,
}

/// The configuration of the sample workspace.
#[derive(Clone, Debug, Args)]
pub struct DemoConfig {
    /// The folder to fill.
    ///
    /// It must not contain ChatBox data.
    #[arg(long, env = "CHATBOX_DATA", default_value = "data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// The number of people.
    #[arg(
        long,
        default_value_t = 60,
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(2..=5_000)
    )]
    pub people: u32,
    /// The number of conversations.
    #[arg(
        long,
        default_value_t = 40,
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..=5_000)
    )]
    pub conversations: u32,
    /// The number of messages.
    #[arg(
        long,
        default_value_t = 20_000,
        value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..=10_000_000)
    )]
    pub messages: u32,
}

/// What `chatbox admin` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AdminAction {
    /// Create an administrator, and print a link with which they choose a password.
    Create,
    /// Make somebody an administrator, and reactivate their account.
    Promote,
    /// Print a link with which somebody chooses a new password.
    ResetLink,
    /// End all sessions of somebody.
    Sessions,
}

/// The options of `chatbox admin`.
#[derive(Clone, Debug, Args)]
pub struct AdminConfig {
    /// What to do.
    #[arg(value_enum)]
    pub action: AdminAction,
    /// The username of the person.
    pub username: String,
    /// The display name of a new administrator. Default: the username.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The data folder.
    #[arg(long, env = "CHATBOX_DATA", default_value = "data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// The public address of the server, for links.
    #[arg(
        long,
        env = "CHATBOX_ORIGIN",
        default_value = "http://localhost:3000",
        value_name = "URL",
        value_parser = origin
    )]
    pub origin: String,
}

/// The options of a backup.
#[derive(Clone, Debug, Args)]
pub struct BackupConfig {
    /// The data folder.
    #[arg(long, env = "CHATBOX_DATA", default_value = "data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where attachments are stored.
    #[command(flatten)]
    pub storage: FileStorage,
    /// The folder for the backup: new, empty, or an earlier backup, which is updated.
    #[arg(long, value_name = "FOLDER")]
    pub to: PathBuf,
}

/// The options of a restore.
#[derive(Clone, Debug, Args)]
pub struct RestoreConfig {
    /// The backup, or a copy of a data folder.
    #[arg(long, value_name = "FOLDER")]
    pub from: PathBuf,
    /// The data folder to restore into. It must not exist, or be empty.
    #[arg(long, value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where attachments are stored.
    #[command(flatten)]
    pub storage: FileStorage,
}

/// The options of a verification.
#[derive(Clone, Debug, Args)]
pub struct VerifyConfig {
    /// The backup or data folder. Its server can be running.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Where attachments are stored.
    #[command(flatten)]
    pub storage: FileStorage,
}

/// File name in the data folder.
pub const DATA_FILE: &str = "chatbox.sqlite";

impl DemoConfig {
    /// The database file in this folder.
    #[must_use]
    pub fn data_file(&self) -> PathBuf {
        self.data.join(DATA_FILE)
    }
}

impl Config {
    /// The database file.
    #[must_use]
    pub fn data_file(&self) -> PathBuf {
        self.data.join(DATA_FILE)
    }

    /// The maximum size of an attachment, in bytes.
    #[must_use]
    pub const fn file_limit_bytes(&self) -> u64 {
        self.file_limit * 1_000_000
    }

    /// The maximum total size of the attachments of one person, in bytes.
    #[must_use]
    pub const fn quota_bytes(&self) -> u64 {
        self.quota * 1_000_000
    }

    /// Rejects unsafe combinations of settings.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn check(&self) -> Result<(), String> {
        if self.origin.is_none() && !self.address.ip().to_canonical().is_loopback() {
            return Err(format!(
                "{} accepts connections from other machines, so --origin is required. Add the \
                 address that people open, such as --origin \
                 https://chat.example.org or --origin http://192.168.1.5:3000.",
                self.address
            ));
        }
        Ok(())
    }

    /// Whether the public address is HTTPS, as far as is known.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.as_deref().is_some_and(|origin| origin.starts_with("https://"))
    }
}

/// Path of the running program. On Linux the running one, even after the file was replaced.
fn this_program() -> PathBuf {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { running } else { std::env::current_exe().unwrap_or_default() }
}

/// An origin as browsers write it: scheme, host, and the port unless it is the usual one.
fn origin(typed: &str) -> Result<String, String> {
    let wrong = || {
        "enter an address without a path, such as https://chat.example.org or \
         http://192.168.1.5:3000"
            .to_owned()
    };
    let typed = typed.trim().trim_end_matches('/').to_ascii_lowercase();
    let (scheme, host) = typed.split_once("://").ok_or_else(wrong)?;
    let usual = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return Err(wrong()),
    };
    let host = host.strip_suffix(usual).unwrap_or(host);
    if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
        return Err(wrong());
    }
    Ok(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_normalized() {
        assert_eq!(origin("https://Chat.Example.org:443/").unwrap(), "https://chat.example.org");
        assert_eq!(origin("http://10.0.0.5:3000").unwrap(), "http://10.0.0.5:3000");
        for wrong in ["chat.example.org", "ftp://x", "https://", "https://a/b", "https://u@h"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_public_address_requires_an_origin() {
        use clap::Parser as _;
        let check = |arguments: &[&str]| {
            let Command::Serve(config) =
                CommandLine::parse_from(["chatbox", "serve"].iter().chain(arguments)).command
            else {
                panic!()
            };
            config.check()
        };
        for own in ["127.0.0.1:3000", "127.9.9.9:80", "[::1]:3000", "[::ffff:127.0.0.1]:3000"] {
            check(&["--address", own]).unwrap();
        }
        for public in [
            "0.0.0.0:3000",
            "[::]:3000",
            "192.168.1.5:3000",
            "[fe80::1]:3000",
            "[::ffff:10.0.0.1]:3000",
        ] {
            let refused = check(&["--address", public]).unwrap_err();
            assert!(refused.contains(public) && refused.contains("--origin"), "{refused}");
            check(&["--address", public, "--origin", "http://192.168.1.5:3000"]).unwrap();
        }
    }
}
