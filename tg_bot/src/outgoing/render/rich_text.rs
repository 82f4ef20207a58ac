//! Text with styled ranges, built so that the ranges always obey the Bot API's nesting rules.

use std::{mem::discriminant, ops::Range};

use url::Url;

/// How a range of text looks (Bot API "MessageEntity", the types that Markdown can ask for).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Struck through.
    Strikethrough,
    /// Underlined.
    Underline,
    /// Hidden until it is tapped.
    Spoiler,
    /// Code within a line.
    Code,
    /// A block of code.
    Pre {
        /// Its programming language.
        language: Option<String>,
    },
    /// Text that opens an address.
    Link(Url),
    /// A quotation.
    Quote,
    /// A quotation of which the first lines are shown until it is tapped.
    Details,
}

impl Style {
    /// Whether nothing but a quotation may share text with it.
    fn is_code(&self) -> bool {
        matches!(self, Self::Code | Self::Pre { .. })
    }

    fn is_emphasis(&self) -> bool {
        matches!(
            self,
            Self::Bold | Self::Italic | Self::Strikethrough | Self::Underline | Self::Spoiler
        )
    }

    fn is_quote(&self) -> bool {
        matches!(self, Self::Quote | Self::Details)
    }

    /// Whether Telegram has neither within the other.
    fn excludes(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other)
            || self.is_quote() && other.is_quote()
            || self.is_code() && other.is_code()
    }
}

/// A styled range, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// How it looks.
    pub style: Style,
    /// Where it is.
    pub range: Range<usize>,
}

/// Text with its spans, sorted by start, of two that start together the outer first.
///
/// Any two spans are apart or one within the other; no style is within itself; code has no other style but a
/// quotation around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RichText {
    text: String,
    spans: Vec<Span>,
    active: Vec<Active>,
    /// For each open style, whether it is among the active ones or had to be left out.
    opened: Vec<bool>,
}

/// A style that what is written now gets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Active {
    style: Style,
    /// The span that grows, once something was written.
    span: Option<usize>,
}

impl RichText {
    /// Text without any style.
    pub fn plain(text: &str) -> Self {
        let mut rich = Self::default();
        rich.push(text);
        rich
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its styled ranges.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// From here on, text gets this style too, where the rules let it.
    pub fn open(&mut self, style: Style) {
        let is_left_out = self.active.iter().any(|active| {
            active.style.excludes(&style)
                // Of a link and code that meet, the link stays: its address would be lost. And a secret stays one.
                || (style.is_code() && matches!(active.style, Style::Link(_) | Style::Spoiler))
                // Blocks of HTML may stand in any element, but no quotation in a style.
                || style.is_quote()
                || (active.style.is_code() && matches!(style, Style::Link(_)))
        });
        self.opened.push(!is_left_out);
        if !is_left_out {
            self.active.push(Active { style, span: None });
        }
    }

    /// Whether what is written now is code.
    pub(super) fn is_code(&self) -> bool {
        self.active.iter().any(|active| active.style.is_code())
    }

    /// Whether what is written now is code, or opens an address.
    pub(super) fn is_literal(&self) -> bool {
        let is_literal = |style: &Style| style.is_code() || matches!(style, Style::Link(_));
        self.active.iter().any(|active| is_literal(&active.style))
    }

    /// Ends the style that was opened last.
    pub fn close(&mut self) {
        if self.opened.pop() == Some(true) {
            self.active.pop();
        }
    }

    /// Writes text in the styles that are open. Control characters, which Telegram replaces, are replaced
    /// here, so that tabs in code stay indentation.
    pub fn push(&mut self, text: &str) {
        let start = self.text.len();
        let in_block = self
            .active
            .iter()
            .any(|active| matches!(active.style, Style::Pre { .. }));
        for character in text.chars() {
            match character {
                '\n' => self.text.push('\n'),
                '\r' => {}
                '\t' if in_block => self.text.push_str("    "),
                control if control.is_control() => self.text.push(' '),
                other => self.text.push(other),
            }
        }
        self.grow_spans(start);
    }

    fn grow_spans(&mut self, start: usize) {
        let end = self.text.len();
        if start == end {
            return;
        }
        let in_code = self.active.iter().any(|active| active.style.is_code());
        for active in &mut self.active {
            if in_code && active.style.is_emphasis() {
                continue;
            }
            match active.span.and_then(|index| self.spans.get_mut(index)) {
                Some(span) if span.range.end == start => span.range.end = end,
                _ => {
                    active.span = Some(self.spans.len());
                    self.spans.push(Span {
                        style: active.style.clone(),
                        range: start..end,
                    });
                }
            }
        }
    }
}
