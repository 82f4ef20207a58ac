//! A Telegram Bot API server for tests: strict about what bots send, and with people who write to the bot.
//!
//! ```no_run
//! # async fn example() {
//! use fakes::telegram::TelegramServer;
//! use std::time::Duration;
//!
//! let telegram = TelegramServer::start().await;
//! // … start a bot with `telegram.url()` and `telegram.token()` …
//! let ann = telegram.user("Ann");
//! ann.says("remind me at 9");
//! let answer = ann.next_message(Duration::from_secs(5)).await;
//! ann.presses(&answer, "Done");
//! telegram.assert_clean();
//! # }
//! ```

mod chat;
mod entities;
mod error;
mod fault;
mod keyboard;
mod messages;
mod methods;
mod params;
mod rate;
mod server;
mod state;
mod text;
mod updates;

pub use chat::{Group, Topic, User};
pub use entities::{Entity, FormattedText, parse_html, parse_markdown_v2, utf16_length};
pub use fault::Fault;
pub use keyboard::Button;
pub use rate::RateLimits;
pub use state::{Call, CallbackAnswer, ChatAction, Message};

use crate::clock::{Now, default_clock};
use crate::violations::{Violation, fail};
use serde_json::{Value, json};
use state::{Chat, Shared, State};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What a server is started with; `Options::default()` suits a test.
pub struct Options {
    /// The bot's token, `{bot id}:{secret}`.
    pub token: String,
    /// The bot's name without `@`.
    pub username: String,
    /// The first update's id. A server that takes another's place for the same bot goes on above its ids: bots know
    /// again what they have had.
    pub first_update_id: i64,
    /// Flood limits; none by default.
    pub rate_limits: Option<RateLimits>,
    /// The time in messages' dates; the default starts on 2026-01-01.
    pub clock: Option<Now>,
    /// Whether calls are kept for [`TelegramServer::calls`]; a long benchmark goes without.
    pub keeps_calls: bool,
    /// Whether dropping the server with unread violations fails the test.
    pub leftovers_fail: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            token: "700000001:AAFakeTokenForTestsOnly-0123456789abcde".to_owned(),
            username: "assistant_fake_bot".to_owned(),
            first_update_id: 500_000_001,
            rate_limits: None,
            clock: None,
            keeps_calls: true,
            leftovers_fail: true,
        }
    }
}

/// A running Bot API server; dropping it stops it and fails the test when a violation was left unread.
pub struct TelegramServer {
    shared: Arc<Shared>,
    url: String,
    token: Arc<str>,
    leftovers_fail: bool,
    task: JoinHandle<()>,
}

impl TelegramServer {
    /// Starts a server with default options on a free local port.
    ///
    /// # Panics
    /// When no local port can be bound.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// Starts a server on a free local port.
    ///
    /// # Panics
    /// When no local port can be bound.
    pub async fn start_with(options: Options) -> Self {
        match TcpListener::bind(("127.0.0.1", 0)).await {
            Ok(listener) => Self::serve(listener, options),
            Err(error) => fail(&format!("no free port for the fake Telegram: {error}")),
        }
    }

    /// Serves on a socket of the caller's, such as one that a container publishes.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn serve(listener: TcpListener, options: Options) -> Self {
        let address = listener
            .local_addr()
            .map_or_else(|_| String::new(), |address| address.to_string());
        let bot_id: i64 = options
            .token
            .split(':')
            .next()
            .and_then(|id| id.parse().ok())
            .unwrap_or(700_000_001);
        let state = State {
            bot: json!({
                "id": bot_id, "is_bot": true, "first_name": "Assistant", "username": options.username,
                "can_join_groups": true, "can_read_all_group_messages": true, "supports_inline_queries": false,
                "can_connect_to_business": false, "has_main_web_app": false, "has_topics_enabled": false,
            }),
            chats: BTreeMap::new(),
            users: BTreeMap::new(),
            messages: BTreeMap::new(),
            untaken: BTreeMap::new(),
            updates: VecDeque::new(),
            next_update_id: options.first_update_id,
            next_message_id: 1,
            next_user_id: 1001,
            allowed_updates: BTreeSet::new(),
            is_revoked: false,
            webhook: None,
            webhook_secret: None,
            poller: 0,
            queries: BTreeMap::new(),
            answers: Vec::new(),
            files: BTreeMap::new(),
            commands: BTreeMap::new(),
            keeps_calls: options.keeps_calls,
            calls: Vec::new(),
            actions: Vec::new(),
            faults: fault::Faults::default(),
            limiter: options.rate_limits.map(rate::RateLimiter::new),
            violations: crate::violations::Violations::default(),
            now: options.clock.unwrap_or_else(default_clock),
        };
        let shared = Arc::new(Shared::new(state));
        let token: Arc<str> = options.token.into();
        let task = tokio::spawn(server::serve(listener, Arc::clone(&shared), Arc::clone(&token)));
        Self {
            shared,
            url: format!("http://{address}"),
            token,
            leftovers_fail: options.leftovers_fail,
            task,
        }
    }

    /// The server's base address, for `TELEGRAM_API_URL`; without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The bot's token, for `TELEGRAM_BOT_TOKEN`.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A new person with a private chat; the bot may write once the person has (see [`User::says`]).
    #[must_use]
    pub fn user(&self, name: &str) -> User {
        let id = self.shared.change(|state| {
            state.next_user_id += 1;
            state.next_user_id - 1
        });
        self.user_with_id(id, name)
    }

    /// A person with a given id, such as `TELEGRAM_OWNER_ID`.
    #[must_use]
    pub fn user_with_id(&self, id: i64, name: &str) -> User {
        let username = format!(
            "{}_{id}",
            name.to_lowercase()
                .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
        );
        self.shared.change(|state| {
            let user = json!({
                "id": id, "is_bot": false, "first_name": name, "username": username, "language_code": "en",
            });
            state.users.insert(id, user);
            let chat = json!({ "id": id, "type": "private", "first_name": name, "username": username });
            state.chats.insert(id, Chat::new(chat, false));
        });
        User::new(Arc::clone(&self.shared), id)
    }

    /// A supergroup that the bot is a member of.
    #[must_use]
    pub fn group(&self, title: &str) -> Group {
        self.group_of(
            -1_000_000_000_000,
            &json!({ "type": "supergroup", "title": title }),
        )
    }

    /// A group as people make them first: it may become a supergroup.
    #[must_use]
    pub fn basic_group(&self, title: &str) -> Group {
        self.group_of(0, &json!({ "type": "group", "title": title }))
    }

    /// A supergroup with topics.
    #[must_use]
    pub fn forum(&self, title: &str) -> Group {
        let chat = json!({ "type": "supergroup", "title": title, "is_forum": true });
        self.group_of(-1_000_000_000_000, &chat)
    }

    fn group_of(&self, below: i64, chat: &Value) -> Group {
        let id = self.shared.change(|state| {
            state.next_user_id += 1;
            let id = below - state.next_user_id;
            let mut chat = chat.clone();
            chat["id"] = id.into();
            state.chats.insert(id, Chat::new(chat, true));
            id
        });
        Group::new(Arc::clone(&self.shared), id)
    }

    /// Queues an update of any kind, known or not; answers its id.
    pub fn queue_update(&self, kind: &str, content: Value) -> i64 {
        self.shared.change(|state| state.queue(kind, content))
    }

    /// Where updates are sent at present; `None` while they are asked for.
    #[must_use]
    pub fn webhook(&self) -> Option<String> {
        let state = self.shared.lock();
        state.webhook.as_ref()?.as_str().map(str::to_owned)
    }

    /// The next update as it is sent to the webhook, with its secret, until [`Self::confirms`] it; `None` while there is
    /// neither.
    #[must_use]
    pub fn sends_next(&self) -> Option<(i64, Value, String)> {
        let state = self.shared.lock();
        state.webhook.as_ref()?;
        let (id, update) = state.updates.front()?;
        Some((
            *id,
            update.clone(),
            state.webhook_secret.clone().unwrap_or_default(),
        ))
    }

    /// The webhook answered an update with 200.
    pub fn confirms(&self, id: i64) {
        self.shared
            .change(|state| state.updates.retain(|(other, _)| *other != id));
    }

    /// Has a file that the bot can fetch by this id.
    pub fn has_file(&self, file_id: &str, bytes: Vec<u8>) {
        self.shared
            .change(|state| state.files.insert(file_id.to_owned(), bytes));
    }

    /// How many updates the bot has not confirmed yet.
    #[must_use]
    pub fn unconfirmed_updates(&self) -> usize {
        self.shared.lock().updates.len()
    }

    /// Every message of every chat in its present state, oldest first, deleted ones included.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = self.shared.lock().messages.values().cloned().collect();
        messages.sort_by_key(|message| message.message_id);
        messages
    }

    /// Every call that carried the right token, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.lock().calls.clone()
    }

    /// The calls of one method, oldest first.
    #[must_use]
    pub fn calls_of(&self, method: &str) -> Vec<Call> {
        self.shared
            .lock()
            .calls
            .iter()
            .filter(|call| call.is(method))
            .cloned()
            .collect()
    }

    /// What the bot showed in place of messages: "typing…".
    #[must_use]
    pub fn chat_actions(&self) -> Vec<ChatAction> {
        self.shared.lock().actions.clone()
    }

    /// The answers to pressed buttons.
    #[must_use]
    pub fn callback_answers(&self) -> Vec<CallbackAnswer> {
        self.shared.lock().answers.clone()
    }

    /// The bot's command list for the default scope, as the menu shows it; empty when none was set.
    #[must_use]
    pub fn commands(&self) -> Value {
        self.commands_of("default", None, "")
    }

    /// The bot's command list for a kind of scope, its chat, and a language, which may be empty.
    #[must_use]
    pub fn commands_of(&self, kind: &str, chat: Option<i64>, language: &str) -> Value {
        let key = methods::key_of_commands(kind, chat, language);
        let list = self.shared.lock().commands.get(&key).cloned();
        list.unwrap_or_else(|| json!([]))
    }

    /// Lets the next calls of this method fail, after those that were asked for before.
    pub fn fails_next(&self, method: &str, fault: &Fault, times: usize) {
        self.shared.change(|state| state.faults.add(method, fault, times));
    }

    /// Takes back every fault that has not happened yet.
    pub fn works_again(&self) {
        self.shared.change(|state| state.faults.clear());
    }

    /// Takes the bot's token back, or gives it again: while it is taken, every call gets 401 (Bot API, "Authorizing
    /// your bot").
    pub fn revokes_token(&self, revoked: bool) {
        self.shared.change(|state| {
            state.is_revoked = revoked;
            // A waiting getUpdates ends at once.
            state.poller += u64::from(revoked);
        });
    }

    /// Sets the flood limits from now on.
    pub fn limits_rate(&self, limits: RateLimits) {
        self.shared
            .change(|state| state.limiter = Some(rate::RateLimiter::new(limits)));
    }

    /// Waits until something holds of the server, asked again after every change.
    ///
    /// # Errors
    /// [`TimedOut`] when it does not hold within the limit.
    pub async fn wait_until(
        &self,
        limit: Duration,
        mut holds: impl FnMut(&Self) -> bool,
    ) -> Result<(), TimedOut> {
        let deadline = Instant::now() + limit;
        let mut changed = self.shared.changed.subscribe();
        while !holds(self) {
            if tokio::time::timeout_at(deadline, changed.changed())
                .await
                .is_err()
            {
                return if holds(self) { Ok(()) } else { Err(TimedOut) };
            }
        }
        Ok(())
    }

    /// What was done against the rules so far; it stays on the list.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.lock().violations.list()
    }

    /// What was done against the rules so far; the list is empty afterwards.
    #[must_use]
    pub fn take_violations(&self) -> Vec<Violation> {
        self.shared.lock().violations.take()
    }

    /// Fails when a violation is on the list.
    ///
    /// # Panics
    /// When one is.
    pub fn assert_clean(&self) {
        let violations = self.shared.lock().violations.clone();
        violations.assert_clean("the fake Telegram");
    }
}

impl Drop for TelegramServer {
    fn drop(&mut self) {
        self.task.abort();
        if self.leftovers_fail {
            self.assert_clean();
        }
    }
}

/// A wait came to its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedOut;

impl std::fmt::Display for TimedOut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the awaited state did not come within the limit")
    }
}

impl std::error::Error for TimedOut {}
