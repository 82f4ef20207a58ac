//! Words and what they mean: the table that a language fills, and how a word is looked up and mended.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::Weekday;
use chrono_tz::Tz;

use crate::{Language, holiday::Holiday, lang};

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Workday,
    Week,
    Fortnight,
    Month,
    Quarter,
    Year,
}

/// A part of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    EarlyMorning,
    Morning,
    LateMorning,
    /// German "Freitagmittag".
    Noon,
    Lunch,
    AfterLunch,
    Afternoon,
    LateAfternoon,
    EndOfDay,
    AfterWork,
    Evening,
    Tonight,
    Night,
    LateNight,
}

/// What a word says about the one behind it ("next friday").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rel {
    This,
    Next,
    /// "the coming friday": the first one ahead.
    Coming,
    Last,
    /// "the week after next".
    AfterNext,
}

/// What a word (or several in a row) can mean. The rules speak of these alone, never of a language's words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum W {
    Number(u32),
    Hundred,
    Thousand,
    /// "a", "an".
    One,
    Ordinal(u32),
    Half,
    Quarter,
    ThreeQuarters,
    /// "a couple": two.
    Couple,
    /// "a few": three, as docs/time.md has it.
    Few,
    /// "several": nobody can say how many.
    Several,
    /// "early", "late" before a part of the day.
    Early,
    Late,
    /// "one and a half", in one word ("anderthalb", "полтора"), in thousandths.
    Thousandths(u32),
    AndHalf,
    /// Russian "с четвертью".
    AndQuarter,
    Unit(Unit),
    Weekday(Weekday),
    /// German "freitagabend".
    WeekdayPart(Weekday, Part),
    /// "mondays", "montags", "по понедельникам".
    Weekdays(Weekday),
    /// Monday to Friday: "weekday", "workdays".
    Workday,
    /// The same as an adverb: "on weekdays", "werktags".
    Workdays,
    Weekend,
    Weekends,
    Month(u32),
    Part(Part),
    /// "in the morning": behind an hour it tells which half of the day.
    InPart(Part),
    /// "in the mornings", "morgens": each day's.
    Parts(Part),
    /// "this morning", "tonight".
    TodayPart(Part),
    /// "noon", "midnight".
    Clock(u32, u32),
    /// "this time", "same time": the hour of now, of a day.
    SameTime,
    /// Russian "полдевятого": before or after noon.
    OpenClock(u32, u32),
    /// A length in one word: "Viertelstunde", "полчаса".
    Minutes(u32),
    /// "числа" behind the number of a day.
    DayNumber,
    /// Days from today.
    Day(i32),
    Now,
    Holiday(Holiday),
    /// A holiday that is counted: "the third advent", "2. Weihnachtstag".
    Numbered(Holiday),
    /// Spring, summer, autumn, winter by its first month.
    Season(u32),
    Am,
    Pm,
    OClock,
    Zone(Tz),
    Rel(Rel),
    /// "that comes", behind the word ("lunes que viene").
    Ahead,
    Every,
    Other,
    /// "daily", "weekly".
    Adverb(Unit),
    Once,
    Twice,
    Times,
    In,
    At,
    On,
    By,
    Before,
    After,
    From,
    Until,
    Through,
    Between,
    And,
    Or,
    To,
    Of,
    The,
    For,
    Around,
    Within,
    Starting,
    Ending,
    Except,
    Ago,
    /// "from now", "hence".
    FromNow,
    Later,
    /// German "lang" behind a length: so long it lasts.
    Long,
    /// A length in one word, in months: "полгода".
    Months(u32),
    /// "earlier": so long before something that was spoken of.
    Earlier,
    Past,
    /// "half past"'s opposite ("viertel vor").
    Till,
    /// German "halb neun", Russian "половина девятого": half an hour before it.
    HalfTo,
    /// "quarter of the way to" ("viertel neun").
    End,
    /// "eom"
    EndOf(Unit),
    Begin,
    Mid,
    Ish,
    Sharp,
    /// Says nothing of its own ("please", "sometime", "the deadline is").
    Filler,
    /// Speaks of time, and nothing can be made of it ("sunset", "soon", "lately").
    Vague,
    /// An hour that nobody can know ("sunset", "after dinner").
    SomeHour,
    /// "time" behind a place: "London time".
    TimeWord,
    /// "KW 50".
    CalendarWeek,
    /// What a time can hang on for nouns ("the 9 o'clock news"): days named by such a word stay text.
    EventNoun,
    /// What numbers count, or what an ordinal names: "8 people", "the second world war".
    Counted,
    /// A word that ends a phrase of time without being part of a name: "to", "with", "because".
    Closed,
    /// "my", "his", "a", "the": what stands behind is a name.
    Determiner,
    /// "reminder", "alarm": behind them "for 8" is a time.
    Alarm,
    /// "T" of ISO, "h", and what else is read by letter alone.
    Letter(char),
}

/// What one word, or the first of several, can mean.
#[derive(Default)]
pub(crate) struct Entry {
    pub(crate) meanings: Vec<W>,
    /// The other words that make an expression with it, the longest first.
    pub(crate) phrases: Vec<(Vec<Box<str>>, Vec<W>)>,
}

/// A language's words.
#[derive(Default)]
pub(crate) struct Table {
    words: HashMap<Box<str>, Entry>,
    /// The words that are known again when misspelt, by their first letter.
    mendable: HashMap<char, Vec<Mendable>>,
    /// Words that look like misspelt words of time and are none.
    real: HashMap<Box<str>, ()>,
}

/// A word in letters and as it is looked up.
type Mendable = (Vec<char>, Box<str>);

/// Words shorter than this are not mended: too many others lie one letter away.
const SHORTEST_MENDED: usize = 4;

impl Table {
    /// Adds a meaning to each of the words and expressions, separated by commas.
    pub(crate) fn add(&mut self, meaning: W, words: &str) {
        for phrase in words
            .split(',')
            .map(str::trim)
            .filter(|phrase| !phrase.is_empty())
        {
            self.add_one(meaning, phrase);
        }
    }

    fn add_one(&mut self, meaning: W, phrase: &str) {
        let mut words = phrase.split(' ').map(normal);
        let Some(first) = words.next() else { return };
        let rest: Vec<Box<str>> = words.map(String::into_boxed_str).collect();
        let entry = self.words.entry(first.into_boxed_str()).or_default();
        if rest.is_empty() {
            entry.meanings.push(meaning);
            return;
        }
        match entry.phrases.iter_mut().find(|(known, _)| *known == rest) {
            Some((_, meanings)) => meanings.push(meaning),
            None => entry.phrases.push((rest, vec![meaning])),
        }
    }

    /// Words that look like misspelt words of time and are none, separated by white space.
    pub(crate) fn real_words(&mut self, words: &str) {
        self.real
            .extend(words.split_whitespace().map(|word| (word.into(), ())));
    }

    fn finish(mut self) -> Self {
        for entry in self.words.values_mut() {
            entry
                .phrases
                .sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        let mut mendable: HashMap<char, Vec<Mendable>> = HashMap::new();
        for (word, entry) in &self.words {
            let letters: Vec<char> = word.chars().collect();
            if letters.len() > SHORTEST_MENDED
                && let Some(first) = letters.first().copied()
                && entry.meanings.iter().any(|meaning| is_mendable(*meaning))
            {
                mendable.entry(first).or_default().push((letters, word.clone()));
            }
        }
        // The order of a hash map must not decide.
        for words in mendable.values_mut() {
            words.sort_unstable();
        }
        self.mendable = mendable;
        self
    }

    /// What a normalised word means.
    pub(crate) fn get(&self, word: &str) -> Option<&Entry> {
        self.words.get(word)
    }

    /// The one word of time that a misspelt one stands for, one edit away.
    pub(crate) fn mended(&self, word: &str) -> Option<&Entry> {
        if word.len() > 32 {
            return None;
        }
        let near = self.mendable.get(&word.chars().next()?)?;
        let letters: Vec<char> = word.chars().collect();
        if !(SHORTEST_MENDED..=16).contains(&letters.len()) {
            return None;
        }
        let mut found: Option<&str> = None;
        for (wanted, candidate) in near {
            if wanted.len().abs_diff(letters.len()) > 1 || !is_one_edit(&letters, wanted) {
                continue;
            }
            if found.is_some_and(|other| self.differs(other, candidate)) {
                return None;
            }
            found = Some(candidate);
        }
        let found = found?;
        if self.real.contains_key(word) {
            return None;
        }
        self.words.get(found)
    }

    fn differs(&self, one: &str, other: &str) -> bool {
        match (self.words.get(one), self.words.get(other)) {
            (Some(one), Some(other)) => one.meanings.first() != other.meanings.first(),
            _ => true,
        }
    }
}

fn is_mendable(meaning: W) -> bool {
    matches!(
        meaning,
        W::Unit(_)
            | W::Weekday(_)
            | W::Weekdays(_)
            | W::Workday
            | W::Weekend
            | W::Month(_)
            | W::Part(_)
            | W::TodayPart(_)
            | W::Clock(..)
            | W::Day(_)
            | W::Every
            | W::Adverb(_)
    )
}

/// Whether one insertion, deletion, replacement or swap of neighbours lies between two words. The first letter is
/// nearly always typed right, and must agree.
fn is_one_edit(one: &[char], other: &[char]) -> bool {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (rest, wanted) = (
        one.get(same..).unwrap_or_default(),
        other.get(same..).unwrap_or_default(),
    );
    match (rest, wanted) {
        ([], []) => false,
        ([_, a @ ..], [_, b @ ..]) if a == b => same > 0,
        ([_, a @ ..], b) if a == b => same > 0,
        (a, [_, b @ ..]) if a == b => same > 0,
        ([a1, a2, a @ ..], [b1, b2, b @ ..]) => a1 == b2 && a2 == b1 && a == b,
        _ => false,
    }
}

/// Lower case, one kind of apostrophe and that left out: `O’Clock` is `oclock`.
pub(crate) fn normal(word: &str) -> String {
    let mut normal = String::with_capacity(word.len());
    for letter in word
        .chars()
        .filter(|letter| !matches!(letter, '\'' | '’' | '‘' | '`' | '.'))
    {
        match letter {
            'ё' | 'Ё' => normal.push('е'),
            'A'..='Z' => normal.push(letter.to_ascii_lowercase()),
            _ if letter.is_ascii() => normal.push(letter),
            _ => normal.extend(letter.to_lowercase()),
        }
    }
    normal
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let all = lang::ALL.iter().map(|(_, fill)| {
        let mut table = Table::default();
        fill(&mut table);
        table.finish()
    });
    all.collect()
});

/// The words of a language.
pub(crate) fn of(language: Language) -> Option<&'static Table> {
    let place = lang::ALL.iter().position(|(one, _)| *one == language)?;
    TABLES.get(place)
}
