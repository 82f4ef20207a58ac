//! English words that hold an expression of time together, and those that end it.

use crate::table::{Rel, Table, Unit, W};

pub(super) fn grammar(t: &mut Table) {
    t.add(
        W::Closed,
        "good morning, good night, good evening, good afternoon, good day",
    );
    t.add(W::Am, "am");
    t.add(W::Pm, "pm");
    t.add(W::OClock, "oclock, o clock, clock");
    t.add(W::Rel(Rel::This), "this, current, this very");
    t.add(W::SameTime, "same time, the same time, this time, at this time");
    t.add(W::Rel(Rel::Next), "next, following, nxt");
    t.add(
        W::Rel(Rel::Coming),
        "coming, upcoming, this coming, this upcoming, nearest, closest",
    );
    t.add(W::Rel(Rel::Last), "last, past, previous, lst");
    t.add(
        W::Every,
        "every, each, each and every, evry, ev, every single, evrey, eveyr, evey",
    );
    t.add(W::Other, "other, alternate, alternating, alternative");
    t.add(W::Once, "once, one time");
    t.add(W::Twice, "twice");
    t.add(W::Times, "times, occurrences, repetitions");
    t.add(W::In, "in");
    t.add(W::At, "at");
    t.add(W::On, "on, on or about, on or around, on or before");
    t.add(W::By, "by, no later than, not later than, at the latest by");
    t.add(W::Before, "before, prior to, ahead of");
    t.add(
        W::After,
        "after, not before, no earlier than, later than, any time after",
    );
    t.add(W::From, "from, as of, since");
    t.add(W::Until, "until, til, till, up to, up until, upto, ti");
    t.add(W::Through, "through, thru");
    t.add(W::Between, "between, betwen, b/w");
    t.add(W::And, "and, n");
    t.add(W::Or, "or");
    t.add(W::To, "to");
    t.add(W::Of, "of");
    t.add(W::The, "the");
    t.add(W::For, "for");
    t.add(W::Around, "around, about, approximately, approx, roughly, circa, exactly, precisely, nearly, almost, at about, at around, say, like");
    t.add(W::Within, "within, in less than, in under, in no more than");
    t.add(
        W::Starting,
        "starting, starting from, starting on, starting at, beginning, beginning on, beginning from, starts, starts on, begins, start on, start, effective, begin",
    );
    t.add(
        W::Ending,
        "ending, ending on, ends, ends on, ending at, end on, finishing, finishing on, stopping on",
    );
    t.add(W::Except, "except, excluding, but not, excl, apart from, other than, skipping, but, except for, excepting, not on, besides, without");
    t.add(W::Ago, "ago, back, prior, previously, before now");
    t.add(W::Earlier, "earlier, sooner");
    t.add(
        W::FromNow,
        "from now, hence, from right now, from this moment, from today, out from now",
    );
    t.add(W::Later, "later");
    t.add(W::Past, "past, after");
    t.add(W::End, "end, end of, eo, last part of, close of");
    t.add(W::End, "late in");
    t.add(W::Begin, "beginning, start, beginning of, start of, early in");
    t.add(W::Mid, "mid, middle, middle of");
    t.add(W::EndOf(Unit::Month), "eom");
    t.add(W::EndOf(Unit::Week), "eow");
    t.add(W::EndOf(Unit::Year), "eoy");
    t.add(W::EndOf(Unit::Quarter), "eoq");
    t.add(W::Early, "early");
    t.add(W::Late, "late, last thing");
    t.add(W::Ish, "ish, or so, or thereabouts, ishh, or thereafter");
    t.add(
        W::Sharp,
        "sharp, on the dot, on the hour, top of the hour, precisely, exactly, prompt, promptly, dead on, flat",
    );
    t.add(
        W::Filler,
        "some time, any time, anytime, please, pls, plz, sometime, sometimes around, the deadline is, deadline is, deadline, due, due on, due by, is due, my time, local time, local, at the latest, latest, thanks, thank you, onwards, onward, and later, or later, at some point, of the week, at the earliest, the event is, the deadline was, again, probably, maybe, only, just, also",
    );
    t.add(
        W::Closed,
        "to, that, about, with, because, when, so, if, unless, as, since, while, then, but, which, who, where, is, are, was, will, re, regarding, concerning, via, using, without, into, or, and, per, by, for, from, in, on, at, of, before, after, remind, reminding, reminder, not, dont, i, we, you, he, she, they, it, also, too, otherwise, instead, please, until, except, plus, near, over, under, during, against, me, us, em, get, until",
    );
    t.add(
        W::Determiner,
        "my, his, her, our, their, your, that, a, an, the, its, some, any, no, good",
    );
    t.add(
        W::Alarm,
        "reminder, reminders, alarm, alarms, alert, alerts, wakeup call, wake up call, timer, timers, remind, remind me, me, wake me, wake me up, set, create, add, make, schedule, put, notification, notify me, ping me, ping, notify, wake, up, appointment, meeting, new, call me, task, todo, hey, hi, hello, ok, okay, can you, could you, would you, i need to, i want to, i have to, dont forget, dont let me forget, us, everyone, please",
    );
    t.add(
        W::EventNoun,
        "meeting, meetings, calls, appointment, appointments, lights, class, classes, lesson, lessons, course, news, game, games, match, matches, movie, movies, film, films, series, episode, report, reports, newsletter, newspaper, paper, papers, standup, sync, shift, shifts, party, parties, roast, service, services, club, market, sales, deal, deals, special, specials, ticket, bus, flight, flights, plane, ferry, delivery, deliveries, session, sessions, trip, nap, routine, ritual, agenda, planner, menu, menus, weather, forecast, pill, meds, medicine, medication, vitamins, vitamin, snack, gym, yoga, prayer, prayers, rush, traffic, crew, deadline, deadlines, exam, exams, homework, assignment, conference, webinar, workshop, seminar, lecture, interview, interviews, presentation, sprint, retro, retrospective, digest, edition, issue, payments, bill, bills, invoice, invoices, rent, subscription, gift, card, egg, tree, decorations, dress, shirt, suit, tournament, league, football, concert, gig, fever, blues, today, bedroom, apartment, car, year, stage, season, team, anniversary, version, chapter, volume, song, songs, album, dinner, lunch, breakfast, brunch, live",
    );
    t.add(W::Counted, "people, persons, person, guests, man, men, woman, women, cups, glasses, pages, episodes, kids, street, avenue, road, number, floor, grade, gear, place, prize, half, degree, percent, dollars, euros, pounds, bucks, miles, km, kilometers, meters, items, eggs, tickets, pills, cards, gifts, presents, cookies, stars, copies, times, points, reps, sets, squats, pushups, laps, degrees, cents, kg, grams, liters, litres, bottles, friends, things, apples, cousin, husband, wife, child, son, daughter, opinion, language, thought, thoughts, hand, amendment, estate, aid, base, lady, gentleman, world, war, century");
    t.add(W::Letter('t'), "t");
    t.add(W::Letter('q'), "q");
}
