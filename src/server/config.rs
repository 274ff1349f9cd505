//! How the server is set up: flags, `CHATBOX_*` environment, and their defaults. Each says why one would change it.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{
    files::{Place, Secret},
    preview::Outside,
};

/// ChatBox: a messaging platform that a team, a school or a course runs for itself.
#[derive(Debug, Parser)]
#[command(name = "chatbox", version, about, max_term_width = 100)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve ChatBox until told to stop (SIGTERM or Ctrl+C).
    Serve(Box<Config>),
    /// Fill an empty data folder with a lifelike workspace, to look at and to measure with.
    Demo(DemoConfig),
    /// Copy the data and the files to a folder, also while the server runs.
    ///
    /// The copy is of one moment, and is checked after it was written. Files that the folder holds already are not copied again. Until
    /// the new copy is complete, the one before stays in place.
    Backup(BackupConfig),
    /// Put a backup into an empty data folder.
    Restore(RestoreConfig),
    /// Check a data folder or a backup: the data file, every stream in it, and every file by its content.
    Verify(VerifyConfig),
}

/// Who may register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Anybody who reaches the server.
    #[default]
    Open,
    /// The first person; after that only those who are invited.
    InviteOnly,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Where the files that people share are stored.
#[derive(Clone, Debug, Default, Args)]
pub struct FileStorage {
    /// What holds the files people share, if not the data folder: a folder on a larger disk or a mounted one, or a bucket of a store
    /// that speaks S3, as s3://bucket or s3://bucket/folder.
    #[arg(long, env = "CHATBOX_FILES", value_name = "FOLDER|s3://BUCKET")]
    pub files: Option<Place>,
    /// Where that store answers, such as https://s3.example.org. Without it, Amazon's in the region.
    #[arg(long, env = "CHATBOX_S3_ENDPOINT", value_name = "URL")]
    pub s3_endpoint: Option<String>,
    /// The region of the bucket; stores of one's own mostly take any.
    #[arg(long, env = "CHATBOX_S3_REGION", default_value = "us-east-1", value_name = "NAME")]
    pub s3_region: String,
    /// The id of the key that may read, write and list the bucket.
    #[arg(long, env = "CHATBOX_S3_KEY", default_value = "", hide_default_value = true, value_name = "ID")]
    pub s3_key: String,
    /// The secret of that key. Give it by the environment: what stands on a command line can be read by all who use this machine.
    #[arg(long, env = "CHATBOX_S3_SECRET", hide_env_values = true, default_value = "", hide_default_value = true, value_name = "SECRET")]
    pub s3_secret: Secret,
}

/// How the server is set up.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// The folder that holds everything ChatBox keeps; made if it is not there. `chatbox backup` copies it.
    #[arg(long, env = "CHATBOX_DATA", default_value = "data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where the files that people share are stored.
    #[command(flatten)]
    pub storage: FileStorage,
    /// Largest file that is taken, in MB.
    #[arg(long, env = "CHATBOX_FILE_LIMIT", default_value_t = 100, value_name = "MB", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub file_limit: u64,
    /// How much the files of one person may take, in MB.
    #[arg(long, env = "CHATBOX_QUOTA", default_value_t = 5_000, value_name = "MB", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub quota: u64,
    /// Where to listen. 127.0.0.1 reaches only this machine; use 0.0.0.0:3000 for a network (needs --origin), best behind a proxy that
    /// does https.
    #[arg(long, env = "CHATBOX_ADDRESS", default_value = "127.0.0.1:3000", value_name = "IP:PORT")]
    pub address: SocketAddr,
    /// The address people type, such as https://chat.example.org. Needed behind a proxy and on any address that other machines reach:
    /// cookies and the check of where requests come from depend on it. Without it, only names of this machine (localhost) are answered.
    #[arg(long, env = "CHATBOX_ORIGIN", value_name = "URL", value_parser = origin)]
    pub origin: Option<String>,
    /// Who may register.
    #[arg(long, env = "CHATBOX_REGISTRATION", value_enum, default_value_t)]
    pub registration: Registration,
    /// How the log is written.
    #[arg(long, env = "CHATBOX_LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// Whether to slow down those who do too much too often. Turn it off only to measure.
    #[arg(long, env = "CHATBOX_LIMITS", default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub limits: bool,
    /// Whether the server looks at what links in messages lead to, and shows it with them. Then it asks other sites, which see
    /// its address and that somebody wrote the link; no reader's browser ever does. Turn it off where the server has no way out.
    #[arg(long, env = "CHATBOX_LINK_PREVIEWS", default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub link_previews: bool,
    /// How the server reaches other sites. Never an option of the program: by it a test is the world outside.
    #[arg(skip)]
    pub outside: Outside,
    /// Hash passwords weakly, so that tests with hundreds of people are quick. Never an option of the program.
    #[arg(skip)]
    pub quick_hashes: bool,
}

/// How a lifelike workspace is made.
#[derive(Clone, Debug, Args)]
pub struct DemoConfig {
    /// The folder to fill; it must hold no ChatBox data yet.
    #[arg(long, env = "CHATBOX_DATA", default_value = "data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// How many people.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(2..=5_000))]
    pub people: u32,
    /// How many conversations.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    pub conversations: u32,
    /// How many messages.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub messages: u32,
}

/// What is backed up, and where to.
#[derive(Clone, Debug, Args)]
pub struct BackupConfig {
    /// The data folder.
    #[arg(long, env = "CHATBOX_DATA", default_value = "data", value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where the files that people share are stored.
    #[command(flatten)]
    pub storage: FileStorage,
    /// The folder for the backup: a new or empty one, or the one of an earlier backup, which is brought up to date.
    #[arg(long, value_name = "FOLDER")]
    pub to: PathBuf,
}

/// What is restored, and where to.
#[derive(Clone, Debug, Args)]
pub struct RestoreConfig {
    /// The folder of the backup.
    #[arg(long, value_name = "FOLDER")]
    pub from: PathBuf,
    /// The data folder; it must not exist yet, or be empty.
    #[arg(long, value_name = "FOLDER")]
    pub data: PathBuf,
    /// Where the files that people share are stored.
    #[command(flatten)]
    pub storage: FileStorage,
}

/// What is checked.
#[derive(Clone, Debug, Args)]
pub struct VerifyConfig {
    /// A data folder, also of a server that runs, or a backup.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Where the files that people share are stored.
    #[command(flatten)]
    pub storage: FileStorage,
}

/// In the data folder.
pub const DATA_FILE: &str = "chatbox.sqlite";

impl DemoConfig {
    /// The file that is filled: the one that is served from this folder.
    #[must_use]
    pub fn data_file(&self) -> PathBuf {
        self.data.join(DATA_FILE)
    }
}

impl Config {
    /// The one file of data.
    #[must_use]
    pub fn data_file(&self) -> PathBuf {
        self.data.join(DATA_FILE)
    }

    /// Largest file that is taken, in bytes.
    #[must_use]
    pub const fn largest_file(&self) -> u64 {
        self.file_limit * 1_000_000
    }

    /// How much the files of one person may take, in bytes.
    #[must_use]
    pub const fn share_of_disk(&self) -> u64 {
        self.quota * 1_000_000
    }

    /// Refuses settings that would be unsafe together.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn check(&self) -> Result<(), String> {
        if self.origin.is_none() && !self.address.ip().to_canonical().is_loopback() {
            return Err(format!(
                "{} can be reached from other machines, so the address that people type is needed: add --origin, such as --origin \
                 https://chat.example.org or --origin http://192.168.1.5:3000.",
                self.address
            ));
        }
        Ok(())
    }

    /// Whether people reach this server by https, as far as it knows.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.as_deref().is_some_and(|origin| origin.starts_with("https://"))
    }
}

/// An origin as browsers write it: scheme, host, and the port unless it is the usual one.
fn origin(typed: &str) -> Result<String, String> {
    let wrong = || "give it as people type it, without a path: https://chat.example.org or http://192.168.1.5:3000".to_owned();
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
    fn an_origin_is_read_as_browsers_write_it() {
        assert_eq!(origin("https://Chat.Example.org:443/").unwrap(), "https://chat.example.org");
        assert_eq!(origin("http://10.0.0.5:3000").unwrap(), "http://10.0.0.5:3000");
        for wrong in ["chat.example.org", "ftp://x", "https://", "https://a/b", "https://u@h"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn who_is_reached_from_other_machines_says_under_which_address() {
        use clap::Parser as _;
        let check = |arguments: &[&str]| {
            let Command::Serve(config) = CommandLine::parse_from(["chatbox", "serve"].iter().chain(arguments)).command else { panic!() };
            config.check()
        };
        for own in ["127.0.0.1:3000", "127.9.9.9:80", "[::1]:3000", "[::ffff:127.0.0.1]:3000"] {
            check(&["--address", own]).unwrap();
        }
        for public in ["0.0.0.0:3000", "[::]:3000", "192.168.1.5:3000", "[fe80::1]:3000", "[::ffff:10.0.0.1]:3000"] {
            let refused = check(&["--address", public]).unwrap_err();
            assert!(refused.contains(public) && refused.contains("--origin"), "{refused}");
            check(&["--address", public, "--origin", "http://192.168.1.5:3000"]).unwrap();
        }
    }
}
