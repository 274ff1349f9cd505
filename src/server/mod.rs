//! The server. In reading order: configuration (`config`), storage of data (`store`) and files
//! (`storage`), accounts and sessions (`auth`, `names`), connected clients (`realtime`), search
//! terms (`search`), images, code and link previews (`content`), background work (`background`),
//! the HTTP interface (`http`), and backups and the demo (`commands`).

pub mod auth;
pub mod background;
pub mod clock;
pub mod commands;
pub mod config;
pub mod content;
pub mod error;
pub mod http;
pub mod log;
pub mod names;
pub mod realtime;
pub mod search;
pub mod storage;
pub mod store;

use std::{
    fs::{File, TryLockError},
    ops::Deref,
    path::Path,
    sync::Arc,
};

use auth::{Hasher, RateLimits, random_code};
use background::pool::BackgroundPool;
use config::Config;
use content::highlight::Renderer;
use content::link_preview::LinkPreviews;
use realtime::Hub;
use storage::{Files, FilesConfig};
use store::{OpenError, Store};

/// In the data folder. Locked by the process that uses the folder.
const LOCK_FILE: &str = "chatbox.lock";

/// The state of the server, shared by all requests. Cloning it is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of [`App`].
pub struct Parts {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The connected clients.
    pub hub: Arc<Hub>,
    /// Hashes and verifies passwords.
    pub hasher: Hasher,
    /// Rate limits.
    pub limits: RateLimits,
    /// Attachments and avatars.
    pub files: Arc<Files>,
    /// Runs long jobs.
    pub background: BackgroundPool,
    /// The queue of messages whose links need a preview.
    pub link_previews: LinkPreviews,
    /// Highlights code and renders formulas.
    pub renderer: Renderer,
    /// The code with which a browser on another machine sets up the workspace; `None` if somebody
    /// had registered before the start.
    pub setup_code: Option<String>,
    /// Held while the data is in use: two servers on one data folder would not see each other's
    /// messages.
    _lock: File,
}

impl Deref for App {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Opens the data folder and connects the store to the hub and the link previews.
    ///
    /// # Errors
    /// One sentence that says what to do, when the data cannot be used.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        std::fs::create_dir_all(&config.data).map_err(|e| {
            OpenError(format!(
                "Cannot create the data folder {}: {e}. Choose another folder with --data.",
                config.data.display()
            ))
        })?;
        let lock = lock(&config.data)?;
        let hub = Arc::new(Hub::default());
        // Enabled as soon as the settings can be read.
        let link_previews = LinkPreviews::new(false, config.transport.clone());
        let (publisher, previews) = (Arc::clone(&hub), link_previews.clone());
        let publish = move |events: Vec<_>| {
            let with_links = previews.with_links(&events);
            publisher.publish(events);
            previews.enqueue(with_links);
        };
        let store =
            Store::open(&config.data_file(), config.clock.clone(), Arc::new(publish)).await?;
        let read_workspace = |e: error::AppError| {
            OpenError(format!("Cannot read the settings from the database: {e:?}"))
        };
        let workspace = store.workspace().await.map_err(read_workspace)?;
        link_previews.set_enabled(config.link_previews.unwrap_or(workspace.link_previews));
        let setup_code = if store.is_empty().await.map_err(read_workspace)? {
            let random =
                || random_code().map_err(|e| OpenError(format!("Cannot make a setup code: {e:?}")));
            Some(config.setup_code.clone().map_or_else(random, Ok)?)
        } else {
            None
        };
        let members = store.all_memberships().await.map_err(|e| {
            OpenError(format!("Cannot read the memberships from the database: {e:?}"))
        })?;
        hub.load_members(members);
        hub.load_direct_conversations(store.direct_conversations().await.map_err(|e| {
            OpenError(format!("Cannot read the direct conversations from the database: {e:?}"))
        })?);
        hub.load_hidden_presence(store.people_hiding_presence().await.map_err(|e| {
            OpenError(format!("Cannot read the presence settings from the database: {e:?}"))
        })?);
        hub.load_hidden_typing(store.people_hiding_typing().await.map_err(|e| {
            OpenError(format!("Cannot read the privacy settings from the database: {e:?}"))
        })?);
        store.purge_deleted().await.map_err(|e| {
            OpenError(format!("Cannot purge deleted messages from the database: {e:?}"))
        })?;
        let hasher = Hasher::new(config.quick_hashes);
        let limits = RateLimits::new(config.limits);
        let background = BackgroundPool::new(store.write_gate());
        let files_config = FilesConfig {
            data: &config.data,
            storage: &config.storage,
            max_file_bytes: config.file_limit_bytes(),
            quota_bytes: config.quota_bytes(),
        };
        let files = Arc::new(Files::open(files_config, store.clone(), background.clone())?);
        let renderer = Renderer::new(config.program.clone());
        let app = Self(Arc::new(Parts {
            config,
            store,
            hub,
            hasher,
            limits,
            files,
            background,
            link_previews,
            renderer,
            setup_code,
            _lock: lock,
        }));
        app.files.purge_files().await;
        Ok(app)
    }
}

/// Locks a data folder for this process until the returned file is dropped.
///
/// # Errors
/// One sentence that says what to do, if it is in use or not writable.
fn lock(data: &Path) -> Result<File, OpenError> {
    let file = File::create(data.join(LOCK_FILE)).map_err(|e| {
        OpenError(format!(
            "Cannot write to the data folder {}: {e}. Grant this user write access, or choose \
             another folder with --data.",
            data.display()
        ))
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError(format!(
            "The data folder {} is in use. Stop the other ChatBox server, or choose another folder \
             with --data.",
            data.display()
        ))),
        Err(TryLockError::Error(e)) => Err(OpenError(format!(
            "Cannot lock the data folder {}: {e}. Choose a folder on a local disk with --data.",
            data.display()
        ))),
    }
}
