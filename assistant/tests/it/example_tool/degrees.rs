//! `degrees`: converts a temperature.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Tool, ToolContext, ToolError, ToolOutput};

/// Converts temperatures.
pub(super) struct Degrees;

/// What is converted. These comments are what the model reads.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Args {
    /// the temperature in °F
    fahrenheit: f64,
}

impl Tool for Degrees {
    const NAME: &'static str = "degrees";
    const DESCRIPTION: &'static str = "Converts a temperature from °F to °C.";
    type Args = Args;

    async fn call(&self, _context: &ToolContext, args: Args) -> Result<ToolOutput, ToolError> {
        if args.fahrenheit < -459.67 {
            return Err(ToolError::Told("nothing is colder than -459.67 °F".to_owned()));
        }
        let celsius = (args.fahrenheit - 32.0) / 1.8;
        Ok(ToolOutput::answer(
            json!({ "celsius": format!("{celsius:.1} °C") }),
        ))
    }
}
