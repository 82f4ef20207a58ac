//! The weather: a city, an ambiguous one, an unknown one, the service away, °C and °F; offline and with a model.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use fakes::{
    openai::{OpenAiServer, Step},
    weather::{Day, Fault},
};
use rest_client::UserPatch;
use serde_json::{Value, json};

use crate::{
    openai::model,
    world::{Stores, World, on_both},
};

const RAINY: Day = Day {
    code: 63,
    low: 3.0,
    high: 7.0,
    rain: 6.2,
    chance: 80,
    wind: 30.0,
};

on_both! {
    the_offline_model_tells_the_weather(stores) {
        let mut world = World::new(stores).await;
        world.weather.sets_day("Bergen", "2026-11-21", RAINY);
        let rain = "Bergen, Vestland, Norway, Saturday, 21 November 2026: moderate rain, 3 °C to 7 °C, \
            80 % chance of rain (6.2 mm), wind up to 30 km/h from the west.";
        assert_eq!(world.says("what's the weather in Bergen tomorrow?").await, rain);
        // The same place again, as it was asked before.
        assert_eq!(world.says("what will the weather be tomorrow?").await, rain);
        assert_eq!(
            world.says("will it rain in Paris on Friday?").await,
            "Paris, Île-de-France, France, Friday, 20 November 2026: mainly clear, 10 °C to 20 °C, \
             0 % chance of rain (0.0 mm), wind up to 10 km/h from the west."
        );
        assert_eq!(
            world.says("weather in Bergen tomorrow in fahrenheit").await,
            "Bergen, Vestland, Norway, Saturday, 21 November 2026: moderate rain, 37 °F to 45 °F, \
             80 % chance of rain (0.24 in), wind up to 19 mph from the west."
        );
        assert_eq!(
            world.says("weather in Springfield").await,
            "Which Springfield do you mean?\n\
             1. Springfield, Missouri, United States\n\
             2. Springfield, Massachusetts, United States\n\
             3. Springfield, Illinois, United States\n\
             4. Springfield, Oregon, United States"
        );
        let illinois = "Springfield, Illinois, United States, now: mainly clear, 14 °C (feels like 12 °C), \
            wind 10 km/h from the west.\n\
            Today, Friday, 20 November 2026: mainly clear, 10 °C to 20 °C, 0 % chance of rain (0.0 mm), \
            wind up to 10 km/h from the west.";
        assert_eq!(world.says("Illinois").await, illinois);
        assert_eq!(world.says("weather in Springfield, Illinois").await, illinois);
        assert_eq!(
            world.says("weather in Xyzzyville").await,
            "I don't know a place called “Xyzzyville”."
        );
        world.weather.breaks(Fault::Down);
        assert_eq!(
            world.says("weather in Tokyo").await,
            "The weather service cannot be reached at the moment (no connection), so the weather is not known."
        );
        world.weather.assert_clean();
    }

    the_locale_chooses_the_units(stores) {
        let mut world = World::new(stores).await;
        world.weather.sets_day("Bergen", "2026-11-21", RAINY);
        let american = UserPatch { locale: Some("en-US".to_owned()), ..UserPatch::default() };
        world.rest.update_user(world.user, &american).await.expect("changed");
        let told = world.says("what's the weather in Bergen tomorrow?").await;
        assert!(told.contains("37 °F to 45 °F") && told.contains("19 mph"), "{told}");
        let asked = world.says("weather in Bergen tomorrow in celsius").await;
        assert!(asked.contains("3 °C to 7 °C") && asked.contains("30 km/h"), "{asked}");
        let german = UserPatch { locale: Some("de".to_owned()), ..UserPatch::default() };
        world.rest.update_user(world.user, &german).await.expect("changed");
        let told = world.says("weather in Munich").await;
        assert!(told.starts_with("München, Bavaria, Deutschland, jetzt:") && told.contains("°C"), "{told}");
    }

    the_weather_is_told_in_the_language_of_its_user(stores) {
        let mut world = World::new(stores).await;
        world.weather.sets_day("Bergen", "2026-11-21", RAINY);
        let rows = [
            (
                "de",
                "Wie wird das Wetter morgen in Bergen?",
                "Sa 21. Nov 2026: mäßiger Regen, 3 °C bis 7 °C, Regenwahrscheinlichkeit 80 % (6,2 mm), \
                 Wind bis 30 km/h aus Westen.",
                "Wetter in Xyzzyville",
                "Einen Ort namens „Xyzzyville“ kenne ich nicht.",
            ),
            (
                "es",
                "¿Qué tiempo hará mañana en Bergen?",
                "sáb 21 nov 2026: lluvia moderada, de 3 °C a 7 °C, 80 % de probabilidad de lluvia (6,2 mm), \
                 viento hasta 30 km/h del oeste.",
                "el tiempo en Xyzzyville",
                "No conozco ningún lugar llamado “Xyzzyville”.",
            ),
            (
                "ru",
                "Какая погода завтра в Bergen?",
                "сб 21 ноя 2026: умеренный дождь, от 3 °C до 7 °C, вероятность дождя 80 % (6,2 mm), \
                 ветер до 30 km/h с запада.",
                "погода в Xyzzyville",
                "Не знаю места «Xyzzyville».",
            ),
        ];
        for (locale, asked, told, unknown, sorry) in rows {
            let theirs = UserPatch { locale: Some(locale.to_owned()), ..UserPatch::default() };
            world.rest.update_user(world.user, &theirs).await.expect("changed");
            let said = world.says(asked).await;
            assert!(said.ends_with(told), "{said}");
            assert_eq!(world.says(unknown).await, sorry);
        }
        // Which one, asked and answered in German; then the service is away.
        let german = UserPatch { locale: Some("de".to_owned()), ..UserPatch::default() };
        world.rest.update_user(world.user, &german).await.expect("changed");
        let which = world.says("Wetter in Springfield").await;
        assert!(which.starts_with("Welches Springfield meinst du?\n1. Springfield, "), "{which}");
        let first = world.says("1").await;
        assert!(first.starts_with("Springfield, ") && first.contains("\nHeute, Fr 20. Nov 2026: "), "{first}");
        world.weather.breaks(Fault::Down);
        assert_eq!(
            world.says("Wetter in Tokyo").await,
            "Der Wetterdienst ist gerade nicht erreichbar (keine Verbindung), deshalb ist das Wetter nicht bekannt."
        );
        world.weather.assert_clean();
    }
}

/// A world in which a fake model answers.
async fn world_with(openai: &OpenAiServer) -> World {
    World::with_model(
        Stores::Embedded,
        Arc::new(model(openai.url(), Duration::from_secs(10))),
    )
    .await
}

/// What the tool says to these arguments.
async fn tool(world: &mut World, openai: &OpenAiServer, arguments: Value) -> Value {
    openai.script([Step::tool_call("weather", arguments), Step::text("So it is.")]);
    assert_eq!(world.says("the weather, please").await, "So it is.");
    let request = openai.requests().pop().expect("a request");
    let (_, result) = request.tool_results().pop().expect("a result");
    serde_json::from_str(&result).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_is_told_words_and_figures_and_computes_nothing() {
    let openai = OpenAiServer::start().await;
    let mut world = world_with(&openai).await;
    world.weather.sets_day("Bergen", "2026-11-21", RAINY);
    let day = tool(
        &mut world,
        &openai,
        json!({ "place": "Bergen", "day": "tomorrow" }),
    )
    .await;
    assert_eq!(
        day,
        json!({ "place": "Bergen, Vestland, Norway", "forecast": {
            "day": "Saturday, 21 November 2026", "weather": "moderate rain", "low": "3 °C", "high": "7 °C",
            "chance_of_rain": "80 %", "precipitation": "6.2 mm", "wind": "up to 30 km/h from the west",
            "sunrise": "06:30", "sunset": "19:45",
        } })
    );
    let now = tool(
        &mut world,
        &openai,
        json!({ "place": "Bergen", "units": "fahrenheit" }),
    )
    .await;
    assert_eq!(now["now"]["time"], "12:00");
    assert_eq!(now["now"]["temperature"], "68 °F");
    let hours = tool(&mut world, &openai, json!({ "place": "Bergen", "hourly": true })).await;
    let hours = hours["hours"].as_array().expect("hours");
    // It is shortly after noon in Bergen.
    assert_eq!(hours.len(), 12);
    assert_eq!(
        hours[0],
        "12:00 mainly clear, 20 °C, 0 % chance of rain, wind 10 km/h"
    );
    let week = tool(&mut world, &openai, json!({ "place": "Bergen", "day": "week" })).await;
    assert_eq!(week["days"].as_array().map(Vec::len), Some(7));
    let weekend = tool(
        &mut world,
        &openai,
        json!({ "place": "Bergen", "day": "weekend" }),
    )
    .await;
    assert_eq!(weekend["days"][1]["day"], "Sunday, 22 November 2026");
    let rows = [
        (json!({}), "where? Ask the user for a city"),
        (
            json!({ "place": "Bergen", "day": "2027-01-01" }),
            "Fri 1 Jan 2027 is too far ahead: the forecast ends on Sat 5 Dec 2026",
        ),
        (
            json!({ "place": "Bergen", "day": "yesterday" }),
            "Thu 19 Nov 2026 is past: only forecasts are known",
        ),
        (
            json!({ "place": "Bergen", "day": "someday" }),
            "\"someday\" is not a day that I know: take today, tomorrow, a weekday or a date such as 2026-11-24",
        ),
    ];
    for (arguments, error) in rows {
        assert_eq!(tool(&mut world, &openai, arguments).await["error"], error);
    }
    let several = tool(&mut world, &openai, json!({ "place": "Springfield" })).await;
    assert_eq!(several["ambiguous"], "Springfield");
    assert_eq!(several["candidates"][2], "Springfield, Illinois, United States");
    let one = tool(
        &mut world,
        &openai,
        json!({ "place": "springfield, illinois, USA", "day": "today" }),
    )
    .await;
    assert_eq!(one["place"], "Springfield, Illinois, United States");
    // The small one of the same name is meant only where it is said.
    let texas = tool(&mut world, &openai, json!({ "place": "Paris, Texas" })).await;
    assert_eq!(texas["place"], "Paris, Texas, United States");
    let nowhere = tool(&mut world, &openai, json!({ "place": "Paris, Norway" })).await;
    assert_eq!(nowhere["unknown_place"], "Paris, Norway");
    assert_eq!(nowhere["candidates"][0], "Paris, Île-de-France, France");
    let unknown = tool(&mut world, &openai, json!({ "place": "Xyzzyville" })).await;
    assert_eq!(unknown, json!({ "unknown_place": "Xyzzyville" }));
    world.weather.assert_clean();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_before_is_remembered_for_a_while() {
    let openai = OpenAiServer::start().await;
    let mut world = world_with(&openai).await;
    for day in ["today", "tomorrow", "week"] {
        tool(&mut world, &openai, json!({ "place": "Bergen", "day": day })).await;
    }
    let counts = |world: &World| {
        (
            world.weather.count("/v1/search"),
            world.weather.count("/v1/forecast"),
        )
    };
    assert_eq!(counts(&world), (1, 1));
    world.clock.advance(TimeDelta::minutes(11));
    tool(&mut world, &openai, json!({ "place": "bergen" })).await;
    assert_eq!(
        counts(&world),
        (1, 2),
        "places are kept for a day, forecasts for ten minutes"
    );
    tool(
        &mut world,
        &openai,
        json!({ "place": "Bergen", "units": "fahrenheit" }),
    )
    .await;
    assert_eq!(counts(&world), (1, 3), "other units are another forecast");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_is_away_is_said_to_be() {
    let openai = OpenAiServer::start().await;
    let mut world = world_with(&openai).await;
    let rows = [
        (Fault::Down, "no connection"),
        (Fault::BadGateway, "status 502"),
        (Fault::TooMany, "limits how often"),
        (Fault::Malformed, "cannot be read"),
        (Fault::Foreign, "cannot be read"),
        (Fault::Slow(Duration::from_secs(5)), "no answer in time"),
    ];
    for (fault, words) in rows {
        world.weather.breaks(fault);
        let told = tool(&mut world, &openai, json!({ "place": "Tokyo" })).await;
        let error = told["error"].as_str().unwrap_or_default();
        assert!(error.contains(words), "{fault:?}: {error}");
    }
    world.weather.heals();
    let told = tool(&mut world, &openai, json!({ "place": "Tokyo" })).await;
    assert_eq!(told["place"], "Tokyo, Japan", "what failed is not remembered");
}
