//! Mia's calendar at the fake Google, connected through calendar_service, and the tools that she has for it.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use assistant::{
    tools::{ToolContext, Toolbox},
    turn::{RunTool, ToolResult},
};
use calendar_client::NewLink;
use fakes::google::{Account, CalendarOf, GoogleServer, Options};
use messages::{Address, EventId};
use serde_json::{Value, json};
use service_kit::{Clock, Lifecycle, http, settings};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

use crate::{
    support::{registry, row},
    world::{KEY, SOON, Stores, World},
};

/// It is Friday 20 November 2026, 12:03 in Berlin.
pub(crate) struct Diary {
    pub(crate) world: World,
    pub(crate) google: GoogleServer,
    pub(crate) account: Account,
    /// Whether the model of the next calls has read what others wrote.
    pub(crate) after_outside: bool,
    /// Whether the turn was tried for long.
    pub(crate) is_late: bool,
    /// Another conversation than the usual one.
    pub(crate) elsewhere: Option<Address>,
    /// The language of whoever asks.
    pub(crate) locale: &'static str,
    toolbox: Toolbox,
    calls: u32,
}

/// What a tool came to.
pub(crate) struct Told {
    /// What the model is told.
    pub(crate) content: Value,
    pub(crate) receipts: Vec<messages::Receipt>,
    /// What the user is asked.
    pub(crate) questions: Vec<String>,
    pub(crate) buttons: Vec<messages::Button>,
    /// Whether the model has read what others wrote from here on.
    pub(crate) is_from_outside: bool,
}

impl Told {
    /// What is wrong, in words.
    pub(crate) fn error(&self) -> &str {
        assert!(self.receipts.is_empty(), "{:?}", self.receipts);
        self.content["error"].as_str().expect("an error")
    }

    /// The one receipt, without the link to Google.
    pub(crate) fn receipt(&self) -> &str {
        let [receipt] = self.receipts.as_slice() else {
            panic!("one receipt was expected: {:?} {}", self.receipts, self.content)
        };
        receipt.text.split(" https://").next().expect("a text")
    }

    /// The one question.
    pub(crate) fn question(&self) -> &str {
        let [question] = self.questions.as_slice() else {
            panic!("one question was expected: {:?} {}", self.questions, self.content)
        };
        assert!(self.receipts.is_empty() && self.content["waiting_for_user"].is_string());
        question
    }

    /// The action of a button.
    pub(crate) fn action(&self, label: &str) -> &str {
        let undos = self.receipts.iter().filter_map(|receipt| receipt.undo.as_ref());
        let mut buttons = undos.chain(&self.buttons);
        let button = buttons.find(|button| button.label == label).expect("the button");
        &button.action
    }
}

impl Diary {
    /// Nobody has connected anything yet.
    pub(crate) async fn unconnected() -> Self {
        let mut world = World::new(Stores::Embedded).await;
        let clock = world.clock.clone();
        let google = GoogleServer::start_with(Options {
            clock: Some(Arc::new(move || clock.now().timestamp())),
            ..Options::default()
        })
        .await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        google.registers_redirect(&format!("{url}/auth/callback"));
        let key = "5a".repeat(32);
        let mut flags = vec![
            "calendar_service".to_owned(),
            format!("--calendar-public-url={url}"),
            format!("--encryption-key={key}"),
            format!("--bus-url={}", world.bus_url),
            format!("--rest-url={}", world.rest_url),
            format!("--service-key={KEY}"),
        ];
        for (name, value) in google.settings() {
            flags.push(format!("--{}={value}", name.to_lowercase().replace('_', "-")));
        }
        let settings: calendar_service::Settings =
            settings::parse("calendar_service", "", flags).expect("settings");
        let (lifecycle, _) = Lifecycle::new(Arc::new(world.clock.clone()));
        tokio::spawn(calendar_service::serve(settings, listener, lifecycle));
        let client = calendar_client::Client::new(url.parse().expect("a URL"), KEY.into());
        world.calendar = Some(client.expect("a client"));
        let account = google.account("mia@example.com", "Europe/Berlin");
        Self {
            world,
            google,
            account,
            after_outside: false,
            is_late: false,
            elsewhere: None,
            locale: "en",
            toolbox: registry().toolbox(&[row("calendar"), row("reminder")]),
            calls: 0,
        }
    }

    /// Mia's calendar is connected, and she was told so.
    pub(crate) async fn connected() -> Self {
        let mut diary = Self::unconnected().await;
        diary.connect().await;
        diary
    }

    pub(crate) async fn connect(&mut self) {
        let reply_to = self.world.address();
        let calendar = self.world.calendar.as_ref().expect("a calendar_service");
        let link = calendar.link(self.world.user, &NewLink { reply_to }).await;
        let link = link.expect("a link").url;
        let browser = http::client(SOON).expect("a browser");
        let first = browser.get(link.clone()).send().await.expect("a page");
        let cookie = first.headers()["set-cookie"].to_str().expect("a cookie");
        let cookie = cookie.split(';').next().expect("a value").to_owned();
        let page = first.text().await.expect("a page");
        let hidden = |name: &str| {
            let field = page
                .split_once(&format!("name=\"{name}\" value=\""))
                .expect("a field")
                .1;
            field.split('"').next().expect("a value").to_owned()
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("link", hidden("link")), ("confirm", hidden("confirm"))])
            .finish();
        let onward = browser
            .post(link)
            .header("cookie", &cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .send()
            .await
            .expect("an answer");
        let to_google = onward.headers()["location"].to_str().expect("an address");
        let callback: Url = self.google.consent(to_google, &self.account);
        let done = browser.get(callback).header("cookie", cookie).send().await;
        assert_eq!(done.expect("a page").status(), 200);
        assert_eq!(
            self.world.reply().await.text,
            format!("Calendar connected: {}", self.account.email())
        );
    }

    pub(crate) fn calendar(&self) -> CalendarOf {
        self.account.calendar()
    }

    /// Puts an event into the calendar, from one local time to another, with more fields; its id.
    pub(crate) fn has(&self, title: &str, start: &str, end: &str, more: Value) -> String {
        let at = |time: &str| {
            if time.len() == 10 {
                json!({ "date": time })
            } else {
                json!({ "dateTime": format!("{time}:00"), "timeZone": "Europe/Berlin" })
            }
        };
        let mut event = json!({ "summary": title, "start": at(start), "end": at(end) });
        if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
            event.extend(more);
        }
        self.calendar().adds(event)
    }

    /// As the model calls a tool, each time in a turn of its own.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Told {
        self.try_call(tool, arguments).await.expect("a result")
    }

    /// As [`Self::call`]; the error means that the turn is run again.
    pub(crate) async fn try_call(
        &mut self,
        tool: &str,
        arguments: Value,
    ) -> Result<Told, rest_client::Error> {
        self.calls += 1;
        self.call_again(tool, arguments).await
    }

    /// The last call once more, in the same turn run again.
    pub(crate) async fn call_again(
        &mut self,
        tool: &str,
        arguments: Value,
    ) -> Result<Told, rest_client::Error> {
        let outside = Arc::new(AtomicBool::new(false));
        let now = self.world.clock.now();
        let context = ToolContext {
            rest: self.world.rest.clone(),
            calendar: self.world.calendar.clone(),
            outside: Arc::clone(&outside),
            after_outside: self.after_outside,
            user_id: self.world.user,
            zone: chrono_tz::Europe::Berlin,
            locale: self.locale.to_owned(),
            to: self.elsewhere.clone().unwrap_or_else(|| self.world.address()),
            event_id: EventId::new(format!("e:{}", self.calls)),
            nth: 0,
            is_late: self.is_late,
            said_at: now,
            now,
        };
        let call = RunTool {
            ordinal: 0,
            name: tool.to_owned(),
            arguments: arguments.to_string(),
        };
        let ToolResult {
            content,
            receipts,
            questions,
            choices: _,
        } = self.toolbox.run(&context, &call).await?;
        Ok(Told {
            content: serde_json::from_str(&content).expect("JSON"),
            receipts,
            buttons: questions
                .iter()
                .flat_map(|question| question.buttons.clone())
                .collect(),
            questions: questions.into_iter().map(|question| question.text).collect(),
            is_from_outside: outside.load(std::sync::atomic::Ordering::Relaxed),
        })
    }

    /// How many requests have changed something at Google.
    pub(crate) fn writes(&self) -> usize {
        ["events.insert", "events.patch", "events.update", "events.delete"]
            .iter()
            .map(|kind| self.google.calls_of(kind).len())
            .sum()
    }

    /// The titles of all events, and of series.
    pub(crate) fn titles(&self) -> Vec<String> {
        let events = self.calendar().events();
        let mut titles: Vec<String> = events
            .iter()
            .map(|event| event["summary"].as_str().unwrap_or_default().to_owned())
            .collect();
        titles.sort();
        titles
    }

    /// Waits until something holds at Google.
    pub(crate) async fn waits(&self, holds: impl FnMut(&GoogleServer) -> bool) {
        assert!(self.google.wait_until(Duration::from_secs(20), holds).await);
    }
}
