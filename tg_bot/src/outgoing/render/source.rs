//! What Markdown's parser would tear apart, made safe before it: formulas, and emphasis next to Chinese, Japanese and
//! Korean punctuation. Pure.
//!
//! Each formula becomes one character of the last private-use plane, which means nothing to Markdown, so that no `_`, `*`
//! or line of it is taken for markup. Whatever is no prose (code, addresses) gets it back as it was written.

/// The character that stands for the first formula.
const FIRST: char = '\u{f0000}';

/// The most formulas of one text; more stay as they are.
const MOST: usize = 60_000;

/// Stands beside an emphasis mark as punctuation, so that CommonMark lets the mark open or close where a letter of a
/// script without spaces follows; taken out again.
const HINGE: char = '\u{2e31}';

/// The longest formula within a line, in bytes.
const LONGEST_INLINE: usize = 400;

/// The longest formula of its own, in bytes.
const LONGEST_DISPLAY: usize = 4_000;

/// A formula as it was written, or a character that means nothing where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Formula {
    /// With its delimiters.
    pub(super) written: String,
    /// Without them.
    pub(super) latex: String,
    /// Whether it stands on lines of its own.
    pub(super) is_display: bool,
}

impl Formula {
    /// Whether it is `|`, written as `\|`: two of them are no spoiler.
    pub(super) fn is_literal(&self) -> bool {
        self.written == "\\|"
    }
}

/// A text that is safe to parse.
pub(super) struct Source {
    /// What the parser reads.
    pub(super) markdown: String,
    formulas: Vec<Formula>,
    /// Whether it was changed at all: a text that has our own characters in it is left alone.
    is_changed: bool,
}

/// A piece of prose.
pub(super) enum Prose<'s> {
    /// Text.
    Text(&'s str),
    /// A formula.
    Formula(&'s Formula),
}

impl Source {
    /// Reads a text.
    pub(super) fn of(markdown: &str) -> Self {
        let is_taken = |c: char| c == HINGE || ('\u{f0000}'..='\u{ffffd}').contains(&c);
        if markdown.contains(is_taken) {
            return Self {
                markdown: markdown.to_owned(),
                formulas: Vec::new(),
                is_changed: false,
            };
        }
        let mut scan = Scan {
            text: markdown,
            at: 0,
            done: String::with_capacity(markdown.len()),
            formulas: Vec::new(),
        };
        scan.run();
        Self {
            markdown: scan.done,
            formulas: scan.formulas,
            is_changed: true,
        }
    }

    /// The text and the formulas of a piece of prose, in order.
    pub(super) fn prose<'s>(&'s self, text: &'s str) -> Vec<Prose<'s>> {
        let mut pieces = Vec::new();
        let mut start = 0;
        for (at, character) in text.char_indices() {
            let formula = self.formula(character);
            if formula.is_none() && !(character == HINGE && self.is_changed) {
                continue;
            }
            pieces.extend(
                text.get(start..at)
                    .filter(|text| !text.is_empty())
                    .map(Prose::Text),
            );
            pieces.extend(formula.map(Prose::Formula));
            start = at + character.len_utf8();
        }
        pieces.extend(text.get(start..).filter(|text| !text.is_empty()).map(Prose::Text));
        pieces
    }

    /// A text that is no prose, as it was written.
    pub(super) fn restored(&self, text: &str) -> String {
        let mut restored = String::with_capacity(text.len());
        for piece in self.prose(text) {
            restored.push_str(match piece {
                Prose::Text(text) => text,
                Prose::Formula(formula) => &formula.written,
            });
        }
        restored
    }

    fn formula(&self, character: char) -> Option<&Formula> {
        let number = u32::from(character).checked_sub(u32::from(FIRST))?;
        self.formulas.get(usize::try_from(number).ok()?)
    }
}

/// Goes through a text once.
struct Scan<'t> {
    text: &'t str,
    at: usize,
    done: String,
    formulas: Vec<Formula>,
}

impl<'t> Scan<'t> {
    fn run(&mut self) {
        let mut is_line_start = true;
        while self.at < self.text.len() {
            if is_line_start && self.fence() {
                continue;
            }
            let rest = self.rest();
            let Some(character) = rest.chars().next() else {
                return;
            };
            is_line_start = character == '\n';
            match character {
                '`' => self.code_span(),
                '\\' => self.backslash(),
                '$' => self.dollar(),
                '*' | '_' | '~' => self.emphasis(character),
                other => self.copy(other.len_utf8()),
            }
        }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn copy(&mut self, bytes: usize) {
        let end = self.at + bytes;
        self.done
            .push_str(self.text.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    /// Copies a fenced block of code that begins here.
    fn fence(&mut self) -> bool {
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or_default();
        let Some((mark, length)) = fence_of(line) else {
            return false;
        };
        let mut bytes = (line.len() + 1).min(rest.len());
        for line in rest.get(bytes..).unwrap_or_default().split_inclusive('\n') {
            bytes += line.len();
            let is_end = fence_of(line).is_some_and(|(other, at_least)| {
                other == mark && at_least >= length && line.trim().chars().all(|c| c == mark)
            });
            if is_end {
                break;
            }
        }
        self.copy(bytes);
        true
    }

    fn code_span(&mut self) {
        let rest = self.rest();
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        let body = paragraph(rest.get(ticks..).unwrap_or_default());
        let mut at = 0;
        while let Some(next) = body.get(at..).and_then(|body| body.find('`')) {
            let start = at + next;
            let tail = body.get(start..).unwrap_or_default();
            let run = tail.len() - tail.trim_start_matches('`').len();
            if run == ticks {
                return self.copy(ticks + start + run);
            }
            at = start + run;
        }
        self.copy(ticks);
    }

    fn backslash(&mut self) {
        let rest = self.rest();
        let found = match rest.as_bytes().get(1) {
            Some(b'(') => self.delimited("\\(", "\\)", false),
            Some(b'[') => self.delimited("\\[", "\\]", true),
            Some(b'b') => self.environment(),
            Some(b'|') => Some(Formula {
                written: "\\|".to_owned(),
                latex: "|".to_owned(),
                is_display: false,
            }),
            _ => None,
        };
        match found {
            Some(formula) => self.put(formula),
            None => {
                let escaped = rest.chars().nth(1).filter(char::is_ascii_punctuation);
                self.copy(1 + escaped.map_or(0, char::len_utf8));
            }
        }
    }

    fn delimited(&self, open: &str, close: &str, is_display: bool) -> Option<Formula> {
        let body = paragraph(self.rest().get(open.len()..)?);
        let latex = body.get(..body.find(close)?)?;
        let most = if is_display {
            LONGEST_DISPLAY
        } else {
            LONGEST_INLINE
        };
        let least = if is_display { 2 } else { 1 };
        // Escaped brackets are Markdown's own, and nobody puts spaces behind them.
        let is_marked = open != "\\["
            || latex.starts_with(char::is_whitespace)
            || latex.contains('^')
            || has_command(latex);
        let is_formula = is_marked && latex.len() <= most && latex.trim().len() >= least && is_math(latex);
        is_formula.then(|| Formula {
            written: format!("{open}{latex}{close}"),
            latex: latex.trim().to_owned(),
            is_display,
        })
    }

    fn environment(&self) -> Option<Formula> {
        let rest = paragraph(self.rest());
        let name = rest.strip_prefix("\\begin{")?.split('}').next()?;
        let end = format!("\\end{{{name}}}");
        let until = rest.find(&end)? + end.len();
        (until <= LONGEST_DISPLAY && name.len() <= 20).then(|| {
            let written = rest.get(..until).unwrap_or_default().to_owned();
            Formula {
                latex: written.clone(),
                written,
                is_display: true,
            }
        })
    }

    fn dollar(&mut self) {
        let rest = self.rest();
        if rest.starts_with("$$") {
            match self.delimited("$$", "$$", true) {
                Some(formula) => self.put(formula),
                None => self.copy(rest.len() - rest.trim_start_matches('$').len()),
            }
            return;
        }
        let formula = self.delimited("$", "$", false).filter(|formula| {
            let inner = formula.written.trim_matches('$');
            let behind = rest
                .get(formula.written.len()..)
                .and_then(|rest| rest.chars().next());
            // Money: "$5 and $10", "$5-$10"; shells: "$HOME/$USER".
            inner == formula.latex
                && !inner.contains('\n')
                && !behind.is_some_and(|c| c.is_alphanumeric() || c == '$')
                && !self.done.ends_with(char::is_alphanumeric)
        });
        match formula {
            Some(formula) => self.put(formula),
            None => self.copy(1),
        }
    }

    fn put(&mut self, formula: Formula) {
        let length = formula.written.len();
        let number = u32::try_from(self.formulas.len()).unwrap_or(u32::MAX);
        match char::from_u32(u32::from(FIRST).saturating_add(number)) {
            Some(character) if self.formulas.len() < MOST => {
                self.done.push(character);
                self.at += length;
                self.formulas.push(formula);
            }
            _ => self.copy(length),
        }
    }

    /// `**「重要」**です`: CommonMark lets no mark close between punctuation and a letter, and in scripts without spaces there
    /// is nothing else.
    fn emphasis(&mut self, mark: char) {
        let rest = self.rest();
        let run = rest.len() - rest.trim_start_matches(mark).len();
        let before = self.done.chars().next_back();
        let behind = rest.get(run..).and_then(|rest| rest.chars().next());
        let (Some(left), Some(right)) = (before, behind) else {
            return self.copy(run);
        };
        let is_open_ended = is_unspaced(left) || is_unspaced(right);
        let closes = is_punctuation(left) && right.is_alphanumeric();
        let opens = left.is_alphanumeric() && is_punctuation(right);
        if is_open_ended && opens {
            self.done.push(HINGE);
        }
        self.copy(run);
        if is_open_ended && closes {
            self.done.push(HINGE);
        }
    }
}

/// The mark and length of the fence that a line begins with, in a quotation or list or without.
fn fence_of(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start_matches([' ', '\t', '>']);
    let line = line
        .strip_prefix("- ")
        .or_else(|| line.strip_prefix("* "))
        .unwrap_or(line);
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    let info = line.get(length..).unwrap_or_default();
    (length >= 3 && !(mark == '`' && info.contains('`'))).then_some((mark, length))
}

/// Up to the first empty line.
fn paragraph(text: &str) -> &str {
    let end = text.find("\n\n").unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Whether this reads like a formula rather than like words, prices or names of variables.
fn is_math(text: &str) -> bool {
    let text = text.trim();
    // Escaped for Markdown, which no formula is: "\(a\-b\)".
    let is_escaped = text.as_bytes().windows(2).any(|pair| {
        pair.first() == Some(&b'\\')
            && pair
                .get(1)
                .is_some_and(|next| b"()[].-+*=/_<>`'\"~^".contains(next))
    });
    if is_escaped {
        return false;
    }
    if has_command(text) {
        return true;
    }
    let longest_word = text
        .split(|c: char| !c.is_alphabetic())
        .map(str::len)
        .max()
        .unwrap_or(0);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if longest_word > 3 || (letters == 0 && !text.contains(['=', '^'])) {
        return false;
    }
    if text.contains(['^', '_', '=', '+', '<', '>', '|']) {
        return true;
    }
    let has_operator = text.contains(['-', '*', '/', '(', ',']);
    let is_name = text.chars().all(|c| c.is_alphanumeric() || c == '\'');
    letters == 1 && is_name && text.chars().count() <= 3 || has_operator && letters >= 1 && longest_word <= 2
}

/// Whether a command of LaTeX stands in it.
fn has_command(text: &str) -> bool {
    text.as_bytes()
        .windows(2)
        .any(|pair| pair.first() == Some(&b'\\') && pair.get(1).is_some_and(u8::is_ascii_alphabetic))
}

/// A letter of a script that has no spaces between words, or punctuation of one.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{303f}' | '\u{3040}'..='\u{30ff}' | '\u{3130}'..='\u{318f}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}' | '\u{e00}'..='\u{eff}')
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !c.is_control()
}
