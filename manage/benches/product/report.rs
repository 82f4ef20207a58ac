//! What was measured: printed as it comes, kept as JSON, compared with another run.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};

/// The figures of one way to run after the other.
#[derive(Default)]
pub(crate) struct Report {
    way: String,
    figures: Vec<(String, Figure)>,
    /// Those of another run, by the name that they have there.
    before: BTreeMap<String, f64>,
}

/// One figure.
#[derive(Clone, Debug)]
struct Figure {
    value: f64,
    unit: &'static str,
}

impl Report {
    /// A report that compares with what an earlier one wrote, if there is one.
    pub(crate) fn new(compared_with: Option<&Path>) -> Self {
        let mut before = BTreeMap::new();
        if let Some(path) = compared_with {
            let text = fs::read_to_string(path).unwrap();
            let figures: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
            for (name, figure) in figures {
                before.insert(name, figure["value"].as_f64().unwrap());
            }
        }
        Self {
            before,
            ..Self::default()
        }
    }

    /// From here on the figures are of this way to run.
    pub(crate) fn begin(&mut self, way: &str) {
        way.clone_into(&mut self.way);
        let (more, line) = if self.before.is_empty() {
            ("", "")
        } else {
            (" before | now : before |", "---|---|")
        };
        println!("\n| {way} | |{more}\n|---|---|{line}");
    }

    /// Prints a figure and keeps it.
    pub(crate) fn row(&mut self, name: &str, value: f64, unit: &'static str) {
        let shown = |value: f64| match unit {
            "MiB" | "turns/s" | "" => format!("{value:.0} {unit}"),
            "x" => format!("{value:.2} ×"),
            _ => format!("{value:.1} {unit}"),
        };
        let name = format!("{}: {name}", self.way);
        let compared = match self.before.get(&name) {
            _ if self.before.is_empty() => String::new(),
            Some(before) => format!(" {} | {:.2} |", shown(*before), value / before),
            None => " | |".to_owned(),
        };
        let plain = name.split_once(": ").map_or(name.as_str(), |(_, name)| name);
        println!("| {plain} | {} |{compared}", shown(value).trim());
        self.figures.push((name, Figure { value, unit }));
    }

    /// Prints what is no single figure.
    pub(crate) fn note(&self, name: &str, text: &str) {
        let more = if self.before.is_empty() { "" } else { " | |" };
        println!("| {name} | {text} |{more}");
    }

    /// What was measured under this name in this run, on the way that is being measured.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        let name = format!("{}: {name}", self.way);
        let found = self.figures.iter().find(|(known, _)| *known == name);
        found.map(|(_, figure)| figure.value)
    }

    /// Writes all figures, for a later run to compare with.
    pub(crate) fn write(&self, path: &Path) {
        let figures: BTreeMap<&str, Value> = self
            .figures
            .iter()
            .map(|(name, figure)| (name.as_str(), json!({"value": figure.value, "unit": figure.unit})))
            .collect();
        fs::write(
            path,
            format!("{}\n", serde_json::to_string_pretty(&figures).unwrap()),
        )
        .unwrap();
        println!("\nwritten to {}", path.display());
    }
}
