//! Who may talk to the bot: closed by default.
//!
//! The owner is who has `TELEGRAM_OWNER_ID`, or the first who sends the owner code. Everybody else waits until
//! the owner presses Approve.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use messages::{Address, Channel, EventId, Resource, TraceId, plain};
use rest_client::{
    ClaimOwnership, Client, Error, PageQuery, ResolveIdentity, Role, User, UserListQuery, UserPatch,
    UserState,
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use texts::{Language, Text};
use tokio::time::Instant;
use uuid::Uuid;

use super::{HandleError, buttons::Verdict};
use crate::{
    notices::{Notice, Notices},
    words,
};

/// How long an answer of rest_service is used again; a broadcast drops it earlier.
const REUSE: Duration = Duration::from_secs(60);

/// How many people are remembered before those whose time is over are forgotten.
const REMEMBERED: usize = 10_000;

/// How many wrong owner codes one person may send …
const GUESSES: u32 = 5;

/// … in this time.
const GUESS_WINDOW: Duration = Duration::from_secs(3_600);

/// What rest_service takes as a name, in characters.
const NAME_MAX: usize = 200;

/// How somebody may deal with the bot.
#[derive(Debug)]
pub(crate) enum Standing {
    /// Let in.
    Member(User),
    /// Owner since this message, which is the owner code.
    NewOwner(User),
    /// Owner since this message, by the id in the settings; the message is for the assistant.
    OwnerById(User),
    /// Not let in.
    Stranger(User),
    /// Turned away.
    Blocked,
}

/// Decides who may talk to the bot.
pub(crate) struct Access {
    rest: Client,
    notices: Notices,
    owner_id: Option<u64>,
    owner_code: Option<SecretString>,
    known: Mutex<HashMap<u64, (Instant, User)>>,
    guesses: Mutex<HashMap<u64, (Instant, u32)>>,
    /// Strangers for whom everything was said.
    told: Mutex<HashSet<Uuid>>,
    requests: Mutex<Requests>,
}

/// How many strangers the owner is asked about one by one …
const REQUESTS: u32 = 5;

/// … in this time; beyond that they are told once that there are more.
const REQUEST_WINDOW: Duration = Duration::from_secs(3_600);

/// How many strangers asked in the present window.
#[derive(Default)]
struct Requests {
    since: Option<Instant>,
    count: u32,
}

/// Where a stranger stands among those of the window.
#[derive(Clone, Copy)]
enum Place {
    /// The owner is asked about them.
    Asked,
    /// The first for whom there is no room: the owner is told of more.
    FirstBeyond,
    /// Of them the owner was told.
    Beyond,
}

impl Requests {
    fn place(&mut self) -> Place {
        if self.since.is_none_or(|since| since.elapsed() >= REQUEST_WINDOW) {
            *self = Self {
                since: Some(Instant::now()),
                count: 0,
            };
        }
        self.count = self.count.saturating_add(1);
        match self.count {
            1..=REQUESTS => Place::Asked,
            n if n == REQUESTS + 1 => Place::FirstBeyond,
            _ => Place::Beyond,
        }
    }
}

impl Access {
    /// Nobody is known yet.
    pub(crate) fn new(
        rest: Client,
        notices: Notices,
        owner_id: Option<u64>,
        owner_code: Option<SecretString>,
    ) -> Self {
        Self {
            rest,
            notices,
            owner_id,
            // Whom the settings name is the owner: then no code makes one.
            owner_code: owner_code.filter(|_| owner_id.is_none()),
            known: Mutex::default(),
            guesses: Mutex::default(),
            told: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    /// How this account may deal with the bot; `code` is what it may have sent as the owner code.
    ///
    /// # Errors
    /// See [`Error`].
    pub(crate) async fn standing(
        &self,
        account: &teloxide::types::User,
        code: Option<&str>,
    ) -> Result<Standing, Error> {
        let user = self.user(account).await?;
        let owns = user.role == Role::Owner && user.state == UserState::Active;
        if !owns && self.owner_id == Some(account.id.0) {
            return Ok(Standing::OwnerById(self.make_owner(account, user.id).await?));
        }
        match user.state {
            UserState::Active => Ok(Standing::Member(user)),
            UserState::Blocked => Ok(Standing::Blocked),
            UserState::Pending => {
                let claims = code.is_some_and(|code| self.is_owner_code(account.id.0, code));
                if claims {
                    // Whether there is an owner and who becomes it are one step there.
                    let claim = ClaimOwnership {
                        channel: Channel::Telegram,
                    };
                    let claimed = self.rest.claim_ownership(user.id, &claim).await?;
                    if claimed.granted {
                        self.remember(account.id.0, &claimed.user);
                        tracing::info!(user_id = %user.id, "the bot has an owner");
                        return Ok(Standing::NewOwner(claimed.user));
                    }
                }
                Ok(Standing::Stranger(user))
            }
        }
    }

    /// Tells a stranger, once, that the bot is private, and asks the owners, once, whether to let them in.
    ///
    /// The ids of these notices come from the person, not from the message, so that they are delivered once
    /// whatever happens; the memory in this process only spares the work.
    ///
    /// # Errors
    /// rest_service or the bus could not do it; saying it again is harmless.
    pub(crate) async fn turn_away(
        &self,
        account: &teloxide::types::User,
        user: &User,
        to: Address,
        trace_id: TraceId,
    ) -> Result<(), HandleError> {
        if lock(&self.told).contains(&user.id) {
            return Ok(());
        }
        let owners = self.owner_addresses().await?;
        let (id, text) = if owners.is_empty() && self.owner_id.is_none() {
            ("no-owner", Text::NoOwner)
        } else {
            ("ask-owner", Text::AskOwner)
        };
        let notice = Notice {
            event_id: EventId::new(format!("access:{}:{id}", user.id)),
            user_id: user.id,
            to,
            text: words::language(user).say(&text),
            buttons: Vec::new(),
        };
        self.notices.say(trace_id, notice).await?;
        let place = lock(&self.requests).place();
        for (owner, language, address) in &owners {
            let (event_id, text, buttons) = match place {
                Place::Asked => (
                    EventId::new(format!("access:{}:request:{owner}", user.id)),
                    words::access_request(
                        *language,
                        &plain::name(&account.full_name()),
                        &account_name(account),
                    ),
                    [Verdict::Approve, Verdict::Decline]
                        .map(|verdict| words::button(*language, &verdict.label(), verdict.action(user.id)))
                        .into(),
                ),
                // One word for all who come in this window; a restart begins another window, and says it once more.
                Place::FirstBeyond => (
                    EventId::new(format!("access:more:{}:{owner}", user.id)),
                    language.say(&Text::MoreRequests),
                    Vec::new(),
                ),
                Place::Beyond => continue,
            };
            let notice = Notice {
                event_id,
                user_id: *owner,
                to: address.clone(),
                text,
                buttons,
            };
            self.notices.mention(trace_id, notice).await?;
        }
        if !owners.is_empty() {
            let mut told = lock(&self.told);
            if told.len() >= REMEMBERED {
                told.clear();
            }
            told.insert(user.id);
        }
        Ok(())
    }

    /// Forgets what a change over REST may have made untrue.
    pub(crate) fn forget(&self, resource: Resource, id: Uuid) {
        match resource {
            Resource::User => lock(&self.known).retain(|_, (_, user)| user.id != id),
            Resource::Identity => lock(&self.known).clear(),
            Resource::Assistant | Resource::Tool | Resource::ApiKey => {}
        }
    }

    /// The user of a Telegram account; an account that nobody has yet becomes a pending user.
    async fn user(&self, account: &teloxide::types::User) -> Result<User, Error> {
        if let Some((at, user)) = lock(&self.known).get(&account.id.0)
            && at.elapsed() < REUSE
        {
            count("hit");
            return Ok(user.clone());
        }
        count("miss");
        let account_of = ResolveIdentity {
            channel: Channel::Telegram,
            external_id: account.id.0.to_string(),
            display_name: account.full_name().chars().take(NAME_MAX).collect(),
            locale: account.language_code.clone().filter(|code| is_language(code)),
            time_zone: None,
        };
        let user = self.rest.resolve_identity(&account_of).await?.user;
        self.remember(account.id.0, &user);
        Ok(user)
    }

    fn remember(&self, account: u64, user: &User) {
        let mut known = lock(&self.known);
        if known.len() >= REMEMBERED {
            known.retain(|_, (at, _)| at.elapsed() < REUSE);
        }
        known.insert(account, (Instant::now(), user.clone()));
    }

    async fn make_owner(&self, account: &teloxide::types::User, id: Uuid) -> Result<User, Error> {
        let patch = UserPatch {
            role: Some(Role::Owner),
            state: Some(UserState::Active),
            ..UserPatch::default()
        };
        let user = self.rest.update_user(id, &patch).await?;
        self.remember(account.id.0, &user);
        tracing::info!(user_id = %id, "the bot has an owner");
        Ok(user)
    }

    /// Whether this is the owner code; takes the same time for every code of its length, and after too many
    /// wrong ones says no without looking.
    fn is_owner_code(&self, account: u64, code: &str) -> bool {
        let Some(owner_code) = &self.owner_code else {
            return false;
        };
        let (code, owner_code) = (code.trim().as_bytes(), owner_code.expose_secret().as_bytes());
        // Ordinary messages are no guesses.
        if code.len() != owner_code.len() {
            return false;
        }
        let mut guesses = lock(&self.guesses);
        if guesses.len() >= REMEMBERED {
            guesses.retain(|_, (since, _)| since.elapsed() < GUESS_WINDOW);
        }
        let (since, count) = guesses.entry(account).or_insert((Instant::now(), 0));
        if since.elapsed() >= GUESS_WINDOW {
            (*since, *count) = (Instant::now(), 0);
        }
        if *count >= GUESSES {
            return false;
        }
        *count += 1;
        code.ct_eq(owner_code).into()
    }

    /// Those who own the bot, with their languages and private chats.
    ///
    /// # Errors
    /// See [`Error`].
    pub(crate) async fn owner_addresses(&self) -> Result<Vec<(Uuid, Language, Address)>, Error> {
        let mut owners = Vec::new();
        let mut query = UserListQuery {
            state: Some(UserState::Active),
            role: Some(Role::Owner),
            ..UserListQuery::default()
        };
        loop {
            let page = self.rest.users(&query).await?;
            for owner in &page.items {
                if let Some(address) = private_chat(&self.rest, owner.id).await? {
                    owners.push((owner.id, words::language(owner), address));
                }
            }
            match page.next_cursor {
                Some(cursor) => query.cursor = Some(cursor),
                None => return Ok(owners),
            }
        }
    }
}

/// The private chat of a user who has one; its id is the account's.
///
/// # Errors
/// See [`Error`].
pub(super) async fn private_chat(rest: &Client, user: Uuid) -> Result<Option<Address>, Error> {
    let identities = rest.identities(user, &PageQuery::default()).await?;
    let account = identities
        .items
        .into_iter()
        .find(|identity| identity.channel == Channel::Telegram);
    Ok(account.map(|account| Address {
        channel: Channel::Telegram,
        chat: account.external_id,
    }))
}

fn account_name(account: &teloxide::types::User) -> String {
    match &account.username {
        Some(username) => format!("@{}, id {}", plain::name(username), account.id),
        None => format!("id {}", account.id),
    }
}

/// Whether this looks like a BCP 47 tag: an odd one must not cost the person their message.
fn is_language(code: &str) -> bool {
    (2..=35).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Counts how often the memory of people spares a call: `cache_requests_total`, by cache and outcome.
fn count(outcome: &'static str) {
    metrics::counter!("cache_requests_total", "cache" => "people", "outcome" => outcome).increment(1);
}

/// Nothing panics while it holds one of these locks; a poisoned one still holds whole data.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
