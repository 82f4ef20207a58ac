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
    ¡Bienvenido, { $name }! Este asistente es tuyo desde ahora. Cuando otra persona me escriba, te preguntaré primero.

    Escríbeme sin más, por ejemplo _recuérdame en 10 minutos llamar a casa_. /help dice lo que sé hacer.
let-in = ¡Ya puedes usarme! Escríbeme sin más; /help dice lo que sé hacer.
ask-owner = Este es un asistente privado. Pide a su dueño que te admita.
no-owner = Este es un asistente privado que aún no tiene dueño. Si es tuyo, envíame el código de dueño que mostró `manage`.
access-request = **{ $name }** ({ $account }) quiere usar este asistente.
more-requests = Más personas piden usar este asistente de las que puedo preguntarte una por una. /users las muestra todas.
only-owner-decides = Eso solo puede decidirlo el dueño.
nobody-there = Esta persona ya no es conocida.
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
menu-usage = Lo que han gastado tus preguntas en 30 días
menu-status = Si estoy bien, y tus ajustes
menu-privacy = Lo que guardo sobre ti, y por cuánto tiempo
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

    Leo texto y pies de foto; si editas un mensaje que ya he respondido, no lo veo.
new-conversation = Una conversación nueva. ¿En qué piensas?
unknown-command = No conozco ese comando. /help muestra lo que sé hacer.
only-in-private = Pregúntamelo en nuestro chat privado, por favor.
only-for-owner = Eso solo puede hacerlo el dueño de este asistente.
no-reminders = No tienes recordatorios. Di, por ejemplo, _recuérdame mañana a las 9 regar las plantas_.
reminders-head = Tus recordatorios; un botón cancela el de su número:
reminders-more = … y { $count } más.
next-time = { $schedule } (próxima vez: { $next })
no-usage = No has preguntado nada en los últimos 30 días.
usage = En los últimos 30 días: { $turns ->
        [one] { $turns } respuesta
       *[other] { $turns } respuestas
    }, para las que se preguntó a un modelo { $calls ->
        [one] una vez
       *[other] { $calls } veces
    }; leyó { $read } tokens y escribió { $written }.
status =
    Aquí estoy. Eres { $name }.
    - Zona horaria: { $zone }
    - Recordatorios: { $count }
status-no-zone = aún no la sé; /tz la fija
status-next = Próximo: { $next }
privacy =
    Guardo, en la máquina de quien me mantiene: tu nombre, idioma y zona horaria; lo que nos decimos; tus recordatorios; la llave de tu calendario, cifrada, si conectas uno. Nadie más de los que me usan ve nada de eso.

    Lo que escribes va al modelo de lenguaje que el dueño ha configurado, y los lugares por cuyo tiempo preguntas van al servicio meteorológico. Los mensajes antiguos se borran después del plazo que el dueño ha fijado.

    El dueño puede darte en un archivo todo lo que se guarda sobre ti. /delete\_me lo borra.
erase-question = ¿Borro todo lo que sé de ti: nuestra conversación, tus recordatorios, la llave de tu calendario, a ti? No se puede deshacer, y el dueño tendrá que admitirte de nuevo.
kept = No se ha borrado nada.
erased = Todo lo tuyo está borrado. ¡Adiós!
language-question = ¿En qué idioma te hablo? A tus preguntas respondo en el idioma en que escribes.
language-is = Desde ahora te hablo en español.
no-such-language = No hablo ese idioma. Estos sí:
users-head = { $count ->
    [one] Aquí se conoce a una persona:
   *[other] Aquí se conoce a { $count } personas:
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
zone-with-time = { $zone }; allí son las { $time }
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
file-too-large = Este archivo es demasiado grande: leo hasta { $limit }.
file-away = No he podido obtener este archivo de Telegram. Envíalo otra vez, por favor.
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
snoozed = 💤 Te lo repito { $time }
snooze-moved = 💤 Te lo repito { $time } en vez de { $before }
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
answered-earlier-version = Ya había respondido a la versión anterior de ese mensaje. Si la nueva cambia algo, envíala otra vez, por favor.
out-of-steps = Esto necesita más pasos de los que puedo dar por mensaje (como mucho { $limit }).
out-of-calls = Esto necesita más llamadas a herramientas de las que puedo hacer por mensaje (como mucho { $limit }).
out-of-tokens = Esto ha crecido más de lo que puedo leer y escribir por mensaje.
circle = Estaba dando vueltas, así que he parado.
try-in-minutes = Inténtalo otra vez en unos minutos, por favor.
try-in = Inténtalo otra vez dentro de { $duration }, por favor.
try-again = Inténtalo otra vez, por favor.
operator-looks = Quien mantiene este asistente tiene que mirarlo: el motivo está en su registro.
start-new = Empieza otra, o envía un mensaje más corto, por favor.
ask-smaller = Inténtalo otra vez, o pide una parte más pequeña.
ask-in-parts = Pídelo en partes más pequeñas, por favor.
say-otherwise = Dilo de otra manera, por favor.
receipt-once = ⏰ { $time }: { $what }
receipt-recurring = 🔁 { $schedule } (próxima vez: { $next }): { $what }
receipt-paused = ⏸ en pausa: { $what } ({ $when })
receipt-cancelled = 🗑 cancelado: { $what } ({ $when })
receipt-zone = 🌍 Tu zona horaria: { $zone } (ahora { $time })
