//! Spanish words of time.

use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
use chrono_tz::Tz;

use crate::{
    holiday::{
        Holiday,
        National::{FathersDay, MothersDay},
    },
    table::{Part, Rel, Table, Unit, W},
};

pub(super) fn fill(t: &mut Table) {
    numbers(t);
    units(t);
    days(t);
    parts(t);
    grammar(t);
    t.real_words(
        "abrir abrid abran coche coches junto juntos junta marco marca marte julia julios hojas mesas tardo tardar tarda \
         tardan lunas segunda segundas semanal domino dominio horno horno horario notas mañanero minutero meter menos \
         noches nochera diarios viene vierne jueces martas marzos enera hoces",
    );
}

fn numbers(t: &mut Table) {
    let words = "cero,uno,dos,tres,cuatro,cinco,seis,siete,ocho,nueve,diez,once,doce,trece,catorce,quince,dieciséis,diecisiete,dieciocho,diecinueve,veinte,veintiuno,veintidós,veintitrés,veinticuatro,veinticinco,veintiséis,veintisiete,veintiocho,veintinueve";
    for (n, word) in (0..).zip(words.split(',')) {
        t.add(W::Number(n), word);
        let plain = word.replace('é', "e").replace('ó', "o");
        if plain != word {
            t.add(W::Number(n), &plain);
        }
    }
    for (n, word) in (3..).zip("treinta,cuarenta,cincuenta,sesenta,setenta,ochenta,noventa".split(',')) {
        t.add(W::Number(n * 10), word);
    }
    t.add(W::Ordinal(1), "primero, primer, primera, 1º, 1ro");
    for (n, word) in
        (2..).zip("segundo segunda,tercer tercero tercera,cuarto cuarta,quinto quinta".split(','))
    {
        t.add(W::Ordinal(n), &word.replace(' ', ","));
    }
    t.add(W::One, "un, una");
    t.add(W::Number(1), "una");
    t.add(W::Half, "media, medio");
    t.add(W::Quarter, "cuarto, un cuarto de");
    t.add(W::ThreeQuarters, "tres cuartos de, tres cuartos");
    t.add(W::AndHalf, "y media, y medio");
    t.add(W::Couple, "un par de, par de");
    t.add(W::Few, "unos pocos, unas pocas");
    t.add(W::Several, "varios, varias, algunos, algunas, unos, unas");
}

fn units(t: &mut Table) {
    t.add(W::Unit(Unit::Second), "segundo, segundos, seg, s");
    t.add(W::Unit(Unit::Minute), "minuto, minutos, min, m");
    t.add(W::Unit(Unit::Hour), "hora, horas, h, hs");
    t.add(W::Unit(Unit::Day), "día, días, dia, dias, d");
    t.add(
        W::Unit(Unit::Workday),
        "día laborable, días laborables, día hábil, días hábiles, dias laborables",
    );
    t.add(W::Unit(Unit::Week), "semana, semanas");
    t.add(W::Unit(Unit::Month), "mes, meses");
    t.add(W::Unit(Unit::Quarter), "trimestre, trimestres");
    t.add(W::Unit(Unit::Year), "año, años");
    t.add(
        W::Adverb(Unit::Day),
        "diariamente, a diario, al día, al dia, por día",
    );
    t.add(W::Adverb(Unit::Week), "semanalmente, a la semana, por semana");
    t.add(W::Adverb(Unit::Fortnight), "quincenalmente");
    t.add(W::Adverb(Unit::Month), "mensualmente, al mes, por mes");
    t.add(W::Adverb(Unit::Year), "anualmente, al año, por año");
}

fn days(t: &mut Table) {
    let weekdays = [
        (Mon, "lunes"),
        (Tue, "martes"),
        (Wed, "miércoles, miercoles"),
        (Thu, "jueves"),
        (Fri, "viernes"),
        (Sat, "sábado, sabado"),
        (Sun, "domingo"),
    ];
    for (day, names) in weekdays {
        t.add(W::Weekday(day), names);
        for name in names.split(", ") {
            let plural = if name.ends_with('s') {
                name.to_owned()
            } else {
                format!("{name}s")
            };
            t.add(W::Weekdays(day), &format!("los {plural}, todos los {plural}"));
            if !name.ends_with('s') {
                t.add(W::Weekdays(day), &plural);
            }
        }
    }
    t.add(W::Workday, "día laborable, día de semana");
    t.add(
        W::Workdays,
        "días laborables, días de semana, entre semana, l v, l a v, los días laborables, todos los días laborables",
    );
    t.add(W::Weekend, "fin de semana, finde");
    t.add(
        W::Weekends,
        "fines de semana, los fines de semana, todos los fines de semana",
    );
    let months = "enero ene,febrero feb,marzo,abril abr,mayo,junio jun,julio jul,agosto ago,septiembre setiembre sep sept,octubre oct,noviembre nov,diciembre dic";
    for (n, names) in (1..).zip(months.split(',')) {
        t.add(W::Month(n), &names.replace(' ', ","));
    }
    for (month, words) in [(3, "primavera"), (6, "verano"), (9, "otoño"), (12, "invierno")] {
        t.add(W::Season(month), words);
    }
    t.add(W::Day(0), "hoy");
    t.add(W::Day(1), "mañana, manana");
    t.add(W::Day(2), "pasado mañana, pasado manana");
    t.add(W::Day(-1), "ayer");
    t.add(W::Day(-2), "anteayer, antes de ayer");
    t.add(W::Now, "ahora, ahora mismo, ya mismo");
    t.add(
        W::Clock(12, 0),
        "mediodía, mediodia, al mediodía, al mediodia, a mediodía, a mediodia",
    );
    t.add(W::Clock(24, 0), "medianoche, a medianoche");
    t.add(W::SomeHour, "antes de comer, antes de almorzar, antes del almuerzo, antes de la comida, amanecer, atardecer, anochecer, después de cenar, antes de cenar, después de la cena, antes de la cena, después de desayunar, antes de desayunar, después del desayuno, antes del desayuno");
    t.add(
        W::Vague,
        "alternos, alternas, alterno, días seguidos, dias seguidos, días consecutivos, semana santa, en carnaval, en carnavales, penúltimo, penúltima, penultimo, antepenúltimo, anterior, víspera, pronto, luego, más tarde, mas tarde, algún día, de vez en cuando, a veces, después",
    );
    use Holiday::{Easter, Fixed, National};
    let holidays: &[(Holiday, &str)] = &[
        (Fixed(1, 1), "año nuevo, día de año nuevo"),
        (Fixed(1, 6), "día de reyes, reyes, epifanía"),
        (Fixed(2, 14), "san valentín, día de san valentín"),
        (Fixed(5, 1), "día del trabajo, día del trabajador"),
        (Fixed(10, 12), "día de la hispanidad"),
        (Fixed(10, 31), "halloween"),
        (Fixed(11, 1), "todos los santos, día de todos los santos"),
        (Fixed(12, 24), "nochebuena"),
        (Fixed(12, 25), "navidad, día de navidad"),
        (Fixed(12, 31), "nochevieja, fin de año"),
        (Easter(-3), "jueves santo"),
        (Easter(-2), "viernes santo"),
        (Easter(0), "domingo de resurrección, domingo de pascua, pascua"),
        (Easter(-47), "martes de carnaval"),
        (Easter(-46), "miércoles de ceniza"),
        (Easter(-7), "domingo de ramos"),
        (Easter(-1), "sábado santo, sábado de gloria"),
        (Easter(1), "lunes de pascua"),
        (Easter(60), "corpus christi"),
        (National(MothersDay), "día de la madre, día de las madres"),
        (National(FathersDay), "día del padre"),
        (Fixed(1, 5), "noche de reyes, víspera de reyes"),
        (Fixed(3, 8), "día de la mujer"),
        (Fixed(4, 23), "día del libro, sant jordi"),
        (Fixed(6, 23), "noche de san juan"),
        (Fixed(6, 24), "día de san juan"),
        (Fixed(8, 15), "día de la asunción"),
        (Fixed(10, 12), "día del pilar, día de la raza"),
        (
            Fixed(11, 2),
            "día de muertos, día de los muertos, día de los difuntos",
        ),
        (Fixed(12, 6), "día de la constitución"),
        (Fixed(12, 8), "día de la inmaculada, inmaculada concepción"),
        (Fixed(12, 28), "día de los inocentes, día de los santos inocentes"),
    ];
    for (holiday, words) in holidays {
        t.add(W::Holiday(*holiday), words);
    }
    t.add(W::Numbered(Holiday::Advent(1)), "adviento");
}

fn parts(t: &mut Table) {
    t.add(W::Part(Part::EarlyMorning), "a primera hora, temprano, temprano por la mañana, por la mañana temprano, a primera hora de la mañana");
    t.add(W::Part(Part::Morning), "por la mañana, por la manana");
    t.add(W::Part(Part::Afternoon), "por la tarde, tarde");
    t.add(W::Part(Part::Night), "noche, por la noche");
    t.add(
        W::Part(Part::LateNight),
        "antes de dormir, antes de acostarme, antes de ir a dormir",
    );
    t.add(W::Part(Part::AfterLunch), "después de comer");
    t.add(W::Part(Part::AfterWork), "después del trabajo");
    t.add(W::Part(Part::EndOfDay), "al final del día, final del día");
    t.add(
        W::InPart(Part::Morning),
        "de la mañana, de la manana, por la mañana, en la mañana, de la madrugada",
    );
    t.add(
        W::InPart(Part::Afternoon),
        "de la tarde, por la tarde, en la tarde",
    );
    t.add(W::InPart(Part::Lunch), "del mediodía, del mediodia");
    t.add(W::InPart(Part::Night), "de la noche, por la noche, en la noche");
    t.add(
        W::Parts(Part::Morning),
        "todas las mañanas, cada mañana, por las mañanas",
    );
    t.add(
        W::Parts(Part::Afternoon),
        "todas las tardes, cada tarde, por las tardes",
    );
    t.add(
        W::Parts(Part::Night),
        "todas las noches, cada noche, por las noches",
    );
    t.add(
        W::TodayPart(Part::Tonight),
        "esta noche, hoy por la noche, hoy a la noche",
    );
    t.add(W::TodayPart(Part::Afternoon), "esta tarde, hoy por la tarde");
    t.add(W::TodayPart(Part::Morning), "esta mañana, hoy por la mañana");
}

fn grammar(t: &mut Table) {
    t.add(W::Am, "am");
    t.add(W::Pm, "pm");
    t.add(W::OClock, "en punto");
    t.add(W::Closed, "buenos días, buenas tardes, buenas noches");
    t.add(W::Rel(Rel::This), "este, esta, estos");
    t.add(
        W::Rel(Rel::Next),
        "próximo, próxima, proximo, proxima, próximos, próximas, siguiente",
    );
    t.add(W::Rel(Rel::Coming), "este próximo, el próximo");
    t.add(
        W::Rel(Rel::Last),
        "pasado, pasada, último, ultimo, última, ultima, últimos",
    );
    t.add(
        W::Ahead,
        "que viene, próximo, próxima, proximo, proxima, entrante, siguiente",
    );
    t.add(W::Every, "cada, todos los, todas las");
    t.add(
        W::Other,
        "sí y otro no, si y otro no, sí otro no, sí y una no, sí y otra no",
    );
    t.add(W::Once, "una vez");
    t.add(W::Twice, "dos veces");
    t.add(W::Times, "veces");
    t.add(W::In, "en, dentro de, de aquí a, de aqui a");
    t.add(W::At, "a las, a la, sobre las, sobre la, hacia las, hacia la, a eso de las, a eso de la, alrededor de las, alrededor de la, cerca de las");
    t.add(W::On, "el, los");
    t.add(W::By, "para, para el, para las");
    t.add(W::Before, "antes de, antes del, antes de las");
    t.add(W::After, "después de, después del, después de las, tras");
    t.add(
        W::From,
        "desde, desde las, de, del, desde el, a partir de, a partir del, a partir de las",
    );
    t.add(W::Until, "hasta, hasta el, hasta las, hasta la");
    t.add(W::Between, "entre, entre las, entre el");
    t.add(W::And, "y, e");
    t.add(W::Or, "o");
    t.add(W::To, "a, al");
    t.add(W::Of, "de, del");
    t.add(W::The, "el, la, los, las");
    t.add(W::For, "durante, por");
    t.add(
        W::Around,
        "aproximadamente, sobre, más o menos, casi, alrededor de",
    );
    t.add(
        W::Starting,
        "empezando, empezando el, a partir de, a partir del, comenzando",
    );
    t.add(
        W::Except,
        "excepto, excepto los, salvo, menos el, menos los, menos la, menos las",
    );
    t.add(W::Ago, "atrás, hace");
    t.add(W::Later, "más tarde, mas tarde, después, despues");
    t.add(W::Earlier, "antes, más temprano, mas temprano");
    t.add(W::Past, "y");
    t.add(W::Till, "menos");
    t.add(
        W::End,
        "final, finales, fin, a finales de, a finales del, al final de, al final del",
    );
    t.add(
        W::Begin,
        "principio, principios, comienzo, inicio, a principios de, a principios del, a comienzos de",
    );
    t.add(W::Mid, "mediados, mitad, a mediados de, a mediados del");
    t.add(
        W::Filler,
        "por favor, gracias, a más tardar, como muy tarde, como máximo, como tarde",
    );
    t.add(W::Zone(Tz::UTC), "utc, gmt");
    t.add(
        W::Closed,
        "que, con, porque, si, cuando, a, de, en, por, para, y, o, sobre, sin, me, nos, al, del, mi, tu, su, ir, no",
    );
    t.add(W::Determiner, "mi, mis, tu, su, nuestro, nuestra, buenos, buenas");
    t.add(W::Alarm, "remind, me, us, wake, set, an, a, alarm, timer, recuérdame, recuerdame, avísame, avisame, despiértame, despiertame, alarma, recordatorio, pon, crea, una, un, me, que");
    t.add(
        W::EventNoun,
        "reunión, reunion, cita, clase, vuelo, tren, película, partido, fiesta",
    );
    t.add(W::Counted, "personas, euros, invitados, huevos, páginas");
    t.add(W::Letter('t'), "t");
}
