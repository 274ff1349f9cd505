//! `chatbox admin`: accounts on the machine, for whoever has locked themselves out.

use std::{io::Write, sync::Arc};

use crate::{
    domain::{Code, Person, Registration, person},
    server::{
        auth::{code_hash, random_code},
        clock::Clock,
        config::{AdminAction, AdminConfig, DATA_FILE},
        error::AppError,
        lock, names,
        store::{NewPerson, Result as StoreResult, Store, username_taken},
    },
};

/// No password has this hash.
const NO_PASSWORD: &str = "!";

/// Runs the action and prints what it did.
///
/// # Errors
/// One sentence that says what to do.
pub async fn run(config: &AdminConfig) -> Result<(), String> {
    let file = config.data.join(DATA_FILE);
    if !file.exists() {
        return Err(format!(
            "{} contains no ChatBox data. Choose the data folder of the server with --data.",
            config.data.display()
        ));
    }
    let _lock = lock(&config.data).map_err(|e| e.to_string())?;
    let store =
        Store::open(&file, Clock::default(), Arc::new(|_| {})).await.map_err(|e| e.to_string())?;
    let result = act(&store, config).await;
    store.close().await;
    let words = result.map_err(|error| explain(error, &config.username))?;
    // Ignores a closed standard output.
    let _ = std::io::stdout().write_all(words.as_bytes());
    Ok(())
}

async fn act(store: &Store, config: &AdminConfig) -> StoreResult<String> {
    let key = names::username_key(config.username.trim());
    match config.action {
        AdminAction::Create => {
            let username = person::username(&config.username)?;
            let display_name = config.name.as_deref().unwrap_or(&username);
            let display_name = person::display_name(display_name)?;
            names::check_username_reserved(&key)?;
            names::check_display_name_reserved(&display_name)?;
            if store.is_username_taken(&key).await? {
                return Err(username_taken().into());
            }
            store
                .register(NewPerson {
                    username,
                    username_key: key.clone(),
                    display_name,
                    password_hash: NO_PASSWORD.to_owned(),
                    registration: Some(Registration::Open),
                    invitation: None,
                })
                .await?;
            let person = store.promote(key.clone()).await?;
            Ok(format!(
                "{} is an administrator.\n{}",
                name(&person),
                reset_link(store, key, config).await?
            ))
        }
        AdminAction::Promote => {
            let person = store.promote(key).await?;
            Ok(format!("{} is an administrator.\n", name(&person)))
        }
        AdminAction::ResetLink => reset_link(store, key, config).await,
        AdminAction::Sessions => {
            let person = store.end_all_sessions(key).await?;
            Ok(format!("All sessions of {} have ended.\n", name(&person)))
        }
    }
}

async fn reset_link(store: &Store, key: String, config: &AdminConfig) -> StoreResult<String> {
    let code = random_code()?;
    let hash = code_hash(&code).ok_or_else(crate::domain::ChatError::internal)?;
    let (person, _) = store.issue_operator_reset(key, hash).await?;
    Ok(format!(
        "Start the server. Within 30 minutes, {} can choose a password once at:\n\
         {}/reset/{code}\n",
        name(&person),
        config.origin
    ))
}

fn name(person: &Person) -> String {
    format!("{} (@{})", person.display_name, person.username)
}

fn explain(error: AppError, username: &str) -> String {
    match error {
        AppError::Client(error) if error.code == Code::NotFound => {
            format!("Nobody has the username {username}. Check the spelling.")
        }
        AppError::Client(error) => error.message,
        AppError::Internal(cause) => {
            format!("The database cannot be changed: {cause}. Check the free disk space.")
        }
    }
}
