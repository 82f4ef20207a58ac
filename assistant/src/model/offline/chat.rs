//! Small talk, help, and what is said when nothing was understood.

use super::{Plan, sentence::Sentence};

const CAN_DO: &str = "\
- “remind me in 20 minutes to drink water”\n\
- “remind me every weekday at 9 to stretch”\n\
- “list my reminders”, “cancel the stretch one”, “move the stretch one to 10”\n\
- “what time is it in Tokyo?”\n\
- “what's the weather in Bergen tomorrow?”\n\
- “connect my calendar”, “what's on tomorrow?”, “add lunch with Ann tomorrow at 12”";

/// Reads greetings, thanks and calls for help.
pub(super) fn plan(sentence: &Sentence) -> Option<Plan> {
    if sentence.is_empty() {
        return Some(Plan::SayWithFooter(format!(
            "That message was empty. You can say, for example:\n{CAN_DO}"
        )));
    }
    let text = sentence.plain_text();
    let words: Vec<&str> = text.split(' ').collect();
    let is_short = words.len() <= 4;
    match words.as_slice() {
        ["/start" | "start", ..]
        | ["hello" | "hi" | "hey" | "hallo" | "howdy" | "greetings" | "moin"]
        | ["good", "morning" | "evening" | "afternoon" | "day"] => Some(greeting()),
        [
            "hello" | "hi" | "hey",
            "there" | "you" | "bot" | "again" | "everyone",
        ] => Some(greeting()),
        ["/help" | "help", ..] | ["what", "can", "you", "do", ..] | ["how", "does", "this", "work"] => Some(
            Plan::SayWithFooter(format!("You can say, for example:\n{CAN_DO}")),
        ),
        ["who" | "what", "are", "you"] | ["what", "model", ..] => Some(Plan::SayWithFooter(
            "I am your assistant: I keep your reminders and tell the time and the weather.".to_owned(),
        )),
        ["how", "are", "you", ..] | ["what's", "up"] | ["how's", "it", "going"] => Some(Plan::Say(
            "I'm well, thank you. What can I do for you?".to_owned(),
        )),
        ["thanks" | "thank" | "thx" | "cheers", ..] if is_short => {
            Some(Plan::Say("You're welcome.".to_owned()))
        }
        ["bye" | "goodbye" | "ciao", ..] | ["good", "night"] | ["see", "you", ..] if is_short => {
            Some(Plan::Say("Goodbye! Your reminders go on without you.".to_owned()))
        }
        ["ok" | "okay" | "fine" | "great" | "cool" | "nice" | "perfect" | "yes" | "no" | "good"] => {
            Some(Plan::Say("All right.".to_owned()))
        }
        _ => None,
    }
}

/// Nothing else knew what to do with it.
pub(super) fn unknown(sentence: &Sentence) -> Plan {
    let has_letters = sentence
        .plain()
        .iter()
        .any(|word| word.chars().any(char::is_alphanumeric));
    let what = if has_letters {
        "I did not understand that."
    } else {
        "I can only read words."
    };
    Plan::SayWithFooter(format!("{what} You can say, for example:\n{CAN_DO}"))
}

/// More text than the rules could read.
pub(super) fn too_long(characters: usize) -> Plan {
    Plan::SayWithFooter(format!(
        "That is long ({characters} characters), and I can only read short requests. You can say, for example:\n{CAN_DO}"
    ))
}

fn greeting() -> Plan {
    Plan::SayWithFooter(format!(
        "Hello! I keep your reminders and tell the time and the weather. You can say, for example:\n{CAN_DO}"
    ))
}
