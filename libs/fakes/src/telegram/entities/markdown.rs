//! Telegram's "MarkdownV2 style" (Bot API, Formatting options), as strict as its own parser.

use super::link::{self, Link};
use super::{Bytes, Entity, FormattedText, is_space, utf16_units};

const RESERVED: &[u8] = b"_*[]()~`>#+-=|{}.!\n";

/// Parses the text; the entities come in the order in which they were closed.
pub(crate) fn parse(text: &str) -> Result<FormattedText, String> {
    let mut parser = Parser {
        input: Bytes(text.as_bytes()),
        length: text.len(),
        position: 0,
        output: Vec::new(),
        units: 0,
        open: Vec::new(),
        in_quote: false,
        entities: Vec::new(),
        dropped: Vec::new(),
    };
    parser.run()?;
    let text = String::from_utf8_lossy(&parser.output).into_owned();
    Ok(FormattedText {
        text,
        entities: parser.entities,
        dropped: parser.dropped,
    })
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Link,
    Emoji,
    Code,
    Pre,
    PreCode,
    Quote,
}

impl Kind {
    /// The type's name in Telegram's error texts.
    fn name(self) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strikethrough => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Link => "TextUrl",
            Self::Emoji => "CustomEmoji",
            Self::Code => "Code",
            Self::Pre => "Pre",
            Self::PreCode => "PreCode",
            Self::Quote => "BlockQuote",
        }
    }
}

struct Open {
    kind: Kind,
    argument: String,
    /// UTF-16 code units before the content.
    offset: usize,
    /// Where the markup starts in the input, for the error text.
    byte_offset: usize,
    /// Bytes of output before the content.
    start: usize,
}

struct Parser<'a> {
    input: Bytes<'a>,
    length: usize,
    position: usize,
    output: Vec<u8>,
    units: usize,
    open: Vec<Open>,
    in_quote: bool,
    entities: Vec<Entity>,
    dropped: Vec<String>,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<(), String> {
        while self.position < self.length {
            let byte = self.input.at(self.position);
            let next = self.input.at(self.position + 1);
            if byte == b'\\' && (1..=126).contains(&next) {
                self.position += 2;
                self.push(next);
                continue;
            }
            let in_code = matches!(self.top(), Some(Kind::Code | Kind::Pre | Kind::PreCode));
            let reserved = if in_code { b"`" } else { RESERVED };
            if !reserved.contains(&byte) {
                self.push(byte);
                self.position += 1;
            } else if self.ends_entity(byte, next) {
                self.end(byte)?;
            } else {
                self.begin(byte, next)?;
            }
        }
        if self.in_quote && self.top() == Some(Kind::Quote) {
            self.close_quote(false);
        }
        self.open.last().map_or(Ok(()), |open| Err(unfinished(open)))
    }

    fn top(&self) -> Option<Kind> {
        self.open.last().map(|open| open.kind)
    }

    fn push(&mut self, byte: u8) {
        self.units += utf16_units(byte);
        self.output.push(byte);
    }

    fn ends_entity(&self, byte: u8, next: u8) -> bool {
        let Some(top) = self.top() else { return false };
        if self.in_quote && byte == b'\n' && next != b'>' {
            return true;
        }
        let closes_quote = byte == b'|' && next == b'|' && self.quote_ends_at(self.position + 2);
        if self.in_quote && closes_quote && top != Kind::Spoiler {
            return true;
        }
        let third = self.input.at(self.position + 2);
        match top {
            Kind::Bold => byte == b'*',
            Kind::Italic => byte == b'_' && next != b'_',
            Kind::Underline => byte == b'_' && next == b'_',
            Kind::Strikethrough => byte == b'~',
            Kind::Spoiler => byte == b'|' && next == b'|',
            Kind::Link | Kind::Emoji => byte == b']',
            Kind::Code => byte == b'`',
            Kind::Pre | Kind::PreCode => byte == b'`' && next == b'`' && third == b'`',
            Kind::Quote => false,
        }
    }

    /// Whether a block quotation ends here: at the end of the text, or of a line with no quoted one behind it.
    fn quote_ends_at(&self, place: usize) -> bool {
        place >= self.length || (self.input.at(place) == b'\n' && self.input.at(place + 1) != b'>')
    }

    fn begin(&mut self, byte: u8, next: u8) -> Result<(), String> {
        let byte_offset = self.position;
        let mut argument = String::new();
        let (kind, width) = match byte {
            b'_' if next == b'_' => (Kind::Underline, 2),
            b'_' => (Kind::Italic, 1),
            b'*' => (Kind::Bold, 1),
            b'~' => (Kind::Strikethrough, 1),
            b'|' if next == b'|' => (Kind::Spoiler, 2),
            b'[' => (Kind::Link, 1),
            b'!' if next == b'[' => (Kind::Emoji, 2),
            b'`' if next == b'`' && self.input.at(byte_offset + 2) == b'`' => {
                let (language, width) = self.code_opening();
                let kind = if language.is_empty() {
                    Kind::Pre
                } else {
                    Kind::PreCode
                };
                argument = language;
                (kind, width)
            }
            b'`' => (Kind::Code, 1),
            b'\n' => {
                self.push(b'\n');
                self.position += 1;
                if next != b'>' {
                    return Ok(());
                }
                if self.in_quote {
                    self.position += 1;
                    return Ok(());
                }
                self.in_quote = true;
                (Kind::Quote, 1)
            }
            b'>' if self.output.last().is_none_or(|last| *last == b'\n') => {
                if self.in_quote {
                    self.position += 1;
                    return Ok(());
                }
                self.in_quote = true;
                (Kind::Quote, 1)
            }
            other => {
                let character = char::from(other);
                return Err(format!(
                    "Character '{character}' is reserved and must be escaped with the preceding '\\'"
                ));
            }
        };
        self.position += width;
        self.open.push(Open {
            kind,
            argument,
            offset: self.units,
            byte_offset,
            start: self.output.len(),
        });
        Ok(())
    }

    /// The language behind an opening fence, and how many bytes the opening takes; one line break is part of it.
    fn code_opening(&self) -> (String, usize) {
        let start = self.position + 3;
        let mut end = start;
        while !is_space(self.input.at(end)) && self.input.at(end) != b'`' {
            end += 1;
        }
        let has_language = end != start && end < self.length && self.input.at(end) != b'`';
        let language = if has_language {
            self.input.text(start, end)
        } else {
            String::new()
        };
        let mut i = if has_language { end } else { start };
        let (first, second) = (self.input.at(i), self.input.at(i + 1));
        if matches!(first, b'\n' | b'\r') {
            i += if matches!(second, b'\n' | b'\r') && first != second {
                2
            } else {
                1
            };
        }
        (language, i - self.position)
    }

    fn end(&mut self, byte: u8) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let closes_quote = byte == b'\n' || (byte == b'|' && open.kind != Kind::Spoiler);
        if closes_quote && open.kind != Kind::Quote {
            return Err(unfinished(&open));
        }
        let simple = match open.kind {
            Kind::Quote => {
                self.open.push(open);
                self.end_quote(byte);
                return Ok(());
            }
            Kind::Link => return self.end_link(&open),
            Kind::Emoji => return self.end_emoji(&open),
            Kind::Bold => ("bold", 1),
            Kind::Italic => ("italic", 1),
            Kind::Strikethrough => ("strikethrough", 1),
            Kind::Code => ("code", 1),
            Kind::Underline => ("underline", 2),
            Kind::Spoiler => ("spoiler", 2),
            Kind::Pre | Kind::PreCode => ("pre", 3),
        };
        self.position += simple.1;
        let language = (open.kind == Kind::PreCode).then_some(open.argument);
        self.add(Entity {
            language,
            ..Entity::new(simple.0, open.offset, self.units - open.offset)
        });
        Ok(())
    }

    fn end_quote(&mut self, byte: u8) {
        let expandable = byte == b'|';
        if expandable {
            self.position += 2;
        }
        if self.input.at(self.position) == b'\n' {
            self.position += 1;
            self.push(b'\n');
        }
        self.close_quote(expandable);
    }

    fn close_quote(&mut self, expandable: bool) {
        self.in_quote = false;
        if let Some(open) = self.open.pop() {
            let kind = if expandable {
                "expandable_blockquote"
            } else {
                "blockquote"
            };
            self.add(Entity::new(kind, open.offset, self.units - open.offset));
        }
    }

    fn end_link(&mut self, open: &Open) -> Result<(), String> {
        let url = if self.input.at(self.position + 1) == b'(' {
            self.parenthesised()?
        } else {
            self.position += 1;
            String::from_utf8_lossy(self.output.get(open.start..).unwrap_or_default()).into_owned()
        };
        let length = self.units - open.offset;
        match link::check(&url) {
            Link::Url(url) => self.add(Entity {
                url: Some(url),
                ..Entity::new("text_link", open.offset, length)
            }),
            Link::User(id) => self.add(link::text_mention(id, open.offset, length)),
            Link::Invalid => self.dropped.push(format!("the link `{url}`")),
        }
        Ok(())
    }

    fn end_emoji(&mut self, open: &Open) -> Result<(), String> {
        if self.input.at(self.position + 1) != b'(' {
            return Err("The entity must contain a tg://emoji or tg://time URL".to_owned());
        }
        let url = self.parenthesised()?;
        let id = link::custom_emoji_id(&url)?;
        let emoji = Entity::new("custom_emoji", open.offset, self.units - open.offset);
        self.add(Entity {
            custom_emoji_id: Some(id),
            ..emoji
        });
        Ok(())
    }

    /// Reads the `(…)` behind a `]`, and stands behind it.
    fn parenthesised(&mut self) -> Result<String, String> {
        let begin = self.position + 2;
        let mut i = begin;
        let mut url = Vec::new();
        while i < self.length && self.input.at(i) != b')' {
            if self.input.at(i) == b'\\' && (1..=126).contains(&self.input.at(i + 1)) {
                i += 1;
            }
            url.push(self.input.at(i));
            i += 1;
        }
        if self.input.at(i) != b')' {
            return Err(format!("Can't find end of a URL at byte offset {begin}"));
        }
        self.position = i + 1;
        Ok(String::from_utf8_lossy(&url).into_owned())
    }

    fn add(&mut self, entity: Entity) {
        if entity.length > 0 {
            self.entities.push(entity);
        }
    }
}

fn unfinished(open: &Open) -> String {
    format!(
        "Can't find end of {} entity at byte offset {}",
        open.kind.name(),
        open.byte_offset
    )
}
