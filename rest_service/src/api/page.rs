//! The page that shows the OpenAPI document to people: one HTML text, written once.

use std::fmt::Write;

use serde_json::Value;

/// The page's style sheet.
pub(super) const STYLE: &str = include_str!("page/style.css");

/// The page for a document.
pub(super) fn write(document: &str) -> String {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let mut page = Page {
        html: String::new(),
        document: &document,
    };
    page.whole();
    page.html
}

struct Page<'a> {
    html: String,
    document: &'a Value,
}

impl Page<'_> {
    fn put(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// Text from the document, with what it marks as code and as strong.
    fn text(&mut self, text: &str) {
        for (i, part) in text.split('`').enumerate() {
            let tag = if i % 2 == 1 { "code" } else { "span" };
            for (j, piece) in part.split("**").enumerate() {
                let tag = if j % 2 == 1 { "strong" } else { tag };
                if !piece.is_empty() {
                    // Writing to a String does not fail.
                    let _ = write!(self.html, "<{tag}>{}</{tag}>", escaped(piece));
                }
            }
        }
    }

    fn paragraphs(&mut self, text: &str) {
        for paragraph in text
            .split("\n\n")
            .filter(|paragraph| !paragraph.trim().is_empty())
        {
            self.put("<p>");
            self.text(paragraph);
            self.put("</p>");
        }
    }

    fn whole(&mut self) {
        let document = self.document;
        let title = escaped(string(&document["info"]["title"]));
        self.put("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
        self.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        self.put(&format!(
            "<title>{title}: API</title><style>{STYLE}</style></head><body><nav>"
        ));
        for tag in list(&document["tags"]) {
            let name = escaped(string(&tag["name"]));
            self.put(&format!("<a href=\"#{name}\">{name}</a>"));
        }
        self.put("<a href=\"#schemas\">schemas</a><a href=\"/openapi.json\">openapi.json</a></nav><main>");
        self.put(&format!(
            "<h1>{title} {}</h1>",
            escaped(string(&document["info"]["version"]))
        ));
        self.paragraphs(string(&document["info"]["description"]));
        for tag in list(&document["tags"]) {
            let name = string(&tag["name"]);
            self.put(&format!("<h2 id=\"{0}\">{0}</h2>", escaped(name)));
            self.paragraphs(string(&tag["description"]));
            for (path, methods) in fields(&document["paths"]) {
                for (method, operation) in fields(methods) {
                    if operation["tags"][0] == name {
                        self.operation(method, path, operation);
                    }
                }
            }
        }
        self.put("<h2 id=\"schemas\">schemas</h2>");
        for (name, schema) in fields(&document["components"]["schemas"]) {
            self.put(&format!(
                "<details id=\"schema-{0}\"><summary>{0}</summary>",
                escaped(name)
            ));
            self.schema(schema);
            self.put("</details>");
        }
        self.put("</main></body></html>");
    }

    fn operation(&mut self, method: &str, path: &str, operation: &Value) {
        let id = escaped(string(&operation["operationId"]));
        self.put(&format!(
            "<details id=\"{id}\"><summary><b class=\"{method}\">{}</b> <code>{}</code> {}</summary>",
            method.to_uppercase(),
            escaped(path),
            escaped(string(&operation["summary"]))
        ));
        self.paragraphs(string(&operation["description"]));
        let parameters = list(&operation["parameters"]);
        if !parameters.is_empty() {
            self.put("<h3>Parameters</h3><table>");
            for parameter in parameters {
                let needed = if parameter["required"] == true {
                    ", required"
                } else {
                    ""
                };
                self.row(
                    string(&parameter["name"]),
                    &format!("{}{needed}", string(&parameter["in"])),
                    &parameter["schema"],
                    string(&parameter["description"]),
                );
            }
            self.put("</table>");
        }
        if let Some(body) = operation["requestBody"].get("content") {
            self.put("<h3>Body</h3>");
            self.content(body);
        }
        self.put("<h3>Answers</h3>");
        for (status, response) in fields(&operation["responses"]) {
            let response = self.resolved(response);
            self.put(&format!("<h4>{} ", escaped(status)));
            self.text(string(&response["description"]));
            self.put("</h4>");
            if status.starts_with('2') {
                self.content(&response["content"]);
            }
        }
        self.put("</details>");
    }

    fn content(&mut self, content: &Value) {
        for (kind, body) in fields(content) {
            self.put(&format!("<p>{}: ", escaped(kind)));
            self.kind(&body["schema"]);
            self.put("</p>");
            if let Some(example) = body.get("example") {
                self.put(&format!("<pre>{}</pre>", escaped(&format!("{example:#}"))));
            }
        }
    }

    fn schema(&mut self, schema: &Value) {
        self.paragraphs(string(&schema["description"]));
        if let Some(values) = schema.get("enum") {
            self.paragraphs(&format!(
                "One of `{}`.",
                list(values).iter().map(string).collect::<Vec<_>>().join("`, `")
            ));
        }
        for choice in list(&schema["oneOf"]) {
            self.schema(choice);
        }
        self.put("<table>");
        for (name, field) in fields(&schema["properties"]) {
            let needed = list(&schema["required"]).iter().any(|required| required == name);
            let needed = if needed { "required" } else { "" };
            self.row(name, needed, field, string(&field["description"]));
        }
        self.put("</table>");
    }

    fn row(&mut self, name: &str, note: &str, schema: &Value, description: &str) {
        self.put(&format!(
            "<tr><td><code>{}</code> <i>{}</i><td>",
            escaped(name),
            escaped(note)
        ));
        self.kind(schema);
        self.put("<td>");
        self.text(description);
    }

    /// What a value is, in a few words.
    fn kind(&mut self, schema: &Value) {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            self.put(&format!("<a href=\"#schema-{0}\">{0}</a>", escaped(name)));
            return;
        }
        if let Some(value) = schema.get("const") {
            self.text(&format!("`{value}`"));
            return;
        }
        let choices = list(&schema["anyOf"]);
        if !choices.is_empty() {
            for (i, choice) in choices.iter().enumerate() {
                self.put(if i > 0 { " or " } else { "" });
                self.kind(choice);
            }
            return;
        }
        let kinds = match &schema["type"] {
            Value::String(kind) => kind.clone(),
            Value::Array(kinds) => kinds.iter().map(string).collect::<Vec<_>>().join(" or "),
            _ => "any".to_owned(),
        };
        self.text(&kinds);
        if let Some(items) = schema.get("items") {
            self.put(" of ");
            self.kind(items);
        }
        for limit in [
            "format",
            "minLength",
            "maxLength",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
            "pattern",
        ] {
            if let Some(value) = schema.get(limit) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                self.put(&format!(", {limit} <code>{}</code>", escaped(&value)));
            }
        }
    }

    /// What a reference refers to, or the value itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> Value {
        match value["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
            Some(path) => self.document.pointer(path).cloned().unwrap_or_default(),
            None => value.clone(),
        }
    }
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
