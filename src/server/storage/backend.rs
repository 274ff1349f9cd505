//! The storage backend: a folder, or a bucket of an S3-compatible service.

use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use clap::Args;
use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig, aws::AmazonS3Builder, path::Path,
    prefix::PrefixStore,
};

use super::blob_store::BlobStore;
use crate::server::store::OpenError;

/// How long one request to a bucket may take: a part of a large file must fit.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Retries of a failed request, and how long they may take.
const RETRIES: (usize, Duration) = (3, Duration::from_secs(20));

/// Where blobs are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageBackend {
    /// In a local folder.
    Folder(PathBuf),
    /// In a bucket.
    Bucket {
        /// Its name.
        name: String,
        /// A prefix inside the bucket; empty for the whole bucket.
        folder: String,
    },
}

impl FromStr for StorageBackend {
    type Err = Infallible;

    fn from_str(typed: &str) -> Result<Self, Infallible> {
        let Some(rest) = typed.strip_prefix("s3://") else {
            return Ok(Self::Folder(PathBuf::from(typed)));
        };
        let (name, folder) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(Self::Bucket { name: name.to_owned(), folder: folder.trim_matches('/').to_owned() })
    }
}

/// A value that is never printed.
#[derive(Clone, Default)]
pub struct Secret(String);

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(typed: &str) -> Result<Self, Infallible> {
        Ok(Self(typed.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(if self.0.is_empty() { "none" } else { "***" })
    }
}

/// Where attachments are stored.
#[derive(Clone, Debug, Default, Args)]
pub struct FileStorage {
    /// Where to store attachments, if not in the data folder.
    ///
    /// A folder, or a bucket of an S3-compatible service (s3://bucket or s3://bucket/folder).
    #[arg(long, env = "CHATBOX_FILES", value_name = "FOLDER|s3://BUCKET")]
    pub files: Option<StorageBackend>,
    /// The endpoint of the S3-compatible service, such as https://s3.example.org.
    ///
    /// Default: Amazon S3 in the region.
    #[arg(long, env = "CHATBOX_S3_ENDPOINT", value_name = "URL")]
    pub s3_endpoint: Option<String>,
    /// The region of the bucket.
    ///
    /// Most self-hosted services accept any region.
    #[arg(long, env = "CHATBOX_S3_REGION", default_value = "us-east-1", value_name = "NAME")]
    pub s3_region: String,
    /// The ID of the access key to the bucket.
    ///
    /// The key needs permission to read, write, delete and list objects.
    #[arg(
        long,
        env = "CHATBOX_S3_KEY",
        default_value = "",
        hide_default_value = true,
        value_name = "ID"
    )]
    pub s3_key: String,
    /// The secret of the access key.
    ///
    /// Prefer the environment variable: other users of this machine can read command lines.
    #[arg(
        long,
        env = "CHATBOX_S3_SECRET",
        hide_env_values = true,
        default_value = "",
        hide_default_value = true,
        value_name = "SECRET"
    )]
    pub s3_secret: Secret,
}

/// The local folder for uploads, and for the blobs where they are not in a bucket.
pub(in crate::server) fn local_folder(data: &std::path::Path, storage: &FileStorage) -> PathBuf {
    match &storage.files {
        Some(StorageBackend::Folder(local_folder)) => local_folder.clone(),
        _ => data.join("files"),
    }
}

/// Opens the blob store of a data folder.
///
/// # Errors
/// One sentence that says what to do, when it cannot be used.
pub(in crate::server) fn open_blob_store(
    data: &std::path::Path,
    storage: &FileStorage,
) -> Result<BlobStore, OpenError> {
    if let Some(StorageBackend::Bucket { name, folder }) = &storage.files {
        return Ok(BlobStore::from_bucket(bucket(storage, name, folder)?));
    }
    let local_folder = local_folder(data, storage);
    BlobStore::open_folder(&local_folder).map_err(|e| cannot_use(&local_folder, &e))
}

pub(super) fn cannot_use(local_folder: &std::path::Path, error: &dyn fmt::Display) -> OpenError {
    OpenError(format!(
        "Cannot use the attachments folder {}: {error}. Grant this user write access, or choose \
         another folder with --files.",
        local_folder.display()
    ))
}

/// A bucket with this configuration. It is not contacted yet.
///
/// # Errors
/// One sentence that says what is missing or invalid.
fn bucket(
    config: &FileStorage,
    name: &str,
    folder: &str,
) -> Result<Arc<dyn ObjectStore>, OpenError> {
    if name.is_empty() {
        return Err(OpenError(
            "--files needs the name of a bucket, such as s3://bucket or s3://bucket/folder."
                .to_owned(),
        ));
    }
    if config.s3_key.is_empty() || config.s3_secret.0.is_empty() {
        return Err(OpenError(
            "The bucket needs an access key. Set CHATBOX_S3_KEY and CHATBOX_S3_SECRET.".to_owned(),
        ));
    }
    // The client uses the provider of the process; link previews bring their own.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let retry = RetryConfig {
        max_retries: RETRIES.0,
        retry_timeout: RETRIES.1,
        backoff: BackoffConfig::default(),
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_region(&config.s3_region)
        .with_access_key_id(&config.s3_key)
        .with_secret_access_key(&config.s3_secret.0)
        // Not all services support bulk deletion.
        .with_disable_bulk_delete(true)
        .with_client_options(
            ClientOptions::new()
                .with_timeout(REQUEST_TIMEOUT)
                .with_connect_timeout(Duration::from_secs(5))
                .with_allow_http(true),
        )
        .with_retry(retry);
    if let Some(endpoint) = &config.s3_endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
    }
    let store = builder.build().map_err(|e| {
        OpenError(format!(
            "Cannot use the bucket {name}: {e}. Check --s3-endpoint and --s3-region."
        ))
    })?;
    let folder = Path::parse(folder).map_err(|e| {
        OpenError(format!(
            "The folder in the bucket is not valid: {e}. Choose another one with --files."
        ))
    })?;
    Ok(if folder.as_ref().is_empty() {
        Arc::new(store)
    } else {
        Arc::new(PrefixStore::new(store, folder))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_a_folder_or_a_bucket() {
        let bucket = |name: &str, folder: &str| StorageBackend::Bucket {
            name: name.into(),
            folder: folder.into(),
        };
        for (typed, backend) in [
            ("/srv/files", StorageBackend::Folder("/srv/files".into())),
            ("s3:/x", StorageBackend::Folder("s3:/x".into())),
            ("s3://chat", bucket("chat", "")),
            ("s3://chat/", bucket("chat", "")),
            ("s3://chat/a/b/", bucket("chat", "a/b")),
        ] {
            assert_eq!(typed.parse(), Ok(backend), "{typed}");
        }
        assert_eq!(format!("{:?}", "key".parse::<Secret>().unwrap()), "***");
    }
}
