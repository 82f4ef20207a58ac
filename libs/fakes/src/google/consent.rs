//! The page on which a user lets the app in: what Google checks before it shows it, and what it answers.

use super::discovery;
use super::error::Reply;
use super::state::{Code, State};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;
use url::form_urlencoded;

/// Where the page is.
pub(crate) const PATH: &str = "/o/oauth2/v2/auth";
/// Where its form goes.
pub(crate) const FORM_PATH: &str = "/o/oauth2/v2/auth/consent";

/// The full names of the short scopes of OpenID Connect, as Google writes them into what it granted.
const ALIASES: [(&str, &str); 2] = [
    ("email", "https://www.googleapis.com/auth/userinfo.email"),
    ("profile", "https://www.googleapis.com/auth/userinfo.profile"),
];
const KNOWN: [&str; 15] = [
    "access_type",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "enable_granular_consent",
    "hd",
    "hl",
    "include_granted_scopes",
    "login_hint",
    "nonce",
    "prompt",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
];

/// A request to be let in that Google shows to the user.
pub(crate) struct Ask {
    redirect_uri: Url,
    /// As the app spelled it, which the exchange has to repeat.
    redirect_text: String,
    state: String,
    challenge: String,
    /// With their full names.
    pub(crate) scopes: Vec<String>,
    includes_granted: bool,
    asks_again: bool,
    login_hint: String,
}

/// What the user sees in place of the page: Google's error name and a sentence.
pub(crate) struct Refusal {
    status: u16,
    name: &'static str,
    pub(crate) reason: String,
}

impl Refusal {
    fn invalid(reason: impl Into<String>) -> Self {
        Self {
            status: 400,
            name: "invalid_request",
            reason: reason.into(),
        }
    }

    /// Google never sends a browser back to an app that asked wrongly: it shows a page.
    pub(crate) fn page(&self) -> Reply {
        let (status, name, reason) = (self.status, self.name, escape(&self.reason));
        Reply::page(
            status,
            page(&format!(
                "<h1>Access blocked: Authorization Error</h1>\n<p>{reason}</p>\n<p>Error {status}: {name}</p>"
            )),
        )
    }
}

/// Reads and checks the query of the page's address.
pub(crate) fn read(state: &mut State, query: &str) -> Result<Ask, Refusal> {
    let mut given = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if !KNOWN.contains(&name.as_ref()) {
            state
                .violations
                .record("oauth.authorize", format!("unknown parameter \"{name}\""));
        }
        if given
            .insert(name.clone().into_owned(), value.into_owned())
            .is_some()
        {
            return Err(Refusal::invalid(format!(
                "OAuth 2 parameters can only have a single value: {name}"
            )));
        }
    }
    let required = |name: &str| {
        let value = given.get(name).filter(|value| !value.is_empty());
        value
            .cloned()
            .ok_or_else(|| Refusal::invalid(format!("Missing required parameter: {name}")))
    };
    if required("client_id")? != state.app.client_id {
        return Err(Refusal {
            status: 401,
            name: "invalid_client",
            reason: "The OAuth client was not found.".to_owned(),
        });
    }
    let redirect_text = required("redirect_uri")?;
    let redirect_uri = match Url::parse(&redirect_text) {
        Ok(parsed) if state.app.redirect_uris.contains(&redirect_text) => parsed,
        _ => {
            let reason =
                format!("You can't sign in because this app sent an invalid request: {redirect_text}");
            return Err(Refusal {
                status: 400,
                name: "redirect_uri_mismatch",
                reason,
            });
        }
    };
    let one_of = |name: &str, allowed: &[&str]| {
        let value = required(name)?;
        if allowed.contains(&value.as_str()) {
            return Ok(value);
        }
        Err(Refusal::invalid(format!(
            "Invalid parameter value for {name}: {value}"
        )))
    };
    one_of("response_type", &["code"])?;
    // Google would do without these three; the app must not.
    one_of("access_type", &["offline"])?;
    one_of("code_challenge_method", &["S256"])?;
    let anti_forgery = required("state")?;
    let challenge = required("code_challenge")?;
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if challenge.len() != 43 || !challenge.bytes().all(is_base64) {
        return Err(Refusal::invalid(
            "Invalid parameter value for code_challenge: not a SHA-256 in base64url",
        ));
    }
    let prompt = given.get("prompt").cloned().unwrap_or_default();
    let prompts: Vec<&str> = prompt.split(' ').filter(|word| !word.is_empty()).collect();
    if let Some(wrong) = prompts
        .iter()
        .find(|word| !["consent", "select_account"].contains(*word))
    {
        return Err(Refusal::invalid(format!(
            "Invalid parameter value for prompt: {wrong}"
        )));
    }
    let scopes = read_scopes(&required("scope")?)?;
    state.asked_scopes.extend(scopes.iter().cloned());
    Ok(Ask {
        redirect_uri,
        redirect_text,
        state: anti_forgery,
        challenge,
        scopes,
        includes_granted: given
            .get("include_granted_scopes")
            .is_some_and(|value| value == "true"),
        asks_again: prompts.contains(&"consent"),
        login_hint: given.get("login_hint").cloned().unwrap_or_default(),
    })
}

/// The name of a scope as Google writes it into what it granted.
pub(crate) fn full_scope(scope: &str) -> &str {
    ALIASES
        .iter()
        .find(|(short, _)| *short == scope)
        .map_or(scope, |(_, full)| *full)
}

fn read_scopes(text: &str) -> Result<Vec<String>, Refusal> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(' ').filter(|scope| !scope.is_empty()) {
        let full = full_scope(scope);
        let is_known =
            full == "openid" || ALIASES.iter().any(|(_, known)| *known == full) || discovery::is_scope(full);
        if !is_known {
            return Err(Refusal {
                status: 400,
                name: "invalid_scope",
                reason: format!("Some requested scopes cannot be shown: [{scope}]"),
            });
        }
        if !scopes.iter().any(|known| known == full) {
            scopes.push(full.to_owned());
        }
    }
    Ok(scopes)
}

impl Ask {
    /// The user lets the app in, with those of the asked scopes that `allows` says; where the browser goes next.
    pub(crate) fn approve(&self, state: &mut State, account: &str, allows: impl Fn(&str) -> bool) -> Url {
        // Who one is can't be unticked on Google's page, only what the app may do.
        let is_identity =
            |scope: &str| scope == "openid" || ALIASES.iter().any(|(_, identity)| *identity == scope);
        let mut scopes: Vec<String> = self
            .scopes
            .iter()
            .filter(|scope| is_identity(scope) || allows(scope))
            .cloned()
            .collect();
        let secret = state.secret(62);
        let issued_at = state.now();
        let person = state.person(account, chrono_tz::Tz::UTC);
        let is_new = !scopes.iter().all(|scope| person.granted.contains(scope));
        person.granted.extend(scopes.iter().cloned());
        if self.includes_granted {
            let all: BTreeSet<String> = scopes.iter().chain(&person.granted).cloned().collect();
            scopes = all.into_iter().collect();
        }
        // The slash makes apps decode what they are given.
        let code = format!("4/0A{secret}");
        let granted = scopes.join(" ");
        state.codes.insert(
            code.clone(),
            Code {
                account: account.to_owned(),
                redirect_uri: self.redirect_text.clone(),
                challenge: self.challenge.clone(),
                scopes,
                gives_refresh_token: self.asks_again || is_new,
                issued_at,
                used: false,
            },
        );
        let mut callback = self.redirect_uri.clone();
        callback
            .query_pairs_mut()
            .append_pair("state", &self.state)
            .append_pair("iss", "https://accounts.google.com")
            .append_pair("code", &code)
            .append_pair("scope", &granted)
            .append_pair("authuser", "0")
            .append_pair("prompt", "consent");
        callback
    }

    /// The user declines; where the browser goes next.
    pub(crate) fn decline(&self) -> Url {
        let mut callback = self.redirect_uri.clone();
        callback
            .query_pairs_mut()
            .append_pair("error", "access_denied")
            .append_pair("state", &self.state);
        callback
    }

    /// The page with its form, for a browser.
    pub(crate) fn page(&self, state: &State, query: &str) -> Reply {
        let mut accounts = String::new();
        for email in state.people.keys() {
            let email = escape(email);
            let checked = if email == escape(&self.login_hint) {
                " checked"
            } else {
                ""
            };
            accounts.push_str(&format!(
                "<p><label><input type=radio name=account value=\"{email}\"{checked}> {email}</label></p>\n"
            ));
        }
        let mut scopes = String::new();
        for scope in &self.scopes {
            let scope = escape(scope);
            scopes.push_str(&format!(
                "<p><label><input type=checkbox name=scope value=\"{scope}\" checked> {scope}</label></p>\n"
            ));
        }
        let client = escape(&state.app.client_id);
        let query = escape(query);
        let content = format!(
            "<h1>Fake Google: {client} wants access</h1>\n<form method=post action=\"{FORM_PATH}\">\n\
             <input type=hidden name=query value=\"{query}\">\n{accounts}\
             <p><label>another account <input name=other placeholder=\"ann@example.com\"></label></p>\n{scopes}\
             <button name=answer value=allow>Allow</button> <button name=answer value=deny>Cancel</button>\n</form>"
        );
        Reply::page(200, page(&content))
    }
}

/// What the page's form was sent with: sends the browser back to the app.
pub(crate) fn submit(state: &mut State, body: &[u8]) -> Reply {
    let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| {
        fields
            .iter()
            .find(|(field, value)| field == name && !value.is_empty())
            .map(|(_, value)| value.clone())
    };
    let ask = match read(state, &field("query").unwrap_or_default()) {
        Ok(ask) => ask,
        Err(refusal) => return refusal.page(),
    };
    if field("answer").as_deref() != Some("allow") {
        return Reply::redirect(ask.decline().to_string());
    }
    let Some(account) = field("other").or_else(|| field("account")) else {
        return Reply::page(400, page("<h1>Choose an account</h1>"));
    };
    let allows = |scope: &str| {
        fields
            .iter()
            .any(|(name, value)| name == "scope" && value == scope)
    };
    Reply::redirect(ask.approve(state, &account, allows).to_string())
}

fn page(content: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Fake Google</title>\n{content}\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
