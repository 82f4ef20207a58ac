//! Answers composed from what the tools returned.

use schedule::Language;
use serde_json::Value;
use texts::Text;

use super::{Message, Question, ToolCall, asks, calendar, memory, reminders, sentence::Sentence, weather};
pub(super) use crate::context::escaped;
use crate::tools::when::asked;

/// What to say about the calls of a round.
pub(super) fn compose(results: &[(&ToolCall, &str)], messages: &[Message], time: &when::Context) -> Question {
    let language = asked::language(time);
    let said = messages.iter().rev().find_map(|message| match message {
        Message::User(said) => Some(said.as_str()),
        Message::Assistant { .. } | Message::Tool { .. } => None,
    });
    if let [(call, result)] = results
        && call.name == "reminder_list"
        && let Some(said) = said
        && let Ok(list) = serde_json::from_str(result)
        && let Some(answer) = reminders::of_list(&list, said, time)
    {
        return answer;
    }
    if let [(call, result)] = results
        && call.name == "reminder_list"
        && let Some(said) = said
        && calendar::is_whats_on(&Sentence::read(said).bare().plain())
    {
        return Question::open(day(r#"{"error":"no calendar"}"#, result, said, time));
    }
    // Reminders beside the calendar: those of the day that was asked about.
    if let [(agenda, in_calendar), (list, reminders)] = results
        && (agenda.name.as_str(), list.name.as_str()) == ("calendar_agenda", "reminder_list")
    {
        return Question::open(day(in_calendar, reminders, said.unwrap_or_default(), time));
    }
    let mut answers: Vec<String> = results
        .iter()
        .map(|(call, result)| answer(call, result, language))
        .collect();
    // "Done." once, however many were done.
    answers.dedup();
    Question::open(answers.join("\n\n"))
}

/// "What's on tomorrow?": the calendar where there is one, and the reminders of the day.
fn day(in_calendar: &str, reminders: &str, said: &str, time: &when::Context) -> String {
    let language = asked::language(time);
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap_or_default() };
    let (in_calendar, list) = (read(in_calendar), read(reminders));
    let reading = when::parse(said, time);
    let today = time.local().date();
    let (first, last) = match (reading.understood.days, reading.understood.day) {
        (Some(days), _) => days,
        (None, Some(day)) => (day, day),
        (None, None) => (today, today),
    };
    let lines = reminders::of_days(&list, first, last, language);
    let mut parts = Vec::new();
    // Without a calendar its absence is no news.
    if in_calendar["error"].is_null() && in_calendar["waiting_for_user"].is_null() {
        parts.push(agenda(&in_calendar));
    }
    parts.push(match lines.as_str() {
        "" => {
            let which = if first == last {
                language.date(first)
            } else {
                format!("{} – {}", language.date(first), language.date(last))
            };
            language.pick([
                format!("No reminders: {which}."),
                format!("Keine Erinnerungen: {which}."),
                format!("Sin recordatorios: {which}."),
                format!("Напоминаний нет: {which}."),
            ])
        }
        lines => format!(
            "{}\n{lines}",
            language.pick(["Reminders:", "Erinnerungen:", "Recordatorios:", "Напоминания:"])
        ),
    });
    // Unless it can be connected: the button for that stands below.
    if let (Some(why), true) = (in_calendar["error"].as_str(), in_calendar["note"].is_string()) {
        parts.push(format!("{why}."));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn answer(call: &ToolCall, result: &str, language: Language) -> String {
    let result: Value = serde_json::from_str(result).unwrap_or_default();
    if result["places"].is_array() {
        let which = [
            "Which one is it?",
            "Welcher Ort ist es?",
            "¿Cuál es?",
            "Какой именно?",
        ];
        return language.pick(which).to_owned();
    }
    if result["waiting_for_user"].is_string() {
        return language
            .pick([
                "I need your word for that.",
                "Dafür brauche ich dein Wort.",
                "Para eso necesito tu confirmación.",
                "Для этого нужно ваше согласие.",
            ])
            .to_owned();
    }
    if call.name == "forget" && result["error"].is_string() {
        return memory::not_found(language);
    }
    if let Some(error) = result["error"].as_str() {
        let error = error.strip_prefix("ask the user: ").unwrap_or(error);
        if call.name.starts_with("reminder_") && error.starts_with("there is no reminder") {
            // The words alone do not tell an event from a reminder.
            let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
            let which = escaped(arguments["which"].as_str().unwrap_or("…"));
            return language.pick([
                format!(
                    "{}\n\nIf it is in your calendar, say “the {which} event”.",
                    sentence(error)
                ),
                format!(
                    "Eine Erinnerung „{which}“ finde ich nicht. Sag „meine Erinnerungen“, um alle zu sehen."
                ),
                format!("No encuentro el recordatorio “{which}”. Di “mis recordatorios” para verlos todos."),
                format!("Не нахожу напоминание «{which}». Скажите «мои напоминания», чтобы увидеть все."),
            ]);
        }
        let words = texts::Language::from(language);
        if call.name.starts_with("calendar_")
            && error.starts_with("there is no event")
            && language != Language::English
        {
            let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
            let which = &escaped(arguments["which"].as_str().unwrap_or("…"));
            return words.say(&Text::NoSuchEvent { which });
        }
        let why = sentence(&crate::reasons::in_language(words, error));
        return match agenda(&result) {
            list if list.is_empty() => why,
            list => format!("{}:\n{list}", why.trim_end_matches('.')),
        };
    }
    let done = ["Done.", "Erledigt.", "Hecho.", "Готово."];
    match call.name.as_str() {
        // The receipt below says what was stored.
        "reminder_create" => language
            .pick([
                "Done, I'll remind you.",
                "Gut, ich erinnere dich.",
                "Hecho, te lo recordaré.",
                "Хорошо, напомню.",
            ])
            .to_owned(),
        "reminder_change" => language
            .pick([
                "Done, it is changed.",
                "Erledigt, es ist geändert.",
                "Hecho, está cambiado.",
                "Готово, изменено.",
            ])
            .to_owned(),
        "undo" => language
            .pick(["Undone.", "Rückgängig gemacht.", "Deshecho.", "Отменено."])
            .to_owned(),
        "timezone_set" => language
            .pick([
                "Done, that is your time zone now.",
                "Gut, das ist jetzt deine Zeitzone.",
                "Hecho, esa es ahora tu zona horaria.",
                "Готово, теперь это ваш часовой пояс.",
            ])
            .to_owned(),
        "reminder_list" => list(&result, language),
        "calendar_agenda" => agenda(&result),
        "calendar_free" => free(&result, language),
        "calendar_account" if result["status"].is_string() => {
            sentence(&escaped(result["status"].as_str().unwrap_or_default()))
        }
        "time" => self::time(&result, language),
        "memories" => memory::listed(&result, language),
        "weather" => weather::answer(&result, language.into()),
        name if name.starts_with("ask_") => asks::answer(&result),
        _ => language.pick(done).to_owned(),
    }
}

fn list(result: &Value, language: Language) -> String {
    let reminders = result["reminders"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if reminders.is_empty() {
        return language
            .pick([
                "You have no reminders.",
                "Du hast keine Erinnerungen.",
                "No tienes recordatorios.",
                "Напоминаний нет.",
            ])
            .to_owned();
    }
    let head = [
        "Your reminders:",
        "Deine Erinnerungen:",
        "Tus recordatorios:",
        "Ваши напоминания:",
    ];
    let mut lines = vec![language.pick(head).to_owned()];
    for (number, reminder) in (1..).zip(reminders) {
        let text = |name: &str| reminder[name].as_str().unwrap_or_default();
        let mut line = format!("{number}. {} — {}", text("when"), escaped(text("text")));
        if reminder["paused"] == true {
            let paused = language.pick(["paused", "pausiert", "en pausa", "приостановлено"]);
            line.push_str(&format!(" ({paused})"));
        } else if !text("next").is_empty() {
            let next = language.pick(["next", "nächstes Mal", "próxima vez", "следующее"]);
            line.push_str(&format!(" ({next}: {})", text("next")));
        }
        lines.push(line);
    }
    let count = result["count"].as_u64().unwrap_or_default();
    let listed = u64::try_from(reminders.len()).unwrap_or_default();
    if count > listed {
        let more = count - listed;
        lines.push(language.pick([
            format!("… and {more} more."),
            format!("… und {more} weitere."),
            format!("… y {more} más."),
            format!("… и ещё {more}."),
        ]));
    }
    lines.join("\n")
}

fn agenda(result: &Value) -> String {
    let text = result["from_outside"].as_str().unwrap_or_default();
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line.strip_prefix("- ") {
            Some(entry) => format!("- {}", escaped(entry)),
            // Each day begins a list of its own.
            None => format!("\n{}\n", escaped(line)),
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

fn free(result: &Value, language: Language) -> String {
    let words = texts::Language::from(language);
    let slots = result["free"].as_array().map(Vec::as_slice).unwrap_or_default();
    if slots.is_empty() {
        return words.say(&Text::FreeNever);
    }
    let lines = slots
        .iter()
        .filter_map(Value::as_str)
        .map(|slot| format!("\n- {slot}"));
    let zone = result["zone"].as_str().unwrap_or_default();
    format!(
        "{}\n{}",
        words.say(&Text::FreeHead { zone }),
        lines.collect::<String>()
    )
}

fn time(result: &Value, language: Language) -> String {
    let words = texts::Language::from(language);
    let text = |name: &str| result[name].as_str().unwrap_or_default();
    let day = text("day");
    if day.is_empty() {
        return words.say(&Text::TimeNow { time: text("now") });
    }
    words.say(&match result["days_from_today"].as_i64() {
        Some(0) => Text::DayToday { day },
        Some(1) => Text::DayTomorrow { day },
        Some(-1) => Text::DayYesterday { day },
        Some(days) if days < 0 => Text::DayAgo {
            day,
            count: days.saturating_neg(),
        },
        Some(days) => Text::DayAhead { day, count: days },
        None => return format!("{day}."),
    })
}

/// The tools say what is wrong in half sentences.
pub(super) fn sentence(error: &str) -> String {
    let mut characters = error.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let end = if error.ends_with(['.', '!', '?']) || error.contains('\n') {
        ""
    } else {
        "."
    };
    format!("{first}{}{end}", characters.as_str())
}
