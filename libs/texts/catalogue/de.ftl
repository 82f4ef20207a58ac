## Times and spans

today = heute { $time }
tomorrow = morgen { $time }
on-weekday = { $weekday } { $time }
on-date = { $weekday }, { $day }. { $month } { $year }, { $time }
weekday = { $weekday ->
    [1] Mo.
    [2] Di.
    [3] Mi.
    [4] Do.
    [5] Fr.
    [6] Sa.
   *[7] So.
}
month = { $month ->
    [1] Jan.
    [2] Feb.
    [3] März
    [4] Apr.
    [5] Mai
    [6] Juni
    [7] Juli
    [8] Aug.
    [9] Sept.
    [10] Okt.
    [11] Nov.
   *[12] Dez.
}
seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}

## Buttons

undo = Rückgängig
yes = Ja
no = Nein
approve = Zulassen
decline = Ablehnen
done = ✅ Erledigt
snooze-ten-minutes = 💤 10 Min.
snooze-hour = 💤 1 Std.
snooze-tomorrow = 💤 Morgen
share-location = 📍 Meinen Standort senden
use-zone = { $zone } nehmen
keep-zone = { $zone } behalten
erase = Alles löschen
keep = Nein, behalten

## Beginning

welcome =
    Hallo { $name }! Ich bin dein Assistent. Schreib mir einfach: Frag etwas, oder sag _erinnere mich morgen um 9 daran, die Blumen zu gießen_.

    /help zeigt, was ich kann. Antworten des eingebauten Offline-Modells sagen das in ihrer letzten Zeile.
welcome-owner =
    Willkommen, { $name }! Dieser Assistent gehört jetzt dir. Wenn mir jemand anders schreibt, frage ich dich zuerst.

    Schreib mir einfach, zum Beispiel _erinnere mich in 10 Minuten daran, zu Hause anzurufen_. /help zeigt, was ich kann.
let-in = Du bist dabei! Schreib mir einfach; /help zeigt, was ich kann.
ask-owner = Das ist ein privater Assistent. Bitte den Besitzer, dich zuzulassen.
no-owner = Das ist ein privater Assistent, der noch niemandem gehört. Wenn er deiner ist, schick mir den Besitzercode, den `manage` ausgegeben hat.
access-request = **{ $name }** ({ $account }) möchte diesen Assistenten benutzen.
more-requests = Es möchten mehr Leute diesen Assistenten benutzen, als ich dich einzeln fragen kann. /users zeigt alle.
only-owner-decides = Das kann nur der Besitzer entscheiden.
nobody-there = Diese Person ist nicht mehr bekannt.
is-let-in = ✅ { $name } ist zugelassen.
is-turned-away = 🚫 { $name } ist abgelehnt.
is-waiting = { $name } wartet noch.

## Commands

menu-start = Hallo sagen
menu-help = Was ich kann
menu-new = Ein neues Gespräch beginnen
menu-stop = Die laufende Antwort abbrechen
nothing-to-stop = Es läuft gerade nichts, was ich abbrechen könnte.
menu-reminders = Deine Erinnerungen, mit einem Knopf zum Löschen
menu-calendar = Was heute und morgen in deinem Kalender steht
menu-tz = Deine Zeitzone, oder eine andere: /tz Berlin
menu-language = Die Sprache, in der ich mit dir spreche
menu-memory = Was ich mir über dich merke, mit einem Knopf zum Vergessen
menu-why = Wie meine letzte Antwort zustande kam
menu-usage = Was deine Fragen in 30 Tagen verbraucht haben
menu-status = Ob es mir gut geht, und deine Einstellungen
menu-privacy = Was ich über dich speichere, und wie lange
menu-export = Alles, was ich über dich aufbewahre, als Datei
menu-delete-me = Alles löschen, was ich über dich weiß
menu-users = Wer diesen Assistenten benutzt, und wer wartet
menu-invite = Ein Link für jemanden, den du einladen willst
help =
    Ich beantworte Fragen, kümmere mich um deine Erinnerungen und weiß überall, wie spät es ist. Zum Beispiel:
    - _erinnere mich in 90 Minuten daran, Anna anzurufen_
    - _erinnere mich werktags um 9 ans Dehnen_
    - _zeig meine Erinnerungen_, dann _lösch die mit dem Dehnen_; oder antworte auf die Erinnerung mit _lösch diese_
    - _wie spät ist es in Tokio?_
    - _verbinde meinen Kalender_, dann _was steht morgen an?_
    - _ich bin jetzt in Lissabon_

    { $commands }

    Jede Änderung, die ich mache, steht als eigene Zeile unter meiner Antwort. Eine Antwort ohne eine solche Zeile hat nichts geändert. Rückgängig geht einen Tag lang. Was andere sehen würden, was im Kalender gelöscht wird und was aus weitergeleiteten Nachrichten folgt, wartet auf dein Ja. Antworten des eingebauten Offline-Modells sagen das in ihrer letzten Zeile; es versteht am besten Englisch.

    Ich lese Text, Bildunterschriften, Kontakte und Dateien (Text, Markdown, CSV, JSON) bis 1 MB. Du kannst eine Nachricht ändern, solange ich sie noch nicht beantwortet habe.
new-conversation = Ein neues Gespräch. Was hast du auf dem Herzen?
unknown-command = Diesen Befehl kenne ich nicht. /help zeigt, was ich kann.
only-in-private = Bitte frag mich das in unserem privaten Chat.
only-for-owner = Das kann nur der Besitzer dieses Assistenten.
no-reminders = Du hast keine Erinnerungen. Sag zum Beispiel _erinnere mich morgen um 9 daran, die Blumen zu gießen_.
reminders-head = Deine Erinnerungen; ein Knopf löscht die mit seiner Nummer:
reminders-more = … und { $count } weitere.
task-held = { $line } (wartet: Ich kann in dem Chat nicht schreiben)
next-time = { $schedule } (nächstes Mal: { $next })
no-usage = Du hast in den letzten 30 Tagen nichts gefragt.
usage = In den letzten 30 Tagen: { $turns ->
        [one] { $turns } Antwort
       *[other] { $turns } Antworten
    }, für die ein Modell { $calls ->
        [one] einmal
       *[other] { $calls } Mal
    } gefragt wurde; es hat { $read } Token gelesen und { $written } geschrieben.
usage-cost = Soweit Preise bekannt sind, hat das { $cost } gekostet.
usage-budget-day = Budget für heute: { $spent } von { $limit } ausgegeben; das nächste beginnt { $resets }.
usage-budget-month = Budget für diesen Monat: { $spent } von { $limit } ausgegeben; das nächste beginnt { $resets }.
tokens = { $count } Token
status =
    Ich bin da. Du bist { $name }.
    - Zeitzone: { $zone }
    - Erinnerungen: { $count }
status-no-zone = noch nicht bekannt; /tz stellt sie ein
status-next = Als Nächstes: { $next }
privacy =
    Ich speichere auf dem Rechner dessen, der mich betreibt: deinen Namen, deine Sprache und Zeitzone; was wir einander schreiben; deine Erinnerungen; was ich mir merken soll; den Text von Dateien, die du schickst; den Schlüssel zu deinem Kalender, verschlüsselt, falls du einen verbindest. Niemand sonst, der mich benutzt, sieht etwas davon.

    Was du schreibst, geht an das Sprachmodell, das der Besitzer eingerichtet hat, und Orte, nach deren Wetter du fragst, gehen an den Wetterdienst. Sprach- und Videonachrichten und andere Aufnahmen gehen an den Server, der sie verschriftlicht, falls der Besitzer einen eingerichtet hat; sie werden nicht aufbewahrt. Alte Nachrichten werden nach der Zeit gelöscht, die der Besitzer eingestellt hat.

    /export gibt dir alles davon als Datei, /memory zeigt, was ich mir über dich gemerkt habe, und /delete\_me löscht alles.
no-memory = Ich habe mir noch nichts über dich gemerkt. Sag zum Beispiel: _merk dir, dass ich Vegetarier bin_.
memory-head = Das habe ich mir über dich gemerkt. Der Knopf mit der Nummer löscht die Zeile:
memory-more = … und { $count } weitere. Frag zum Beispiel: _was weißt du über mein Essen?_
forgotten = Vergessen.
export-here = Hier ist alles, was ich über dich aufbewahre:
export-too-large = Das ist zu viel für eine Datei in Telegram. Bitte den Besitzer darum.
export-refused = Telegram nimmt die Datei nicht an. Bitte versuch /export später noch einmal.
export-failed = Ich habe es mehrmals versucht, aber die Datei kommt nicht durch. Bitte versuch /export später noch einmal oder bitte den Besitzer darum.
why-nothing = Ich habe hier in letzter Zeit nichts beantwortet.
why-head = Meine letzte Antwort hier:
why-began = { $time }: Ich habe deine Nachricht gelesen.
why-model = Ich habe das Modell { $model } { $calls ->
        [one] einmal
       *[other] { $calls } Mal
    } gefragt{ $read ->
        [0] .
       *[other] ; es hat { $read } Token gelesen und { $written } geschrieben.
    }
why-tools = Benutzt hat es: { $tools }
why-changed = Geändert habe ich: { $what }
why-answered = { $time }: Ich habe geantwortet, nach { $took } s.
why-stopped = { $time }: Ich habe aufgegeben, nach { $took } s.
erase-question = Soll ich alles löschen, was ich über dich weiß: unser Gespräch, deine Erinnerungen, den Schlüssel zu deinem Kalender, dich? Das lässt sich nicht rückgängig machen, und der Besitzer muss dich wieder zulassen.
kept = Nichts wurde gelöscht.
erased = Alles über dich ist gelöscht. Auf Wiedersehen!
language-question = Welche Sprache soll ich mit dir sprechen? Auf Fragen antworte ich in der Sprache, in der du schreibst.
language-is = Ich spreche jetzt Deutsch mit dir.
no-such-language = Diese Sprache spreche ich nicht, aber diese:
users-head = { $count ->
    [one] Eine Person ist hier bekannt:
   *[other] { $count } Personen sind hier bekannt:
}
user-active = { $name }
user-owner = { $name }, Besitzer
user-pending = { $name } wartet
user-blocked = { $name } wurde abgelehnt
invite =
    Schick diesen Link an die Person, die du einladen willst: { $link }

    Wenn sie auf Start drückt, frage ich dich, ob ich sie zulassen soll.

## Where people are

where-are-you = Wo bist du? Ich brauche das für Uhrzeiten. Tipp auf deinen Ort, schick mir deinen Standort (📎, dann Standort), oder schreib `/tz` und deine Stadt, zum Beispiel `/tz Leipzig`.
owner-zone = Deine Zeitzone ist { $zone }, wie auf diesem Rechner; `/tz` ändert sie.
zone-unknown = Ich weiß nicht, wo du bist, also nehme ich UTC.
zone-known = Deine Zeitzone ist { $zone }.
zone-by-button = Um sie zu ändern, drück den Knopf unten, oder schreib `/tz` und eine Stadt, ein Land oder einen Zeitversatz wie UTC+2: `/tz Leipzig`.
zone-by-words = Um sie zu ändern, schreib `/tz` und eine Stadt, ein Land oder einen Zeitversatz wie UTC+2: `/tz Leipzig`.
zone-is = 🌍 Deine Zeitzone ist { $zone }. Wiederkehrende Erinnerungen behalten dort ihre Uhrzeit.
zone-already = Das ist deine Zeitzone: { $zone }.
zone-with-time = { $zone }; dort ist es { $time }
no-such-place = Ich kenne keinen Ort „{ $words }“. Schreib eine größere Stadt in der Nähe, ein Land, einen Zeitversatz wie `UTC+2`, oder schick mir deinen Standort (📎, dann Standort).
which-place = Welcher Ort ist „{ $words }“?
no-zone-there = Ich kann die Zeitzone dieses Ortes nicht bestimmen. Schreib `/tz` und eine Stadt in der Nähe.
elsewhere = Dieser Ort liegt in der Zeitzone { $zone }; deine ist { $own }. Soll ich deine ändern?

## What is said and pressed

nothing-said = Ja? Schreib, was ich tun soll.
cannot-read = { $kind ->
    [pictures] Bilder
    [voice] Sprachnachrichten
    [recordings] Tonaufnahmen
    [video-notes] Videonachrichten
    [videos] Videos
    [animations] Animationen
    [files] Dateien außer Text, Markdown, CSV und JSON
    [paid-media] bezahlte Medien
    [stories] Storys
    [sticker] Diesen Sticker
    [contacts] Kontakte
    [polls] Umfragen
    [checklists] Checklisten
    [invoices] Rechnungen
    [games] Spiele
    [giveaways] Gewinnspiele
    [place] Diesen Ort
   *[other] Diese Art von Nachricht
} kann ich noch nicht lesen. Bitte schreib es mir als Text.
file-too-large = Diese Datei ist zu groß: Ich lese bis zu { $limit }. Schick mir einen Teil davon.
file-not-text = Ich kann diese Datei nicht lesen: Sie ist leer oder kein Text in UTF-8. Speichere sie als UTF-8 und schick sie noch einmal.
file-away = Ich konnte diese Datei nicht von Telegram bekommen. Bitte schick sie noch einmal.
voice-silent = Darin habe ich keine Worte gehört. Bitte sag es noch einmal oder schreib es mir.
voice-unheard = Ich konnte nicht verstehen, was darin gesagt wird. Bitte schreib es mir oder versuch es später noch einmal.
voice-too-long = Diese Aufnahme ist zu lang: Von Telegram bekomme ich höchstens { $limit }. Schick mir einen Teil davon.
thrown = { $emoji } Das ist eine { $value }! Ich spiele aber nur mit Worten: Was kann ich für dich tun?
not-your-button = Dieser Knopf ist für die Person, mit der ich gesprochen habe.
spent-button = Dieser Knopf tut nichts mehr.

## Reminders

late = ({ $duration } zu spät)
missed = { $count ->
    [one] (1 frühere ist ausgefallen, während ich weg war)
   *[other] ({ $count } frühere sind ausgefallen, während ich weg war)
}
missed-many = ({ $count } oder mehr frühere sind ausgefallen, während ich weg war)
done-line = ✅ Erledigt
done-for-good = ✅ Erledigt, und sie kommt nicht wieder.
snoozed = 💤 Ich erinnere dich noch einmal: { $time }
snooze-moved = 💤 Ich erinnere dich noch einmal: { $time } statt { $before }
snooze-came = Sie ist schon wieder da: Drück die Knöpfe unter der neuen.

## What presses, failures and changes come to

all-right = In Ordnung, nichts wurde geändert.
all-right-zone = In Ordnung.
undone = Rückgängig gemacht.
undone-already = Das ist schon rückgängig gemacht.
undo-too-late = Es ist zu spät, das rückgängig zu machen.
done-as-asked = Erledigt.
said-yes-already = Dazu hast du schon Ja gesagt.
said-no-already = Dazu hast du Nein gesagt. Frag mich noch einmal, wenn du es dir anders überlegt hast.
question-too-old = Diese Frage ist zu alt. Bitte frag mich noch einmal.
did-not-work = Das hat nicht geklappt: { $why }.
event-changed = Der Termin wurde seitdem geändert, also habe ich ihn gelassen, wie er ist.
cancelled = Gelöscht.
did-nothing = Ich habe nichts getan: { $why }.
not-there-any-more = Es ist nicht mehr da.
gave-up = Entschuldige, bei mir ist etwas schiefgegangen, und es half nicht, es noch einmal zu versuchen. Bitte schick deine Nachricht noch einmal.
nothing-changed = Nichts wurde geändert.
changed-below = Was ich vorher getan habe, steht unten.
model-away = Ich kann das Sprachmodell gerade nicht erreichen.
model-busy = Das Sprachmodell bekommt gerade zu viele Anfragen.
model-refused = Das Sprachmodell weigert sich, für mich zu arbeiten.
model-too-long = Dieses Gespräch ist länger, als das Sprachmodell lesen kann.
model-broken = Die Antwort des Sprachmodells ging unterwegs verloren.
model-silent = Das Sprachmodell hat nicht rechtzeitig geantwortet (Frist: { $limit }).
out-of-time = Ich konnte das nicht rechtzeitig fertigstellen (Frist für eine Antwort: { $limit }).
stopped = Abgebrochen.
may-have-changed = Ich hatte schon begonnen und habe vielleicht etwas geändert; bitte sieh nach.
took-as-utc = Wo bist du? Ich habe die Zeit als UTC verstanden. Tippe auf deinen Ort oder nenne mir deine Stadt, dann passe ich sie an.
answered-earlier-version = Ich hatte schon auf die frühere Fassung dieser Nachricht geantwortet. Wenn die neue etwas ändert, schick sie bitte noch einmal.
out-of-steps = Das brauchte mehr Schritte, als ich für eine Nachricht machen darf (höchstens { $limit }).
out-of-calls = Das braucht mehr Werkzeugaufrufe, als ich für eine Nachricht machen darf (höchstens { $limit }).
out-of-tokens = Das wurde größer, als ich für eine Nachricht lesen und schreiben darf.
budget-spent-day = Was von deinem Budget für heute übrig ist, reicht für keine weitere Antwort.
budget-spent-month = Was von deinem Budget für diesen Monat übrig ist, reicht für keine weitere Antwort.
budget-spent-day-of-all = Was vom Budget dieses Assistenten für heute übrig ist, reicht für keine weitere Antwort.
budget-spent-month-of-all = Was vom Budget dieses Assistenten für diesen Monat übrig ist, reicht für keine weitere Antwort.
budget-resets = Das nächste Budget beginnt { $resets }. Erinnerungen kommen trotzdem.
budget-near-day = ⚠️ Von deinem Budget für heute sind { $spent } von { $limit } ausgegeben. Das nächste beginnt { $resets }.
budget-near-month = ⚠️ Von deinem Budget für diesen Monat sind { $spent } von { $limit } ausgegeben. Das nächste beginnt { $resets }.
budget-near-day-of-all = ⚠️ Vom Budget aller für heute sind { $spent } von { $limit } ausgegeben. Das nächste beginnt { $resets }.
budget-near-month-of-all = ⚠️ Vom Budget aller für diesen Monat sind { $spent } von { $limit } ausgegeben. Das nächste beginnt { $resets }.
circle = Ich habe mich im Kreis gedreht, also habe ich aufgehört.
try-in-minutes = Bitte versuch es in ein paar Minuten noch einmal.
try-in = Bitte versuch es noch einmal nach einer Pause: { $duration }.
try-again = Bitte versuch es noch einmal.
operator-looks = Wer diesen Assistenten betreibt, muss danach sehen: Der Grund steht im Protokoll.
start-new = Bitte beginne ein neues, oder schick eine kürzere Nachricht.
ask-smaller = Bitte versuch es noch einmal, oder frag nach einem kleineren Teil.
ask-in-parts = Bitte frag in kleineren Teilen danach.
say-otherwise = Bitte sag es anders.
receipt-once = ⏰ { $time }: { $what }
receipt-recurring = 🔁 { $schedule } (nächstes Mal: { $next }): { $what }
receipt-paused = ⏸ pausiert: { $what } ({ $when })
receipt-cancelled = 🗑 gelöscht: { $what } ({ $when })
receipt-zone = 🌍 Deine Zeitzone: { $zone } (jetzt { $time })

## Questions before a change, and the lines below it

ask-set-reminder = Diese Erinnerung anlegen?
ask-set-prompt = Soll ich das von selbst tun, wenn es so weit ist?
ask-change-reminder = Diese Erinnerung ändern?
ask-change-prompt = Ändern, was ich von selbst tue?
ask-cancel-reminders = { $count ->
    [one] Diese Erinnerung löschen?
   *[other] Diese { $count } Erinnerungen löschen?
}
ask-remember = Soll ich mir das über dich merken?
ask-forget = Soll ich das über dich vergessen?
ask-add-event = Diesen Termin eintragen?
ask-change-event = Diesen Termin ändern?
ask-delete-event = Diesen Termin löschen?
ask-disconnect = Google Kalender trennen?
ask-disconnect-means = Ich kann ihn dann nicht mehr lesen oder ändern; die Termine bleiben bei Google.
ask-no-undo = Das lässt sich nicht rückgängig machen: Du müsstest ihn neu verbinden.
ask-undo = Du kannst das 24 Stunden lang rückgängig machen.
google-invites = Google schickt jedem Gast eine Einladung.
google-tells = Google benachrichtigt die Gäste.
google-tells-guests = { $count ->
    [one] Google benachrichtigt den Gast.
   *[other] Google benachrichtigt die { $count } Gäste.
}
label-text = Text
label-when = Wann
label-each-time = Jedes Mal zu tun
label-then = Dann zu tun
label-zone = Zeitzone
label-next = Nächstes Mal
label-status = Status
label-reminder = Erinnerung
label-prompt = Was ich von selbst tue
label-title = Titel
label-where = Wo
label-description = Beschreibung
label-repeats = Wiederholung
label-it-repeats = Er wiederholt sich
label-calendar = Kalender
label-guests = Gäste
label-invites = Lädt ein
label-uninvites = Lädt nicht mehr ein
label-notifications = Benachrichtigungen
label-event = Termin
label-changes = Betrifft
label-account = Konto
is-active = aktiv
is-paused = pausiert
is-done = erledigt
is-cancelled = gelöscht
main-calendar = dein Hauptkalender
nothing-there = (leer)
not-at-all = nie
scope-one = nur dieser Termin der Serie
scope-following = dieser Termin und alle späteren
scope-all = die ganze Serie
repeats-daily = jeden Tag
repeats-weekdays = jeden Werktag
repeats-weekly = jede Woche
repeats-monthly = jeden Monat
repeats-yearly = jedes Jahr
notifications-usual = wie in deinem Kalender üblich
notifications-none = keine
notified-on-devices = { $count ->
    [one] eine Minute vorher auf deinen Geräten
   *[other] { $count } Minuten vorher auf deinen Geräten
}
notified-by-mail = { $count ->
    [one] eine Minute vorher per E-Mail
   *[other] { $count } Minuten vorher per E-Mail
}
unusual-letters = Vorsicht, ungewöhnliche Buchstaben: { $letters }
no-title = (ohne Titel)
all-day = { $days }, ganztägig
receipt-event-moved = 📅 { $event } (vorher { $before })
receipt-event-changed = 📅 geändert: { $event }
receipt-event-deleted = 🗑 gelöscht: { $event }
receipt-event-removed = ↩️ wieder entfernt: { $event }
receipt-event-as-it-was = ↩️ wie vorher: { $event }
receipt-event-back = ↩️ wieder da: { $event }
receipt-remembered = 🧠 Gemerkt: { $what }
receipt-forgotten = 🧠 Vergessen: { $what }
receipt-disconnected = 🔌 Google Kalender ist getrennt{ $whose }
why-reminder-changed = die Erinnerung wurde seitdem geändert oder war schon fällig, also bleibt sie, wie sie ist
why-event-changed = der Termin wurde seitdem geändert, also bleibt er, wie er ist
why-other-account = seitdem wurde ein anderes Konto verbunden, also bleibt alles, wie es ist
why-fired = die Erinnerung war schon fällig
why-no-calendar = Google Kalender ist hier nicht eingerichtet; wer diesen Assistenten betreibt, kann das tun
why-other-version = das hat eine andere Version von mir angeboten, bitte frag noch einmal
why-gone = das gibt es nicht mehr
calendar-unsure = Google Kalender ist gerade nicht erreichbar, deshalb ist nicht bekannt, ob das geklappt hat: Sieh im Kalender nach, bevor du noch einmal darum bittest.

## The weather

weather-where = Für welche Stadt?
weather-example = Zum Beispiel: „Wetter in Bergen morgen“.
weather-which = Welches { $name } meinst du?
weather-no-place = Einen Ort namens „{ $name }“ kenne ich nicht.
weather-there-are = { $what } Es gibt:
weather-sky = { $code ->
    [0] klar
    [1] überwiegend klar
    [2] teils bewölkt
    [3] bedeckt
    [45] Nebel
    [48] Nebel mit Reif
    [51] leichter Nieselregen
    [53] mäßiger Nieselregen
    [55] dichter Nieselregen
    [56] leichter gefrierender Nieselregen
    [57] dichter gefrierender Nieselregen
    [61] leichter Regen
    [63] mäßiger Regen
    [65] starker Regen
    [66] leichter gefrierender Regen
    [67] starker gefrierender Regen
    [71] leichter Schneefall
    [73] mäßiger Schneefall
    [75] starker Schneefall
    [77] Schneegriesel
    [80] leichte Regenschauer
    [81] mäßige Regenschauer
    [82] heftige Regenschauer
    [85] leichte Schneeschauer
    [86] starke Schneeschauer
    [95] Gewitter
    [96] Gewitter mit leichtem Hagel
    [99] Gewitter mit starkem Hagel
   *[other] Himmel unbekannt
}
wind-from = { $speed } aus { $direction ->
    [1] Nordosten
    [2] Osten
    [3] Südosten
    [4] Süden
    [5] Südwesten
    [6] Westen
    [7] Nordwesten
   *[other] Norden
}
wind-up-to = bis { $speed }
wind-of = Wind { $wind }
rain-chance = { $chance } Regenwahrscheinlichkeit
weather-unknown = unbekannt
weather-day = { $day }: { $weather }, { $low } bis { $high }, Regenwahrscheinlichkeit { $chance } ({ $amount }), Wind { $wind }
weather-now = { $place }, jetzt: { $weather }, { $temperature } (gefühlt { $feels }), Wind { $wind }.
weather-today = Heute, { $day }.
weather-past = { $day } ist vorbei: bekannt sind nur Vorhersagen
weather-too-far = { $day } ist zu weit weg: Die Vorhersage reicht bis { $last }
weather-nothing = über { $day } ist nichts bekannt
weather-away = der Wetterdienst ist gerade nicht erreichbar ({ $why }), deshalb ist das Wetter nicht bekannt
no-answer-in-time = keine rechtzeitige Antwort
no-connection = keine Verbindung
weather-too-many = der Wetterdienst begrenzt, wie oft man ihn fragen darf; in einigen Minuten geht es wieder
weather-refused = der Wetterdienst hat die Anfrage abgelehnt ({ $why })
weather-unreadable = der Wetterdienst hat etwas Unlesbares geantwortet, deshalb ist das Wetter nicht bekannt

## The calendar

agenda-nothing = nichts geplant
agenda-all-day = ganztägig
agenda-all-day-of = ganztägig ({ $day } von { $days })
agenda-until = bis { $time }
agenda-declined = abgesagt
agenda-not-answered = noch nicht beantwortet
agenda-maybe = vielleicht
agenda-more = ({ $count } weitere nicht gezeigt)
agenda-too-many = (es gibt mehr Termine, als gelesen werden konnten: Frag nach weniger Tagen)
agenda-unread = (nicht lesbar: { $names })
found-nothing = nichts gefunden
free-head = Du hast Zeit ({ $zone }):
free-never = Dann habe ich keine freie Zeit gefunden.
calendar-not-connected = Google Kalender ist nicht verbunden
calendar-not-yet = Google Kalender ist noch nicht verbunden
calendar-reconnect = Google Kalender muss neu verbunden werden
calendar-not-set-up = Google Kalender ist hier nicht eingerichtet; das kann der Betreiber tun
calendar-is-away = Google Kalender ist gerade nicht erreichbar
calendar-wait = Google Kalender bittet, vor der nächsten Anfrage zu warten
calendar-connected = verbunden: { $account }
calendar-private = den Link zum Verbinden bekommt nur, wem der Kalender gehört: Frag mich im privaten Chat danach
connect-calendar = Google Kalender verbinden
several-events = mehrere Termine passen. Welcher ist es, an welchem Tag oder um wie viel Uhr?
no-such-event = Einen Termin „{ $which }“ finde ich nicht.
too-far-ahead = das ist zu weit weg

## The time

time-now = Es ist { $time }.
day-today = Heute ist { $day }.
day-tomorrow = Morgen ist { $day }.
day-yesterday = Gestern war { $day }.
day-ago = { $day } war vor { $count ->
    [one] einem Tag
   *[other] { $count } Tagen
}.
day-ahead = { $day } ist in { $count ->
    [one] einem Tag
   *[other] { $count } Tagen
}.
