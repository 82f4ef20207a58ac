//! The pages that a browser is shown while an account is connected: plain HTML without scripts, that nothing can
//! frame, that no cache keeps, and whose address goes nowhere.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1rem}\
    button{font:inherit;padding:.5rem 1.5rem}";

/// A page; what is put in is text, and escaped.
pub(crate) struct Page {
    status: StatusCode,
    title: &'static str,
    body: String,
    form_target: Option<String>,
}

impl Page {
    /// A page that says what happened.
    pub(crate) fn new(status: StatusCode, title: &'static str) -> Self {
        Self {
            status,
            title,
            body: String::new(),
            form_target: None,
        }
    }

    /// Adds a paragraph of text.
    #[must_use]
    pub(crate) fn say(mut self, text: &str) -> Self {
        self.body.push_str("<p>");
        escape(text, &mut self.body);
        self.body.push_str("</p>\n");
        self
    }

    /// Adds a button that sends hidden fields back to this address; the answer leads to `target`, an origin.
    #[must_use]
    pub(crate) fn button(mut self, label: &str, fields: &[(&str, &str)], target: String) -> Self {
        self.body.push_str("<form method=\"post\">\n");
        for (name, value) in fields {
            self.body.push_str("<input type=\"hidden\" name=\"");
            escape(name, &mut self.body);
            self.body.push_str("\" value=\"");
            escape(value, &mut self.body);
            self.body.push_str("\">\n");
        }
        self.body.push_str("<button>");
        escape(label, &mut self.body);
        self.body.push_str("</button>\n</form>\n");
        self.form_target = Some(target);
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let Self {
            status,
            title,
            body,
            form_target,
        } = self;
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
             <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
        );
        let mut response = (status, Html(html)).into_response();
        guard(&mut response, form_target.as_deref());
        response
    }
}

/// The headers that keep a page and its address to itself. `form_target` is where a form's answer may lead.
pub(crate) fn guard(response: &mut Response, form_target: Option<&str>) {
    let form_action = match form_target {
        Some(target) => format!("'self' {target}"),
        None => "'none'".to_owned(),
    };
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
    );
    let fixed: [(HeaderName, &str); 5] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CONTENT_SECURITY_POLICY, &policy),
    ];
    for (name, value) in fixed {
        // An origin is ASCII.
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
}

fn escape(text: &str, into: &mut String) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_that_a_person_is_called_is_markup() {
        let mut html = String::new();
        super::escape("<script>alert('1')</script> & \"Ann\"", &mut html);
        assert_eq!(
            html,
            "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;Ann&quot;"
        );
    }
}
