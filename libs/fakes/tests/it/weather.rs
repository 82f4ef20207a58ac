//! The fake Open-Meteo.

use crate::http;
use fakes::weather::{Day, Fault, WeatherServer};
use serde_json::Value;

async fn get(url: String, query: &str) -> (u16, Value) {
    let response = http().get(format!("{url}?{query}")).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn places_are_found_by_name_and_unknown_ones_leave_no_list() {
    let weather = WeatherServer::start().await;
    let (status, found) = get(
        weather.geocoding_url(),
        "name=springfield&count=2&language=en&format=json",
    )
    .await;
    assert_eq!(status, 200);
    let regions: Vec<_> = found["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| &place["admin1"])
        .collect();
    assert_eq!(regions, ["Missouri", "Massachusetts"]);
    let (_, german) = get(weather.geocoding_url(), "name=Munich&language=de").await;
    assert_eq!(
        (&german["results"][0]["name"], &german["results"][0]["country"]),
        (&"München".into(), &"Deutschland".into())
    );
    let (status, nothing) = get(weather.geocoding_url(), "name=Xyzzy").await;
    assert_eq!((status, nothing.get("results")), (200, None));
    let (_, short) = get(weather.geocoding_url(), "name=B").await;
    assert_eq!(short.get("results"), None);
}

#[tokio::test]
async fn the_forecast_is_local_in_the_units_asked_for() {
    let weather = WeatherServer::start().await;
    let day = Day {
        code: 63,
        low: 0.0,
        high: 10.0,
        rain: 25.4,
        chance: 80,
        wind: 16.09344,
    };
    weather.sets_day("Tokyo", "2026-01-02", day);
    let query = "latitude=35.69&longitude=139.69&timezone=auto&forecast_days=2\
        &current=temperature_2m,weather_code&hourly=temperature_2m&daily=temperature_2m_max,precipitation_sum,wind_speed_10m_max,sunrise";
    let (status, metric) = get(weather.forecast_url(), query).await;
    assert_eq!(status, 200);
    // The fake's clock starts on 2026-01-01 at midnight UTC, which is 9 o'clock in Tokyo.
    assert_eq!(metric["current"]["time"], "2026-01-01T09:00");
    assert_eq!(metric["timezone"], "Asia/Tokyo");
    assert_eq!(metric["hourly"]["time"].as_array().unwrap().len(), 48);
    assert_eq!(metric["hourly"]["temperature_2m"][24 + 12], 10.0);
    assert_eq!(metric["daily"]["temperature_2m_max"][1], 10.0);
    let imperial = format!("{query}&temperature_unit=fahrenheit&wind_speed_unit=mph&precipitation_unit=inch");
    let (_, imperial) = get(weather.forecast_url(), &imperial).await;
    assert_eq!(imperial["daily"]["temperature_2m_max"][1], 50.0);
    assert_eq!(imperial["daily"]["precipitation_sum"][1], 1.0);
    assert_eq!(imperial["daily"]["wind_speed_10m_max"][1], 10.0);
    assert_eq!(imperial["daily_units"]["wind_speed_10m_max"], "mp/h");
    assert_eq!(imperial["current_units"]["temperature_2m"], "°F");
}

#[tokio::test]
async fn what_the_real_one_refuses_is_refused_with_its_words_and_kept() {
    let weather = WeatherServer::start().await;
    let rows = [
        (
            "latitude=1&longitude=2&hourly=tempeture_2m",
            "Cannot initialize WeatherVariable from invalid String value tempeture_2m for key hourly",
        ),
        (
            "latitude=300&longitude=2",
            "Latitude must be in range of -90 to 90°. Given: 300.0.",
        ),
        ("latitude=1&longitude=2&timezone=Mars/Olympus", "Invalid timezone"),
        (
            "latitude=1&longitude=2&forecast_days=17",
            "Forecast days is invalid. Allowed range 0 to 16. Given 17.",
        ),
        (
            "longitude=2",
            "Parameter 'latitude' and 'longitude' must not be empty",
        ),
        (
            "latitude=1&longitude=2&temperature_unit=kelvin",
            "Cannot initialize TemperatureUnit from invalid String value kelvin for key temperature_unit",
        ),
    ];
    for (query, reason) in rows {
        let (status, body) = get(weather.forecast_url(), query).await;
        assert_eq!(
            (status, &body["error"], body["reason"].as_str()),
            (400, &true.into(), Some(reason)),
            "{query}"
        );
        assert_eq!(weather.take_violations()[0].reason, reason);
    }
    let (status, body) = get(weather.geocoding_url(), "name=Bergen&count=101").await;
    assert_eq!(
        (status, body["reason"].as_str()),
        (400, Some("Parameter count must be between 1 and 100."))
    );
    // Dropped without a word by the real one.
    let (status, _) = get(weather.geocoding_url(), "name=Bergen&limit=1").await;
    assert_eq!(status, 200);
    assert_eq!(weather.take_violations().len(), 2);
}

#[tokio::test]
async fn it_goes_wrong_as_it_is_told_to() {
    let weather = WeatherServer::start().await;
    let query = "name=Bergen";
    weather.breaks(Fault::TooMany);
    let (status, body) = get(weather.geocoding_url(), query).await;
    assert_eq!((status, &body["error"]), (429, &true.into()));
    let send = || http().get(format!("{}?{query}", weather.geocoding_url())).send();
    weather.breaks(Fault::Down);
    assert!(send().await.is_err());
    weather.breaks(Fault::BadGateway);
    assert_eq!(send().await.unwrap().status().as_u16(), 502);
    weather.breaks(Fault::Malformed);
    assert!(send().await.unwrap().json::<Value>().await.is_err());
    weather.heals();
    assert_eq!(get(weather.geocoding_url(), query).await.0, 200);
    assert_eq!(weather.count("/v1/search"), 5);
}
