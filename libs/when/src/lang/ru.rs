//! Russian words of time.

use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
use chrono_tz::Tz;

use crate::{
    holiday::Holiday,
    table::{Part, Rel, Table, Unit, W},
};

pub(super) fn fill(t: &mut Table) {
    numbers(t);
    units(t);
    days(t);
    parts(t);
    grammar(t);
    t.real_words(
        "завтрак среди ветер ветра марка марки марку марше частом честь неделе месяце вечный вечное сегодняшний денег \
         летом литом чашка часто части вечере утрам утром годом годам минуть сутки средний среднее среднюю январский \
         каждая сейчас сейчат субботник пятница понедельник",
    );
}

fn numbers(t: &mut Table) {
    let words = "ноль,один одну одного одна,два две двух,три трех трёх,четыре четырех,пять пяти,шесть шести,семь семи,восемь восьми,девять девяти,десять десяти,одиннадцать одиннадцати,двенадцать двенадцати,тринадцать,четырнадцать,пятнадцать,шестнадцать,семнадцать,восемнадцать,девятнадцать";
    for (n, names) in (0..).zip(words.split(',')) {
        t.add(W::Number(n), &names.replace(' ', ","));
    }
    for (n, word) in
        (2..).zip("двадцать,тридцать,сорок,пятьдесят,шестьдесят,семьдесят,восемьдесят,девяносто".split(','))
    {
        t.add(W::Number(n * 10), word);
    }
    let stems = "перв,втор,трет,четверт,пят,шест,седьм,восьм,девят,десят,одиннадцат,двенадцат,тринадцат,четырнадцат,пятнадцат,шестнадцат,семнадцат,восемнадцат,девятнадцат,двадцат";
    for (n, stem) in (1..).zip(stems.split(',')) {
        let endings: &[&str] = if n == 3 {
            &["ий", "ье", "ьего", "ья", "ью", "ьей"]
        } else {
            &["ый", "ой", "ое", "ого", "ая", "ую"]
        };
        for ending in endings {
            t.add(W::Ordinal(n), &format!("{stem}{ending}"));
        }
    }
    t.add(W::Ordinal(30), "тридцатое, тридцатого");
    t.add(W::Half, "пол, половину");
    t.add(W::Minutes(30), "полчаса");
    t.add(W::HalfTo, "половина, половине, полов");
    t.add(W::Thousandths(1500), "полтора, полторы");
    t.add(W::Couple, "пару, пара");
    t.add(W::Several, "несколько");
    t.add(W::DayNumber, "числа, число");
    t.add(W::Number(20), "двадцати");
    t.add(W::Number(30), "тридцати");
    t.add(W::Quarter, "четверть, четверти");
    t.add(W::AndHalf, "с половиной");
    // "полдевятого"
    let hours = "первого,второго,третьего,четвертого,пятого,шестого,седьмого,восьмого,девятого,десятого,одиннадцатого,двенадцатого";
    for (n, hour) in (1..).zip(hours.split(',')) {
        let before = if n == 1 { 12 } else { n - 1 };
        t.add(W::OpenClock(before, 30), &format!("пол{hour}, пол {hour}"));
    }
}

fn units(t: &mut Table) {
    t.add(W::Unit(Unit::Second), "секунду, секунды, секунд, секунда, сек");
    t.add(
        W::Unit(Unit::Minute),
        "минуту, минуты, минут, минута, мин, минутку",
    );
    t.add(W::Unit(Unit::Hour), "час, часа, часов, ч, часик");
    t.add(W::Unit(Unit::Day), "день, дня, дней, дни, сутки, суток");
    t.add(
        W::Unit(Unit::Workday),
        "рабочий день, рабочих дня, рабочих дней, рабочие дни",
    );
    t.add(W::Unit(Unit::Week), "неделю, недели, недель, неделя, неделе");
    t.add(W::Unit(Unit::Month), "месяц, месяца, месяцев, месяце");
    t.add(W::Unit(Unit::Quarter), "квартал, квартала, кварталов, квартале");
    t.add(W::Unit(Unit::Year), "год, года, лет, году");
    t.add(W::Adverb(Unit::Hour), "ежечасно");
    t.add(W::Adverb(Unit::Day), "ежедневно, в день");
    t.add(W::Adverb(Unit::Week), "еженедельно, в неделю");
    t.add(W::Adverb(Unit::Month), "ежемесячно, в месяц");
    t.add(W::Adverb(Unit::Year), "ежегодно");
}

fn days(t: &mut Table) {
    let weekdays = [
        (
            Mon,
            "понедельник, понедельника, понедельнику, пн",
            "понедельникам, понедельники",
        ),
        (Tue, "вторник, вторника, вторнику, вт", "вторникам, вторники"),
        (Wed, "среда, среду, среды, среде, ср", "средам"),
        (Thu, "четверг, четверга, четвергу, чт", "четвергам, четверги"),
        (Fri, "пятница, пятницу, пятницы, пятнице, пт", "пятницам"),
        (Sat, "суббота, субботу, субботы, субботе, сб", "субботам"),
        (Sun, "воскресенье, воскресенья, воскресенью, вс", "воскресеньям"),
    ];
    for (day, names, plural) in weekdays {
        t.add(W::Weekday(day), names);
        t.add(W::Weekdays(day), plural);
        for word in plural.split(", ").filter(|word| word.ends_with('м')) {
            t.add(W::Weekdays(day), &format!("по {word}"));
        }
    }
    t.add(W::Workday, "будний день, рабочий день");
    t.add(
        W::Workdays,
        "по будням, будням, по будним дням, в будни, по рабочим дням",
    );
    t.add(W::Weekend, "выходные, выходных");
    t.add(W::Weekends, "по выходным, выходным");
    let months = "январь января январе янв,февраль февраля феврале фев,март марта марте,апрель апреля апреле апр,май мая мае,июнь июня июне,июль июля июле,август августа августе авг,сентябрь сентября сентябре сен,октябрь октября октябре окт,ноябрь ноября ноябре ноя,декабрь декабря декабре дек";
    for (n, names) in (1..).zip(months.split(',')) {
        t.add(W::Month(n), &names.replace(' ', ","));
    }
    for (month, words) in [(3, "весной"), (6, "летом"), (9, "осенью"), (12, "зимой")] {
        t.add(W::Season(month), words);
    }
    t.add(W::Day(0), "сегодня");
    t.add(W::Day(1), "завтра");
    t.add(W::Day(2), "послезавтра");
    t.add(W::Day(-1), "вчера");
    t.add(W::Day(-2), "позавчера");
    t.add(W::Now, "сейчас, прямо сейчас, немедленно");
    t.add(W::Clock(12, 0), "полдень, полудня");
    t.add(W::Clock(24, 0), "полночь, полуночи");
    t.add(W::Vague, "скоро, потом, позже, когда нибудь, иногда, время от времени, недавно, на днях, рассвет, закат, на закате, на рассвете");
    use Holiday::{Fixed, OrthodoxEaster};
    let holidays: &[(Holiday, &str)] = &[
        (Fixed(1, 1), "новый год, нового года"),
        (Fixed(12, 31), "новогодняя ночь"),
        (Fixed(1, 7), "рождество, рождества"),
        (Fixed(2, 14), "день святого валентина"),
        (Fixed(2, 23), "день защитника отечества"),
        (Fixed(3, 8), "международный женский день, женский день"),
        (Fixed(5, 9), "день победы"),
        (OrthodoxEaster(0), "пасха, пасху, пасхи"),
    ];
    for (holiday, words) in holidays {
        t.add(W::Holiday(*holiday), words);
    }
}

fn parts(t: &mut Table) {
    t.add(W::Part(Part::Morning), "утро, утру");
    t.add(W::Part(Part::Evening), "вечер, вечеру");
    t.add(W::Part(Part::Lunch), "в обед, в обеденный перерыв");
    t.add(W::Part(Part::AfterLunch), "после обеда");
    t.add(W::Part(Part::AfterWork), "после работы");
    t.add(W::Part(Part::EndOfDay), "конец дня, концу дня, к концу дня");
    t.add(W::InPart(Part::Morning), "утра, утром");
    t.add(W::InPart(Part::Afternoon), "дня, днем");
    t.add(W::InPart(Part::Evening), "вечера, вечером");
    t.add(W::InPart(Part::Night), "ночи, ночью");
    t.add(W::Parts(Part::Morning), "по утрам, каждое утро");
    t.add(W::Parts(Part::Evening), "по вечерам, каждый вечер");
    t.add(W::Parts(Part::Night), "по ночам, каждую ночь");
    t.add(W::TodayPart(Part::Tonight), "сегодня ночью");
    t.add(W::TodayPart(Part::Evening), "сегодня вечером");
    t.add(W::TodayPart(Part::Afternoon), "сегодня днем");
    t.add(W::TodayPart(Part::Morning), "сегодня утром");
}

fn grammar(t: &mut Table) {
    t.add(
        W::Closed,
        "доброе утро, добрый день, добрый вечер, спокойной ночи",
    );
    t.add(W::Early, "рано");
    t.add(W::Late, "поздно");
    t.add(W::OClock, "часов, часа, час, ч");
    t.add(W::Rel(Rel::This), "этот, эту, это, эти, этой, этом, этого, этих");
    t.add(
        W::Rel(Rel::Next),
        "следующий, следующую, следующее, следующей, следующем, следующего, следующие",
    );
    t.add(W::Rel(Rel::Coming), "ближайший, ближайшую, ближайшее, ближайшие");
    t.add(
        W::Rel(Rel::Last),
        "прошлый, прошлую, прошлое, прошлой, прошлом, последний, последнюю, последнее, последняя",
    );
    t.add(W::Every, "каждый, каждую, каждое, каждые, каждого");
    t.add(W::Other, "второй, вторую, второе");
    t.add(W::Once, "раз, один раз");
    t.add(W::Twice, "дважды, два раза");
    t.add(W::Times, "раза, раз");
    t.add(W::In, "через, спустя");
    t.add(W::At, "в, во, около, к");
    t.add(W::On, "в, во");
    t.add(W::By, "к, ко, не позднее");
    t.add(W::Before, "до, перед");
    t.add(W::After, "после");
    t.add(W::From, "с, со, от");
    t.add(W::Until, "до");
    t.add(W::Between, "между");
    t.add(W::And, "и");
    t.add(W::Or, "или");
    t.add(W::To, "до, по");
    t.add(W::For, "на, в течение");
    t.add(W::Around, "примерно, около, ровно");
    t.add(W::Starting, "начиная, начиная с, начиная со");
    t.add(W::Except, "кроме, за исключением");
    t.add(W::Ago, "назад");
    t.add(W::Till, "без");
    t.add(W::End, "конец, конце, концу");
    t.add(W::Begin, "начало, начале, началу");
    t.add(W::Mid, "середина, середине, середину");
    t.add(W::Filler, "пожалуйста, спасибо, за");
    t.add(
        W::Zone(Tz::Europe__Moscow),
        "мск, по москве, по московскому времени, московского времени",
    );
    t.add(W::Zone(Tz::UTC), "utc, gmt");
    t.add(W::TimeWord, "времени");
    t.add(W::Closed, "что, чтобы, про, о, об, с, и, а, но, или, если, когда, потому, для, на, в, по, из, к, не, мне, нам, у, без, за, под");
    t.add(W::Determiner, "мой, моя, мою, мое, наш, нашу, доброе, добрый");
    t.add(
        W::Alarm,
        "remind, me, us, wake, set, an, a, alarm, timer, напомни, напомнить, мне, разбуди, меня, будильник, поставь, напоминание, создай, таймер, нам, на",
    );
    t.add(
        W::EventNoun,
        "встреча, встречу, поезд, рейс, урок, фильм, собрание, тренировка",
    );
    t.add(W::Counted, "человек, людей, рублей, гостей, страниц");
    t.add(W::Letter('t'), "t");
}
