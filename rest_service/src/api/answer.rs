//! How handlers answer when all is well; each type stands for its statuses in the OpenAPI document.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use rest_client::Page;

use super::{
    describe::{Answer, Body, Described, Output},
    extract::Json,
    links::{Addressed, LINK, LOCATION, NextPage},
};

/// 200: a page of a list.
pub(crate) struct Paged<T>(pub(crate) Page<T>);

/// 201: made by this call.
pub(crate) struct Created<T>(pub(crate) T);

/// 201 for what was made by this call, 200 for what was there.
pub(crate) struct Stored<T> {
    pub(crate) value: T,
    pub(crate) is_new: bool,
}

/// An extension of an answer: what is kept of it for a repeated call, where that is not its body.
#[derive(Clone)]
pub(crate) struct KeptAs(pub(crate) String);

/// 202: taken, and not lost any more.
pub(crate) struct Accepted<T>(pub(crate) T);

/// 204: done, and nothing to say.
pub(crate) struct NoContent;

/// 200: Server-Sent Events, without an end.
pub(crate) struct EventStream(pub(crate) Response);

/// 200: a gzipped tar file.
pub(crate) struct Archive(pub(crate) Response);

impl<T> From<(T, bool)> for Stored<T> {
    fn from((value, is_new): (T, bool)) -> Self {
        Self { value, is_new }
    }
}

impl<T: Serialize> IntoResponse for Paged<T> {
    fn into_response(self) -> Response {
        let next = self.0.next_cursor.clone().map(NextPage);
        let mut response = axum::Json(self.0).into_response();
        if let Some(next) = next {
            response.extensions_mut().insert(next);
        }
        response
    }
}

impl<T: Addressed + Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let place = self.0.place();
        let mut response = (StatusCode::CREATED, axum::Json(self.0)).into_response();
        response.extensions_mut().insert(place);
        response
    }
}

impl<T: Addressed + Serialize> IntoResponse for Stored<T> {
    fn into_response(self) -> Response {
        if self.is_new {
            Created(self.value).into_response()
        } else {
            (StatusCode::OK, axum::Json(self.value)).into_response()
        }
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, axum::Json(self.0)).into_response()
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        self.0
    }
}

impl IntoResponse for Archive {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Output for Archive {
    fn describe(described: &mut Described, _: &mut SchemaGenerator) {
        described.answers.push(Answer {
            status: 200,
            description: "A gzipped tar file (RFC 1952, POSIX ustar).",
            body: Some(Body {
                content_type: "application/gzip",
                schema: Schema::default(),
            }),
            headers: vec![("content-disposition", "The name of the file.")],
        });
    }
}

impl<T: JsonSchema> Output for Json<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answers::<T>(200, "Here it is.", schemas);
    }
}

impl<T: JsonSchema> Output for Paged<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answers::<Page<T>>(200, "Here it is.", schemas);
        described.tells(LINK);
    }
}

impl<T: JsonSchema> Output for Created<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answers::<T>(201, "Created by this call.", schemas);
        described.tells(LOCATION);
    }
}

impl<T: JsonSchema> Output for Stored<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answers::<T>(200, "It was there already.", schemas);
        Created::<T>::describe(described, schemas);
    }
}

impl<T: JsonSchema> Output for Accepted<T> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        described.answers::<T>(202, "Taken, and not lost any more.", schemas);
    }
}

impl Output for NoContent {
    fn describe(described: &mut Described, _: &mut SchemaGenerator) {
        described.answers.push(Answer {
            status: 204,
            description: "Done.",
            body: None,
            headers: Vec::new(),
        });
    }
}

impl Output for EventStream {
    fn describe(described: &mut Described, _: &mut SchemaGenerator) {
        described.answers.push(Answer {
            status: 200,
            description: "Server-Sent Events (WHATWG HTML §9.2), until one side closes.",
            body: Some(Body {
                content_type: "text/event-stream",
                schema: Schema::default(),
            }),
            headers: Vec::new(),
        });
    }
}
