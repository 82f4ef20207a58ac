//! What every service is built from: settings, telemetry, health, lifecycle, clock, HTTP client, retry.
