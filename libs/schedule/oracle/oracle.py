"""Random schedules in random zones, and when they fire in ten years: by `dateutil.rrule` and `zoneinfo` alone.

`oracle.py --seed 14 --count 10000` writes one case a line as JSON: the schedule as REST has it, its zone, the instant
from which on and up to which (exclusive) it is asked, and for each year of UTC how many times it fires and a digest of
the instants. `--explain` reads one case from standard input and lists its instants.

What the oracle knows of the product is docs/time.md: a time in a gap moves forward by the gap's length, of a time in a
fold the first counts, what falls onto one instant is one firing.
"""

import argparse
import json
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrulestr

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
LONG_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
YEARS = 10
MASK = (1 << 64) - 1


def digest(instants):
    """FNV-1a over the seconds, eight bytes each, the lowest first."""
    value = 0xCBF29CE484222325
    for at in instants:
        for byte in int(at).to_bytes(8, "little", signed=True):
            value = ((value ^ byte) * 0x100000001B3) & MASK
    return f"{value:016x}"


def to_utc(local, zone):
    """fold=0 is the first of two; in a gap it is the offset before, so that the time moves forward by the gap."""
    return int(local.replace(tzinfo=zone, fold=0).timestamp())


def clock(text):
    return int(text[:2]), int(text[3:5])


def local_times(schedule, until):
    """The wall-clock times of a schedule before `until`, in any order, with repetitions."""
    kind = schedule["kind"]
    if kind == "rule":
        start = datetime.fromisoformat(schedule["start"])
        except_days = set(schedule.get("except", []))
        for text in schedule["rules"]:
            for at in rrulestr(text, dtstart=start):
                if at >= until:
                    break
                if at.date().isoformat() not in except_days:
                    yield at
        return
    cycle = schedule.get("cycle")
    every, begin = (cycle["every"], datetime.fromisoformat(cycle["from"])) if cycle else (1, datetime(2019, 1, 1))
    for text in schedule["times"]:
        hour, minute = clock(text)
        at = f"BYHOUR={hour};BYMINUTE={minute};BYSECOND=0"
        if kind == "daily":
            rules = [f"FREQ=DAILY;INTERVAL={every};{at}"]
            first = begin
        elif kind == "weekly":
            days = ",".join(DAYS[LONG_DAYS.index(day)] for day in schedule["days"])
            rules = [f"FREQ=WEEKLY;WKST=MO;INTERVAL={every};BYDAY={days};{at}"]
            # Counted from the week that it lies in.
            first = begin - timedelta(days=begin.weekday())
        elif kind == "monthly":
            # The last of the days up to it: a month without that day has its last one instead.
            rules = [
                f"FREQ=MONTHLY;INTERVAL={every};BYMONTHDAY={','.join(map(str, range(min(day, 28), day + 1)))};BYSETPOS=-1;{at}"
                for day in schedule["days"]
            ]
            first = begin.replace(day=1)
        else:
            month, day = schedule["month"], schedule["day"]
            days = ",".join(map(str, range(min(day, 28), day + 1)))
            rules = [f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={days};BYSETPOS=-1;{at}"]
            first = begin.replace(month=1, day=1)
        for rule in rules:
            for found in rrulestr(rule, dtstart=first):
                if found >= until:
                    break
                if found.date() >= begin.date() or not cycle:
                    yield found


def instants(case):
    """All instants of a case, in order, as Unix seconds."""
    schedule, zone = case["schedule"], ZoneInfo(case["zone"])
    low, high = case["from"], case["to"]
    if schedule["kind"] == "every":
        anchor = int(datetime.fromisoformat(schedule["anchor"].replace("Z", "+00:00")).timestamp())
        step = schedule["seconds"]
        end = high
        if "until" in schedule:
            end = min(high, 1 + int(datetime.fromisoformat(schedule["until"].replace("Z", "+00:00")).timestamp()))
        first = anchor if anchor > low else anchor + (low - anchor) // step * step + step
        return list(range(first, end, step))
    # A day more than the last offset could move anything.
    until = datetime.fromtimestamp(high, timezone.utc).replace(tzinfo=None) + timedelta(days=2)
    found = {to_utc(at, zone) for at in local_times(schedule, until)}
    return sorted(at for at in found if low < at < high)


def some(rng, items, most):
    return sorted(rng.sample(items, rng.randint(1, min(most, len(items)))), key=items.index)


def time_of_day(rng):
    # Half of them in the small hours, where clocks change.
    hour = rng.randint(0, 4) if rng.random() < 0.5 else rng.randint(0, 23)
    return f"{hour:02}:{rng.choice([0, 0, 15, 30, 45, rng.randint(0, 59)]):02}:00"


def times_of_day(rng):
    return sorted({time_of_day(rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))})


def some_rule(rng, start):
    def weekdays(most=5):
        return ",".join(some(rng, DAYS, most))

    def month_days():
        return ",".join(str(rng.choice([*range(1, 32), *range(-31, 0)])) for _ in range(rng.randint(1, 3)))

    def months():
        return ",".join(map(str, some(rng, list(range(1, 13)), 4)))

    nth = rng.choice([1, 2, 3, 4, 5, -1, -2, -5])
    days, picks_one = rng.choice(
        [
            (lambda: ("FREQ=DAILY", False)),
            (lambda: (f"FREQ=DAILY;BYDAY={weekdays()}", False)),
            (lambda: (f"FREQ=DAILY;BYMONTH={months()}", False)),
            (lambda: (f"FREQ=DAILY;BYMONTHDAY={month_days()}", False)),
            (lambda: ("FREQ=WEEKLY", False)),
            (lambda: (f"FREQ=WEEKLY;BYDAY={weekdays()}", False)),
            (lambda: (f"FREQ=WEEKLY;BYMONTH={months()};BYDAY={weekdays()}", False)),
            (lambda: ("FREQ=MONTHLY", False)),
            (lambda: (f"FREQ=MONTHLY;BYMONTHDAY={month_days()}", False)),
            (lambda: (f"FREQ=MONTHLY;BYDAY={nth}{rng.choice(DAYS)}", False)),
            (lambda: (f"FREQ=MONTHLY;BYDAY={weekdays()}", False)),
            (lambda: (f"FREQ=MONTHLY;BYDAY={weekdays()};BYSETPOS={rng.choice([1, 2, 3, -1, -2])}", True)),
            (lambda: (f"FREQ=MONTHLY;BYDAY={weekdays()};BYMONTHDAY={month_days()}", False)),
            (lambda: (f"FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1", True)),
            (lambda: ("FREQ=YEARLY", False)),
            (lambda: (f"FREQ=YEARLY;BYMONTH={months()};BYMONTHDAY={rng.randint(1, 28)}", False)),
            (lambda: (f"FREQ=YEARLY;BYMONTH={months()};BYDAY={nth}{rng.choice(DAYS)}", False)),
            (lambda: (f"FREQ=YEARLY;BYDAY={rng.choice([1, 10, 20, 52, -1, -10])}{rng.choice(DAYS)}", False)),
            (lambda: (f"FREQ=YEARLY;BYMONTH={months()};BYDAY={weekdays()};BYSETPOS={rng.choice([1, 5, -1])}", True)),
        ]
    )()
    parts = [days]
    interval = rng.choice([1, 1, 1, 2, 3, 4, 7])
    if interval > 1:
        parts.append(f"INTERVAL={interval}")
    if rng.random() < 0.7:
        # BYSETPOS chooses among days here: the same as RFC 5545 with one time a day.
        hours = [rng.randint(0, 4) if rng.random() < 0.5 else rng.randint(0, 23) for _ in range(1 if picks_one else rng.randint(1, 3))]
        minutes = [rng.choice([0, 15, 30, 45, rng.randint(0, 59)]) for _ in range(1 if picks_one else rng.choice([1, 1, 2]))]
        parts.append(f"BYHOUR={','.join(map(str, sorted(set(hours))))};BYMINUTE={','.join(map(str, sorted(set(minutes))))}")
    end = rng.random()
    if end < 0.15:
        parts.append(f"COUNT={rng.choice([1, 2, 10, 100, 1000])}")
    elif end < 0.3:
        until = start + timedelta(days=rng.randint(0, 3000), minutes=rng.randint(0, 1439))
        parts.append(until.strftime("UNTIL=%Y%m%dT%H%M%S"))
    return ";".join(parts)


def some_case(rng, zones):
    zone = rng.choice(zones)
    low = datetime(rng.randint(2020, 2026), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), tzinfo=timezone.utc)
    high = low.replace(year=low.year + YEARS)
    start = low.replace(tzinfo=None) + timedelta(days=rng.randint(-400, 400), minutes=rng.randint(0, 1439))
    kind = rng.choice(["rule"] * 6 + ["daily", "weekly", "monthly", "yearly", "every"])
    cycle = {"every": rng.randint(1, 9), "from": start.date().isoformat()} if rng.random() < 0.4 else None
    if kind == "rule":
        rules = [some_rule(rng, start) for _ in range(rng.choice([1, 1, 1, 2]))]
        schedule = {"kind": "rule", "start": start.isoformat(), "rules": rules}
        if rng.random() < 0.4:
            days = {(start.date() + timedelta(days=rng.randint(0, 2000))).isoformat() for _ in range(rng.randint(1, 30))}
            schedule["except"] = sorted(days)
    elif kind == "every":
        schedule = {"kind": "every", "seconds": rng.choice([3600, 5400, 21600, 86400, 100000, 604800]), "anchor": start.isoformat() + "Z"}
    else:
        schedule = {"kind": kind, "times": times_of_day(rng)}
        if kind == "weekly":
            schedule["days"] = some(rng, LONG_DAYS, 4)
        elif kind == "monthly":
            schedule["days"] = sorted({rng.choice([*range(1, 32), 29, 30, 31]) for _ in range(rng.randint(1, 3))})
        elif kind == "yearly":
            schedule["month"] = rng.randint(1, 12)
            schedule["day"] = rng.randint(1, [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][schedule["month"] - 1])
        if cycle and kind != "yearly":
            schedule["cycle"] = cycle
    return {"schedule": schedule, "zone": zone, "from": int(low.timestamp()), "to": int(high.timestamp())}


def by_year(found):
    years = {}
    for at in found:
        years.setdefault(str(datetime.fromtimestamp(at, timezone.utc).year), []).append(at)
    return {year: [len(all_of), digest(all_of)] for year, all_of in sorted(years.items())}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=14)
    arguments.add_argument("--count", type=int, default=1000)
    arguments.add_argument("--explain", action="store_true")
    asked = arguments.parse_args()
    if asked.explain:
        case = json.loads(sys.stdin.readline())
        for at in instants(case):
            print(datetime.fromtimestamp(at, timezone.utc).isoformat(), datetime.fromtimestamp(at, ZoneInfo(case["zone"])))
        return
    rng = random.Random(asked.seed)
    zones = sorted(zone for zone in available_timezones() if zone not in ("localtime", "Factory", "posixrules"))
    for _ in range(asked.count):
        case = some_case(rng, zones)
        case["years"] = by_year(instants(case))
        print(json.dumps(case, separators=(",", ":")))


if __name__ == "__main__":
    main()
