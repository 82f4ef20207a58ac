//! The token, revocation and userinfo endpoints.

use super::consent;
use super::error::Reply;
use super::state::{Code, State, Token};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use url::form_urlencoded;

/// An access token's life in seconds.
const ACCESS_SECONDS: i64 = 3599;
/// A code's life in seconds.
const CODE_SECONDS: i64 = 600;
/// A refresh token's life in seconds when the app is in testing: seven days, less the second it takes.
const TESTING_SECONDS: i64 = 604_799;
/// A refresh token that nobody used for this long, six months, is dead.
const IDLE_SECONDS: i64 = 180 * 24 * 3600;
/// Live refresh tokens of one account for one app; one more kills the oldest without a word.
const MAX_REFRESH_TOKENS: usize = 100;

/// The form's fields by name.
pub(crate) type Form = BTreeMap<String, String>;

/// A refusal in the shape of RFC 6749.
struct Refusal {
    status: u16,
    error: &'static str,
    description: String,
    is_violation: bool,
}

impl Refusal {
    fn new(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            error,
            description: description.into(),
            is_violation: true,
        }
    }

    /// What time and people do to grants, or a stranger who slips a code in: no fault of the client.
    fn invalid_grant(description: &str) -> Self {
        Self {
            is_violation: false,
            ..Self::new(400, "invalid_grant", description)
        }
    }

    fn missing(name: &str) -> Self {
        Self::new(
            400,
            "invalid_request",
            format!("Missing required parameter: {name}"),
        )
    }
}

fn answer(state: &State, kind: &str, result: Result<Value, Refusal>) -> Reply {
    match result {
        Ok(body) => Reply::json(200, &body),
        Err(refusal) => {
            if refusal.is_violation {
                let reason = format!("{}: {}", refusal.error, refusal.description);
                state.violations.record(kind, reason);
            }
            let body = json!({ "error": refusal.error, "error_description": refusal.description });
            Reply::json(refusal.status, &body)
        }
    }
}

/// The form in a body; `None` when it is no form or repeats a field.
pub(crate) fn read_form(content_type: &str, body: &[u8]) -> Option<Form> {
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return None;
    }
    let mut form = Form::new();
    for (name, value) in form_urlencoded::parse(body) {
        if form.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(form)
}

/// `POST /token`: exchanges a code, or gives a new access token for a refresh token.
pub(crate) fn token(
    state: &mut State,
    kind: &str,
    form: Option<&Form>,
    authorization: Option<&str>,
) -> Reply {
    let result = match form {
        None => Err(Refusal::new(
            400,
            "invalid_request",
            "Bad Request: not a form without repeated fields",
        )),
        Some(form) => check_client(state, form, authorization).and_then(|()| {
            match form.get("grant_type").map(String::as_str) {
                Some("authorization_code") => exchange(state, kind, form),
                Some("refresh_token") => refresh(state, kind, form),
                Some(other) => Err(Refusal::new(
                    400,
                    "unsupported_grant_type",
                    format!("Invalid grant_type: {other}"),
                )),
                None => Err(Refusal::missing("grant_type")),
            }
        }),
    };
    answer(state, kind, result)
}

fn only(state: &State, kind: &str, form: &Form, known: &[&str]) {
    for name in form.keys().filter(|name| !known.contains(&name.as_str())) {
        state
            .violations
            .record(kind, format!("unknown parameter \"{name}\""));
    }
}

/// The client's id and secret, in the form or in a `Basic` header.
fn check_client(state: &State, form: &Form, authorization: Option<&str>) -> Result<(), Refusal> {
    let decode = |text: &str| {
        form_urlencoded::parse(format!("v={text}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    let basic = authorization
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|value| STANDARD.decode(value).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|pair| {
            let (id, secret) = pair.split_once(':')?;
            Some((decode(id)?, decode(secret)?))
        });
    let (id, secret) = match basic {
        Some(pair) => pair,
        None => {
            let id = form.get("client_id").ok_or_else(|| {
                Refusal::new(
                    400,
                    "invalid_request",
                    "Could not determine client ID from request.",
                )
            })?;
            let secret = form
                .get("client_secret")
                .ok_or_else(|| Refusal::new(400, "invalid_request", "client_secret is missing."))?;
            (id.clone(), secret.clone())
        }
    };
    if id != state.app.client_id {
        return Err(Refusal::new(
            401,
            "invalid_client",
            "The OAuth client was not found.",
        ));
    }
    if secret != state.app.client_secret {
        return Err(Refusal::new(
            401,
            "invalid_client",
            "The provided client secret is invalid.",
        ));
    }
    Ok(())
}

fn exchange(state: &mut State, kind: &str, form: &Form) -> Result<Value, Refusal> {
    only(
        state,
        kind,
        form,
        &[
            "client_id",
            "client_secret",
            "code",
            "code_verifier",
            "grant_type",
            "redirect_uri",
        ],
    );
    let required = |name: &str| form.get(name).ok_or_else(|| Refusal::missing(name));
    let (code_text, redirect_uri) = (required("code")?, required("redirect_uri")?);
    let now = state.now();
    let Some(code) = state.codes.get_mut(code_text) else {
        return Err(Refusal::invalid_grant("Malformed auth code."));
    };
    if code.used || now >= code.issued_at + CODE_SECONDS {
        return Err(Refusal::invalid_grant("Bad Request"));
    }
    if code.redirect_uri != *redirect_uri {
        return Err(Refusal::new(400, "redirect_uri_mismatch", "Bad Request"));
    }
    let Some(verifier) = form.get("code_verifier") else {
        return Err(Refusal::new(400, "invalid_grant", "Missing code verifier."));
    };
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(is_unreserved) {
        return Err(Refusal::new(400, "invalid_grant", "Invalid code verifier."));
    }
    if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != code.challenge {
        // A code that was made for another verifier: somebody swapped it in.
        return Err(Refusal::invalid_grant("Invalid code verifier."));
    }
    code.used = true;
    let Code {
        account,
        scopes,
        gives_refresh_token,
        ..
    } = code.clone();
    let expires_at = state.app.is_testing.then_some(now + TESTING_SECONDS);
    let mut body = access(state, &account, &scopes, now);
    if gives_refresh_token {
        let refresh_token = format!("1//0{}", state.secret(99));
        let token = Token {
            account: account.clone(),
            scopes,
            issued_at: now,
            expires_at,
            revoked: false,
        };
        state.refresh_tokens.insert(refresh_token.clone(), token);
        forget_oldest(state, &account);
        body["refresh_token"] = json!(refresh_token);
        if state.app.is_testing {
            body["refresh_token_expires_in"] = json!(TESTING_SECONDS);
        }
    }
    Ok(body)
}

fn forget_oldest(state: &mut State, account: &str) {
    let now = state.now();
    let mut live: Vec<&mut Token> = state
        .refresh_tokens
        .values_mut()
        .filter(|token| token.account == account && token.is_alive(now))
        .collect();
    if live.len() > MAX_REFRESH_TOKENS
        && let Some(oldest) = live.iter_mut().min_by_key(|token| token.issued_at)
    {
        oldest.revoked = true;
    }
}

fn refresh(state: &mut State, kind: &str, form: &Form) -> Result<Value, Refusal> {
    only(
        state,
        kind,
        form,
        &[
            "client_id",
            "client_secret",
            "grant_type",
            "refresh_token",
            "scope",
        ],
    );
    let text = form
        .get("refresh_token")
        .ok_or_else(|| Refusal::missing("refresh_token"))?;
    let now = state.now();
    let refused = state.refuses_refresh_tokens;
    let Some(token) = state.refresh_tokens.get_mut(text) else {
        return Err(Refusal::new(400, "invalid_grant", "Bad Request"));
    };
    if refused || !token.is_alive(now) || now >= token.issued_at + IDLE_SECONDS {
        return Err(Refusal::invalid_grant("Token has been expired or revoked."));
    }
    let Token {
        account,
        mut scopes,
        expires_at,
        ..
    } = token.clone();
    if let Some(narrower) = form.get("scope") {
        let wanted: Vec<String> = narrower
            .split(' ')
            .map(|scope| consent::full_scope(scope).to_owned())
            .collect();
        if !wanted.iter().all(|scope| scopes.contains(scope)) {
            return Err(Refusal::new(
                400,
                "invalid_scope",
                "Some requested scopes were invalid.",
            ));
        }
        scopes = wanted;
    }
    // Its use keeps it alive.
    token.issued_at = now;
    state.refreshes += 1;
    let mut body = access(state, &account, &scopes, now);
    if let Some(end) = expires_at {
        body["refresh_token_expires_in"] = json!(end - now);
    }
    Ok(body)
}

/// A new access token, and with `openid` an identity token.
fn access(state: &mut State, account: &str, scopes: &[String], now: i64) -> Value {
    let access_token = format!("ya29.a0{}", state.secret(210));
    state.access_tokens.insert(
        access_token.clone(),
        Token {
            account: account.to_owned(),
            scopes: scopes.to_vec(),
            issued_at: now,
            expires_at: Some(now + ACCESS_SECONDS),
            revoked: false,
        },
    );
    let mut body = json!({
        "access_token": access_token,
        "expires_in": ACCESS_SECONDS,
        "scope": scopes.join(" "),
        "token_type": "Bearer",
    });
    if scopes.iter().any(|scope| scope == "openid") {
        body["id_token"] = json!(identity(state, account, scopes, &access_token, now));
    }
    body
}

/// A JWT with Google's claims. Its signature is noise: OpenID Connect Core 3.1.3.7 lets a client that has it straight
/// from the token endpoint rely on TLS instead, and the fake has no certificates to check it with.
fn identity(state: &mut State, account: &str, scopes: &[String], access_token: &str, now: i64) -> String {
    let half: Vec<u8> = Sha256::digest(access_token).iter().take(16).copied().collect();
    let mut claims = json!({
        "iss": "https://accounts.google.com",
        "azp": state.app.client_id,
        "aud": state.app.client_id,
        "sub": state.people.get(account).map(|person| person.subject.clone()),
        "at_hash": URL_SAFE_NO_PAD.encode(half),
        "iat": now,
        "exp": now + 3600,
    });
    if has_email(scopes) {
        claims["email"] = json!(account);
        claims["email_verified"] = json!(true);
    }
    let header = json!({ "alg": "RS256", "kid": "fake", "typ": "JWT" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(&header), part(&claims), state.secret(342))
}

fn has_email(scopes: &[String]) -> bool {
    scopes.iter().any(|scope| scope.ends_with("/auth/userinfo.email"))
}

/// `POST /revoke`: ends the whole grant, whichever of its tokens is given.
pub(crate) fn revoke(state: &mut State, kind: &str, form: Option<&Form>) -> Reply {
    let result = match form.and_then(|form| form.get("token")) {
        None => Err(Refusal::missing("token")),
        Some(text) => {
            let now = state.now();
            let found = state
                .access_tokens
                .get(text)
                .or_else(|| state.refresh_tokens.get(text))
                .cloned();
            match found {
                Some(token) if token.is_alive(now) => {
                    state.revoke(&token.account);
                    Ok(json!({}))
                }
                found => Err(Refusal {
                    is_violation: found.is_none(),
                    ..Refusal::new(400, "invalid_token", "Token expired or revoked")
                }),
            }
        }
    };
    answer(state, kind, result)
}

/// `GET /v1/userinfo`: who the access token is of.
pub(crate) fn userinfo(state: &State, kind: &str, authorization: Option<&str>) -> Reply {
    let result = match state.bearer(authorization) {
        Err(error) => Err(Refusal {
            is_violation: error.is_violation,
            ..Refusal::new(401, "invalid_request", "Invalid Credentials")
        }),
        Ok(token) if !token.scopes.iter().any(|scope| scope == "openid") && !has_email(&token.scopes) => {
            Err(Refusal::new(
                403,
                "insufficient_scope",
                "Request had insufficient authentication scopes.",
            ))
        }
        Ok(token) => {
            let person = state.people.get(&token.account);
            let mut body = json!({
                "sub": person.map(|person| person.subject.clone()),
                "picture": "https://lh3.googleusercontent.com/a/fake=s96-c",
            });
            if has_email(&token.scopes) {
                body["email"] = json!(token.account);
                body["email_verified"] = json!(true);
            }
            if token
                .scopes
                .iter()
                .any(|scope| scope.ends_with("/auth/userinfo.profile"))
            {
                let name = token.account.split('@').next().unwrap_or_default();
                body["name"] = json!(name);
                body["given_name"] = json!(name);
            }
            Ok(body)
        }
    };
    answer(state, kind, result)
}
