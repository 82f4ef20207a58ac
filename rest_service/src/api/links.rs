//! Where a caller goes on from an answer: to the next page of a list (`Link`, RFC 8288), to what a call has made
//! (`Location`, RFC 9110 §10.2.2).
//!
//! A handler says only what it knows: the cursor of the next page, the id of what it made. The links are written
//! here and nowhere else, from the URL that was asked for, so that a next page has the filter, the order and the
//! length of the page before.

use axum::{
    extract::Request,
    http::{HeaderValue, Uri, header},
    middleware::Next,
    response::Response,
};
use rest_client::{
    Assistant, CalendarLink, CreatedApiKey, Fact, Identity, PendingAction, Resolved, ScheduledTask, TaskRun,
    Tool, Turn, User,
};
use url::form_urlencoded;

/// What the OpenAPI document says of `Link`.
pub(crate) const LINK: (&str, &str) = (
    "Link",
    "The next page, if there is one: `<…>; rel=\"next\"` (RFC 8288), with the filter, order and length of this one.",
);

/// What the OpenAPI document says of `Location`.
pub(crate) const LOCATION: (&str, &str) = ("Location", "The address of what was created.");

/// An extension of an answer: the cursor of the next page.
#[derive(Clone)]
pub(crate) struct NextPage(pub(crate) String);

/// An extension of an answer: where what was made is found.
#[derive(Clone)]
pub(crate) enum Place {
    /// By this id, below the address that was asked.
    Below(String),
    /// At this path.
    At(String),
}

/// What has an address of its own.
pub(crate) trait Addressed {
    /// Where it is found, once a call has made it.
    fn place(&self) -> Place;
}

macro_rules! below_their_lists {
    ($($resource:ty),*) => {$(
        impl Addressed for $resource {
            fn place(&self) -> Place {
                Place::Below(self.id.to_string())
            }
        }
    )*};
}

below_their_lists!(
    Assistant,
    CalendarLink,
    Fact,
    Identity,
    PendingAction,
    ScheduledTask,
    Tool,
    User
);

impl Addressed for CreatedApiKey {
    fn place(&self) -> Place {
        Place::Below(self.key.id.to_string())
    }
}

impl Addressed for Turn {
    fn place(&self) -> Place {
        Place::Below(self.event_id.to_string())
    }
}

impl Addressed for Resolved {
    fn place(&self) -> Place {
        Place::At(format!("/users/{}", self.user.id))
    }
}

/// A run has no address of its own: it is found among its task's.
impl Addressed for TaskRun {
    fn place(&self) -> Place {
        Place::At(format!(
            "/users/{}/scheduled_tasks/{}/runs",
            self.user_id, self.task_id
        ))
    }
}

/// Writes the links of an answer.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    if let Some(NextPage(cursor)) = response.extensions_mut().remove::<NextPage>()
        && let Ok(link) = HeaderValue::try_from(next_link(&uri, &cursor))
    {
        response.headers_mut().insert(header::LINK, link);
    }
    if let Some(place) = response.extensions_mut().remove::<Place>()
        && let Ok(location) = HeaderValue::try_from(path(&uri, place))
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The same query with another cursor. The address is relative, so that it holds behind a proxy that serves this
/// API below another path.
fn next_link(uri: &Uri, cursor: &str) -> String {
    let asked = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(asked.filter(|(name, _)| name != "cursor"))
        .append_pair("cursor", cursor)
        .finish();
    format!("<?{query}>; rel=\"next\"")
}

fn path(uri: &Uri, place: Place) -> String {
    match place {
        Place::At(path) => path,
        Place::Below(id) => {
            let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
            // A form writes a space as a plus, which in a path is a plus.
            format!("{}/{}", uri.path().trim_end_matches('/'), id.replace('+', "%20"))
        }
    }
}
