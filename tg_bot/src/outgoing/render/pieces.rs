//! What Markdown's parser tells, with the HTML and the spoilers in it: a tag counts only where its other half stands in
//! the same paragraph, quotation or item, so that "the `<b>` tag" stays what was written.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Tag as Block, TagEnd, TextMergeStream};

use super::html::{self, Tag, Token};

/// A piece of a document.
pub(super) enum Piece<'e> {
    /// Of the parser's.
    Event(Event<'e>),
    /// Text that is shown as it is.
    Text(String),
    /// An element begins.
    Open(Tag),
    /// An element ends.
    Close(Tag),
    /// A line break.
    Break,
    /// A rule.
    Rule,
    /// A picture.
    Image {
        /// Where it is.
        address: String,
        /// What it shows.
        label: String,
    },
    /// A line break of the source within HTML.
    Line,
}

/// Half of a pair that may not have its other half.
struct Half {
    tag: Tag,
    at: usize,
    written: String,
}

/// Gathers the pieces of a document.
struct Gatherer<'e> {
    pieces: Vec<Piece<'e>>,
    /// For each open block or style of Markdown, the elements that are open in it.
    open: Vec<Vec<Half>>,
    in_code: bool,
}

/// The pieces of a document, each element of which begins and ends.
pub(super) fn gather<'e>(events: impl Iterator<Item = Event<'e>>) -> Vec<Piece<'e>> {
    let mut gatherer = Gatherer {
        pieces: Vec::new(),
        open: vec![Vec::new()],
        in_code: false,
    };
    for event in TextMergeStream::new(events) {
        gatherer.take(event);
    }
    while let Some(halves) = gatherer.open.pop() {
        gatherer.leave_open(halves);
    }
    gatherer.pieces
}

impl<'e> Gatherer<'e> {
    fn take(&mut self, event: Event<'e>) {
        match event {
            Event::InlineHtml(html) => self.html(&html, false),
            Event::Html(html) => self.html(&html, true),
            Event::Text(text) if !self.in_code && text.contains("||") => self.spoilers(&text),
            // An element may go on behind a block of HTML.
            Event::Start(Block::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {
                self.pieces.push(Piece::Event(event));
            }
            Event::Start(_) => {
                if matches!(event, Event::Start(Block::CodeBlock(_))) {
                    self.in_code = true;
                }
                self.open.push(Vec::new());
                self.pieces.push(Piece::Event(event));
            }
            Event::End(_) => {
                self.in_code = false;
                if let Some(halves) = self.open.pop() {
                    self.leave_open(halves);
                }
                self.pieces.push(Piece::Event(event));
            }
            other => self.pieces.push(Piece::Event(other)),
        }
    }

    fn html(&mut self, html: &str, is_block: bool) {
        for token in html::tokens(html) {
            match token {
                Token::Text(text) if is_block => self.lines(&text),
                Token::Text(text) => self.pieces.push(Piece::Text(text)),
                Token::Open { tag, written } => self.begin(tag, written),
                Token::Close { tag, written } => self.end(&tag, written),
                Token::Break => self.pieces.push(Piece::Break),
                Token::Rule => self.pieces.push(Piece::Rule),
                Token::Image { address, label } => self.pieces.push(Piece::Image { address, label }),
            }
        }
    }

    /// Lines of text between tags, without the indentation of the source.
    fn lines(&mut self, text: &str) {
        let in_pre = self
            .open
            .last()
            .is_some_and(|halves| halves.iter().any(|half| half.tag == Tag::Pre));
        if in_pre {
            // The line break behind the tag is not of the text (HTML, "The pre element").
            let is_first = matches!(self.pieces.last(), Some(Piece::Open(Tag::Pre)));
            let text = if is_first {
                text.strip_prefix('\n').unwrap_or(text)
            } else {
                text
            };
            if !text.is_empty() {
                self.pieces.push(Piece::Text(text.to_owned()));
            }
            return;
        }
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.pieces.push(Piece::Line);
            }
            let line = if number > 0 { line.trim_start() } else { line };
            if !line.trim().is_empty() {
                self.pieces.push(Piece::Text(line.to_owned()));
            }
        }
    }

    fn begin(&mut self, tag: Tag, written: String) {
        let at = self.pieces.len();
        self.pieces.push(Piece::Open(tag.clone()));
        if let Some(halves) = self.open.last_mut() {
            halves.push(Half { tag, at, written });
        }
    }

    fn end(&mut self, tag: &Tag, written: String) {
        let halves = self.open.last_mut();
        let found = halves.and_then(|halves| {
            let at = halves.iter().rposition(|half| half.tag.is_pair(tag))?;
            Some(halves.split_off(at))
        });
        let Some(mut halves) = found else {
            self.pieces.push(Piece::Text(written));
            return;
        };
        if *tag == Tag::Pre
            && let Some(Piece::Text(text)) = self.pieces.last_mut()
        {
            text.truncate(text.trim_end_matches('\n').len());
        }
        let half = halves.remove(0);
        self.leave_open(halves);
        self.pieces.push(Piece::Close(half.tag));
    }

    /// What has no other half is text.
    fn leave_open(&mut self, halves: Vec<Half>) {
        for half in halves {
            if let Some(piece) = self.pieces.get_mut(half.at) {
                *piece = Piece::Text(half.written);
            }
        }
    }

    /// `||secret||`, but not the operator of programming languages.
    fn spoilers(&mut self, text: &str) {
        let mut start = 0;
        for (at, mark) in text.match_indices("||") {
            let range = at..at + mark.len();
            if range.start < start {
                continue;
            }
            let is_open = self.open.last().is_some_and(|halves| {
                halves
                    .iter()
                    .any(|half| half.tag == Tag::Spoiler && half.written == mark)
            });
            if !(if is_open {
                closes(text, &range)
            } else {
                opens(text, &range)
            }) {
                continue;
            }
            self.text(text.get(start..at).unwrap_or_default());
            start = range.end;
            if is_open {
                self.end(&Tag::Spoiler, mark.to_owned());
            } else {
                self.begin(Tag::Spoiler, mark.to_owned());
            }
        }
        self.text(text.get(start..).unwrap_or_default());
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.pieces
                .push(Piece::Event(Event::Text(CowStr::from(text.to_owned()))));
        }
    }
}

fn opens(text: &str, mark: &Range<usize>) -> bool {
    let before = text.get(..mark.start).and_then(|text| text.chars().next_back());
    let behind = text.get(mark.end..).and_then(|text| text.chars().next());
    before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '|')
        && behind.is_none_or(|c| !c.is_whitespace() && c != '|')
}

fn closes(text: &str, mark: &Range<usize>) -> bool {
    let before = text.get(..mark.start).and_then(|text| text.chars().next_back());
    let behind = text.get(mark.end..).and_then(|text| text.chars().next());
    before.is_none_or(|c| !c.is_whitespace() && c != '|')
        && behind.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '|')
}
