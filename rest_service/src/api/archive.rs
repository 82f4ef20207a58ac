//! A user's archive: a gzipped tar file of JSON files, made while it is sent, one page of rows in memory at a time.

use std::io::Write;

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use futures::{Stream, stream};
use rest_client::{Resource, Scope, User, Verb};
use serde::Serialize;
use tar::Header;
use uuid::Uuid;

use super::{
    App,
    answer::Archive,
    caller::Caller,
    error::ApiError,
    extract::{Path, State},
    watch::{Needs, Watched},
};
use crate::{
    db::Db,
    store::{
        StoreError,
        archive::{self, After, Section},
    },
};

/// What an archive needs to go on, as it does to begin.
const EXPORT: Scope = Scope {
    resource: Resource::Users,
    verb: Verb::Read,
};

pub(super) async fn export(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Archive, ApiError> {
    let watched = app.watch.open(&caller, EXPORT, id, Needs::Known);
    let user = archive::user(&app.db, id).await?;
    let name = format!("attachment; filename=\"user-{id}.tar.gz\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/gzip")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
    ];
    let writer = Writer::new(app.db.clone(), user, app.now(), watched);
    Ok(Archive(
        (headers, Body::from_stream(chunks(writer))).into_response(),
    ))
}

/// The archive as the body of a response. A fault cuts it off, so that the receiver sees that it is not whole.
fn chunks(writer: Writer) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    stream::try_unfold(writer, async |mut writer| {
        while let Some(step) = writer.next.take() {
            if let Some(reason) = writer.watched.has_ended() {
                tracing::info!(user_id = %writer.user.id, ?reason, "an archive was cut off");
                return Err(std::io::Error::other("the archive may no longer be read"));
            }
            // A task of its own: a receiver who hangs up does not give a connection up in mid-query.
            let user_id = writer.user.id;
            let worked = tokio::spawn(async move {
                let outcome = writer.work(step).await;
                (writer, outcome)
            });
            let (back, outcome) = worked.await.map_err(std::io::Error::other)?;
            writer = back;
            if let Err(error) = outcome {
                tracing::warn!(%user_id, ?error, "an archive was cut off");
                return Err(std::io::Error::other("the archive could not be finished"));
            }
            let bytes = writer.take_bytes();
            if !bytes.is_empty() {
                return Ok(Some((bytes, writer)));
            }
        }
        Ok(None)
    })
}

/// What is written next.
enum Step {
    Head,
    /// A page of a section, by its place in [`Section::ALL`], and the file's number.
    Page(usize, u32, After),
    End,
}

/// Writes the archive piece by piece.
struct Writer {
    db: Db,
    user: User,
    at: DateTime<Utc>,
    watched: Watched,
    next: Option<Step>,
    gzip: Option<GzEncoder<Vec<u8>>>,
    /// What was left when the archive was closed.
    last: Vec<u8>,
}

/// Why the archive could not go on.
#[derive(Debug)]
#[expect(dead_code, reason = "the log shows them")]
enum Fault {
    Store(StoreError),
    Write(std::io::Error),
    Json(serde_json::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl Writer {
    fn new(db: Db, user: User, at: DateTime<Utc>, watched: Watched) -> Self {
        Self {
            db,
            user,
            at,
            watched,
            next: Some(Step::Head),
            gzip: Some(GzEncoder::new(Vec::new(), Compression::default())),
            last: Vec::new(),
        }
    }

    async fn work(&mut self, step: Step) -> Result<(), Fault> {
        match step {
            Step::Head => {
                let readme = readme(&self.user, self.at);
                self.file("README.md", readme.as_bytes())?;
                let user = json(&self.user)?;
                self.file("user.json", &user)?;
                self.next = Some(Step::Page(0, 1, After::Start));
            }
            Step::Page(place, number, after) => {
                let Some(&section) = Section::ALL.get(place) else {
                    self.next = Some(Step::End);
                    return Ok(());
                };
                let (items, next) = archive::page(&self.db, self.user.id, section, after).await?;
                // A section without rows has its one, empty file.
                if number == 1 || !items.is_empty() {
                    let name = format!("{}-{number:05}.json", section.name());
                    self.file(&name, &json(&items)?)?;
                }
                self.next = Some(match next {
                    Some(after) => Step::Page(place, number + 1, after),
                    None => Step::Page(place + 1, 1, After::Start),
                });
            }
            Step::End => {
                // Two empty blocks end a tar file (POSIX pax, "ustar Interchange Format").
                if let Some(mut gzip) = self.gzip.take() {
                    gzip.write_all(&[0; 1024])?;
                    self.last = gzip.finish()?;
                }
            }
        }
        Ok(())
    }

    /// Adds a file, padded to whole blocks.
    fn file(&mut self, name: &str, content: &[u8]) -> Result<(), Fault> {
        let mut head = Header::new_ustar();
        head.set_path(name)?;
        head.set_size(u64::try_from(content.len()).unwrap_or(u64::MAX));
        head.set_mode(0o600);
        head.set_mtime(u64::try_from(self.at.timestamp()).unwrap_or(0));
        head.set_cksum();
        if let Some(gzip) = &mut self.gzip {
            gzip.write_all(head.as_bytes())?;
            gzip.write_all(content)?;
            gzip.write_all(&vec![0; content.len().next_multiple_of(512) - content.len()])?;
        }
        Ok(())
    }

    /// What is ready to be sent.
    fn take_bytes(&mut self) -> Bytes {
        match &mut self.gzip {
            Some(gzip) => std::mem::take(gzip.get_mut()).into(),
            None => std::mem::take(&mut self.last).into(),
        }
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}

fn readme(user: &User, at: DateTime<Utc>) -> String {
    let mut text = format!(
        "# Everything that is stored of {}\n\n\
         Made on {} for the user {}. Times are in UTC, texts are as they were said.\n\n\
         The archive was made page by page: what was said while it was made may be in it or not.\n\
         Left out are only marks of the system's own work (leases, idempotency keys).\n\n\
         - `user.json`: who you are here, your language, time zone and settings\n",
        user.name.replace(char::is_control, " "),
        at.format("%Y-%m-%d %H:%M:%S"),
        user.id,
    );
    for section in Section::ALL {
        text.push_str(&format!(
            "- `{}-00001.json` and following: {}\n",
            section.name(),
            section.about()
        ));
    }
    text
}
