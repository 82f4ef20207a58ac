## Times and spans

today = today { $time }
tomorrow = tomorrow { $time }
on-weekday = { $weekday } { $time }
on-date = { $weekday } { $day } { $month } { $year }, { $time }
weekday = { $weekday ->
    [1] Mon
    [2] Tue
    [3] Wed
    [4] Thu
    [5] Fri
    [6] Sat
   *[7] Sun
}
month = { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}
seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

## Buttons

undo = Undo
yes = Yes
no = No
approve = Approve
decline = Decline
done = ✅ Done
snooze-ten-minutes = 💤 10 min
snooze-hour = 💤 1 h
snooze-tomorrow = 💤 Tomorrow
share-location = 📍 Send my location
use-zone = Use { $zone }
keep-zone = Keep { $zone }
erase = Delete everything
keep = No, keep it

## Beginning

welcome =
    Hello { $name }! I am your assistant. Just write to me: ask something, or say _remind me tomorrow at 9 to water the plants_.

    /help says what I can do. Answers of the built-in offline model say so in their last line.
welcome-owner =
    Welcome { $name }! This assistant is yours now. When somebody else writes to me, I will ask you first.

    Just write to me, for example _remind me in 10 minutes to call home_. /help says what I can do.
let-in = You are in! Just write to me; /help says what I can do.
ask-owner = This is a private assistant. Ask its owner to let you in.
no-owner = This is a private assistant that has no owner yet. If it is yours, send me the owner code that `manage` printed.
access-request = **{ $name }** ({ $account }) would like to use this assistant.
more-requests = More people ask to use this assistant than I can ask you about one by one. /users shows all of them.
only-owner-decides = Only the owner can decide that.
nobody-there = This person is not known any more.
is-let-in = ✅ { $name } is let in.
is-turned-away = 🚫 { $name } is turned away.
is-waiting = { $name } is still waiting.

## Commands

menu-start = Say hello
menu-help = What I can do
menu-new = Start a new conversation
menu-stop = Stop the answer I am working on
nothing-to-stop = There is nothing to stop.
menu-reminders = Your reminders, and a button to cancel each
menu-calendar = What is in your calendar today and tomorrow
menu-tz = Your time zone, or another: /tz Berlin
menu-language = The language I speak with you
menu-memory = What I remember about you, and a button to forget each
menu-why = How my last answer came about
menu-usage = What your questions have used in 30 days
menu-status = Whether I am well, and your settings
menu-privacy = What I keep about you, and for how long
menu-export = Everything that I keep about you, as a file
menu-delete-me = Delete everything that I know about you
menu-users = Who uses this assistant, and who is waiting
menu-invite = A link for somebody you want to invite
help =
    I answer questions, keep your reminders, and know the time around the world. For example:
    - _remind me in 90 minutes to call Ann_
    - _remind me every weekday at 9 to stretch_
    - _list my reminders_, then _cancel the stretch one_; or answer the reminder with _cancel this one_
    - _what time is it in Tokyo?_
    - _connect my calendar_, then _what's on tomorrow?_
    - _I'm in Lisbon now_

    { $commands }

    Every change that I make is shown as a line of its own below my answer. An answer without one changed nothing. Undo works for a day. What others would see, deletions in your calendar, and what follows from messages that you forward wait for your Yes. Answers of the built-in offline model say so in their last line.

    I read text, captions, contacts, and files of text, Markdown, CSV and JSON up to 1 MB. You can correct a message until I have answered it.
new-conversation = A new conversation. What is on your mind?
unknown-command = I do not know that command. /help shows what I can do.
only-in-private = Please ask me that in our private chat.
only-for-owner = Only the owner of this assistant can do that.
no-reminders = You have no reminders. Say, for example, _remind me tomorrow at 9 to water the plants_.
reminders-head = Your reminders; a button cancels the one of its number:
reminders-more = … and { $count } more.
task-held = { $line } (waits: I cannot write in its chat)
next-time = { $schedule } (next: { $next })
no-usage = You have asked nothing in the last 30 days.
usage = In the last 30 days: { $turns ->
        [one] { $turns } answer
       *[other] { $turns } answers
    }, for which a model was asked { $calls ->
        [one] once
       *[other] { $calls } times
    }; it read { $read } tokens and wrote { $written }.
usage-cost = As far as prices are known, that cost { $cost }.
usage-budget-day = Budget for today: { $spent } of { $limit } spent; the next one begins { $resets }.
usage-budget-month = Budget for this month: { $spent } of { $limit } spent; the next one begins { $resets }.
tokens = { $count ->
    [one] { $count } token
   *[other] { $count } tokens
}
status =
    I am here. You are { $name }.
    - Time zone: { $zone }
    - Reminders: { $count }
status-no-zone = not known yet; /tz sets it
status-next = Next: { $next }
privacy =
    I keep, on the machine of whoever runs me: your name, language and time zone; what we say to each other; your reminders; what you ask me to remember; the text of files that you send; the key to your calendar, encrypted, if you connect one. Nobody else who uses me sees any of it.

    What you write goes to the language model that the owner has set up, and places that you ask the weather for go to the weather service. Voice and video messages and other recordings go to the server that transcribes them, if the owner has set one up; they are not kept. Old messages are deleted after the time that the owner has set.

    /export gives you all of it as a file, /memory shows what I have noted about you, and /delete\_me deletes everything.
no-memory = I remember nothing about you yet. Say, for example, _remember that I am a vegetarian_.
memory-head = What I remember about you. To make me forget a line, press its number:
memory-more = … and { $count } more. Ask me, for example: _what do you remember about food?_
forgotten = Forgotten.
export-here = Here is everything that I keep about you:
export-too-large = This is too much for one file in Telegram. Ask the owner for it.
export-refused = Telegram does not take the file. Please try /export again later.
export-failed = I tried several times, but the file did not get through. Please try /export again later, or ask the owner for it.
why-nothing = I have answered nothing here lately.
why-head = My last answer here:
why-began = { $time }: I read your message.
why-model = I asked the model { $model } { $calls ->
        [one] once
       *[other] { $calls } times
    }{ $read ->
        [0] .
       *[other] ; it read { $read } tokens and wrote { $written }.
    }
why-tools = It used: { $tools }
why-changed = I changed: { $what }
why-answered = { $time }: I answered, after { $took } s.
why-stopped = { $time }: I gave up, after { $took } s.
erase-question = Shall I delete everything that I know about you: our conversation, your reminders, your calendar's key, you? It cannot be taken back, and the owner has to let you in again.
kept = Nothing was deleted.
erased = Everything about you is deleted. Goodbye!
language-question = Which language shall I speak with you? My answers to your questions follow the language that you write in.
language-is = I speak English with you now.
no-such-language = I do not speak that language. These I do:
users-head = { $count ->
    [one] One person is known here:
   *[other] { $count } people are known here:
}
user-active = { $name }
user-owner = { $name }, owner
user-pending = { $name } is waiting
user-blocked = { $name } was turned away
invite =
    Send this link to whom you want to invite: { $link }

    When they press Start, I ask you whether to let them in.

## Where people are

where-are-you = Where are you? I need it for times of day. Press your place, send me your location (📎, then Location), or write `/tz` and your city, such as `/tz Leipzig`.
owner-zone = Your time zone is { $zone }, as on this machine; `/tz` changes it.
zone-unknown = I do not know where you are, so I take UTC.
zone-known = Your time zone is { $zone }.
zone-by-button = To change it, press the button below, or write `/tz` and a city, a country or an offset: `/tz Leipzig`.
zone-by-words = To change it, write `/tz` and a city, a country or an offset: `/tz Leipzig`.
zone-is = 🌍 Your time zone is { $zone }. Recurring reminders keep their time of day there.
zone-already = That is your time zone: { $zone }.
zone-with-time = { $zone }; it is { $time } there
no-such-place = I do not know a place “{ $words }”. Write a larger city nearby, a country, an offset such as `UTC+2`, or send me your location (📎, then Location).
which-place = Which one is “{ $words }”?
no-zone-there = I cannot tell the time zone of that place. Write `/tz` and a city nearby.
elsewhere = That place is in the time zone { $zone }; yours is { $own }. Shall I change yours?

## What is said and pressed

nothing-said = Yes? Write what you would like me to do.
cannot-read = I cannot read { $kind ->
    [pictures] pictures
    [voice] voice messages
    [recordings] recordings
    [video-notes] video messages
    [videos] videos
    [animations] animations
    [files] files other than text, Markdown, CSV and JSON
    [paid-media] paid media
    [stories] stories
    [sticker] this sticker
    [contacts] contacts
    [polls] polls
    [checklists] checklists
    [invoices] invoices
    [games] games
    [giveaways] giveaways
    [place] this place
   *[other] this kind of message
} yet. Please write it to me as text.
file-too-large = This file is too large: I read up to { $limit }. Send me a part of it.
file-not-text = I cannot read this file: it is empty, or not text in UTF-8. Save it as UTF-8 and send it again.
file-away = I could not get this file from Telegram. Please send it again.
voice-silent = I heard no words in that. Please say it again, or write it.
voice-unheard = I could not make out what is said in that. Please write it, or try again later.
voice-too-long = This recording is too long: I can get up to { $limit } from Telegram. Send me a part of it.
thrown = { $emoji } That is a { $value }! I only play with words, though: what can I do for you?
not-your-button = This button is for the person I was talking to.
spent-button = This button does nothing any more.

## Reminders

late = (late by { $duration })
missed = { $count ->
    [one] (1 earlier one was missed while I was away)
   *[other] ({ $count } earlier ones were missed while I was away)
}
missed-many = ({ $count } or more earlier ones were missed while I was away)
done-line = ✅ Done
done-for-good = ✅ Done, and it will not come again.
snoozed = 💤 I'll say it again { $time }
snooze-moved = 💤 I'll say it again { $time } instead of { $before }
snooze-came = It has come again already: press the buttons below that one.

## What presses, failures and changes come to

all-right = All right, nothing was changed.
all-right-zone = All right.
undone = Undone.
undone-already = That is undone already.
undo-too-late = It is too late to undo that.
done-as-asked = Done.
said-yes-already = You have said yes to that already.
said-no-already = You have said no to that. Ask me again if you changed your mind.
question-too-old = That question is too old. Please ask me again.
did-not-work = That did not work: { $why }.
event-changed = The event was changed since then, so I left it as it is.
cancelled = Cancelled.
did-nothing = I did nothing: { $why }.
not-there-any-more = It is not there any more.
gave-up = Sorry, something on my side failed, and trying again did not help. Please send your message again.
nothing-changed = Nothing was changed.
changed-below = What I did before that is listed below.
model-away = I can't reach the language model at the moment.
model-busy = The language model is getting too many requests at the moment.
model-refused = The language model refused to work for me.
model-too-long = This conversation is longer than what the language model can read.
model-broken = The language model's answer got lost on the way.
model-silent = The language model did not answer within { $limit }.
out-of-time = I could not finish this within the { $limit } that I have for an answer.
stopped = Stopped.
may-have-changed = I had begun and may have changed something; please check.
took-as-utc = Where are you? I took the time as UTC. Press your place or tell me your city, and it moves there.
answered-earlier-version = I had already answered the earlier version of that message. If the new one changes anything, please send it again.
out-of-steps = I could not finish this within the { $limit } steps that I may take for one message.
out-of-calls = This needs more than the { $limit } tool calls that I may make for one message.
out-of-tokens = This grew larger than what I may read and write for one message.
budget-spent-day = What is left of your budget for today does not cover another answer.
budget-spent-month = What is left of your budget for this month does not cover another answer.
budget-spent-day-of-all = What is left of this assistant's budget for today does not cover another answer.
budget-spent-month-of-all = What is left of this assistant's budget for this month does not cover another answer.
budget-resets = The next budget begins { $resets }. Reminders come all the same.
budget-near-day = ⚠️ Of your budget for today, { $spent } of { $limit } are spent. The next one begins { $resets }.
budget-near-month = ⚠️ Of your budget for this month, { $spent } of { $limit } are spent. The next one begins { $resets }.
budget-near-day-of-all = ⚠️ Of the budget of all users for today, { $spent } of { $limit } are spent. The next one begins { $resets }.
budget-near-month-of-all = ⚠️ Of the budget of all users for this month, { $spent } of { $limit } are spent. The next one begins { $resets }.
circle = I was going in circles, so I stopped.
try-in-minutes = Please try again in a few minutes.
try-in = Please try again in { $duration }.
try-again = Please try again.
operator-looks = Whoever runs this assistant needs to look at it: the reason is in its log.
start-new = Please start a new one, or send a shorter message.
ask-smaller = Please try again, or ask for a smaller part of it.
ask-in-parts = Please ask for it in smaller parts.
say-otherwise = Please say it in another way.
receipt-once = ⏰ { $time }: { $what }
receipt-recurring = 🔁 { $schedule } (next: { $next }): { $what }
receipt-paused = ⏸ paused: { $what } ({ $when })
receipt-cancelled = 🗑 cancelled: { $what } ({ $when })
receipt-zone = 🌍 Your time zone: { $zone } (now { $time })

## Questions before a change, and the lines below it

ask-set-reminder = Set this reminder?
ask-set-prompt = Shall I do this by myself when the time comes?
ask-change-reminder = Change this reminder?
ask-change-prompt = Change what I do by myself?
ask-cancel-reminders = { $count ->
    [one] Cancel this reminder?
   *[other] Cancel these { $count } reminders?
}
ask-remember = Remember this about you?
ask-forget = Forget this about you?
ask-add-event = Add this event?
ask-change-event = Change this event?
ask-delete-event = Delete this event?
ask-disconnect = Disconnect Google Calendar?
ask-disconnect-means = I will no longer be able to read or change it. Your events stay at Google.
ask-no-undo = This cannot be undone: you would have to connect it again.
ask-undo = You can undo this for 24 hours.
google-invites = Google sends each guest an invitation.
google-tells = Google tells the guests.
google-tells-guests = { $count ->
    [one] Google tells the guest.
   *[other] Google tells all { $count } guests.
}
label-text = Text
label-when = When
label-each-time = Do this each time
label-then = Do this then
label-zone = Time zone
label-next = Next time
label-status = Status
label-reminder = Reminder
label-prompt = What I do by myself
label-title = Title
label-where = Where
label-description = Description
label-repeats = Repeats
label-it-repeats = It repeats
label-calendar = Calendar
label-guests = Guests
label-invites = Invites
label-uninvites = No longer invites
label-notifications = Notifications
label-event = Event
label-changes = Applies to
label-account = Account
is-active = active
is-paused = paused
is-done = done
is-cancelled = cancelled
main-calendar = your main one
nothing-there = (empty)
not-at-all = never
scope-one = only this one of the series
scope-following = this one of the series and all after it
scope-all = the whole series
repeats-daily = every day
repeats-weekdays = every weekday
repeats-weekly = every week
repeats-monthly = every month
repeats-yearly = every year
notifications-usual = as usual in your calendar
notifications-none = none
notified-on-devices = { $count ->
    [one] one minute before on your devices
   *[other] { $count } minutes before on your devices
}
notified-by-mail = { $count ->
    [one] one minute before by mail
   *[other] { $count } minutes before by mail
}
unusual-letters = beware, unusual letters: { $letters }
no-title = (no title)
all-day = { $days }, all day
receipt-event-moved = 📅 { $event } (was { $before })
receipt-event-changed = 📅 changed: { $event }
receipt-event-deleted = 🗑 deleted: { $event }
receipt-event-removed = ↩️ removed again: { $event }
receipt-event-as-it-was = ↩️ as it was: { $event }
receipt-event-back = ↩️ back again: { $event }
receipt-remembered = 🧠 Remembered: { $what }
receipt-forgotten = 🧠 Forgotten: { $what }
receipt-disconnected = 🔌 Google Calendar is disconnected{ $whose }
why-reminder-changed = the reminder was changed or has fired since, so it is left as it is
why-event-changed = the event was changed since, so it is left as it is
why-other-account = another account was connected since, so it is left as it is
why-fired = the reminder has fired already
why-no-calendar = Google Calendar is not set up here; whoever runs this assistant can do that
why-other-version = this was offered by another version of me, please ask again
why-gone = there is no such thing any more
calendar-unsure = Google Calendar cannot be reached now, so it is not known whether this was done: look into the calendar before you ask for it again.

## The weather

weather-where = For which city?
weather-example = For example: “weather in Bergen tomorrow”.
weather-which = Which { $name } do you mean?
weather-no-place = I don't know a place called “{ $name }”.
weather-there-are = { $what } There are:
weather-sky = { $code ->
    [0] clear sky
    [1] mainly clear
    [2] partly cloudy
    [3] overcast
    [45] fog
    [48] depositing rime fog
    [51] light drizzle
    [53] moderate drizzle
    [55] dense drizzle
    [56] light freezing drizzle
    [57] dense freezing drizzle
    [61] light rain
    [63] moderate rain
    [65] heavy rain
    [66] light freezing rain
    [67] heavy freezing rain
    [71] light snow
    [73] moderate snow
    [75] heavy snow
    [77] snow grains
    [80] light rain showers
    [81] moderate rain showers
    [82] violent rain showers
    [85] light snow showers
    [86] heavy snow showers
    [95] thunderstorm
    [96] thunderstorm with light hail
    [99] thunderstorm with heavy hail
   *[other] unknown sky
}
wind-from = { $speed } from the { $direction ->
    [1] northeast
    [2] east
    [3] southeast
    [4] south
    [5] southwest
    [6] west
    [7] northwest
   *[other] north
}
wind-up-to = up to { $speed }
wind-of = wind { $wind }
rain-chance = { $chance } chance of rain
weather-unknown = unknown
weather-day = { $day }: { $weather }, { $low } to { $high }, { $chance } chance of rain ({ $amount }), wind { $wind }
weather-now = { $place }, now: { $weather }, { $temperature } (feels like { $feels }), wind { $wind }.
weather-today = Today, { $day }.
weather-past = { $day } is past: only forecasts are known
weather-too-far = { $day } is too far ahead: the forecast ends on { $last }
weather-nothing = nothing is known of { $day }
weather-away = the weather service cannot be reached at the moment ({ $why }), so the weather is not known
no-answer-in-time = no answer in time
no-connection = no connection
weather-too-many = the weather service limits how often it may be asked; it works again in some minutes
weather-refused = the weather service refused the request ({ $why })
weather-unreadable = the weather service answered something that cannot be read, so the weather is not known

## The calendar

agenda-nothing = nothing planned
agenda-all-day = all day
agenda-all-day-of = all day ({ $day } of { $days })
agenda-until = until { $time }
agenda-declined = declined
agenda-not-answered = not answered yet
agenda-maybe = maybe
agenda-more = ({ $count } more not shown)
agenda-too-many = (there are more events than could be read: ask for fewer days)
agenda-unread = (could not be read: { $names })
found-nothing = nothing found
free-head = You are free ({ $zone }):
free-never = I found no free time then.
calendar-not-connected = Google Calendar is not connected
calendar-not-yet = Google Calendar is not connected yet
calendar-reconnect = Google Calendar must be connected again
calendar-not-set-up = Google Calendar is not set up here; the operator can do that
calendar-is-away = Google Calendar cannot be reached now
calendar-wait = Google Calendar asks to wait before it is asked again
calendar-connected = connected: { $account }
calendar-private = the link to connect a calendar is only for its owner: ask me for it in a private chat
connect-calendar = Connect Google Calendar
several-events = several events fit, ask which one by its day or time
no-such-event = There is no event “{ $which }”.
too-far-ahead = that is too far ahead

## The time

time-now = It is { $time }.
day-today = Today is { $day }.
day-tomorrow = Tomorrow is { $day }.
day-yesterday = Yesterday was { $day }.
day-ago = { $day } was { $count } days ago.
day-ahead = { $day } is in { $count } days.
