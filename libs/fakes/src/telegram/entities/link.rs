//! Which links Telegram keeps in a text, and in which form.

use super::Entity;
use serde_json::json;
use url::{Host, Url};

/// What became of a link's address.
pub(crate) enum Link {
    /// A page or an app link, in Telegram's normal form.
    Url(String),
    /// A mention of a user by id (`tg://user?id=…`).
    User(i64),
    /// No address: Telegram drops the link and keeps its text.
    Invalid,
}

/// Judges an address as Telegram does: http, https, tg and ton, or a bare domain, which becomes http.
pub(crate) fn check(address: &str) -> Link {
    if let Some(id) = user_id(address) {
        return Link::User(id);
    }
    let address = address.trim();
    let lower = address.to_ascii_lowercase();
    let scheme = lower.split_once("://").map(|(scheme, _)| scheme);
    if lower.starts_with('/') {
        return Link::Invalid;
    }
    let with_scheme = match scheme {
        Some("http" | "https" | "tg" | "ton" | "tonsite") => address.to_owned(),
        Some(_) => return Link::Invalid,
        None => {
            if let Some(rest) = ["tg:", "ton:"]
                .iter()
                .find_map(|prefix| lower.strip_prefix(prefix).map(|_| prefix))
            {
                format!("{rest}//{}", address.get(rest.len()..).unwrap_or_default())
            } else {
                format!("http://{address}")
            }
        }
    };
    let Ok(url) = Url::parse(&with_scheme) else {
        return Link::Invalid;
    };
    if matches!(url.scheme(), "tg" | "ton") {
        return Link::Url(url.to_string());
    }
    let has_domain = match url.host() {
        Some(Host::Domain(domain)) => domain.trim_matches('.').contains('.'),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    match (has_domain, address.is_ascii()) {
        (false, _) => Link::Invalid,
        (true, true) => Link::Url(url.to_string()),
        // Telegram keeps international names and paths readable.
        (true, false) => Link::Url(with_scheme),
    }
}

/// An HTTP or app address that a button may open.
pub(crate) fn is_button_url(address: &str) -> bool {
    matches!(check(address), Link::Url(_) | Link::User(_))
}

/// The entity for a user mentioned by id.
pub(crate) fn text_mention(id: i64, offset: usize, length: usize) -> Entity {
    let user = json!({ "id": id, "is_bot": false, "first_name": format!("User {id}") });
    Entity {
        user: Some(user),
        ..Entity::new("text_mention", offset, length)
    }
}

/// The identifier in `tg://emoji?id=…`.
pub(crate) fn custom_emoji_id(address: &str) -> Result<String, String> {
    let lower = address.to_ascii_lowercase();
    let is_emoji = lower.starts_with("tg://emoji?") || lower.starts_with("tg:emoji?");
    let query = address
        .split_once('?')
        .filter(|_| is_emoji)
        .map_or("", |(_, query)| query);
    let id = query.split('&').find_map(|pair| pair.strip_prefix("id="));
    id.filter(|id| id.parse::<i64>().is_ok_and(|id| id != 0))
        .map(str::to_owned)
        .ok_or_else(|| "Invalid tg://emoji or tg://time URL specified".to_owned())
}

fn user_id(address: &str) -> Option<i64> {
    let lower = address.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("tg:")
        .map(|rest| rest.strip_prefix("//").unwrap_or(rest))?;
    let query = rest
        .strip_prefix("user")?
        .trim_start_matches('/')
        .strip_prefix('?')?;
    let id = query.split('&').find_map(|pair| pair.strip_prefix("id="))?;
    id.parse().ok().filter(|id| *id > 0)
}
