//! A person's browser: follows redirects, keeps the cookies of each host, sends forms.

use std::{collections::BTreeMap, time::Duration};

use service_kit::http;
use url::{Url, form_urlencoded};

/// How long a page may take on a loaded machine.
const LIMIT: Duration = Duration::from_secs(30);

/// A browser with its cookies, by host and name.
#[derive(Default)]
pub(crate) struct Browser(BTreeMap<(String, String), String>);

/// What it shows.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) html: String,
}

impl Browser {
    /// Opens an address and goes where it leads.
    pub(crate) async fn open(&mut self, url: &Url) -> Page {
        self.go(url.clone(), None).await
    }

    /// Sends the form of a page, with what stands in it and with what is typed, ticked or pressed.
    pub(crate) async fn submit(&mut self, page: &Page, own: &[(&str, &str)]) -> Page {
        let form = tags(&page.html, "form").pop().unwrap();
        let to = form
            .get("action")
            .map_or_else(|| page.url.clone(), |action| page.url.join(action).unwrap());
        let mut body = form_urlencoded::Serializer::new(String::new());
        for field in tags(&page.html, "input") {
            let kind = field.get("type").map(String::as_str);
            let is_choice = matches!(kind, Some("radio" | "checkbox"));
            if let (Some(name), Some(value)) = (field.get("name"), field.get("value"))
                && (!is_choice || field.contains_key("checked"))
            {
                body.append_pair(name, value);
            }
        }
        body.extend_pairs(own);
        self.go(to, Some(body.finish())).await
    }

    /// Connects a Google account by the link from the chat; the page that it ends with.
    pub(crate) async fn connects(&mut self, link: &Url, account: &str) -> Page {
        let first = self.open(link).await;
        assert!(first.html.contains("Continue to Google"), "{first:?}");
        let consent = self.submit(&first, &[]).await;
        assert!(consent.html.contains("wants access"), "{consent:?}");
        self.submit(&consent, &[("account", account), ("answer", "allow")])
            .await
    }

    async fn go(&mut self, mut url: Url, mut form: Option<String>) -> Page {
        for _ in 0..10 {
            let host = url.host_str().unwrap().to_owned();
            let client = http::client(LIMIT).unwrap();
            let mut request = match form.take() {
                Some(body) => client
                    .post(url.clone())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(body),
                None => client.get(url.clone()),
            };
            let cookies = self.0.iter().filter(|((of, _), _)| *of == host);
            let cookies: Vec<_> = cookies
                .map(|((_, name), value)| format!("{name}={value}"))
                .collect();
            if !cookies.is_empty() {
                request = request.header("cookie", cookies.join("; "));
            }
            let answer = request.send().await.unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = pair.split_once('=').unwrap();
                self.0.insert((host.clone(), name.to_owned()), value.to_owned());
            }
            match answer.headers().get("location") {
                Some(onward) => url = url.join(onward.to_str().unwrap()).unwrap(),
                None => {
                    return Page {
                        url,
                        status: answer.status().as_u16(),
                        html: answer.text().await.unwrap(),
                    };
                }
            }
        }
        panic!("it leads from page to page without end, the last is {url}")
    }
}

/// The attributes of the tags of a name, in order.
fn tags(html: &str, name: &str) -> Vec<BTreeMap<String, String>> {
    let begin = format!("<{name} ");
    let parts = html.split(begin.as_str()).skip(1);
    parts
        .map(|part| attributes(part.split('>').next().unwrap()))
        .collect()
}

/// `type=hidden name="a" checked`.
fn attributes(tag: &str) -> BTreeMap<String, String> {
    let mut attributes = BTreeMap::new();
    let mut rest = tag.trim();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let (value, behind) = match behind.strip_prefix('=') {
            None => ("", behind),
            Some(value) => match value.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap(),
                None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
            },
        };
        attributes.insert(name.to_owned(), unescaped(value));
        rest = behind.trim_start();
    }
    attributes
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
