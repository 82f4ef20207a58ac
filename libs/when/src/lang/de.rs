//! German words of time.

use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
use chrono_tz::Tz;

use crate::{
    holiday::{
        Holiday,
        National::{MothersDay, Vatertag},
    },
    table::{Part, Rel, Table, Unit, W},
};

pub(super) fn fill(t: &mut Table) {
    numbers(t);
    units(t);
    days(t);
    parts(t);
    holidays(t);
    grammar(t);
    t.real_words(
        "morden sorgen montage wache wachen nackt nackte haute heulte gestirn taten tafeln stangen stande jedoch mittel \
         minuten stunden monaten wochen tagte abende abenden monat monate mitte mitten kommt nachtisch heutige gesten \
         sommers winters herbste märsche januars montieren",
    );
}

fn numbers(t: &mut Table) {
    let words = "null,eins,zwei,drei,vier,fünf,sechs,sieben,acht,neun,zehn,elf,zwölf,dreizehn,vierzehn,fünfzehn,sechzehn,siebzehn,achtzehn,neunzehn";
    for (n, word) in (0..).zip(words.split(',')) {
        t.add(W::Number(n), word);
        t.add(W::Number(n), &word.replace('ü', "ue").replace('ö', "oe"));
    }
    t.add(W::Number(2), "zwo");
    let ones = [
        "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun",
    ];
    for (tens, word) in (2..).zip([
        "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig",
    ]) {
        t.add(W::Number(tens * 10), word);
        for (n, one) in (1..).zip(ones) {
            t.add(W::Number(tens * 10 + n), &format!("{one}und{word}"));
        }
    }
    let stems = "erste,zweite,dritte,vierte,fünfte,sechste,siebte,achte,neunte,zehnte,elfte,zwölfte,dreizehnte,vierzehnte,fünfzehnte,sechzehnte,siebzehnte,achtzehnte,neunzehnte,zwanzigste,einundzwanzigste,zweiundzwanzigste,dreiundzwanzigste,vierundzwanzigste,fünfundzwanzigste,sechsundzwanzigste,siebenundzwanzigste,achtundzwanzigste,neunundzwanzigste,dreißigste,einunddreißigste";
    for (n, stem) in (1..).zip(stems.split(',')) {
        t.add(W::Ordinal(n), &format!("{stem}, {stem}n, {stem}r"));
    }
    t.add(W::One, "ein, eine, einen, einem, einer, eines, ne, nen, nem, ner");
    t.add(W::Half, "halbe, halben, halbes, halber");
    t.add(W::Quarter, "viertel");
    t.add(W::ThreeQuarters, "dreiviertel");
    t.add(W::Thousandths(1500), "anderthalb, eineinhalb");
    t.add(W::Thousandths(1250), "eineinviertel");
    for (n, one) in (2..).zip(["zwei", "drei", "vier", "fünf", "sechs"]) {
        t.add(W::Thousandths(n * 1000 + 250), &format!("{one}einviertel"));
        t.add(W::Thousandths(n * 1000 + 500), &format!("{one}einhalb"));
    }
    t.add(W::AndHalf, "einhalb");
    t.add(W::Couple, "ein paar, paar");
    t.add(W::Few, "einigen, einige");
    t.add(W::Several, "mehreren, mehrere");
    t.add(W::HalfTo, "halb");
}

fn units(t: &mut Table) {
    t.add(W::Unit(Unit::Second), "sekunde, sekunden, sek, s");
    t.add(W::Unit(Unit::Minute), "minute, minuten, min, m");
    t.add(W::Unit(Unit::Hour), "stunde, stunden, std, h");
    t.add(W::Unit(Unit::Day), "tag, tage, tagen, tages, d");
    t.add(
        W::Unit(Unit::Workday),
        "werktag, werktage, werktagen, arbeitstag, arbeitstage, arbeitstagen",
    );
    t.add(W::Unit(Unit::Week), "woche, wochen");
    t.add(W::Unit(Unit::Month), "monat, monate, monaten, monats");
    t.add(W::Unit(Unit::Quarter), "quartal, quartale, quartals");
    t.add(W::Unit(Unit::Year), "jahr, jahre, jahren, jahres");
    t.add(W::CalendarWeek, "kw, kalenderwoche");
    t.add(W::Minutes(15), "viertelstunde");
    t.add(W::Minutes(30), "halbstunde");
    t.add(W::Minutes(45), "dreiviertelstunde");
    t.add(W::Adverb(Unit::Hour), "stündlich");
    t.add(W::Adverb(Unit::Day), "täglich, pro tag");
    t.add(W::Adverb(Unit::Week), "wöchentlich, pro woche");
    t.add(
        W::Adverb(Unit::Fortnight),
        "vierzehntägig, vierzehntäglich, zweiwöchentlich, zweiwöchig",
    );
    t.add(W::Adverb(Unit::Month), "monatlich, pro monat");
    t.add(W::Adverb(Unit::Quarter), "vierteljährlich, quartalsweise");
    t.add(W::Adverb(Unit::Year), "jährlich, pro jahr");
}

fn days(t: &mut Table) {
    let weekdays = [
        (Mon, "montag, mo", "montags"),
        (Tue, "dienstag, di", "dienstags"),
        (Wed, "mittwoch, mi", "mittwochs"),
        (Thu, "donnerstag, do", "donnerstags"),
        (Fri, "freitag, fr", "freitags"),
        (Sat, "samstag, sonnabend, sa", "samstags, sonnabends"),
        (Sun, "sonntag, so", "sonntags"),
    ];
    for (day, names, plural) in weekdays {
        t.add(W::Weekday(day), names);
        t.add(W::Weekdays(day), plural);
        for (part, ending) in [
            (Part::Morning, "morgen"),
            (Part::Morning, "vormittag"),
            (Part::Afternoon, "nachmittag"),
            (Part::Evening, "abend"),
            (Part::Noon, "mittag"),
            (Part::Morning, "früh"),
            (Part::Night, "nacht"),
        ] {
            let long = names.split(',').next().unwrap_or_default();
            t.add(W::WeekdayPart(day, part), &format!("{long}{ending}"));
        }
    }
    t.add(W::Workday, "werktag, arbeitstag, wochentag");
    t.add(W::Workdays, "werktags, wochentags, an werktagen, unter der woche");
    t.add(W::Weekend, "wochenende");
    t.add(W::Weekends, "wochenenden, an wochenenden");
    let months = "januar jan jänner,februar feb,märz mär maerz,april apr,mai,juni jun,juli jul,august aug,september sep sept,oktober okt,november nov,dezember dez";
    for (n, names) in (1..).zip(months.split(',')) {
        t.add(W::Month(n), &names.replace(' ', ","));
    }
    for (month, words) in [
        (3, "frühling, frühjahr"),
        (6, "sommer"),
        (9, "herbst"),
        (12, "winter"),
    ] {
        t.add(W::Season(month), words);
    }
    t.add(W::Day(0), "heute, heut");
    t.add(W::Day(1), "morgen");
    t.add(W::Day(2), "übermorgen, uebermorgen");
    t.add(W::Day(-1), "gestern");
    t.add(W::Day(-2), "vorgestern");
    t.add(W::Now, "jetzt, sofort, gleich");
    t.add(W::Clock(12, 0), "mittag, zu mittag");
    t.add(W::Clock(24, 0), "mitternacht");
    t.add(W::SomeHour, "vor dem mittagessen, vor dem mittag, vorm mittagessen, sonnenaufgang, sonnenuntergang, morgengrauen, nach dem frühstück, vor dem frühstück, beim frühstück, zum frühstück, nach dem abendessen, vor dem abendessen, beim abendessen, nach dem essen, vor dem essen");
    t.add(
        W::Vague,
        "vorletzte, vorletzten, vorletzter, vorletztes, vorabend, vortag, bald, irgendwann, später, demnächst, tage hintereinander, tage in folge, tage nacheinander, tage am stück, an karneval, zu karneval, an fasching, zu fasching, in der adventszeit, in der weihnachtszeit, in der osterzeit, im laufe des tages, im laufe der woche, im laufe des monats, im laufe des jahres, kurz vor, kurz nach, so bald wie möglich, sobald wie möglich, monatsletzten, monatsletzter, monatsersten, monatserster, manchmal, ab und zu, neulich, mehrmals",
    );
}

fn parts(t: &mut Table) {
    let parts = [
        (
            Part::EarlyMorning,
            "frühmorgens, früh am morgen, am frühen morgen, in aller früh, in aller frühe",
        ),
        (
            Part::Morning,
            "früh, vormittag, am morgen, am vormittag, in der früh",
        ),
        (Part::Lunch, "in der mittagspause"),
        (Part::AfterLunch, "nach dem mittagessen, nach dem mittag"),
        (Part::Afternoon, "nachmittag"),
        (Part::EndOfDay, "feierabend, dienstschluss"),
        (Part::AfterWork, "nach der arbeit, nach feierabend"),
        (Part::Evening, "abend"),
        (Part::Night, "nacht"),
        (
            Part::LateNight,
            "vor dem schlafengehen, vorm schlafengehen, vor dem schlafen, vor dem zubettgehen",
        ),
    ];
    for (part, words) in parts {
        t.add(W::Part(part), words);
    }
    t.add(
        W::InPart(Part::Morning),
        "morgens, vormittags, am morgen, am vormittag, in der früh, frühs",
    );
    t.add(W::InPart(Part::Afternoon), "nachmittags, am nachmittag");
    t.add(W::InPart(Part::Evening), "abends, am abend");
    t.add(W::InPart(Part::Night), "nachts, in der nacht");
    t.add(W::Parts(Part::Morning), "jeden morgen, jeden vormittag");
    t.add(W::Parts(Part::Evening), "jeden abend");
    t.add(W::Parts(Part::Afternoon), "jeden nachmittag");
    t.add(W::Parts(Part::Night), "jede nacht");
    t.add(W::TodayPart(Part::Tonight), "heute nacht");
    t.add(W::TodayPart(Part::Evening), "heute abend, heut abend");
    t.add(W::TodayPart(Part::Afternoon), "heute nachmittag");
    t.add(
        W::TodayPart(Part::Morning),
        "heute morgen, heute früh, heute vormittag",
    );
}

fn holidays(t: &mut Table) {
    use Holiday::{Advent, Before, Easter, Fixed, National, Nth};
    let holidays: &[(Holiday, &str)] = &[
        (Fixed(1, 1), "neujahr, neujahrstag"),
        (Fixed(1, 6), "dreikönigstag, heilige drei könige"),
        (Fixed(2, 14), "valentinstag"),
        (Fixed(5, 1), "tag der arbeit"),
        (Fixed(10, 3), "tag der deutschen einheit"),
        (Fixed(10, 31), "halloween, reformationstag"),
        (Fixed(11, 1), "allerheiligen"),
        (Fixed(12, 6), "nikolaus, nikolaustag"),
        (Fixed(12, 24), "heiligabend, heiliger abend, heiligen abend"),
        (
            Fixed(12, 25),
            "weihnachten, erster weihnachtstag, erster weihnachtsfeiertag, ersten weihnachtstag, ersten weihnachtsfeiertag, erste weihnachtstag, erste weihnachtsfeiertag",
        ),
        (
            Fixed(12, 26),
            "zweiter weihnachtstag, zweiter weihnachtsfeiertag, zweiten weihnachtstag, zweiten weihnachtsfeiertag, zweite weihnachtstag",
        ),
        (Fixed(12, 31), "silvester"),
        (Easter(-48), "rosenmontag"),
        (Easter(-46), "aschermittwoch"),
        (Easter(-2), "karfreitag"),
        (Easter(0), "ostern, ostersonntag"),
        (Easter(1), "ostermontag"),
        (Easter(39), "christi himmelfahrt, himmelfahrt"),
        (National(Vatertag), "vatertag"),
        (Easter(49), "pfingsten, pfingstsonntag"),
        (Easter(50), "pfingstmontag"),
        (Easter(60), "fronleichnam"),
        (National(MothersDay), "muttertag"),
        (Easter(-52), "weiberfastnacht, altweiber"),
        (Easter(-47), "faschingsdienstag, veilchendienstag, fastnacht"),
        (Easter(-7), "palmsonntag"),
        (Easter(-3), "gründonnerstag"),
        (Easter(-1), "karsamstag, ostersamstag"),
        (Easter(7), "weißer sonntag, weißen sonntag"),
        (Fixed(3, 8), "weltfrauentag, frauentag"),
        (Fixed(4, 30), "walpurgisnacht"),
        (Fixed(8, 15), "mariä himmelfahrt"),
        (Fixed(11, 2), "allerseelen"),
        (Fixed(11, 11), "martinstag, sankt martin, martini"),
        (Fixed(12, 5), "nikolausabend"),
        (Nth(1, Sun, 10, 0), "erntedank, erntedankfest"),
        (Before(Wed, 11, 22), "bettag"),
        (Advent(0), "totensonntag, ewigkeitssonntag"),
        (Advent(-1), "volkstrauertag"),
        (Advent(1), "erster advent, ersten advent, erste advent"),
        (Advent(2), "zweiter advent, zweiten advent, zweite advent"),
        (Advent(3), "dritter advent, dritten advent, dritte advent"),
        (Advent(4), "vierter advent, vierten advent, vierte advent"),
    ];
    for (holiday, words) in holidays {
        t.add(W::Holiday(*holiday), words);
    }
    t.add(W::Holiday(Fixed(12, 25)), "weihnachtstag, weihnachtsfeiertag");
    t.add(W::Numbered(Fixed(12, 25)), "weihnachtstag, weihnachtsfeiertag");
    t.add(W::Numbered(Advent(1)), "advent, adventssonntag");
    t.add(W::Numbered(Easter(0)), "ostertag, osterfeiertag");
    t.add(W::Numbered(Easter(49)), "pfingsttag, pfingstfeiertag");
}

fn grammar(t: &mut Table) {
    t.add(W::OClock, "uhr");
    t.add(
        W::Closed,
        "guten morgen, guten abend, guten tag, gute nacht, guten appetit",
    );
    t.add(W::Rel(Rel::This), "diese, diesen, dieser, dieses, diesem");
    t.add(
        W::Rel(Rel::Next),
        "nächste, nächsten, nächster, nächstes, nächstem, naechste, naechsten",
    );
    t.add(
        W::Rel(Rel::AfterNext),
        "übernächste, übernächsten, übernächster, übernächstes, übernächstem",
    );
    t.add(W::Rel(Rel::Coming), "kommende, kommenden, kommender, kommendes");
    t.add(
        W::Rel(Rel::Last),
        "letzte, letzten, letzter, letztes, vorige, vorigen, vergangene, vergangenen",
    );
    t.add(W::Every, "jede, jeden, jeder, jedes, jedem, alle");
    t.add(W::Other, "zweite, zweiten, zweiter, zweites, andere, anderen");
    t.add(W::Once, "einmal, 1x");
    t.add(W::Twice, "zweimal");
    t.add(W::Times, "mal");
    t.add(W::In, "in, im");
    t.add(W::At, "um, gegen");
    t.add(W::On, "am, an, zum, zu");
    t.add(W::By, "bis spätestens, spätestens");
    t.add(W::Before, "vor, vorm");
    t.add(W::After, "nach, frühestens");
    t.add(W::From, "von, ab, vom");
    t.add(W::EndOf(Unit::Month), "monatsende");
    t.add(W::EndOf(Unit::Year), "jahresende");
    t.add(W::EndOf(Unit::Quarter), "quartalsende");
    t.add(W::Until, "bis, bis zum, bis zu");
    t.add(W::Early, "frühen");
    t.add(W::Late, "späten");
    t.add(W::Between, "zwischen");
    t.add(W::And, "und");
    t.add(W::Or, "oder");
    t.add(W::To, "bis");
    t.add(W::Of, "des, der, im, vom, von");
    t.add(W::The, "der, die, das, den, dem");
    t.add(W::For, "für, auf");
    t.add(W::Around, "punkt, ca, circa, ungefähr, etwa, so gegen, genau");
    t.add(W::Within, "innerhalb, innerhalb von, binnen");
    t.add(W::Starting, "ab, beginnend, beginnend am, angefangen");
    t.add(W::Except, "außer, ausser, nur nicht");
    t.add(W::Later, "später, nach hinten");
    t.add(W::Earlier, "früher, eher, nach vorne, nach vorn");
    t.add(W::Long, "lang");
    t.add(W::Past, "nach");
    t.add(W::Till, "vor");
    t.add(W::End, "ende");
    t.add(W::Begin, "anfang");
    t.add(W::Mid, "mitte");
    t.add(
        W::Filler,
        "bitte, immer, herum, rum, danke, spätestens, ortszeit, irgendwann",
    );
    t.add(W::Zone(Tz::Europe__Berlin), "mez, mesz");
    t.add(W::Zone(Tz::UTC), "utc, gmt");
    t.add(W::TimeWord, "zeit, ortszeit");
    t.add(
        W::Closed,
        "zu, dass, daran, über, mit, weil, wenn, damit, für, und, oder, aber, von, an, auf, aus, bei, ich, wir, mich, uns, mir, nicht, noch, ist, sind, bitte, bevor, nachdem, in, im, ins, zum, zur, beim, ohne, bis, ans",
    );
    t.add(W::Determiner, "mein, meine, meinen, meinem, meiner, dein, deine, unser, unsere, sein, seine, ihr, ihre, guten, gute");
    t.add(W::Alarm, "remind, me, us, wake, set, an, a, alarm, timer, erinnere, erinner, mich, uns, wecker, wecke, weck, stelle, stell, erinnerung, termin, timer, bitte, erstelle, setze, einen, eine, an, daran, auf, für");
    t.add(W::EventNoun, "meeting, termin, besprechung, treffen, zug, flug, film, nachrichten, unterricht, kurs, training, party");
    t.add(W::Counted, "leute, personen, euro, gäste, eier, seiten");
    t.add(W::Letter('t'), "t");
}
