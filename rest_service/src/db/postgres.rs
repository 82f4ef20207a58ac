//! Where a PostgreSQL database is, and how its connections are made, with TLS by rustls.
//!
//! `sslmode` in the URL: `disable`; `prefer` (when absent) encrypts when the server can and its certificate
//! holds, and goes on in plain text otherwise; `require`, `verify-ca` and `verify-full` all encrypt and verify
//! the certificate and the host's name, which is stricter than libpq for the first two. Certificates are
//! checked against the system's, or against the file that `sslrootcert` names.

mod answers;

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub(super) use self::answers::Answers;
use self::answers::watched;
use diesel::ConnectionError;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use rustls::{
    ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer, pki_types::pem::PemObject,
};
use service_kit::OperatorError;
use tokio_postgres::{
    Config, NoTls,
    config::{Host, SslMode},
    error::SqlState,
};
use tokio_postgres_rustls::MakeRustlsConnect;
use url::Url;

/// How long connecting may take, unless the URL says otherwise.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);

/// After how long a silent server counts as gone.
const SILENCE_LIMIT: Duration = Duration::from_secs(10);

/// A request (10 s) may have one statement that is never answered, and still be served by another connection; what a
/// lost one leaves open on the server is taken back before its caller has given up.
const SETUP: &str = "SET statement_timeout = '6s'; SET lock_timeout = '4s'; \
                     SET idle_in_transaction_session_timeout = '8s'; SET TIME ZONE 'UTC'";

/// The server, the database and the user.
#[derive(Clone, Debug)]
pub(crate) struct PostgresTarget {
    config: Config,
    root_certificates: Option<PathBuf>,
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl PostgresTarget {
    /// Reads the URL.
    pub(crate) fn parse(url: &str) -> Result<Self, OperatorError> {
        let wrong = |error: Box<dyn std::error::Error + Send + Sync>| {
            OperatorError::new(
                "DATABASE_URL cannot be read",
                "write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded",
            )
            .because(error)
        };
        let mut url: Url = url.parse().map_err(|error| wrong(Box::new(error)))?;
        // The driver knows neither the verifying modes nor a file of certificates.
        let mut verify = false;
        let mut root_certificates = None;
        let mut kept = Vec::new();
        for (name, value) in url.query_pairs() {
            match (name.as_ref(), value.as_ref()) {
                ("sslmode", "verify-ca" | "verify-full") => verify = true,
                ("sslrootcert", path) => root_certificates = Some(PathBuf::from(path)),
                _ => kept.push((name.into_owned(), value.into_owned())),
            }
        }
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        // The driver percent-decodes the query, in which "+" is a plus sign.
        let text = match url.query() {
            Some(query) => {
                let query = query.replace('+', "%20");
                url.set_query(Some(&query));
                url.to_string()
            }
            None => url.to_string(),
        };
        let mut config: Config = text
            .parse()
            .map_err(|error: tokio_postgres::Error| wrong(Box::new(error)))?;
        if config.get_hosts().is_empty() {
            return Err(wrong("it names no host".into()));
        }
        if verify {
            config.ssl_mode(SslMode::Require);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_LIMIT);
        }
        config
            .keepalives_idle(SILENCE_LIMIT)
            .keepalives_interval(SILENCE_LIMIT)
            .keepalives_retries(3)
            .tcp_user_timeout(SILENCE_LIMIT);
        if config.get_application_name().is_none() {
            config.application_name("rest_service");
        }
        Ok(Self {
            config,
            root_certificates,
            tls: Arc::default(),
        })
    }

    /// A connection that says in the operator's words why there is none.
    pub(crate) async fn first_connection(&self) -> Result<AsyncPgConnection, OperatorError> {
        // A migration takes as long as it takes.
        self.connect(Duration::MAX)
            .await
            .map(|(connection, _)| connection)
            .map_err(|error| self.explain(error))
    }

    /// A connection for requests.
    pub(crate) async fn pooled_connection(&self) -> Result<(AsyncPgConnection, Answers), ConnectionError> {
        let (mut connection, answers) = self.connect(answers::LIMIT).await.map_err(|error| match error {
            // The causes are in the sources, and the pool keeps a text only.
            Failure::Driver(error) => ConnectionError::BadConnection(with_causes(&error)),
            Failure::Setup(error) => error,
            Failure::Tls(text) => ConnectionError::BadConnection(text),
        })?;
        connection
            .batch_execute(SETUP)
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok((connection, answers))
    }

    /// A connection that is given up when a statement is unanswered for so long.
    async fn connect(&self, limit: Duration) -> Result<(AsyncPgConnection, Answers), Failure> {
        match self.config.get_ssl_mode() {
            SslMode::Disable => self.connect_plain(limit).await,
            SslMode::Prefer => match self.connect_encrypted(limit).await {
                // Only an answer of the server itself is final.
                Err(Failure::Driver(error)) if error.code().is_some() => Err(Failure::Driver(error)),
                Err(_) => self.connect_plain(limit).await,
                connected => connected,
            },
            _ => self.connect_encrypted(limit).await,
        }
    }

    async fn connect_plain(&self, limit: Duration) -> Result<(AsyncPgConnection, Answers), Failure> {
        let mut config = self.config.clone();
        config.ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect(NoTls).await?;
        Ok(watched(client, connection, limit).await?)
    }

    async fn connect_encrypted(&self, limit: Duration) -> Result<(AsyncPgConnection, Answers), Failure> {
        let tls = MakeRustlsConnect::new((*self.tls_config()?).clone());
        let (client, connection) = self.config.connect(tls).await?;
        Ok(watched(client, connection, limit).await?)
    }

    fn tls_config(&self) -> Result<Arc<ClientConfig>, Failure> {
        if let Some(config) = self.tls.get() {
            return Ok(Arc::clone(config));
        }
        let mut roots = RootCertStore::empty();
        match &self.root_certificates {
            Some(path) => {
                let unreadable = |error| Failure::Tls(format!("cannot read {}: {error}", path.display()));
                for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
                    let certificate = certificate.map_err(unreadable)?;
                    roots
                        .add(certificate)
                        .map_err(|error| Failure::Tls(error.to_string()))?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::Tls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::clone(self.tls.get_or_init(|| Arc::new(config))))
    }

    fn explain(&self, failure: Failure) -> OperatorError {
        let place = self.place();
        let error = match failure {
            Failure::Driver(error) => error,
            Failure::Setup(error) => {
                return OperatorError::new(
                    format!("cannot use PostgreSQL at {place}"),
                    "see the server's log",
                )
                .because(error);
            }
            Failure::Tls(text) => {
                return OperatorError::new(
                    format!("cannot encrypt the connection to PostgreSQL at {place}"),
                    "correct sslmode and sslrootcert in DATABASE_URL",
                )
                .because(text);
            }
        };
        let database = self
            .config
            .get_dbname()
            .or(self.config.get_user())
            .unwrap_or_default();
        match error.code() {
            Some(&(SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION)) => {
                OperatorError::new(
                    format!("PostgreSQL at {place} refuses the user or the password"),
                    "correct them in DATABASE_URL",
                )
            }
            Some(&SqlState::INVALID_CATALOG_NAME) => OperatorError::new(
                format!("PostgreSQL at {place} has no database {database:?}"),
                "create it, or correct DATABASE_URL",
            ),
            Some(_) => OperatorError::new(
                format!("PostgreSQL at {place} refuses the connection"),
                "see the server's log, or correct DATABASE_URL",
            )
            .because(error),
            None => OperatorError::new(
                format!("cannot connect to PostgreSQL at {place}"),
                "start it, or correct DATABASE_URL",
            )
            .because(error),
        }
    }

    /// The server's host and port, for people.
    fn place(&self) -> String {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate().map(|(i, host)| {
            let host = match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(path) => path.display().to_string(),
            };
            let port = ports.get(i).or(ports.first()).copied().unwrap_or(5432);
            format!("{host}:{port}")
        });
        hosts.collect::<Vec<_>>().join(", ")
    }
}

/// Why there is no connection.
enum Failure {
    Driver(tokio_postgres::Error),
    Setup(ConnectionError),
    Tls(String),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        Self::Setup(error)
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
