//! Every kind of text that a model is shown, and whose words it may be: the one table.
//!
//! What may be the words of others may try to give orders, so after a model was shown it, what it wants to change is
//! asked about first. A test walks the table and tries each kind; a tool that is in no row fails it.

/// A kind of text that a model is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// An assistant's instructions, and its name.
    Instructions,
    /// The user's name and language.
    UserName,
    /// What the user, or an admin, said of the user.
    Fact,
    /// What an assistant noted of the user by itself.
    NotedFact,
    /// What the user let it keep in the words of others.
    OthersFact,
    /// The short form of a conversation.
    Summary,
    /// What the user says now.
    Said,
    /// A message of the user's that they reply to.
    OwnQuote,
    /// A message of ours that they reply to.
    OurQuote,
    /// A message of somebody else's that they reply to.
    OthersQuote,
    /// What they forward, with its links.
    Forwarded,
    /// What stands in a file or a contact that they send.
    File,
    /// What a recurring task says that the user made.
    OwnTask,
    /// What a task says that was made of words of others.
    OthersTask,
    /// What a model wrote in an earlier turn in which no words of others were shown.
    EarlierAnswer,
    /// What a model wrote in an earlier turn in which such words were shown.
    TaintedAnswer,
    /// The line of a press, and the word that a question was asked.
    PressReceipt,
    /// The clock, the calendar of days, and places from the table in the binary.
    Clock,
    /// The weather, with the names of its places.
    Weather,
    /// Reminders of the user's own words.
    OwnReminders,
    /// Reminders made of words of others.
    OthersReminders,
    /// Events: titles, places, guests, the names of calendars.
    Events,
    /// Events of which one is to be chosen.
    EventChoice,
    /// When the user and others are free.
    FreeTimes,
    /// The account that is connected.
    Account,
    /// What a change came to, for the model.
    Change,
    /// What is wrong with a call.
    ToolError,
    /// What a sub-assistant answered that was shown no words of others.
    SubAnswer,
    /// What one answered that was.
    TaintedSubAnswer,
}

/// Whose words a text may be, and why that is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of those who may give orders, or ours.
    Trusted(&'static str),
    /// Anybody's.
    Others(&'static str),
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 29] = [
        Self::Instructions,
        Self::UserName,
        Self::Fact,
        Self::NotedFact,
        Self::OthersFact,
        Self::Summary,
        Self::Said,
        Self::OwnQuote,
        Self::OurQuote,
        Self::OthersQuote,
        Self::Forwarded,
        Self::File,
        Self::OwnTask,
        Self::OthersTask,
        Self::EarlierAnswer,
        Self::TaintedAnswer,
        Self::PressReceipt,
        Self::Clock,
        Self::Weather,
        Self::OwnReminders,
        Self::OthersReminders,
        Self::Events,
        Self::EventChoice,
        Self::FreeTimes,
        Self::Account,
        Self::Change,
        Self::ToolError,
        Self::SubAnswer,
        Self::TaintedSubAnswer,
    ];

    /// Whose words it may be.
    pub fn whose(self) -> Whose {
        use Whose::{Others, Trusted};
        match self {
            Self::Instructions => Trusted("only admins write them"),
            Self::UserName => Trusted("the user's own, on one line of 80 characters"),
            Self::Fact => Trusted("said by the user or an admin"),
            Self::NotedFact => Others("what the assistant noted may repeat what it had read"),
            Self::OthersFact => Others("the mark stays on the words for as long as they are stored"),
            Self::Summary => Trusted("made of the user's own words, and of answers that quote nobody"),
            Self::Said => Trusted("the user asks for it"),
            Self::OwnQuote => Trusted("the user's own, and forwarded ones are not among them"),
            Self::OurQuote => Others("our message may have told of events and forwarded words"),
            Self::OthersQuote | Self::Forwarded => Others("somebody else wrote it"),
            Self::File => Others("whoever made it wrote it, and nobody knows who did"),
            Self::OwnTask => Trusted("the user asked for it"),
            Self::OthersTask => Others("the mark stays on the words for as long as they are stored"),
            Self::EarlierAnswer => Trusted("no words of others were in view when it was written"),
            Self::TaintedAnswer => Others("it may repeat what was in view when it was written"),
            Self::PressReceipt => Trusted("it is stored without titles and texts"),
            Self::Clock => Trusted("computed here, from tables in the binary"),
            Self::Weather => Trusted(
                "our words about numbers; places from the service that the operator chose, each on one line",
            ),
            Self::OwnReminders => Trusted("the user's own words"),
            Self::OthersReminders => Others("the mark stays on the words for as long as they are stored"),
            Self::Events | Self::EventChoice => Others("whoever invites the user writes them"),
            Self::FreeTimes => Trusted("times, and addresses that were asked about"),
            Self::Account => Trusted("the address of the user's own account"),
            Self::Change => Trusted("it is told without titles of events and without words of others"),
            Self::ToolError => Trusted("our words, about what the model itself wrote"),
            Self::SubAnswer => Trusted("no words of others were in view when it was written"),
            Self::TaintedSubAnswer => Others("it may repeat what the sub-assistant was shown"),
        }
    }

    /// The tools that hand it to a model. Those of sub-assistants have names of their own.
    pub fn tools(self) -> &'static [&'static str] {
        match self {
            Self::Fact | Self::NotedFact | Self::OthersFact => &["memories"],
            Self::Clock => &["time", "timezone_set"],
            Self::Weather => &["weather"],
            Self::OwnReminders | Self::OthersReminders => &["reminder_list"],
            Self::Events => &["calendar_agenda"],
            Self::EventChoice => &["calendar_change", "calendar_delete"],
            Self::FreeTimes => &["calendar_free"],
            Self::Account => &["calendar_account"],
            Self::Change => &[
                "reminder_create",
                "reminder_change",
                "reminder_cancel",
                "calendar_create",
                "remember",
                "forget",
                "undo",
            ],
            _ => &[],
        }
    }
}
