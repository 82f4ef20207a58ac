//! The document and its page: closed without a key, open to a browser with one, and complete offline.

use rest_client::{KeyRole, NewApiKey};
use serde_json::Value;

use crate::{
    openapi,
    support::{KEY, TestApp, TestDb, on_both},
};

on_both!(a_browser_reads_the_pages_with_a_key);

async fn a_browser_reads_the_pages_with_a_key(db: TestDb) {
    let app = TestApp::start(db).await;
    let new = NewApiKey {
        name: "browser".to_owned(),
        role: KeyRole::ReadOnly,
        scopes: Some(vec!["users:read".parse().unwrap()]),
        expires_at: None,
    };
    let token = app.client.create_api_key(&new).await.unwrap().token;
    for path in ["/docs", "/openapi.json"] {
        let get = || app.raw.get(app.url.join(path).unwrap());
        for closed in [
            get(),
            get().bearer_auth("wrong"),
            get().basic_auth("admin", Some("wrong")),
        ] {
            let answer = closed.send().await.unwrap();
            assert_eq!(answer.status(), 401, "{path}");
            let challenge = answer.headers()["www-authenticate"].to_str().unwrap().to_owned();
            assert!(challenge.starts_with("Basic realm="), "{challenge}");
        }
        for open in [
            get().bearer_auth(KEY),
            get().basic_auth("anybody", Some(&token)),
            get().basic_auth("", Some(KEY)),
        ] {
            assert_eq!(open.send().await.unwrap().status(), 200, "{path}");
        }
    }
    // Everywhere else, a password is no key.
    let users = app
        .raw
        .get(app.url.join("/users").unwrap())
        .basic_auth("x", Some(KEY));
    let refused = users.send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.headers()["www-authenticate"], "Bearer");

    let served: Value = app
        .request("GET", "/openapi.json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(served, openapi::document());
    let page = app.request("GET", "/docs").send().await.unwrap();
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    let page = page.text().await.unwrap();
    for (method, path, operation) in openapi::operations(&served) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(
            page.contains(&format!("id=\"{id}\"")),
            "{method} {path} is on the page"
        );
    }
    for outside in ["<script", "src=", "http://", "https://", "@import", "url("] {
        assert!(!page.contains(outside), "the page has {outside}");
    }
}
