//! German, Spanish and Russian requests in the words that the rules know: "erinnere mich" becomes "remind me", and what
//! the user wants to be told stays as it is.
//!
//! To teach a language a phrase: a line in its table, and a conversation in `tests/it/offline/dialogues.txt`.

use schedule::Language;

/// Where a phrase is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It begins the sentence; `…` in the phrase stands for the words in between, and ends it.
    Start,
    /// It is the whole sentence.
    Whole,
    /// The first time that it stands anywhere.
    Anywhere,
}
use Place::{Anywhere, Start, Whole};

type Line = (Place, &'static str, &'static str);

const GERMAN: &[Line] = &[
    (Whole, "vergiss es", "never mind"),
    (Whole, "egal", "never mind"),
    (Whole, "ist egal", "never mind"),
    (Whole, "schon gut", "never mind"),
    (Whole, "doch nicht", "never mind"),
    (Whole, "abbrechen", "never mind"),
    (Whole, "lass es", "never mind"),
    (Whole, "ja", "yes"),
    (Whole, "ja bitte", "yes"),
    (Whole, "gerne", "yes"),
    (Whole, "klar", "yes"),
    (Whole, "genau", "yes"),
    (Whole, "nein", "no"),
    (Whole, "nein danke", "no"),
    (Whole, "danke", "thanks"),
    (Whole, "vielen dank", "thanks"),
    (Whole, "danke schön", "thanks"),
    (Whole, "hallo", "hello"),
    (Whole, "guten morgen", "hello"),
    (Whole, "guten tag", "hello"),
    (Whole, "guten abend", "hello"),
    (Whole, "tschüss", "bye"),
    (Whole, "hilfe", "help"),
    (Whole, "was kannst du", "help"),
    (Whole, "rückgängig", "undo"),
    (Whole, "mach das rückgängig", "undo"),
    (Whole, "rückgängig machen", "undo"),
    (Whole, "mach es rückgängig", "undo"),
    (Whole, "wie spät ist es", "what time is it"),
    (Whole, "wie viel uhr ist es", "what time is it"),
    (Whole, "wieviel uhr ist es", "what time is it"),
    (Start, "wie spät ist es in", "what time is it in"),
    (Start, "wie viel uhr ist es in", "what time is it in"),
    (Start, "zeig mir meine erinnerungen", "list my reminders"),
    (Start, "zeige mir meine erinnerungen", "list my reminders"),
    (Start, "zeig meine erinnerungen", "list my reminders"),
    (Start, "zeige meine erinnerungen", "list my reminders"),
    (Start, "liste meine erinnerungen", "list my reminders"),
    (Whole, "meine erinnerungen", "list my reminders"),
    (Whole, "welche erinnerungen habe ich", "list my reminders"),
    (Whole, "erinnerungen", "list my reminders"),
    (Start, "wann ist der", "when is the"),
    (Start, "wann ist die", "when is the"),
    (Start, "wann ist das", "when is the"),
    (Start, "wann ist mein", "when is my"),
    (Start, "wann ist meine", "when is my"),
    (Start, "wann muss ich", "when must i"),
    (Start, "was steht … an", "what's on"),
    (Start, "was habe ich … vor", "what's on"),
    (Start, "was liegt … an", "what's on"),
    (Start, "was ist … los", "what's on"),
    (Start, "was habe ich", "what's on"),
    (Start, "was steht an", "what's on"),
    (Start, "merk dir, dass", "remember that"),
    (Start, "vergiss, dass", "forget that"),
    (Whole, "was weißt du über mich", "what do you know about me"),
    (Start, "ich bin in", "i'm in"),
    (Start, "ich bin jetzt in", "i'm now in"),
    (Start, "kannst du mich … erinnern", "remind me"),
    (Start, "könntest du mich … erinnern", "remind me"),
    (Start, "kannst du mich … wecken", "wake me"),
    (Start, "verschieb den", "move the"),
    (Start, "verschiebe den", "move the"),
    (Start, "verschieb die", "move the"),
    (Start, "verschiebe die", "move the"),
    (Start, "verschieb das", "move the"),
    (Start, "verschiebe das", "move the"),
    (Start, "verschieb es", "move it"),
    (Start, "verschiebe es", "move it"),
    (Start, "verschieb", "move"),
    (Start, "verschiebe", "move"),
    (Start, "schieb es", "push it"),
    (Start, "mach es", "make it"),
    (Start, "mach", "make it"),
    (Start, "nenn … um in", "rename"),
    (Start, "lösch alle", "cancel all"),
    (Start, "lösch alles", "cancel all"),
    (Start, "lösche alles", "cancel all"),
    (Start, "storniere alles", "cancel all"),
    (Start, "streiche alles", "cancel all"),
    (Whole, "alles löschen", "cancel all"),
    (Whole, "pausiere es", "pause it"),
    (Whole, "pausier es", "pause it"),
    (Start, "lösche alle", "cancel all"),
    (Start, "storniere alle", "cancel all"),
    (Start, "lösch die letzte", "cancel the last"),
    (Start, "lösche die letzte", "cancel the last"),
    (Start, "lösche den", "cancel the"),
    (Start, "lösche die", "cancel the"),
    (Start, "lösche das", "cancel the"),
    (Start, "lösch den", "cancel the"),
    (Start, "lösch die", "cancel the"),
    (Start, "lösch das", "cancel the"),
    (Start, "lösche", "cancel"),
    (Start, "lösch", "cancel"),
    (Start, "storniere", "cancel"),
    (Start, "streich", "cancel"),
    (Start, "pausiere", "pause"),
    (Start, "setz … aus", "pause"),
    (Start, "setze … fort", "resume"),
    (Start, "setz … fort", "resume"),
    (Start, "nimm … wieder auf", "resume"),
    (Start, "überspringe", "skip"),
    (Start, "überspring", "skip"),
    (Anywhere, "erinnere mich bitte", "remind me"),
    (Anywhere, "erinnere mich", "remind me"),
    (Anywhere, "erinner mich bitte", "remind me"),
    (Anywhere, "erinner mich", "remind me"),
    (Anywhere, "erinnere uns", "remind us"),
    (Anywhere, "weck mich", "wake me"),
    (Anywhere, "wecke mich", "wake me"),
    (Start, "stell einen wecker auf", "set an alarm um"),
    (Start, "stelle einen wecker auf", "set an alarm um"),
    (Start, "stell einen wecker für", "set an alarm um"),
    (Start, "stell einen wecker", "set an alarm"),
    (Start, "stelle einen wecker", "set an alarm"),
    (Start, "wecker auf", "alarm um"),
    (Start, "wecker", "alarm"),
    (Start, "stell einen timer", "set a timer"),
    (Start, "stelle einen timer", "set a timer"),
    (Start, "stell einen timer auf", "set a timer for"),
    (Start, "stelle einen timer auf", "set a timer for"),
    (Start, "vergiss nicht", "don't forget"),
    (Start, "erstelle eine erinnerung", "set a reminder"),
    (Start, "neue erinnerung", "new reminder"),
    (Start, "trag … in meinen kalender ein", "put in my calendar"),
];

const SPANISH: &[Line] = &[
    (Whole, "olvídalo", "never mind"),
    (Whole, "olvidalo", "never mind"),
    (Whole, "da igual", "never mind"),
    (Whole, "déjalo", "never mind"),
    (Whole, "no importa", "never mind"),
    (Whole, "sí", "yes"),
    (Whole, "si", "yes"),
    (Whole, "sí por favor", "yes"),
    (Whole, "vale", "yes"),
    (Whole, "claro", "yes"),
    (Whole, "no gracias", "no"),
    (Whole, "gracias", "thanks"),
    (Whole, "muchas gracias", "thanks"),
    (Whole, "hola", "hello"),
    (Whole, "buenos días", "hello"),
    (Whole, "buenas tardes", "hello"),
    (Whole, "adiós", "bye"),
    (Whole, "ayuda", "help"),
    (Whole, "qué puedes hacer", "help"),
    (Whole, "deshacer", "undo"),
    (Whole, "deshaz", "undo"),
    (Whole, "deshazlo", "undo"),
    (Whole, "qué hora es", "what time is it"),
    (Whole, "que hora es", "what time is it"),
    (Start, "qué hora es en", "what time is it in"),
    (Start, "que hora es en", "what time is it in"),
    (Start, "muéstrame mis recordatorios", "list my reminders"),
    (Start, "muestra mis recordatorios", "list my reminders"),
    (Start, "lista mis recordatorios", "list my reminders"),
    (Whole, "mis recordatorios", "list my reminders"),
    (Whole, "recordatorios", "list my reminders"),
    (Whole, "qué recordatorios tengo", "list my reminders"),
    (Start, "cuándo es el", "when is the"),
    (Start, "cuándo es la", "when is the"),
    (Start, "cuando es el", "when is the"),
    (Start, "cuando es la", "when is the"),
    (Start, "cuándo tengo que", "when must i"),
    (Start, "qué tengo para", "what's on"),
    (Start, "que tengo para", "what's on"),
    (Start, "qué tengo", "what's on"),
    (Start, "que tengo", "what's on"),
    (Start, "qué hay para", "what's on"),
    (Start, "qué hay", "what's on"),
    (Start, "recuerda que", "remember that"),
    (Start, "olvida que", "forget that"),
    (Whole, "qué sabes de mí", "what do you know about me"),
    (Start, "estoy en", "i'm in"),
    (Start, "mueve el", "move the"),
    (Start, "mueve la", "move the"),
    (Start, "muévelo", "move it"),
    (Start, "muevelo", "move it"),
    (Start, "pásalo", "move it"),
    (Start, "cámbialo", "move it"),
    (Start, "retrásalo", "push it"),
    (Start, "aplázalo", "push it"),
    (Start, "mueve", "move"),
    (Start, "cambia", "move"),
    (Start, "aplaza", "postpone"),
    (Start, "cancela todos", "cancel all"),
    (Start, "cancela todo", "cancel all"),
    (Start, "borra todos", "cancel all"),
    (Start, "borra todo", "cancel all"),
    (Start, "elimina todo", "cancel all"),
    (Start, "elimina todos", "cancel all"),
    (Start, "cancela el último", "cancel the last"),
    (Start, "borra el último", "cancel the last"),
    (Start, "cancela el", "cancel the"),
    (Start, "cancela la", "cancel the"),
    (Start, "borra el", "cancel the"),
    (Start, "borra la", "cancel the"),
    (Start, "elimina el", "cancel the"),
    (Start, "cancela", "cancel"),
    (Start, "borra", "cancel"),
    (Start, "elimina", "cancel"),
    (Start, "pausa el", "pause the"),
    (Start, "pausa la", "pause the"),
    (Start, "pausa", "pause"),
    (Start, "reanuda el", "resume the"),
    (Start, "reanuda la", "resume the"),
    (Start, "reanuda", "resume"),
    (Start, "salta el próximo", "skip the next"),
    (Start, "salta la próxima", "skip the next"),
    (Start, "salta", "skip"),
    (Start, "omite", "skip"),
    (Anywhere, "recuérdame", "remind me"),
    (Anywhere, "recuerdame", "remind me"),
    (Anywhere, "recuérdanos", "remind us"),
    (Anywhere, "puedes recordarme", "remind me"),
    (Anywhere, "despiértame", "wake me"),
    (Anywhere, "despiertame", "wake me"),
    (Start, "pon una alarma para", "set an alarm"),
    (Start, "pon una alarma", "set an alarm"),
    (Start, "pon un temporizador de", "set a timer for"),
    (Start, "temporizador de", "timer"),
    (Start, "no olvides", "don't forget"),
    (Start, "crea un recordatorio", "set a reminder"),
    (Start, "pon un recordatorio", "set a reminder"),
];

const RUSSIAN: &[Line] = &[
    (Whole, "неважно", "never mind"),
    (Whole, "не важно", "never mind"),
    (Whole, "не надо", "never mind"),
    (Whole, "забудь", "never mind"),
    (Whole, "отмена", "never mind"),
    (Whole, "да", "yes"),
    (Whole, "да пожалуйста", "yes"),
    (Whole, "конечно", "yes"),
    (Whole, "нет", "no"),
    (Whole, "нет спасибо", "no"),
    (Whole, "спасибо", "thanks"),
    (Whole, "большое спасибо", "thanks"),
    (Whole, "привет", "hello"),
    (Whole, "здравствуй", "hello"),
    (Whole, "здравствуйте", "hello"),
    (Whole, "доброе утро", "hello"),
    (Whole, "добрый день", "hello"),
    (Whole, "пока", "bye"),
    (Whole, "помощь", "help"),
    (Whole, "что ты умеешь", "help"),
    (Whole, "верни", "undo"),
    (Whole, "верни как было", "undo"),
    (Whole, "отмени последнее", "undo"),
    (Whole, "верни обратно", "undo"),
    (Whole, "который час", "what time is it"),
    (Whole, "сколько времени", "what time is it"),
    (Whole, "сколько сейчас времени", "what time is it"),
    (Start, "который час в", "what time is it in"),
    (Start, "сколько времени в", "what time is it in"),
    (Start, "покажи мои напоминания", "list my reminders"),
    (Start, "покажи напоминания", "list my reminders"),
    (Whole, "мои напоминания", "list my reminders"),
    (Whole, "напоминания", "list my reminders"),
    (Whole, "какие у меня напоминания", "list my reminders"),
    (Start, "когда у меня", "when is my"),
    (Start, "когда мой", "when is my"),
    (Start, "когда моя", "when is my"),
    (Start, "что у меня на", "what's on"),
    (Start, "что у меня", "what's on"),
    (Start, "какие планы на", "what's on"),
    (Start, "что запланировано на", "what's on"),
    (Start, "запомни, что", "remember that"),
    (Start, "забудь, что", "forget that"),
    (Whole, "что ты знаешь обо мне", "what do you know about me"),
    (Start, "я в", "i'm in"),
    (Start, "перенеси его", "move it"),
    (Start, "перенеси это", "move it"),
    (Start, "перенеси", "move"),
    (Start, "сдвинь", "move"),
    (Start, "отложи это", "push it"),
    (Start, "отложи", "postpone"),
    (Start, "отмени все", "cancel all"),
    (Start, "удали все", "cancel all"),
    (Start, "отмени всё", "cancel all"),
    (Start, "удали всё", "cancel all"),
    (Start, "убери всё", "cancel all"),
    (Start, "убери все", "cancel all"),
    (Start, "отмени напоминание о", "cancel"),
    (Start, "отмени напоминание про", "cancel"),
    (Start, "отмени", "cancel"),
    (Start, "удали", "cancel"),
    (Start, "останови", "pause"),
    (Start, "приостанови", "pause"),
    (Start, "возобнови", "resume"),
    (Start, "продолжи", "resume"),
    (Start, "пропусти", "skip"),
    (Anywhere, "напомни мне", "remind me"),
    (Anywhere, "напомните мне", "remind me"),
    (Anywhere, "напомни", "remind me"),
    (Anywhere, "напоминай мне", "remind me"),
    (Anywhere, "напоминай", "remind me"),
    (Anywhere, "разбуди меня", "wake me"),
    (Start, "поставь будильник", "set an alarm"),
    (Start, "будильник", "alarm"),
    (Start, "поставь таймер на", "set a timer for"),
    (Start, "таймер на", "timer"),
    (Start, "не забудь", "don't forget"),
    (Start, "создай напоминание", "set a reminder"),
];

/// Words between a request and what it is about, which say nothing.
pub(super) fn is_joint(word: &str, language: Language) -> bool {
    let own: &[&str] = language.pick([
        &[],
        &["daran", "an", "ans", "dass", "zu"],
        &["que", "de", "a", "para"],
        &["о", "об", "про", "что", "чтобы"],
    ]);
    matches!(
        word,
        "to" | "that" | "about" | "of" | "for" | "and" | ":" | "" | "please"
    ) || own.contains(&word)
}

/// Words between which reminder is moved, and to when.
pub(super) fn is_move_joint(word: &str, language: Language) -> bool {
    let own: &[&str] = language.pick([
        &[],
        &[
            "auf", "um", "nach", "hinten", "vorne", "später", "früher", "zurück",
        ],
        &[
            "a", "al", "para", "hasta", "en", "una", "las", "más", "tarde", "temprano",
        ],
        &["на", "до", "к", "позже", "раньше", "вперёд"],
    ]);
    own.contains(&word)
}

/// Words that move something to an earlier time.
pub(super) fn is_earlier(word: &str) -> bool {
    matches!(
        word,
        "forward" | "earlier" | "sooner" | "früher" | "temprano" | "antes" | "раньше"
    )
}

/// What was said, with its commands in English.
pub(super) fn in_english(said: &str, language: Language) -> String {
    let table: &[Line] = language.pick([&[], GERMAN, SPANISH, RUSSIAN]);
    let trimmed = said.trim();
    let (polite, rest) = without_politeness(trimmed);
    let lower = rest.to_lowercase();
    // Offsets are those of the lower case: where that differs in length, nothing is replaced.
    if table.is_empty() || lower.len() != rest.len() {
        return said.to_owned();
    }
    let whole: String = lower
        .chars()
        .filter(|c| !matches!(c, '.' | '!' | '?' | ',' | '¿' | '¡' | '…'))
        .collect();
    let whole = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    let found = table
        .iter()
        .filter_map(|line| replaced(*line, rest, &lower, &whole).map(|text| (line.1.len(), text)));
    match found.max_by_key(|(length, _)| *length) {
        Some((_, text)) => text,
        None => polite.map_or_else(|| said.to_owned(), |_| rest.to_owned()),
    }
}

/// Politeness in front, which says nothing.
fn without_politeness(said: &str) -> (Option<&str>, &str) {
    let mut rest = said.trim_start_matches(['¿', '¡']);
    let begun = rest;
    loop {
        let lower = rest.to_lowercase();
        let cut = [
            "bitte ",
            "por favor ",
            "por favor, ",
            "пожалуйста ",
            "пожалуйста, ",
            "und ",
            "y ",
        ]
        .iter()
        .find(|word| lower.starts_with(**word))
        .and_then(|word| rest.get(word.len()..));
        match cut {
            Some(shorter) => rest = shorter.trim_start(),
            None => return ((rest.len() < begun.len()).then_some(begun), rest),
        }
    }
}

fn replaced((place, phrase, english): Line, text: &str, lower: &str, whole: &str) -> Option<String> {
    let ends = |at: usize| {
        lower
            .get(at..)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    match place {
        Whole => (whole == phrase).then(|| english.to_owned()),
        Start => {
            let Some((front, behind)) = phrase.split_once(" … ") else {
                let at = phrase.len();
                let is_it = lower.starts_with(phrase) && ends(at);
                return is_it.then(|| format!("{english}{}", text.get(at..).unwrap_or_default()));
            };
            // "was steht morgen an", "kannst du mich morgen um 9 an X erinnern"
            let body_end = lower
                .trim_end_matches(['.', '!', '?', ' '])
                .strip_suffix(behind)?
                .len();
            let is_it = lower.starts_with(front) && ends(front.len()) && body_end > front.len();
            let body = text.get(front.len()..body_end)?;
            is_it.then(|| format!("{english} {}", body.trim()))
        }
        Anywhere => {
            let at = lower.find(phrase)?;
            let begins = lower
                .get(..at)
                .is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric()));
            let end = at + phrase.len();
            (begins && ends(end)).then(|| {
                format!(
                    "{}{english}{}",
                    text.get(..at).unwrap_or_default(),
                    text.get(end..).unwrap_or_default()
                )
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_english_and_texts_stay() {
        for (language, said, english) in [
            (
                Language::German,
                "Erinnere mich morgen um 9 an den Zahnarzt",
                "remind me morgen um 9 an den Zahnarzt",
            ),
            (
                Language::German,
                "Bitte erinnere mich, Anna anzurufen",
                "remind me, Anna anzurufen",
            ),
            (
                Language::German,
                "Kannst du mich um 17 Uhr an die Wäsche erinnern?",
                "remind me um 17 Uhr an die Wäsche",
            ),
            (Language::German, "Was steht morgen an?", "what's on morgen"),
            (Language::German, "Vergiss es!", "never mind"),
            (Language::Spanish, "¿Qué tengo mañana?", "what's on mañana?"),
            (
                Language::Spanish,
                "Recuérdame mañana a las 9 comprar leche",
                "remind me mañana a las 9 comprar leche",
            ),
            (
                Language::Russian,
                "Завтра в 9 напомни купить молоко",
                "Завтра в 9 remind me купить молоко",
            ),
            (Language::Russian, "Отмени все", "cancel all"),
            (Language::English, "remind me", "remind me"),
            (Language::German, "remind me tomorrow", "remind me tomorrow"),
        ] {
            assert_eq!(in_english(said, language), english);
        }
    }
}
