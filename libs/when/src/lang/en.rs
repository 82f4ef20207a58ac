//! English words of time.

use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
use chrono_tz::Tz;

use crate::{
    holiday::{
        Holiday,
        National::{FathersDay, LabourDay, MothersDay, Thanksgiving},
    },
    table::{Part, Table, Unit, W},
};

mod grammar;

pub(super) fn fill(t: &mut Table) {
    numbers(t);
    units(t);
    days(t);
    parts(t);
    zones(t);
    holidays(t);
    grammar::grammar(t);
    t.real_words(include_str!("en_real_words.txt"));
}

fn numbers(t: &mut Table) {
    let words = "zero,one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve,thirteen,fourteen,fifteen,sixteen,seventeen,eighteen,nineteen";
    for (n, word) in (0..).zip(words.split(',')) {
        t.add(W::Number(n), word);
    }
    for (n, word) in (2..).zip("twenty,thirty,forty,fifty,sixty,seventy,eighty,ninety".split(',')) {
        t.add(W::Number(n * 10), word);
    }
    t.add(W::Number(40), "fourty");
    t.add(W::Number(12), "dozen, a dozen");
    let ordinals = "first,second,third,fourth,fifth,sixth,seventh,eighth,ninth,tenth,eleventh,twelfth,thirteenth,fourteenth,fifteenth,sixteenth,seventeenth,eighteenth,nineteenth,twentieth";
    for (n, word) in (1..).zip(ordinals.split(',')) {
        t.add(W::Ordinal(n), word);
    }
    t.add(W::Ordinal(30), "thirtieth");
    t.add(W::Hundred, "hundred");
    t.add(W::Thousand, "thousand");
    t.add(W::One, "a, an");
    t.add(W::Half, "half");
    t.add(W::Quarter, "quarter");
    t.add(W::ThreeQuarters, "three quarters");
    t.add(W::Couple, "couple, couple of, a couple, a couple of");
    t.add(W::Few, "few, a few, a few of");
    t.add(W::Several, "several, some, a number of");
    t.add(W::AndHalf, "and a half, and half");
}

fn units(t: &mut Table) {
    t.add(W::Unit(Unit::Second), "second, seconds, sec, secs, s");
    t.add(
        W::Unit(Unit::Minute),
        "minute, minutes, min, mins, m, mn, mintues, minuets, minuts",
    );
    t.add(W::Unit(Unit::Hour), "hour, hours, hr, hrs, h");
    t.add(W::Unit(Unit::Day), "day, days, d");
    t.add(
        W::Unit(Unit::Workday),
        "workday, workdays, business day, business days, working day, working days, work day, work days, weekday, weekdays",
    );
    t.add(W::Unit(Unit::Week), "week, weeks, wk, wks, w");
    t.add(W::Unit(Unit::Fortnight), "fortnight, fortnights");
    t.add(W::Unit(Unit::Month), "month, months, mth, mths, mo, mos, mon");
    t.add(W::Unit(Unit::Quarter), "quarter, quarters, qtr, qtrs");
    t.add(W::Unit(Unit::Year), "year, years, yr, yrs, y");
    t.add(W::Adverb(Unit::Minute), "minutely");
    t.add(W::Adverb(Unit::Hour), "hourly");
    t.add(
        W::Adverb(Unit::Day),
        "daily, everyday, per day, a day each, day by day, evryday, nightly basis",
    );
    t.add(W::Adverb(Unit::Week), "weekly, per week");
    t.add(W::Adverb(Unit::Fortnight), "fortnightly, biweekly, bi weekly");
    t.add(W::Adverb(Unit::Month), "monthly, per month");
    t.add(W::Adverb(Unit::Quarter), "quarterly");
    t.add(W::Adverb(Unit::Year), "yearly, annually, per year");
    t.add(
        W::Vague,
        "days in a row, days straight, days running, consecutive days, halfway through, half way through, just before, just after, shortly before, shortly after, bimonthly, semiannually, biannually, semimonthly, decade, decades, century, centuries",
    );
}

fn days(t: &mut Table) {
    let weekdays = [
        (Mon, "monday, mon", "mondays"),
        (Tue, "tuesday, tue, tues", "tuesdays"),
        (
            Wed,
            "wednesday, wed, weds, wensday, wendsday, wedensday, wednsday",
            "wednesdays",
        ),
        (Thu, "thursday, thu, thur, thurs", "thursdays"),
        (Fri, "friday, fri", "fridays"),
        (Sat, "saturday, sat", "saturdays"),
        (Sun, "sunday, sun", "sundays"),
    ];
    for (day, names, plural) in weekdays {
        t.add(W::Weekday(day), names);
        t.add(W::Weekdays(day), plural);
    }
    t.add(
        W::Workday,
        "weekday, workday, working day, business day, work day",
    );
    t.add(
        W::Workdays,
        "weekdays, workdays, working days, business days, work days, m f, m to f, m thru f, mo fr",
    );
    t.add(
        W::Weekend,
        "weekend, week end, over the weekend, during the weekend",
    );
    t.add(W::Weekends, "weekends");
    let months = "january jan,february feb febr febuary feburary,march mar,april apr,may,june jun,july jul,august aug,september sep sept,october oct,november nov,december dec";
    for (n, names) in (1..).zip(months.split(',')) {
        t.add(W::Month(n), &names.replace(' ', ","));
    }
    for (month, words) in [
        (3, "spring"),
        (6, "summer, summertime"),
        (9, "autumn, fall"),
        (12, "winter"),
    ] {
        t.add(W::Season(month), words);
    }
    t.add(W::Day(0), "today, 2day, tday, todays");
    t.add(
        W::Day(1),
        "tomorrow, tomorow, tommorow, tommorrow, tomorrows, tmrw, tmr, tmw, tmrow, tomoz, tomo, 2morrow, tomorro, tomrrow, tommrow, tomarrow, tomorrw, the following day",
    );
    t.add(
        W::Day(2),
        "day after tomorrow, the day after tomorrow, day after tmrw, overmorrow",
    );
    t.add(W::Day(-1), "yesterday");
    t.add(W::Day(-2), "day before yesterday, the day before yesterday");
    t.add(W::Now, "at this moment, at this very moment, this instant, this minute, now, right now, just now, immediately, asap, at once, straight away, right away, at the moment, atm, this minute, this second, this instant");
    t.add(
        W::Clock(12, 0),
        "noon, midday, high noon, noontime, noonish, twelve noon, middle of the day, the middle of the day, in the middle of the day",
    );
    t.add(
        W::Clock(24, 0),
        "midnight, twelve midnight, midnite, mid night, the stroke of midnight, stroke of midnight",
    );
    t.add(
        W::Vague,
        "midweek, shortly, end of summer, start of summer, end of winter, end of spring, soon, someday, eventually, lately, recently, sometimes, often, ramadan, eid, diwali, hanukkah, passover, purim, rosh hashanah, yom kippur, chinese new year, lunar new year, holi, vesak, super bowl sunday, tax day, election day, occasionally, periodically, regularly, every now and then, every so often, every once in a while, from time to time, once in a while, in a while, in a bit, in a moment, in a sec, a while, later on, around the clock, 24/7, one day, some day, whenever, earlier",
    );
    t.add(
        W::SomeHour,
        "before lunch, before lunchtime, sunset, sunrise, sundown, sunup, dawn, dusk, the crack of dawn, crack of dawn, daybreak, nightfall, twilight, supper time, suppertime, dinner time, dinnertime, at dinner, after dinner, before dinner, at supper, after supper, before supper, breakfast time, breakfasttime, before breakfast, after breakfast, at breakfast, with dinner, with breakfast, with lunch, during lunch, tea time, teatime, at dinner time, at dinnertime, at breakfast time, at supper time, at tea time",
    );
    t.add(W::Vague, "mwf, tth, tuth, past the hour, before the hour, in a decade, in two decades, less than, more than, fewer than, at least, at most, in a little while, a little while, in a jiffy, a jiffy, in a second or two, in no time, as soon as possible, before long, kwanzaa, ides, bosss day, bosses day, grandparents day, administrative professionals day, secretaries day, singles day, teachers day, world vegan day, vegan day, fiscal year, annual, all week, all month, all year, this season, next season, last season, during the day, during the week, week on week, year round, day and night, eve of, that day, that night, that morning, that evening, that afternoon, that week, that month, the same day, same day, their time, his time, her time, the rest of the day, rest of the day, the rest of the week, rest of the week, the rest of the month, rest of the month, the rest of the year, rest of the year, full moon, new moon, the other day, these days, the next morning, within the hour, later");
}

fn parts(t: &mut Table) {
    let parts = [
        (
            Part::EarlyMorning,
            "early morning, early in the morning, first thing in the morning, first thing",
            "early in the mornings",
        ),
        (
            Part::Morning,
            "morning, mornin, forenoon",
            "mornings, in the mornings",
        ),
        (
            Part::LateMorning,
            "late morning, late in the morning, mid morning, midmorning, middle of the morning, in the middle of the morning",
            "",
        ),
        (
            Part::Lunch,
            "lunchtime, lunch time, at lunch, at lunchtime, around lunch, by lunch",
            "",
        ),
        (
            Part::AfterLunch,
            "after lunch, after lunchtime, early afternoon, early in the afternoon",
            "",
        ),
        (
            Part::Afternoon,
            "afternoon, afternon, arvo, mid afternoon, middle of the afternoon, the middle of the afternoon",
            "afternoons, in the afternoons",
        ),
        (Part::LateAfternoon, "late afternoon, late in the afternoon", ""),
        (
            Part::EndOfDay,
            "eod, end of day, end of the day, end of business, end of business day, end of the business day, late in the day, close of business, cob, eob, end of workday, end of the workday, end of today, end of the work day",
            "",
        ),
        (
            Part::AfterWork,
            "after work, after hours, early evening, early in the evening, after school",
            "",
        ),
        (Part::Evening, "evening, evenin", "evenings, in the evenings"),
        (
            Part::Night,
            "night, nite, nighttime, night time",
            "nights, nightly",
        ),
        (
            Part::LateNight,
            "late night, late at night, late evening, late in the evening, bedtime, before bed, at bedtime",
            "",
        ),
    ];
    for (part, words, plural) in parts {
        t.add(W::Part(part), words);
        t.add(W::Parts(part), plural);
    }
    let in_part = [
        (
            Part::Morning,
            "in the morning, in the am, of the morning, in the mornin",
        ),
        (
            Part::EarlyMorning,
            "in the early morning, in the early hours, in the early hours of the morning",
        ),
        (
            Part::Afternoon,
            "in the afternoon, in the pm, of the afternoon, in the middle of the afternoon",
        ),
        (Part::Evening, "in the evening"),
        (Part::LateAfternoon, "in the late afternoon"),
        (Part::Night, "at night, in the night, in the nighttime, by night"),
    ];
    for (part, words) in in_part {
        t.add(W::InPart(part), words);
    }
    let today = [
        (
            Part::Tonight,
            "tonight, this very night, tonite, 2night, tonights, later tonight, this night, tonght, tnite",
        ),
        (Part::LateNight, "late tonight"),
        (Part::AfterWork, "early tonight, later this evening after work"),
        (
            Part::Evening,
            "this evening, later this evening, this very evening",
        ),
        (
            Part::Afternoon,
            "this afternoon, later this afternoon, this very afternoon",
        ),
        (Part::LateAfternoon, "late this afternoon"),
        (Part::Morning, "this morning, later this morning"),
    ];
    for (part, words) in today {
        t.add(W::TodayPart(part), words);
    }
    t.add(W::Day(1), "2moro, 2morro, 2morrow, 2mrw");
    t.add(W::TodayPart(Part::Tonight), "2nite");
    t.add(W::Day(0), "later today, sometime today, later in the day");
}

fn zones(t: &mut Table) {
    let zones = [
        (Tz::UTC, "utc, gmt, zulu"),
        (
            Tz::America__New_York,
            "est, edt, eastern, eastern standard, eastern daylight",
        ),
        (
            Tz::America__Chicago,
            "cst, cdt, central standard, central daylight",
        ),
        (Tz::America__Denver, "mst, mdt, mountain standard"),
        (
            Tz::America__Los_Angeles,
            "pst, pdt, pacific, pacific standard, pacific daylight",
        ),
        (Tz::Europe__Berlin, "cet, cest, mez, mesz"),
        (Tz::Europe__Athens, "eet, eest"),
        (Tz::Europe__London, "bst"),
        (Tz::Asia__Kolkata, "ist"),
        (Tz::Asia__Tokyo, "jst"),
        (Tz::Asia__Seoul, "kst"),
        (Tz::Asia__Singapore, "sgt"),
        (Tz::Asia__Hong_Kong, "hkt"),
        (Tz::Australia__Sydney, "aest, aedt"),
        (Tz::Australia__Perth, "awst"),
        (Tz::Pacific__Auckland, "nzst, nzdt"),
        (Tz::Europe__Moscow, "msk"),
        (Tz::America__Anchorage, "akst, akdt"),
        (Tz::Pacific__Honolulu, "hst"),
        (Tz::America__Sao_Paulo, "brt"),
        (Tz::Africa__Johannesburg, "sast"),
        (Tz::Asia__Dubai, "gst"),
    ];
    for (zone, words) in zones {
        t.add(W::Zone(zone), words);
    }
    t.add(W::Zone(Tz::America__New_York), "et, us eastern, eastern us");
    t.add(W::Zone(Tz::America__Los_Angeles), "pt, us pacific");
    t.add(W::Zone(Tz::America__Chicago), "ct, central time, us central");
    t.add(W::Zone(Tz::America__Denver), "mt, mountain time, us mountain");
    t.add(W::TimeWord, "time");
}

fn holidays(t: &mut Table) {
    use Holiday::{Advent, Before, Easter, Fixed, National, Nth, OrthodoxEaster};
    let holidays: &[(Holiday, &str)] = &[
        (Fixed(1, 1), "new years day, new year day, new years, new year"),
        (Fixed(12, 31), "new years eve, new year eve, nye, silvester"),
        (Fixed(1, 6), "epiphany, three kings day"),
        (Fixed(2, 2), "groundhog day"),
        (
            Fixed(2, 14),
            "valentines day, valentine day, valentines, st valentines day, saint valentines day, v day",
        ),
        (
            Fixed(3, 17),
            "st patricks day, saint patricks day, st paddys day, st patrick day, saint patrick day, paddys day",
        ),
        (
            Fixed(4, 1),
            "april fools, april fools day, april fool day, all fools day",
        ),
        (Fixed(4, 22), "earth day"),
        (Fixed(4, 23), "st georges day, saint georges day"),
        (Fixed(5, 1), "may day, international workers day, workers day"),
        (Fixed(5, 4), "star wars day"),
        (Fixed(5, 5), "cinco de mayo"),
        (Fixed(3, 8), "womens day, international womens day"),
        (Fixed(6, 14), "flag day"),
        (Fixed(6, 19), "juneteenth"),
        (Fixed(7, 1), "canada day"),
        (Fixed(7, 4), "independence day, us independence day"),
        (Fixed(7, 14), "bastille day"),
        (Fixed(1, 26), "australia day"),
        (Fixed(2, 6), "waitangi day"),
        (Fixed(4, 25), "anzac day"),
        (
            Fixed(10, 31),
            "halloween, hallowe en, all hallows eve, halloween day",
        ),
        (Fixed(11, 1), "all saints day"),
        (Fixed(11, 2), "all souls day, day of the dead"),
        (
            Fixed(11, 5),
            "guy fawkes, guy fawkes day, guy fawkes night, bonfire night",
        ),
        (
            Fixed(11, 11),
            "veterans day, armistice day, remembrance day, st martins day",
        ),
        (Fixed(11, 30), "st andrews day, saint andrews day"),
        (Fixed(12, 6), "st nicholas day, saint nicholas day"),
        (Fixed(12, 24), "christmas eve, xmas eve"),
        (
            Fixed(12, 25),
            "christmas, christmas day, xmas, xmas day, christams, chrismas",
        ),
        (Fixed(12, 26), "boxing day, st stephens day, saint stephens day"),
        (Fixed(3, 14), "pi day"),
        (
            Nth(3, Mon, 1, 0),
            "martin luther king day, mlk day, martin luther king jr day, martin luther kings day, martin luther king jr. day, civil rights day",
        ),
        (
            Nth(3, Mon, 2, 0),
            "presidents day, president day, washingtons birthday",
        ),
        (National(MothersDay), "mothers day, mother day"),
        (
            Nth(-1, Mon, 5, 0),
            "memorial day, decoration day, spring bank holiday",
        ),
        (National(FathersDay), "fathers day, father day"),
        (National(LabourDay), "labor day, labour day"),
        (Nth(2, Mon, 10, 0), "columbus day, indigenous peoples day"),
        (
            National(Thanksgiving),
            "thanksgiving, thanksgiving day, turkey day, thanks giving, thanks giving day, thx giving",
        ),
        (Nth(4, Thu, 11, 1), "black friday"),
        (Nth(4, Thu, 11, 2), "small business saturday"),
        (Nth(4, Thu, 11, 4), "cyber monday"),
        (Nth(4, Thu, 11, 5), "giving tuesday"),
        (Nth(1, Mon, 5, 0), "early may bank holiday"),
        (
            Nth(-1, Mon, 8, 0),
            "summer bank holiday, late summer bank holiday, august bank holiday",
        ),
        (Nth(-1, Fri, 4, 0), "arbor day"),
        (Nth(2, Sun, 11, 0), "remembrance sunday"),
        (Before(Mon, 5, 24), "victoria day"),
        (
            Easter(-47),
            "shrove tuesday, pancake tuesday, pancake day, mardi gras, fat tuesday",
        ),
        (Easter(-46), "ash wednesday"),
        (Easter(-7), "palm sunday"),
        (Easter(-3), "maundy thursday, holy thursday, covenant thursday"),
        (Easter(-2), "good friday, holy friday"),
        (Easter(-1), "holy saturday, easter saturday, black saturday"),
        (Easter(0), "easter, easter sunday, easter day"),
        (Easter(1), "easter monday"),
        (Easter(-21), "mothering sunday"),
        (Easter(39), "ascension day, ascension thursday, ascension"),
        (
            Easter(49),
            "pentecost, whit sunday, white sunday, whitsunday, whitsun",
        ),
        (Easter(50), "whit monday, pentecost monday"),
        (Easter(56), "trinity sunday"),
        (Easter(60), "corpus christi"),
        (OrthodoxEaster(0), "orthodox easter, orthodox easter sunday"),
        (OrthodoxEaster(1), "orthodox easter monday"),
        (OrthodoxEaster(-2), "orthodox good friday"),
        (Advent(1), "first advent, first sunday of advent, advent sunday"),
        (Fixed(9, 11), "patriot day"),
        (Fixed(8, 26), "womens equality day"),
        (Fixed(12, 7), "pearl harbor day"),
        (Fixed(12, 13), "st lucias day, saint lucys day"),
    ];
    for (holiday, words) in holidays {
        t.add(W::Holiday(*holiday), words);
    }
    t.add(W::Numbered(Advent(1)), "advent");
}
