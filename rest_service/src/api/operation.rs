//! The list's two readings: the router, and what the OpenAPI document is made from.
//!
//! An operation cannot be added without the resource that its scope is about, and its documentation comes from
//! its handler's own types. What an operation answers is held against its documentation in debug builds, so that
//! every test is a test of the document too.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    handler::Handler,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use rest_client::{ProblemKind, Resource, Scope, Verb};
use schemars::{SchemaGenerator, generate::SchemaSettings};

use super::{
    App,
    caller::Caller,
    conditions,
    describe::{Described, Documented},
    document,
    error::ApiError,
    idempotency, links, write,
};

/// What any operation may answer, whatever it is: the guard in front of it, the store behind it.
const EVERYWHERE: [ProblemKind; 7] = [
    ProblemKind::Malformed,
    ProblemKind::Unauthorized,
    ProblemKind::MissingScope,
    ProblemKind::TooManyRequests,
    ProblemKind::Internal,
    ProblemKind::Unavailable,
    ProblemKind::Timeout,
];

/// All operations, as they are added.
pub(crate) struct Api {
    pub(crate) operations: Vec<Operation>,
    pub(crate) schemas: SchemaGenerator,
}

/// One method of one path.
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) scope: Scope,
    /// Module and name of the handler.
    pub(crate) id: String,
    pub(crate) summary: &'static str,
    pub(crate) note: Option<&'static str>,
    pub(crate) described: Described,
    handler: MethodRouter<App>,
}

/// What is asked of a request before its handler, and held against the answer.
struct Terms {
    scope: Scope,
    statuses: Vec<u16>,
    problems: Vec<ProblemKind>,
}

macro_rules! methods {
    ($($name:ident, $method:literal, $filter:ident;)+) => { $(
        /// Adds an operation: its path, the resource of its scope, its handler, and what it does.
        pub(crate) fn $name<H, T, Takes, Gives>(
            &mut self,
            path: &'static str,
            resource: Resource,
            handler: H,
            summary: &'static str,
        ) -> &mut Operation
        where
            H: Handler<T, App> + Documented<Takes, Gives>,
            T: 'static,
        {
            self.add($method, MethodFilter::$filter, path, resource, handler, summary)
        }
    )+ };
}

impl Api {
    pub(crate) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            operations: Vec::new(),
            schemas: settings.into_generator(),
        }
    }

    methods! {
        get, "get", GET;
        post, "post", POST;
        put, "put", PUT;
        patch, "patch", PATCH;
        delete, "delete", DELETE;
    }

    fn add<H, T, Takes, Gives>(
        &mut self,
        method: &'static str,
        filter: MethodFilter,
        path: &'static str,
        resource: Resource,
        handler: H,
        summary: &'static str,
    ) -> &mut Operation
    where
        H: Handler<T, App> + Documented<Takes, Gives>,
        T: 'static,
    {
        let mut described = H::describe(&mut self.schemas);
        described.fails(&EVERYWHERE);
        if method == "get" {
            conditions::describe_read(&mut described);
        } else {
            idempotency::describe(&mut described);
        }
        // By the method and nothing else: a key that only reads can reach nothing that writes.
        let verb = if method == "get" { Verb::Read } else { Verb::Write };
        let name = std::any::type_name::<H>();
        let id = name.rsplit("::").take(2).collect::<Vec<_>>();
        let position = self.operations.len();
        self.operations.push(Operation {
            method,
            path,
            scope: Scope { resource, verb },
            id: id.into_iter().rev().collect::<Vec<_>>().join("_"),
            summary,
            note: None,
            described,
            handler: on(filter, handler),
        });
        &mut self.operations[position]
    }

    /// The OpenAPI document, as text.
    pub(crate) fn document(&mut self) -> String {
        document::write(&self.operations, &mut self.schemas)
    }

    /// The routes, each behind its scope, and each a piece of work of its own (`write`). A method that a path does
    /// not have is neither: it is refused before anything is asked of the database.
    pub(crate) fn router(self, app: &App) -> Router<App> {
        let work = middleware::from_fn_with_state(app.clone(), write::layer);
        self.operations
            .into_iter()
            .fold(Router::new(), |router, operation| {
                let terms = Arc::new(Terms {
                    scope: operation.scope,
                    statuses: operation
                        .described
                        .answers
                        .iter()
                        .map(|answer| answer.status)
                        .collect(),
                    problems: operation.described.problems.into_iter().collect(),
                });
                let behind = operation
                    .handler
                    .route_layer(middleware::from_fn(links::layer))
                    .route_layer(work.clone())
                    .layer(middleware::from_fn_with_state(terms, keep_terms));
                router.route(operation.path, behind)
            })
    }
}

impl Operation {
    /// The problems that come from what is stored, which the handler's types do not tell.
    pub(crate) fn fails(&mut self, kinds: &[ProblemKind]) -> &mut Self {
        self.described.fails(kinds);
        self
    }

    /// What a reader should know besides the summary.
    pub(crate) fn note(&mut self, note: &'static str) -> &mut Self {
        self.note = Some(note);
        self
    }
}

/// Refuses a caller without the scope.
async fn keep_terms(
    State(terms): State<Arc<Terms>>,
    caller: Caller,
    request: Request,
    next: Next,
) -> Response {
    let response = if caller.may(terms.scope) {
        next.run(request).await
    } else {
        ApiError::missing_scope(terms.scope).into_response()
    };
    debug_assert!(
        terms.allow(&response),
        "an answer that is not in the document: {} {:?}",
        response.status(),
        response.extensions().get::<ProblemKind>()
    );
    response
}

impl Terms {
    fn allow(&self, response: &Response) -> bool {
        match response.extensions().get::<ProblemKind>() {
            Some(kind) => self.problems.contains(kind),
            None => self.statuses.contains(&response.status().as_u16()),
        }
    }
}
