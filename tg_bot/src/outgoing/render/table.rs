//! A Markdown table: lines of a fixed-width font, which is all that Telegram has for one, where a phone has room for
//! them; else a list of its rows.

use pulldown_cmark::Alignment;
use unicode_width::UnicodeWidthStr;

/// How many letters of the fixed-width font a phone shows on a line.
const PHONE: usize = 36;

/// A table's cells, gathered row by row; the first row is the head.
#[derive(Debug, Default)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self {
            alignments,
            rows: Vec::new(),
        }
    }

    pub(super) fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    pub(super) fn push_cell(&mut self, cell: &str) {
        if let Some(row) = self.rows.last_mut() {
            // A line break within a cell would tear the row apart.
            row.push(cell.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }

    /// Whether its lines are longer than a phone's.
    pub(super) fn is_wide(&self) -> bool {
        let widths = self.widths();
        widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1) > PHONE
    }

    /// Its rows without the head, each as pairs of the column's name and what stands in it; empty cells left out. A head
    /// without rows is a row.
    pub(super) fn rows(&self) -> Vec<Vec<(&str, &str)>> {
        let (names, rows): (&[String], _) = match self.rows.split_first() {
            Some((head, rows)) if !rows.is_empty() => (head, rows),
            _ => (&[], self.rows.as_slice()),
        };
        // The name of a column that is empty would be lost.
        let is_empty = |column: usize| {
            rows.iter()
                .all(|row| row.get(column).is_none_or(String::is_empty))
        };
        rows.iter()
            .map(|row| {
                let name = |column: usize| names.get(column).map_or("", String::as_str);
                let cells = row.iter().enumerate().map(|(column, cell)| {
                    let cell = if cell.is_empty() && is_empty(column) {
                        "—"
                    } else {
                        cell
                    };
                    (name(column), cell)
                });
                cells.filter(|(_, cell)| !cell.is_empty()).collect()
            })
            .collect()
    }

    /// The table's lines: columns as wide as their widest cell, two spaces between them, a rule below the head.
    pub(super) fn layout(&self) -> String {
        let widths = self.widths();
        let mut lines: Vec<String> = self.rows.iter().map(|row| self.line(row, &widths)).collect();
        if lines.len() > 1 {
            let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            lines.insert(1, rule.join("  "));
        }
        lines.join("\n")
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.width()).max().unwrap_or(0)
            })
            .collect()
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column > 0 {
                line.push_str("  ");
            }
            let room = width.saturating_sub(cell.width());
            let before = match self.alignments.get(column) {
                Some(Alignment::Right) => room,
                Some(Alignment::Center) => room / 2,
                _ => 0,
            };
            line.push_str(&" ".repeat(before));
            line.push_str(cell);
            line.push_str(&" ".repeat(room - before));
        }
        line.truncate(line.trim_end().len());
        line
    }
}
