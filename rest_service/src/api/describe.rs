//! What a handler's own types tell about its operation: parameters, body, answers, problems.
//!
//! Every extractor of a handler is an [`Input`] and its return type an [`Output`]; what they say goes into the
//! OpenAPI document, so that the document cannot say anything else than the code does.

use std::collections::BTreeSet;

use rest_client::ProblemKind;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::error::ApiError;

/// What is known of an operation.
#[derive(Debug, Default)]
pub(crate) struct Described {
    /// The schemas of the path's variables, in their order.
    pub(crate) path: Vec<Schema>,
    /// What else the request may carry besides its body.
    pub(crate) parameters: Vec<Parameter>,
    /// The body that it must have, in one of these forms.
    pub(crate) bodies: Vec<Body>,
    /// How it answers when all is well.
    pub(crate) answers: Vec<Answer>,
    /// How it answers otherwise.
    pub(crate) problems: BTreeSet<ProblemKind>,
}

/// A parameter of the query string or a header.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// `query` or `header`.
    pub(crate) place: &'static str,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) required: bool,
    pub(crate) schema: Value,
}

/// A body.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) content_type: &'static str,
    pub(crate) schema: Schema,
}

/// A success.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) description: &'static str,
    pub(crate) body: Option<Body>,
    /// Its headers: name, what it says.
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

impl Described {
    /// A problem that it may answer with.
    pub(crate) fn fails(&mut self, kinds: &[ProblemKind]) {
        self.problems.extend(kinds);
    }

    /// A success with a JSON body.
    pub(crate) fn answers<T: JsonSchema>(
        &mut self,
        status: u16,
        description: &'static str,
        schemas: &mut SchemaGenerator,
    ) {
        let body = Body {
            content_type: "application/json",
            schema: schemas.subschema_for::<T>(),
        };
        self.answers.push(Answer {
            status,
            description,
            body: Some(body),
            headers: Vec::new(),
        });
    }

    /// A header of the answer that was added last.
    pub(crate) fn tells(&mut self, header: (&'static str, &'static str)) {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.push(header);
        }
    }

    /// A JSON body that the request must have, each field of which is checked.
    pub(crate) fn takes<T: JsonSchema>(&mut self, schemas: &mut SchemaGenerator) {
        self.takes_as::<T>("application/json", schemas);
        self.fails(&[
            ProblemKind::Malformed,
            ProblemKind::SlowRequest,
            ProblemKind::TooLarge,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::Invalid,
        ]);
    }

    /// A form that the body may have.
    pub(crate) fn takes_as<T: JsonSchema>(
        &mut self,
        content_type: &'static str,
        schemas: &mut SchemaGenerator,
    ) {
        self.bodies.push(Body {
            content_type,
            schema: schemas.subschema_for::<T>(),
        });
    }

    /// A header that the request may carry.
    pub(crate) fn header(&mut self, name: &str, description: &str, required: bool, schema: Value) {
        self.parameters.push(Parameter {
            place: "header",
            name: name.to_owned(),
            description: description.to_owned(),
            required,
            schema,
        });
    }

    /// A field of the query string for each field of `T`.
    pub(crate) fn query<T: JsonSchema>(&mut self, schemas: &mut SchemaGenerator) {
        let Value::Object(mut object) = T::json_schema(schemas).to_value() else {
            return;
        };
        let required: Vec<Value> = match object.remove("required") {
            Some(Value::Array(names)) => names,
            _ => Vec::new(),
        };
        let Some(Value::Object(fields)) = object.remove("properties") else {
            return;
        };
        for (name, mut schema) in fields {
            let description = schema
                .as_object_mut()
                .and_then(|schema| schema.remove("description"))
                .and_then(|text| text.as_str().map(str::to_owned))
                .unwrap_or_default();
            self.parameters.push(Parameter {
                place: "query",
                required: required.iter().any(|field| *field == name),
                description,
                schema: without_null(schema),
                name,
            });
        }
    }
}

/// A query string cannot say `null`: a field is there or not.
fn without_null(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("default");
        if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
            choices.retain(|choice| choice["type"] != "null");
            if let [only] = choices.as_slice() {
                return only.clone();
            }
        }
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
    }
    schema
}

/// What a handler takes.
pub(crate) trait Input {
    /// Adds what it means to the operation.
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator);
}

/// What a handler gives.
pub(crate) trait Output {
    /// Adds how it answers to the operation.
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator);
}

/// A handler whose types tell what it does.
pub(crate) trait Documented<Takes, Gives> {
    /// What they tell.
    fn describe(schemas: &mut SchemaGenerator) -> Described;
}

/// The variables of a path.
pub(crate) trait PathVariables {
    /// Their schemas, in order.
    fn schemas(schemas: &mut SchemaGenerator) -> Vec<Schema>;
}

impl<T> Input for axum::Extension<T> {
    fn describe(_: &mut Described, _: &mut SchemaGenerator) {}
}

impl<T: Output> Output for Result<T, ApiError> {
    fn describe(described: &mut Described, schemas: &mut SchemaGenerator) {
        T::describe(described, schemas);
    }
}

macro_rules! documented {
    ($($input:ident),*) => {
        impl<F, Fut, Gives, $($input,)*> Documented<($($input,)*), Gives> for F
        where
            F: FnOnce($($input),*) -> Fut,
            Fut: Future<Output = Gives>,
            Gives: Output,
            $($input: Input,)*
        {
            fn describe(schemas: &mut SchemaGenerator) -> Described {
                let mut described = Described::default();
                $($input::describe(&mut described, schemas);)*
                Gives::describe(&mut described, schemas);
                described
            }
        }
    };
}

documented!(A);
documented!(A, B);
documented!(A, B, C);
documented!(A, B, C, D);
documented!(A, B, C, D, E);
documented!(A, B, C, D, E, G);
documented!(A, B, C, D, E, G, H);

macro_rules! path_variables {
    ($($one:ty),+) => { $(
        impl PathVariables for $one {
            fn schemas(schemas: &mut SchemaGenerator) -> Vec<Schema> {
                vec![schemas.subschema_for::<Self>()]
            }
        }
    )+ };
}

path_variables!(uuid::Uuid, String, u32, i64);

impl<A: PathVariables, B: PathVariables> PathVariables for (A, B) {
    fn schemas(schemas: &mut SchemaGenerator) -> Vec<Schema> {
        [A::schemas(schemas), B::schemas(schemas)].concat()
    }
}

impl<A: PathVariables, B: PathVariables, C: PathVariables> PathVariables for (A, B, C) {
    fn schemas(schemas: &mut SchemaGenerator) -> Vec<Schema> {
        [A::schemas(schemas), B::schemas(schemas), C::schemas(schemas)].concat()
    }
}
