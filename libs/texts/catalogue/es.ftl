## Times and spans

today = hoy { $time }
tomorrow = mañana { $time }
on-weekday = { $weekday } { $time }
on-date = { $weekday } { $day } { $month } { $year }, { $time }
weekday = { $weekday ->
    [1] lun
    [2] mar
    [3] mié
    [4] jue
    [5] vie
    [6] sáb
   *[7] dom
}
month = { $month ->
    [1] ene
    [2] feb
    [3] mar
    [4] abr
    [5] may
    [6] jun
    [7] jul
    [8] ago
    [9] sept
    [10] oct
    [11] nov
   *[12] dic
}
seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}

## Buttons

undo = Deshacer
yes = Sí
no = No
approve = Admitir
decline = Rechazar
done = ✅ Hecho
snooze-ten-minutes = 💤 10 min
snooze-hour = 💤 1 h
snooze-tomorrow = 💤 Mañana
share-location = 📍 Enviar mi ubicación
use-zone = Usar { $zone }
keep-zone = Mantener { $zone }
erase = Borrar todo
keep = No, consérvalo

## Beginning

welcome =
    ¡Hola, { $name }! Soy tu asistente. Escríbeme sin más: pregunta algo, o di _recuérdame mañana a las 9 regar las plantas_.

    /help dice lo que sé hacer. Las respuestas del modelo sin conexión lo dicen en su última línea.
welcome-owner =
    ¡Te doy la bienvenida, { $name }! Este asistente es tuyo desde ahora. Cuando otra persona me escriba, te preguntaré primero.

    Escríbeme sin más, por ejemplo _recuérdame en 10 minutos llamar a casa_. /help dice lo que sé hacer.
let-in = ¡Ya puedes usarme! Escríbeme sin más; /help dice lo que sé hacer.
ask-owner = Este es un asistente privado. Pide a su dueño que te admita.
no-owner = Este es un asistente privado que aún no tiene dueño. Si es tuyo, envíame el código de dueño que mostró `manage`.
access-request = **{ $name }** ({ $account }) quiere usar este asistente.
more-requests = Más personas piden usar este asistente de las que puedo preguntarte una por una. /users las muestra todas.
only-owner-decides = Eso solo puede decidirlo el dueño.
nobody-there = Ya no conozco a esta persona.
is-let-in = ✅ { $name } puede usarme.
is-turned-away = 🚫 { $name } queda fuera.
is-waiting = { $name } sigue esperando.

## Commands

menu-start = Saludar
menu-help = Lo que sé hacer
menu-new = Empezar una conversación nueva
menu-stop = Detener la respuesta en curso
nothing-to-stop = No hay nada que detener.
menu-reminders = Tus recordatorios, con un botón para cancelar cada uno
menu-calendar = Lo que hay hoy y mañana en tu calendario
menu-tz = Tu zona horaria, u otra: /tz Madrid
menu-language = El idioma en que te hablo
menu-memory = Lo que recuerdo de ti, con un botón para olvidar cada cosa
menu-why = Cómo llegué a mi última respuesta
menu-usage = Lo que han gastado tus preguntas en 30 días
menu-status = Si estoy bien, y tus ajustes
menu-privacy = Lo que guardo sobre ti, y por cuánto tiempo
menu-export = Todo lo que guardo sobre ti, en un archivo
menu-delete-me = Borrar todo lo que sé de ti
menu-users = Quién usa este asistente, y quién espera
menu-invite = Un enlace para alguien a quien quieras invitar
help =
    Respondo preguntas, guardo tus recordatorios y sé qué hora es en todo el mundo. Por ejemplo:
    - _recuérdame en 90 minutos llamar a Ana_
    - _recuérdame los días laborables a las 9 estirar_
    - _enséñame mis recordatorios_, y luego _cancela el de estirar_; o responde al recordatorio con _cancela este_
    - _¿qué hora es en Tokio?_
    - _conecta mi calendario_, y luego _¿qué tengo mañana?_
    - _ahora estoy en Lisboa_

    { $commands }

    Cada cambio que hago aparece en una línea propia debajo de mi respuesta. Una respuesta sin ella no ha cambiado nada. Deshacer funciona durante un día. Lo que verían otros, lo que se borra en tu calendario y lo que sale de mensajes reenviados espera tu Sí. Las respuestas del modelo sin conexión lo dicen en su última línea; entiende sobre todo inglés.

    Leo texto, pies de foto, contactos y archivos (texto, Markdown, CSV, JSON) de hasta 1 MB. Puedes corregir un mensaje mientras no lo haya respondido.
new-conversation = Una conversación nueva. ¿En qué piensas?
unknown-command = No conozco ese comando. /help muestra lo que sé hacer.
only-in-private = Pregúntamelo en nuestro chat privado, por favor.
only-for-owner = Eso solo puede hacerlo el dueño de este asistente.
no-reminders = No tienes recordatorios. Di, por ejemplo, _recuérdame mañana a las 9 regar las plantas_.
reminders-head = Tus recordatorios; un botón cancela el de su número:
reminders-more = … y { $count } más.
task-held = { $line } (espera: no puedo escribir en su chat)
next-time = { $schedule } (próxima vez: { $next })
no-usage = No has preguntado nada en los últimos 30 días.
usage = En los últimos 30 días: { $turns ->
        [one] { $turns } respuesta
       *[other] { $turns } respuestas
    }, para las que consulté un modelo { $calls ->
        [one] una vez
       *[other] { $calls } veces
    }; leyó { $read } tokens y escribió { $written }.
usage-cost = Hasta donde se conocen los precios, eso ha costado { $cost }.
usage-budget-day = Presupuesto de hoy: { $spent } de { $limit } gastados; el próximo empieza { $resets }.
usage-budget-month = Presupuesto de este mes: { $spent } de { $limit } gastados; el próximo empieza { $resets }.
tokens = { $count ->
    [one] { $count } token
   *[other] { $count } tokens
}
status =
    Aquí estoy. Eres { $name }.
    - Zona horaria: { $zone }
    - Recordatorios: { $count }
status-no-zone = aún no la sé; /tz la fija
status-next = Próximo: { $next }
privacy =
    Guardo, en la máquina de quien me gestiona: tu nombre, idioma y zona horaria; lo que nos decimos; tus recordatorios; lo que me pides recordar; el texto de los archivos que envías; la clave de acceso a tu calendario, cifrada, si conectas uno. Nadie más de los que me usan ve nada de eso.

    Lo que escribes va al modelo de lenguaje que el dueño ha configurado, y los lugares por cuyo tiempo preguntas van al servicio meteorológico. Los mensajes de voz y de vídeo y otras grabaciones van al servidor que los transcribe, si el dueño ha configurado uno; no se guardan. Los mensajes antiguos se borran después del plazo que el dueño ha fijado.

    /export te lo da todo en un archivo, /memory muestra lo que he anotado sobre ti y /delete\_me lo borra todo.
no-memory = Todavía no recuerdo nada sobre ti. Dime, por ejemplo, _recuerda que no como carne_.
memory-head = Esto recuerdo de ti. Para borrar una línea, pulsa su número:
memory-more = … y { $count } más. Pregúntame, por ejemplo: _¿qué recuerdas sobre mi comida?_
forgotten = Olvidado.
export-here = Aquí está todo lo que guardo sobre ti:
export-too-large = Es demasiado para un solo archivo en Telegram. Pídeselo al dueño.
export-refused = Telegram no acepta el archivo. Prueba /export más tarde, por favor.
export-failed = Lo he intentado varias veces, pero el archivo no llega. Prueba /export más tarde, por favor, o pídeselo al dueño.
why-nothing = Últimamente no he respondido nada aquí.
why-head = Mi última respuesta aquí:
why-began = { $time }: leí tu mensaje.
why-model = Consulté el modelo { $model } { $calls ->
        [one] una vez
       *[other] { $calls } veces
    }{ $read ->
        [0] .
       *[other] ; leyó { $read } tokens y escribió { $written }.
    }
why-tools = Usó: { $tools }
why-changed = Cambié: { $what }
why-answered = { $time }: respondí, después de { $took } s.
why-stopped = { $time }: desistí, después de { $took } s.
erase-question = ¿Borro todo lo que sé de ti: nuestra conversación, tus recordatorios, la clave de acceso a tu calendario, a ti? No se puede deshacer, y el dueño tendrá que admitirte de nuevo.
kept = No se ha borrado nada.
erased = Todo lo tuyo está borrado. ¡Adiós!
language-question = ¿En qué idioma te hablo? A tus preguntas respondo en el idioma en que escribes.
language-is = Desde ahora te hablo en español.
no-such-language = No hablo ese idioma. Estos sí:
users-head = { $count ->
    [one] Aquí conozco a una persona:
   *[other] Aquí conozco a { $count } personas:
}
user-active = { $name }
user-owner = { $name }, dueño
user-pending = { $name } está esperando
user-blocked = { $name } quedó fuera
invite =
    Envía este enlace a quien quieras invitar: { $link }

    Cuando pulse Iniciar, te preguntaré si le dejo entrar.

## Where people are

where-are-you = ¿Dónde estás? Lo necesito para las horas. Pulsa tu lugar, envíame tu ubicación (📎 y luego Ubicación), o escribe `/tz` y tu ciudad, por ejemplo `/tz Madrid`.
owner-zone = Tu zona horaria es { $zone }, como en esta máquina; `/tz` la cambia.
zone-unknown = No sé dónde estás, así que uso UTC.
zone-known = Tu zona horaria es { $zone }.
zone-by-button = Para cambiarla, pulsa el botón de abajo, o escribe `/tz` y una ciudad, un país o una diferencia: `/tz Madrid`.
zone-by-words = Para cambiarla, escribe `/tz` y una ciudad, un país o una diferencia: `/tz Madrid`.
zone-is = 🌍 Tu zona horaria es { $zone }. Los recordatorios que se repiten mantienen allí su hora.
zone-already = Esa es tu zona horaria: { $zone }.
zone-with-time = { $zone }; hora local: { $time }
no-such-place = No conozco ningún lugar «{ $words }». Escribe una ciudad más grande cercana, un país, una diferencia como `UTC+2`, o envíame tu ubicación (📎 y luego Ubicación).
which-place = ¿Cuál es «{ $words }»?
no-zone-there = No puedo saber la zona horaria de ese lugar. Escribe `/tz` y una ciudad cercana.
elsewhere = Ese lugar está en la zona horaria { $zone }; la tuya es { $own }. ¿Cambio la tuya?

## What is said and pressed

nothing-said = ¿Sí? Escribe lo que quieres que haga.
cannot-read = Todavía no puedo leer { $kind ->
    [pictures] imágenes
    [voice] mensajes de voz
    [recordings] grabaciones
    [video-notes] mensajes de vídeo
    [videos] vídeos
    [animations] animaciones
    [files] archivos que no sean texto, Markdown, CSV o JSON
    [paid-media] contenido de pago
    [stories] historias
    [sticker] este sticker
    [contacts] contactos
    [polls] encuestas
    [checklists] listas de tareas
    [invoices] facturas
    [games] juegos
    [giveaways] sorteos
    [place] este lugar
   *[other] este tipo de mensaje
}. Escríbemelo como texto, por favor.
file-too-large = Este archivo es demasiado grande: leo hasta { $limit }. Envíame una parte.
file-not-text = No puedo leer este archivo: está vacío o no es texto en UTF-8. Guárdalo como UTF-8 y envíalo otra vez.
file-away = No he podido obtener este archivo de Telegram. Envíalo otra vez, por favor.
voice-silent = No he oído palabras ahí. Dilo otra vez o escríbelo, por favor.
voice-unheard = No he podido entender lo que se dice ahí. Escríbelo, por favor, o inténtalo más tarde.
voice-too-long = Esta grabación es demasiado larga: Telegram me da como mucho { $limit }. Envíame una parte.
thrown = { $emoji } ¡Es un { $value }! Pero yo solo juego con palabras: ¿qué puedo hacer por ti?
not-your-button = Este botón es para la persona con la que hablaba.
spent-button = Este botón ya no hace nada.

## Reminders

late = (con { $duration } de retraso)
missed = { $count ->
    [one] (1 anterior se perdió mientras no estaba)
   *[other] ({ $count } anteriores se perdieron mientras no estaba)
}
missed-many = ({ $count } o más anteriores se perdieron mientras no estaba)
done-line = ✅ Hecho
done-for-good = ✅ Hecho, y no volverá.
snoozed = 💤 Te lo recordaré otra vez: { $time }
snooze-moved = 💤 Te lo recordaré otra vez: { $time } en vez de { $before }
snooze-came = Ya ha vuelto: pulsa los botones de debajo de aquel.

## What presses, failures and changes come to

all-right = De acuerdo, no se ha cambiado nada.
all-right-zone = De acuerdo.
undone = Deshecho.
undone-already = Eso ya está deshecho.
undo-too-late = Es demasiado tarde para deshacerlo.
done-as-asked = Hecho.
said-yes-already = Ya dijiste que sí a eso.
said-no-already = Dijiste que no a eso. Pídemelo otra vez si has cambiado de idea.
question-too-old = Esa pregunta es demasiado antigua. Pídemelo otra vez, por favor.
did-not-work = No ha funcionado: { $why }.
event-changed = El evento ha cambiado desde entonces, así que lo he dejado como está.
cancelled = Cancelado.
did-nothing = No he hecho nada: { $why }.
not-there-any-more = Ya no está.
gave-up = Lo siento, algo falló por mi parte y volver a intentarlo no ayudó. Envía tu mensaje otra vez, por favor.
nothing-changed = No se ha cambiado nada.
changed-below = Lo que hice antes está abajo.
model-away = Ahora mismo no puedo contactar con el modelo de lenguaje.
model-busy = El modelo de lenguaje recibe ahora demasiadas peticiones.
model-refused = El modelo de lenguaje se ha negado a trabajar para mí.
model-too-long = Esta conversación es más larga de lo que el modelo de lenguaje puede leer.
model-broken = La respuesta del modelo de lenguaje se perdió por el camino.
model-silent = El modelo de lenguaje no respondió a tiempo (plazo: { $limit }).
out-of-time = No he podido terminar a tiempo (plazo para una respuesta: { $limit }).
stopped = Detenido.
may-have-changed = Ya había empezado y quizá haya cambiado algo; compruébalo, por favor.
took-as-utc = ¿Dónde estás? He tomado la hora como UTC. Pulsa tu lugar o dime tu ciudad y la ajusto.
answered-earlier-version = Ya había respondido a la versión anterior de ese mensaje. Si la nueva cambia algo, envíala otra vez, por favor.
out-of-steps = Esto necesita más pasos de los que puedo dar por mensaje (como mucho { $limit }).
out-of-calls = Esto necesita más llamadas a herramientas de las que puedo hacer por mensaje (como mucho { $limit }).
out-of-tokens = Esto ha crecido más de lo que puedo leer y escribir por mensaje.
budget-spent-day = Lo que queda de tu presupuesto de hoy no alcanza para otra respuesta.
budget-spent-month = Lo que queda de tu presupuesto de este mes no alcanza para otra respuesta.
budget-spent-day-of-all = Lo que queda del presupuesto de hoy de este asistente no alcanza para otra respuesta.
budget-spent-month-of-all = Lo que queda del presupuesto de este mes de este asistente no alcanza para otra respuesta.
budget-resets = El próximo presupuesto empieza { $resets }. Los recordatorios llegan de todos modos.
budget-near-day = ⚠️ De tu presupuesto de hoy se han gastado { $spent } de { $limit }. El próximo empieza { $resets }.
budget-near-month = ⚠️ De tu presupuesto de este mes se han gastado { $spent } de { $limit }. El próximo empieza { $resets }.
budget-near-day-of-all = ⚠️ Del presupuesto de todos para hoy se han gastado { $spent } de { $limit }. El próximo empieza { $resets }.
budget-near-month-of-all = ⚠️ Del presupuesto de todos para este mes se han gastado { $spent } de { $limit }. El próximo empieza { $resets }.
circle = Estaba dando vueltas, así que he parado.
try-in-minutes = Inténtalo otra vez en unos minutos, por favor.
try-in = Inténtalo otra vez dentro de { $duration }, por favor.
try-again = Inténtalo otra vez, por favor.
operator-looks = Quien gestiona este asistente tiene que mirarlo: el motivo está en su registro.
start-new = Empieza otra, o envía un mensaje más corto, por favor.
ask-smaller = Inténtalo otra vez, o pide una parte más pequeña.
ask-in-parts = Pídelo en partes más pequeñas, por favor.
say-otherwise = Dilo de otra manera, por favor.
receipt-once = ⏰ { $time }: { $what }
receipt-recurring = 🔁 { $schedule } (próxima vez: { $next }): { $what }
receipt-paused = ⏸ en pausa: { $what } ({ $when })
receipt-cancelled = 🗑 cancelado: { $what } ({ $when })
receipt-zone = 🌍 Tu zona horaria: { $zone } (ahora { $time })

## Questions before a change, and the lines below it

ask-set-reminder = ¿Creo este recordatorio?
ask-set-prompt = ¿Lo hago por mi cuenta cuando llegue el momento?
ask-change-reminder = ¿Cambio este recordatorio?
ask-change-prompt = ¿Cambio lo que hago por mi cuenta?
ask-cancel-reminders = { $count ->
    [one] ¿Cancelo este recordatorio?
   *[other] ¿Cancelo estos { $count } recordatorios?
}
ask-remember = ¿Guardo esto sobre ti?
ask-forget = ¿Borro esto sobre ti?
ask-add-event = ¿Añado este evento?
ask-change-event = ¿Cambio este evento?
ask-delete-event = ¿Borro este evento?
ask-disconnect = ¿Desconecto Google Calendar?
ask-disconnect-means = Ya no podré leerlo ni cambiarlo; los eventos se quedan en Google.
ask-no-undo = Esto no se puede deshacer: tendrías que volver a conectarlo.
ask-undo = Puedes deshacerlo durante 24 horas.
google-invites = Google envía una invitación a cada invitado.
google-tells = Google avisa a los invitados.
google-tells-guests = { $count ->
    [one] Google avisa al invitado.
   *[other] Google avisa a los { $count } invitados.
}
label-text = Texto
label-when = Cuándo
label-each-time = Qué hacer cada vez
label-then = Qué hacer entonces
label-zone = Zona horaria
label-next = Próxima vez
label-status = Estado
label-reminder = Recordatorio
label-prompt = Lo que hago por mi cuenta
label-title = Título
label-where = Dónde
label-description = Descripción
label-repeats = Repetición
label-it-repeats = Se repite
label-calendar = Calendario
label-guests = Invitados
label-invites = Invita a
label-uninvites = Ya no invita a
label-notifications = Avisos
label-event = Evento
label-changes = Afecta a
label-account = Cuenta
is-active = activo
is-paused = en pausa
is-done = hecho
is-cancelled = cancelado
main-calendar = el principal
nothing-there = (vacío)
not-at-all = nunca
scope-one = solo este de la serie
scope-following = este de la serie y todos los siguientes
scope-all = toda la serie
repeats-daily = cada día
repeats-weekdays = cada día laborable
repeats-weekly = cada semana
repeats-monthly = cada mes
repeats-yearly = cada año
notifications-usual = los habituales de tu calendario
notifications-none = ninguno
notified-on-devices = { $count ->
    [one] un minuto antes en tus dispositivos
   *[other] { $count } minutos antes en tus dispositivos
}
notified-by-mail = { $count ->
    [one] un minuto antes por correo
   *[other] { $count } minutos antes por correo
}
unusual-letters = cuidado, letras inusuales: { $letters }
no-title = (sin título)
all-day = { $days }, todo el día
receipt-event-moved = 📅 { $event } (antes { $before })
receipt-event-changed = 📅 cambiado: { $event }
receipt-event-deleted = 🗑 borrado: { $event }
receipt-event-removed = ↩️ quitado de nuevo: { $event }
receipt-event-as-it-was = ↩️ como estaba: { $event }
receipt-event-back = ↩️ de vuelta: { $event }
receipt-remembered = 🧠 Guardado: { $what }
receipt-forgotten = 🧠 Olvidado: { $what }
receipt-disconnected = 🔌 Google Calendar está desconectado{ $whose }
why-reminder-changed = el recordatorio ha cambiado o ya ha sonado, así que se queda como está
why-event-changed = el evento ha cambiado desde entonces, así que se queda como está
why-other-account = desde entonces se conectó otra cuenta, así que se queda como está
why-fired = el recordatorio ya ha sonado
why-no-calendar = Google Calendar no está configurado aquí; quien gestiona este asistente puede hacerlo
why-other-version = esto lo ofreció otra versión de mí, pídelo de nuevo
why-gone = eso ya no existe
calendar-unsure = Ahora no se puede acceder a Google Calendar, así que no se sabe si se hizo: mira el calendario antes de volver a pedirlo.

## The weather

weather-where = ¿Para qué ciudad?
weather-example = Por ejemplo: “el tiempo en Bergen mañana”.
weather-which = ¿A cuál { $name } te refieres?
weather-no-place = No conozco ningún lugar llamado “{ $name }”.
weather-there-are = { $what } Hay:
weather-sky = { $code ->
    [0] despejado
    [1] mayormente despejado
    [2] parcialmente nublado
    [3] cubierto
    [45] niebla
    [48] niebla con escarcha
    [51] llovizna ligera
    [53] llovizna moderada
    [55] llovizna densa
    [56] llovizna helada ligera
    [57] llovizna helada densa
    [61] lluvia ligera
    [63] lluvia moderada
    [65] lluvia fuerte
    [66] lluvia helada ligera
    [67] lluvia helada fuerte
    [71] nevada ligera
    [73] nevada moderada
    [75] nevada fuerte
    [77] granos de nieve
    [80] chubascos ligeros
    [81] chubascos moderados
    [82] chubascos violentos
    [85] chubascos de nieve ligeros
    [86] chubascos de nieve fuertes
    [95] tormenta
    [96] tormenta con granizo ligero
    [99] tormenta con granizo fuerte
   *[other] cielo desconocido
}
wind-from = { $speed } del { $direction ->
    [1] noreste
    [2] este
    [3] sureste
    [4] sur
    [5] suroeste
    [6] oeste
    [7] noroeste
   *[other] norte
}
wind-up-to = hasta { $speed }
wind-of = viento { $wind }
rain-chance = { $chance } de probabilidad de lluvia
weather-unknown = desconocido
weather-day = { $day }: { $weather }, de { $low } a { $high }, { $chance } de probabilidad de lluvia ({ $amount }), viento { $wind }
weather-now = { $place }, ahora: { $weather }, { $temperature } (sensación de { $feels }), viento { $wind }.
weather-today = Hoy, { $day }.
weather-past = { $day } ya pasó: solo se conocen pronósticos
weather-too-far = { $day } queda demasiado lejos: el pronóstico llega hasta { $last }
weather-nothing = no se sabe nada de { $day }
weather-away = el servicio del tiempo no está disponible ahora ({ $why }), así que no se sabe qué tiempo hace
no-answer-in-time = no respondió a tiempo
no-connection = sin conexión
weather-too-many = el servicio del tiempo limita las consultas; en unos minutos vuelve a funcionar
weather-refused = el servicio del tiempo rechazó la consulta ({ $why })
weather-unreadable = el servicio del tiempo respondió algo ilegible, así que no se sabe qué tiempo hace

## The calendar

agenda-nothing = nada previsto
agenda-all-day = todo el día
agenda-all-day-of = todo el día ({ $day } de { $days })
agenda-until = hasta las { $time }
agenda-declined = rechazado
agenda-not-answered = sin responder
agenda-maybe = quizás
agenda-more = ({ $count } más sin mostrar)
agenda-too-many = (hay más eventos de los que se pudieron leer: pregunta por menos días)
agenda-unread = (no se pudo leer: { $names })
found-nothing = no se encontró nada
free-head = Tienes libre ({ $zone }):
free-never = No encontré tiempo libre entonces.
calendar-not-connected = Google Calendar no está conectado
calendar-not-yet = Google Calendar todavía no está conectado
calendar-reconnect = hay que volver a conectar Google Calendar
calendar-not-set-up = Google Calendar no está configurado aquí; puede hacerlo quien administra este asistente
calendar-is-away = Google Calendar no está disponible ahora
calendar-wait = Google Calendar pide esperar antes de volver a consultarlo
calendar-connected = conectado: { $account }
calendar-private = el enlace para conectar un calendario es solo para su dueño: pídemelo en un chat privado
connect-calendar = Conectar Google Calendar
several-events = encajan varios eventos: ¿cuál, por su día o su hora?
no-such-event = No encuentro el evento “{ $which }”.
too-far-ahead = queda demasiado lejos

## The time

time-now = Son las { $time }.
day-today = Hoy es { $day }.
day-tomorrow = Mañana es { $day }.
day-yesterday = Ayer fue { $day }.
day-ago = { $day } fue hace { $count ->
    [one] un día
   *[other] { $count } días
}.
day-ahead = { $day } es dentro de { $count ->
    [one] un día
   *[other] { $count } días
}.
