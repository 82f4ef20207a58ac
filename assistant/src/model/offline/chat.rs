//! Small talk, help, and what is said when nothing was understood.

use schedule::Language;

use super::{Plan, sentence::Sentence};

/// What can be said, for example.
fn examples(language: Language) -> &'static str {
    language.pick([
        "You can say, for example:\n\
- “remind me in 20 minutes to drink water”\n\
- “remind me every weekday at 9 to stretch”\n\
- “list my reminders”, “cancel the stretch one”, “move the stretch one to 10”\n\
- “what time is it in Tokyo?”\n\
- “what's the weather in Bergen tomorrow?”\n\
- “connect my calendar”, “what's on tomorrow?”, “add lunch with Ann tomorrow at 12”",
        "Du kannst zum Beispiel sagen:\n\
- „erinnere mich in 20 Minuten daran, Wasser zu trinken“\n\
- „erinnere mich jeden Montag um 9 Uhr an den Bericht“\n\
- „meine Erinnerungen“, „lösche die Bericht-Erinnerung“, „verschiebe es auf 10 Uhr“, „rückgängig“\n\
- „was steht morgen an?“, „wie spät ist es in Tokio?“",
        "Puedes decir, por ejemplo:\n\
- “recuérdame en 20 minutos beber agua”\n\
- “recuérdame cada lunes a las 9 enviar el informe”\n\
- “mis recordatorios”, “cancela el informe”, “muévelo a las 10”, “deshacer”\n\
- “¿qué tengo mañana?”, “¿qué hora es en Tokio?”",
        "Можно сказать, например:\n\
- «напомни через 20 минут выпить воды»\n\
- «напоминай каждый понедельник в 9 утра про отчёт»\n\
- «мои напоминания», «отмени отчёт», «перенеси его на 10», «верни как было»\n\
- «что у меня завтра?», «который час в Токио?»",
    ])
}

/// Reads greetings, thanks and calls for help.
pub(super) fn plan(sentence: &Sentence, language: Language) -> Option<Plan> {
    if sentence.is_empty() {
        let empty = [
            "That message was empty.",
            "Die Nachricht war leer.",
            "El mensaje estaba vacío.",
            "Сообщение пустое.",
        ];
        return Some(with_examples(empty, language));
    }
    let text = sentence.plain_text();
    let words: Vec<&str> = text.split(' ').collect();
    let is_short = words.len() <= 4;
    match words.as_slice() {
        ["/start" | "start", ..]
        | ["hello" | "hi" | "hey" | "hallo" | "howdy" | "greetings" | "moin"]
        | ["good", "morning" | "evening" | "afternoon" | "day"] => Some(greeting(language)),
        [
            "hello" | "hi" | "hey",
            "there" | "you" | "bot" | "again" | "everyone",
        ] => Some(greeting(language)),
        ["/help" | "help", ..] | ["what", "can", "you", "do", ..] | ["how", "does", "this", "work"] => {
            Some(Plan::SayWithFooter(examples(language).to_owned()))
        }
        ["who" | "what", "are", "you"] | ["what", "model", ..] => Some(Plan::SayWithFooter(
            "I am your assistant: I keep your reminders and tell the time and the weather.".to_owned(),
        )),
        ["how", "are", "you", ..] | ["what's", "up"] | ["how's", "it", "going"] => Some(Plan::Say(
            "I'm well, thank you. What can I do for you?".to_owned(),
        )),
        ["thanks" | "thank" | "thx" | "cheers", ..] if is_short => Some(say(
            ["You're welcome.", "Gern geschehen.", "De nada.", "Пожалуйста."],
            language,
        )),
        ["bye" | "goodbye" | "ciao", ..] | ["good", "night"] | ["see", "you", ..] if is_short => Some(say(
            [
                "Goodbye! Your reminders go on without you.",
                "Tschüss! Deine Erinnerungen laufen weiter.",
                "¡Adiós! Tus recordatorios siguen en marcha.",
                "До свидания! Напоминания продолжают работать.",
            ],
            language,
        )),
        ["never", "mind"] | ["nevermind"] => Some(say(
            [
                "All right. Say “undo” to take the last change back.",
                "In Ordnung. Sag „rückgängig“, um die letzte Änderung zurückzunehmen.",
                "De acuerdo. Di “deshacer” para anular el último cambio.",
                "Хорошо. Скажите «верни как было», чтобы отменить последнее изменение.",
            ],
            language,
        )),
        ["ok" | "okay" | "fine" | "great" | "cool" | "nice" | "perfect" | "yes" | "no" | "good"] => Some(
            say(["All right.", "Alles klar.", "De acuerdo.", "Хорошо."], language),
        ),
        _ => None,
    }
}

/// Nothing else knew what to do with it.
pub(super) fn unknown(sentence: &Sentence, language: Language) -> Plan {
    let has_letters = sentence
        .plain()
        .iter()
        .any(|word| word.chars().any(char::is_alphanumeric));
    let what = if has_letters {
        [
            "I did not understand that.",
            "Das habe ich nicht verstanden.",
            "No lo he entendido.",
            "Не понимаю.",
        ]
    } else {
        [
            "I can only read words.",
            "Ich kann nur Wörter lesen.",
            "Solo puedo leer palabras.",
            "Могу читать только слова.",
        ]
    };
    with_examples(what, language)
}

/// More text than the rules could read.
pub(super) fn too_long(characters: usize, language: Language) -> Plan {
    Plan::SayWithFooter(format!(
        "{} {}",
        language.pick([
            format!("That is long ({characters} characters), and I can only read short requests."),
            format!("Das ist lang ({characters} Zeichen), und ich kann nur kurze Bitten lesen."),
            format!("Eso es largo ({characters} caracteres) y solo puedo leer peticiones cortas."),
            format!("Слишком длинно (символов: {characters}), могу читать только короткие просьбы."),
        ]),
        examples(language)
    ))
}

fn greeting(language: Language) -> Plan {
    let hello = [
        "Hello! I keep your reminders and tell the time and the weather.",
        "Hallo! Ich merke mir deine Erinnerungen und kenne Uhrzeit und Wetter.",
        "¡Hola! Guardo tus recordatorios y te digo la hora y el tiempo.",
        "Здравствуйте! Храню напоминания, знаю время и погоду.",
    ];
    with_examples(hello, language)
}

fn with_examples(what: [&str; 4], language: Language) -> Plan {
    Plan::SayWithFooter(format!("{} {}", language.pick(what), examples(language)))
}

fn say(words: [&str; 4], language: Language) -> Plan {
    Plan::Say(language.pick(words).to_owned())
}
