//! Where rest_service is and what opens it, for the commands that go over the REST API like any other admin: they
//! work while `manage run` runs, and against a distributed set-up alike.

use std::path::PathBuf;

use clap::Args;
use rest_client::{Client, Error, Page};
use secrecy::SecretString;
use service_kit::{OperatorError, settings::http_url};
use url::Url;

use crate::data_folder;

/// Where the service is.
#[derive(Args)]
pub(crate) struct ServiceArgs {
    /// Where the REST API is.
    #[arg(long, env = "REST_URL", value_name = "URL", default_value = "http://127.0.0.1:8080", value_parser = http_url)]
    rest_url: Url,
    /// The key that opens it; the data folder's when absent.
    #[arg(long, env = "SERVICE_KEY", hide_env_values = true, value_name = "KEY")]
    service_key: Option<SecretString>,
    /// The data folder.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER", default_value = "data")]
    data_dir: PathBuf,
}

impl ServiceArgs {
    /// A client of the service.
    ///
    /// # Errors
    /// No key is given, and the data folder has none.
    pub(crate) fn client(&self) -> Result<Client, OperatorError> {
        service_kit::http::install_tls();
        let key = match &self.service_key {
            Some(key) => key.clone(),
            None => data_folder::service_key(&self.data_dir).map_err(|error| {
                OperatorError::new(
                    format!("no service key is in the data folder {}", self.data_dir.display()),
                    "set DATA_DIR to the folder of `manage run`, or SERVICE_KEY to the key of the services",
                )
                .because(error)
            })?,
        };
        Client::new(self.rest_url.clone(), key)
    }

    /// What to do about a failed call.
    pub(crate) fn explained(&self, error: Error) -> OperatorError {
        let url = &self.rest_url;
        match error {
            Error::Unavailable(_) => OperatorError::new(
                format!("rest_service does not answer at {url}"),
                "start it with `manage run`, or set REST_URL to where it runs",
            ),
            Error::Unauthorized => OperatorError::new(
                format!("rest_service at {url} refused the key"),
                "set DATA_DIR to its data folder, or SERVICE_KEY to its key",
            ),
            Error::Invalid { detail, errors } => {
                // What is wrong with which field says more than that something is.
                let wrong = errors.into_iter().map(|error| error.message);
                let wrong = wrong.reduce(|all, one| format!("{all}; {one}"));
                OperatorError::new(wrong.unwrap_or(detail), "change it and try again")
            }
            Error::Forbidden { detail } => {
                OperatorError::new(detail, "use the service key, or a key that has this scope")
            }
            error => OperatorError::new(
                format!("rest_service at {url} cannot do that"),
                "check that it is of the same version",
            )
            .because(error),
        }
    }

    /// Runs `work` to its end.
    ///
    /// # Errors
    /// No runtime can be made, or the work failed.
    pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(work)
    }
}

/// All items of a list, page by page; `page` reads the one behind a cursor.
///
/// # Errors
/// What `page` fails with.
pub(crate) async fn all_pages<T>(
    page: impl AsyncFn(Option<String>) -> Result<Page<T>, Error>,
) -> Result<Vec<T>, Error> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let next = page(cursor).await?;
        all.extend(next.items);
        match next.next_cursor {
            Some(behind) => cursor = Some(behind),
            None => return Ok(all),
        }
    }
}
