//! The list of all texts, with what stands in them.

use fluent_bundle::{FluentArgs, FluentValue};

/// What stands in a text for the tests and for whoever reads all of them.
trait Sample: Sized {
    const SAMPLES: [Self; 4];
}

impl Sample for &str {
    const SAMPLES: [Self; 4] = ["Ann"; 4];
}

impl Sample for i64 {
    const SAMPLES: [Self; 4] = [1, 2, 5, 21];
}

impl Sample for u32 {
    const SAMPLES: [Self; 4] = [1, 2, 5, 7];
}

macro_rules! texts {
    ($( $variant:ident = $id:literal $({ $($field:ident: $type:ty),+ })?; )+) => {
        /// A text, with what stands in it.
        #[expect(missing_docs, reason = "a text's words say what it is, and its fields are named in them")]
        #[derive(Clone, Copy, Debug)]
        pub enum Text<'t> {
            $( $variant $({ $($field: $type),+ })?, )+
        }

        impl<'t> Text<'t> {
            /// Its name in the catalogue.
            pub fn id(&self) -> &'static str {
                match self {
                    $( Self::$variant { .. } => $id, )+
                }
            }

            /// What stands in it, by name.
            pub(crate) fn arguments(&self) -> FluentArgs<'t> {
                let mut arguments = FluentArgs::new();
                match *self {
                    $( Self::$variant $({ $($field),+ })? => {
                        $( $( arguments.set(stringify!($field), FluentValue::from($field)); )+ )?
                    } )+
                }
                arguments
            }

            /// The names of what stands in it.
            pub fn fields(&self) -> &'static [&'static str] {
                match self {
                    $( Self::$variant { .. } => &[$( $( stringify!($field) ),+ )?], )+
                }
            }

            /// All of them, four times, with things and numbers to stand in them.
            pub fn samples() -> Vec<[Text<'static>; 4]> {
                vec![$( [0, 1, 2, 3].map(|n| {
                    let _ = n;
                    Text::$variant $({ $($field: sample(n)),+ })?
                }), )+]
            }
        }
    };
}

fn sample<T: Sample + Copy>(n: usize) -> T {
    let [first, second, third, fourth] = T::SAMPLES;
    match n {
        0 => first,
        1 => second,
        2 => third,
        _ => fourth,
    }
}

texts! {
    // Times and spans
    Today = "today" { time: &'t str };
    Tomorrow = "tomorrow" { time: &'t str };
    OnWeekday = "on-weekday" { weekday: &'t str, time: &'t str };
    OnDate = "on-date" { weekday: &'t str, day: &'t str, month: &'t str, year: &'t str, time: &'t str };
    Weekday = "weekday" { weekday: u32 };
    Month = "month" { month: u32 };
    Seconds = "seconds" { count: i64 };
    Minutes = "minutes" { count: i64 };
    Hours = "hours" { count: i64 };
    Days = "days" { count: i64 };

    // Buttons
    Undo = "undo";
    Yes = "yes";
    No = "no";
    Approve = "approve";
    Decline = "decline";
    Done = "done";
    SnoozeTenMinutes = "snooze-ten-minutes";
    SnoozeHour = "snooze-hour";
    SnoozeTomorrow = "snooze-tomorrow";
    ShareLocation = "share-location";
    UseZone = "use-zone" { zone: &'t str };
    KeepZone = "keep-zone" { zone: &'t str };
    Erase = "erase";
    Keep = "keep";

    // Beginning
    Welcome = "welcome" { name: &'t str };
    WelcomeOwner = "welcome-owner" { name: &'t str };
    LetIn = "let-in";
    AskOwner = "ask-owner";
    NoOwner = "no-owner";
    AccessRequest = "access-request" { name: &'t str, account: &'t str };
    MoreRequests = "more-requests";
    OnlyOwnerDecides = "only-owner-decides";
    NobodyThere = "nobody-there";
    IsLetIn = "is-let-in" { name: &'t str };
    IsTurnedAway = "is-turned-away" { name: &'t str };
    IsWaiting = "is-waiting" { name: &'t str };

    // Commands
    MenuStart = "menu-start";
    MenuHelp = "menu-help";
    MenuNew = "menu-new";
    MenuStop = "menu-stop";
    NothingToStop = "nothing-to-stop";
    MenuReminders = "menu-reminders";
    MenuCalendar = "menu-calendar";
    MenuTz = "menu-tz";
    MenuLanguage = "menu-language";
    MenuMemory = "menu-memory";
    MenuWhy = "menu-why";
    MenuUsage = "menu-usage";
    MenuStatus = "menu-status";
    MenuPrivacy = "menu-privacy";
    MenuExport = "menu-export";
    MenuDeleteMe = "menu-delete-me";
    MenuUsers = "menu-users";
    MenuInvite = "menu-invite";
    Help = "help" { commands: &'t str };
    NewConversation = "new-conversation";
    UnknownCommand = "unknown-command";
    OnlyInPrivate = "only-in-private";
    OnlyForOwner = "only-for-owner";
    NoReminders = "no-reminders";
    RemindersHead = "reminders-head";
    RemindersMore = "reminders-more" { count: i64 };
    TaskHeld = "task-held" { line: &'t str };
    NextTime = "next-time" { schedule: &'t str, next: &'t str };
    NoUsage = "no-usage";
    Usage = "usage" { turns: i64, calls: i64, read: i64, written: i64 };
    UsageCost = "usage-cost" { cost: &'t str };
    UsageBudgetDay = "usage-budget-day" { spent: &'t str, limit: &'t str, resets: &'t str };
    UsageBudgetMonth = "usage-budget-month" { spent: &'t str, limit: &'t str, resets: &'t str };
    Tokens = "tokens" { count: i64 };
    Status = "status" { name: &'t str, zone: &'t str, count: i64 };
    StatusNoZone = "status-no-zone";
    StatusNext = "status-next" { next: &'t str };
    Privacy = "privacy";
    NoMemory = "no-memory";
    MemoryHead = "memory-head";
    MemoryMore = "memory-more" { count: i64 };
    Forgotten = "forgotten";
    ExportHere = "export-here";
    ExportTooLarge = "export-too-large";
    ExportRefused = "export-refused";
    ExportFailed = "export-failed";
    WhyNothing = "why-nothing";
    WhyHead = "why-head";
    WhyBegan = "why-began" { time: &'t str };
    WhyModel = "why-model" { model: &'t str, calls: i64, read: i64, written: i64 };
    WhyTools = "why-tools" { tools: &'t str };
    WhyChanged = "why-changed" { what: &'t str };
    WhyAnswered = "why-answered" { time: &'t str, took: &'t str };
    WhyStopped = "why-stopped" { time: &'t str, took: &'t str };
    EraseQuestion = "erase-question";
    Kept = "kept";
    Erased = "erased";
    LanguageQuestion = "language-question";
    LanguageIs = "language-is";
    NoSuchLanguage = "no-such-language";
    UsersHead = "users-head" { count: i64 };
    UserActive = "user-active" { name: &'t str };
    UserOwner = "user-owner" { name: &'t str };
    UserPending = "user-pending" { name: &'t str };
    UserBlocked = "user-blocked" { name: &'t str };
    Invite = "invite" { link: &'t str };

    // Where people are
    WhereAreYou = "where-are-you";
    OwnerZone = "owner-zone" { zone: &'t str };
    ZoneUnknown = "zone-unknown";
    ZoneKnown = "zone-known" { zone: &'t str };
    ZoneByButton = "zone-by-button";
    ZoneByWords = "zone-by-words";
    ZoneIs = "zone-is" { zone: &'t str };
    ZoneAlready = "zone-already" { zone: &'t str };
    ZoneWithTime = "zone-with-time" { zone: &'t str, time: &'t str };
    NoSuchPlace = "no-such-place" { words: &'t str };
    WhichPlace = "which-place" { words: &'t str };
    NoZoneThere = "no-zone-there";
    Elsewhere = "elsewhere" { zone: &'t str, own: &'t str };

    // What is said and pressed
    NothingSaid = "nothing-said";
    FileTooLarge = "file-too-large" { limit: &'t str };
    FileNotText = "file-not-text";
    FileAway = "file-away";
    VoiceSilent = "voice-silent";
    VoiceUnheard = "voice-unheard";
    VoiceTooLong = "voice-too-long" { limit: &'t str };
    CannotRead = "cannot-read" { kind: &'t str };
    Thrown = "thrown" { emoji: &'t str, value: i64 };
    NotYourButton = "not-your-button";
    SpentButton = "spent-button";

    // Reminders
    Late = "late" { duration: &'t str };
    Missed = "missed" { count: i64 };
    MissedMany = "missed-many" { count: i64 };
    DoneLine = "done-line";
    DoneForGood = "done-for-good";
    Snoozed = "snoozed" { time: &'t str };
    SnoozeMoved = "snooze-moved" { time: &'t str, before: &'t str };
    SnoozeCame = "snooze-came";

    // What presses, failures and changes come to
    AllRight = "all-right";
    AllRightZone = "all-right-zone";
    Undone = "undone";
    UndoneAlready = "undone-already";
    UndoTooLate = "undo-too-late";
    DoneAsAsked = "done-as-asked";
    SaidYesAlready = "said-yes-already";
    SaidNoAlready = "said-no-already";
    QuestionTooOld = "question-too-old";
    DidNotWork = "did-not-work" { why: &'t str };
    EventChanged = "event-changed";
    Cancelled = "cancelled";
    DidNothing = "did-nothing" { why: &'t str };
    NotThereAnyMore = "not-there-any-more";
    GaveUp = "gave-up";
    NothingChanged = "nothing-changed";
    ChangedBelow = "changed-below";
    ModelAway = "model-away";
    ModelBusy = "model-busy";
    ModelRefused = "model-refused";
    ModelTooLong = "model-too-long";
    ModelBroken = "model-broken";
    ModelSilent = "model-silent" { limit: &'t str };
    OutOfTime = "out-of-time" { limit: &'t str };
    Stopped = "stopped";
    MayHaveChanged = "may-have-changed";
    TookAsUtc = "took-as-utc";
    AnsweredEarlierVersion = "answered-earlier-version";
    OutOfSteps = "out-of-steps" { limit: u32 };
    OutOfCalls = "out-of-calls" { limit: u32 };
    OutOfTokens = "out-of-tokens";
    BudgetSpentDay = "budget-spent-day";
    BudgetSpentMonth = "budget-spent-month";
    BudgetSpentDayOfAll = "budget-spent-day-of-all";
    BudgetSpentMonthOfAll = "budget-spent-month-of-all";
    BudgetResets = "budget-resets" { resets: &'t str };
    BudgetNearDay = "budget-near-day" { spent: &'t str, limit: &'t str, resets: &'t str };
    BudgetNearMonth = "budget-near-month" { spent: &'t str, limit: &'t str, resets: &'t str };
    BudgetNearDayOfAll = "budget-near-day-of-all" { spent: &'t str, limit: &'t str, resets: &'t str };
    BudgetNearMonthOfAll = "budget-near-month-of-all" { spent: &'t str, limit: &'t str, resets: &'t str };
    Circle = "circle";
    TryInMinutes = "try-in-minutes";
    TryIn = "try-in" { duration: &'t str };
    TryAgain = "try-again";
    OperatorLooks = "operator-looks";
    StartNew = "start-new";
    AskSmaller = "ask-smaller";
    AskInParts = "ask-in-parts";
    SayOtherwise = "say-otherwise";
    ReceiptOnce = "receipt-once" { time: &'t str, what: &'t str };
    ReceiptRecurring = "receipt-recurring" { schedule: &'t str, next: &'t str, what: &'t str };
    ReceiptPaused = "receipt-paused" { when: &'t str, what: &'t str };
    ReceiptCancelled = "receipt-cancelled" { when: &'t str, what: &'t str };
    ReceiptZone = "receipt-zone" { zone: &'t str, time: &'t str };

    // Questions before a change, and the lines below it
    AskSetReminder = "ask-set-reminder";
    AskSetPrompt = "ask-set-prompt";
    AskChangeReminder = "ask-change-reminder";
    AskChangePrompt = "ask-change-prompt";
    AskCancelReminders = "ask-cancel-reminders" { count: i64 };
    AskRemember = "ask-remember";
    AskForget = "ask-forget";
    AskAddEvent = "ask-add-event";
    AskChangeEvent = "ask-change-event";
    AskDeleteEvent = "ask-delete-event";
    AskDisconnect = "ask-disconnect";
    AskDisconnectMeans = "ask-disconnect-means";
    AskNoUndo = "ask-no-undo";
    AskUndo = "ask-undo";
    GoogleInvites = "google-invites";
    GoogleTells = "google-tells";
    GoogleTellsGuests = "google-tells-guests" { count: i64 };
    LabelText = "label-text";
    LabelWhen = "label-when";
    LabelEachTime = "label-each-time";
    LabelThen = "label-then";
    LabelZone = "label-zone";
    LabelNext = "label-next";
    LabelStatus = "label-status";
    LabelReminder = "label-reminder";
    LabelPrompt = "label-prompt";
    LabelTitle = "label-title";
    LabelWhere = "label-where";
    LabelDescription = "label-description";
    LabelRepeats = "label-repeats";
    LabelItRepeats = "label-it-repeats";
    LabelCalendar = "label-calendar";
    LabelGuests = "label-guests";
    LabelInvites = "label-invites";
    LabelUninvites = "label-uninvites";
    LabelNotifications = "label-notifications";
    LabelEvent = "label-event";
    LabelChanges = "label-changes";
    LabelAccount = "label-account";
    IsActive = "is-active";
    IsPaused = "is-paused";
    IsDone = "is-done";
    IsCancelled = "is-cancelled";
    MainCalendar = "main-calendar";
    NothingThere = "nothing-there";
    NotAtAll = "not-at-all";
    ScopeOne = "scope-one";
    ScopeFollowing = "scope-following";
    ScopeAll = "scope-all";
    RepeatsDaily = "repeats-daily";
    RepeatsWeekdays = "repeats-weekdays";
    RepeatsWeekly = "repeats-weekly";
    RepeatsMonthly = "repeats-monthly";
    RepeatsYearly = "repeats-yearly";
    NotificationsUsual = "notifications-usual";
    NotificationsNone = "notifications-none";
    NotifiedOnDevices = "notified-on-devices" { count: i64 };
    NotifiedByMail = "notified-by-mail" { count: i64 };
    UnusualLetters = "unusual-letters" { letters: &'t str };
    NoTitle = "no-title";
    AllDay = "all-day" { days: &'t str };
    ReceiptEventMoved = "receipt-event-moved" { event: &'t str, before: &'t str };
    ReceiptEventChanged = "receipt-event-changed" { event: &'t str };
    ReceiptEventDeleted = "receipt-event-deleted" { event: &'t str };
    ReceiptEventRemoved = "receipt-event-removed" { event: &'t str };
    ReceiptEventAsItWas = "receipt-event-as-it-was" { event: &'t str };
    ReceiptEventBack = "receipt-event-back" { event: &'t str };
    ReceiptRemembered = "receipt-remembered" { what: &'t str };
    ReceiptForgotten = "receipt-forgotten" { what: &'t str };
    ReceiptDisconnected = "receipt-disconnected" { whose: &'t str };
    WhyReminderChanged = "why-reminder-changed";
    WhyEventChanged = "why-event-changed";
    WhyOtherAccount = "why-other-account";
    WhyFired = "why-fired";
    WhyNoCalendar = "why-no-calendar";
    WhyOtherVersion = "why-other-version";
    WhyGone = "why-gone";
    CalendarUnsure = "calendar-unsure";

    // The weather
    WeatherWhere = "weather-where";
    WeatherExample = "weather-example";
    WeatherWhich = "weather-which" { name: &'t str };
    WeatherNoPlace = "weather-no-place" { name: &'t str };
    WeatherThereAre = "weather-there-are" { what: &'t str };
    WeatherSky = "weather-sky" { code: u32 };
    WindFrom = "wind-from" { speed: &'t str, direction: u32 };
    WindUpTo = "wind-up-to" { speed: &'t str };
    WindOf = "wind-of" { wind: &'t str };
    RainChance = "rain-chance" { chance: &'t str };
    WeatherUnknown = "weather-unknown";
    WeatherDay = "weather-day" { day: &'t str, weather: &'t str, low: &'t str, high: &'t str, chance: &'t str, amount: &'t str, wind: &'t str };
    WeatherNow = "weather-now" { place: &'t str, weather: &'t str, temperature: &'t str, feels: &'t str, wind: &'t str };
    WeatherToday = "weather-today" { day: &'t str };
    WeatherPast = "weather-past" { day: &'t str };
    WeatherTooFar = "weather-too-far" { day: &'t str, last: &'t str };
    WeatherNothing = "weather-nothing" { day: &'t str };
    WeatherAway = "weather-away" { why: &'t str };
    NoAnswerInTime = "no-answer-in-time";
    NoConnection = "no-connection";
    WeatherTooMany = "weather-too-many";
    WeatherRefused = "weather-refused" { why: &'t str };
    WeatherUnreadable = "weather-unreadable";

    // The calendar
    AgendaNothing = "agenda-nothing";
    AgendaAllDay = "agenda-all-day";
    AgendaAllDayOf = "agenda-all-day-of" { day: i64, days: i64 };
    AgendaUntil = "agenda-until" { time: &'t str };
    AgendaDeclined = "agenda-declined";
    AgendaNotAnswered = "agenda-not-answered";
    AgendaMaybe = "agenda-maybe";
    AgendaMore = "agenda-more" { count: i64 };
    AgendaTooMany = "agenda-too-many";
    AgendaUnread = "agenda-unread" { names: &'t str };
    FoundNothing = "found-nothing";
    FreeHead = "free-head" { zone: &'t str };
    FreeNever = "free-never";
    CalendarNotConnected = "calendar-not-connected";
    CalendarNotYet = "calendar-not-yet";
    CalendarReconnect = "calendar-reconnect";
    CalendarNotSetUp = "calendar-not-set-up";
    CalendarIsAway = "calendar-is-away";
    CalendarWait = "calendar-wait";
    CalendarConnected = "calendar-connected" { account: &'t str };
    CalendarPrivate = "calendar-private";
    ConnectCalendar = "connect-calendar";
    SeveralEvents = "several-events";
    NoSuchEvent = "no-such-event" { which: &'t str };
    TooFarAhead = "too-far-ahead";

    // The time
    TimeNow = "time-now" { time: &'t str };
    DayToday = "day-today" { day: &'t str };
    DayTomorrow = "day-tomorrow" { day: &'t str };
    DayYesterday = "day-yesterday" { day: &'t str };
    DayAgo = "day-ago" { day: &'t str, count: i64 };
    DayAhead = "day-ahead" { day: &'t str, count: i64 };
}
