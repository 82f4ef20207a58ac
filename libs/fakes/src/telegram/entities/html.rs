//! Telegram's "HTML style" (Bot API, Formatting options), as strict as its own parser.

use super::link::{self, Link};
use super::{Bytes, Entity, FormattedText, is_space, utf16_units};

/// Every tag that the Bot API lists.
const TAGS: [&str; 16] = [
    "a",
    "b",
    "strong",
    "i",
    "em",
    "s",
    "strike",
    "del",
    "u",
    "ins",
    "tg-spoiler",
    "tg-emoji",
    "span",
    "pre",
    "code",
    "blockquote",
];

/// Parses the text; the entities come in the order in which they were closed.
pub(crate) fn parse(text: &str) -> Result<FormattedText, String> {
    let mut parser = Parser {
        input: Bytes(text.as_bytes()),
        position: 0,
        output: Vec::new(),
        units: 0,
        open: Vec::new(),
        entities: Vec::new(),
        dropped: Vec::new(),
    };
    parser.run(text.len())?;
    if let Some(open) = parser.open.last() {
        return Err(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            open.tag
        ));
    }
    for entity in &mut parser.entities {
        if entity.kind == "code" {
            entity.language = None;
        }
    }
    let text = String::from_utf8(parser.output).map_err(|_| {
        "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"
            .to_owned()
    })?;
    Ok(FormattedText {
        text,
        entities: parser.entities,
        dropped: parser.dropped,
    })
}

struct OpenTag {
    tag: String,
    argument: String,
    /// UTF-16 code units before the tag's content.
    offset: usize,
    /// Bytes of output before the tag's content.
    start: usize,
}

struct Parser<'a> {
    input: Bytes<'a>,
    position: usize,
    output: Vec<u8>,
    units: usize,
    open: Vec<OpenTag>,
    entities: Vec<Entity>,
    dropped: Vec<String>,
}

impl Parser<'_> {
    fn run(&mut self, length: usize) -> Result<(), String> {
        while self.position < length {
            let byte = self.input.at(self.position);
            if byte == b'&'
                && let Some((code, next)) = decode_reference(&self.input, self.position)
            {
                self.position = next;
                self.units += if code > 0xffff { 2 } else { 1 };
                push_code(&mut self.output, code);
                continue;
            }
            if byte != b'<' {
                self.units += utf16_units(byte);
                self.output.push(byte);
                self.position += 1;
                continue;
            }
            if self.input.at(self.position + 1) == b'/' {
                self.end_tag()?;
            } else {
                self.start_tag()?;
            }
        }
        Ok(())
    }

    fn start_tag(&mut self) -> Result<(), String> {
        let begin = self.position;
        let mut i = begin + 1;
        while !is_space(self.input.at(i)) && self.input.at(i) != b'>' {
            i += 1;
        }
        if self.input.at(i) == 0 {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        let tag = self.input.text(begin + 1, i).to_ascii_lowercase();
        if !TAGS.contains(&tag.as_str()) {
            return Err(format!("Unsupported start tag \"{tag}\" at byte offset {begin}"));
        }
        let mut argument = String::new();
        while self.input.at(i) != b'>' {
            i = self.skip_space(i);
            if self.input.at(i) == b'>' {
                break;
            }
            let (name, value, next) = self.attribute(&tag, begin, i)?;
            i = next;
            match (tag.as_str(), name.as_str()) {
                ("a", "href") | ("tg-emoji", "emoji-id") => argument = value,
                ("code", "class") => {
                    if let Some(language) = value.strip_prefix("language-") {
                        language.clone_into(&mut argument);
                    }
                }
                ("span", "class") => {
                    if let Some(class) = value.strip_prefix("tg-") {
                        class.clone_into(&mut argument);
                    }
                }
                ("blockquote", "expandable") => "1".clone_into(&mut argument),
                _ => {}
            }
        }
        if tag == "span" && argument != "spoiler" {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"
            ));
        }
        self.position = i + 1;
        self.open.push(OpenTag {
            tag,
            argument,
            offset: self.units,
            start: self.output.len(),
        });
        Ok(())
    }

    /// Reads one `name=value` or bare `name`; answers the name, the value and the place behind them.
    fn attribute(&self, tag: &str, begin: usize, start: usize) -> Result<(String, String, usize), String> {
        let mut i = start;
        while !is_space(self.input.at(i)) && !matches!(self.input.at(i), b'=' | b'>' | b'/' | b'"' | b'\'') {
            i += 1;
        }
        let name = self.input.text(start, i);
        if name.is_empty() {
            return Err(format!(
                "Empty attribute name in the tag \"{tag}\" at byte offset {begin}"
            ));
        }
        i = self.skip_space(i);
        if self.input.at(i) == 0 {
            return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}"));
        }
        if self.input.at(i) != b'=' {
            return Ok((name, String::new(), i));
        }
        i = self.skip_space(i + 1);
        let quote = self.input.at(i);
        if quote == 0 {
            return Err(format!("Unclosed start tag \"{tag}\" at byte offset {begin}"));
        }
        let value;
        if quote == b'\'' || quote == b'"' {
            (value, i) = self.quoted(quote, i + 1);
        } else {
            let token = i;
            while matches!(self.input.at(i), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-') {
                i += 1;
            }
            value = self.input.text(token, i).to_ascii_lowercase();
            if !is_space(self.input.at(i)) && self.input.at(i) != b'>' {
                return Err(format!("Unexpected end of name token at byte offset {token}"));
            }
        }
        if self.input.at(i) == 0 {
            return Err(format!("Unclosed start tag at byte offset {begin}"));
        }
        Ok((name, value, i))
    }

    fn quoted(&self, quote: u8, start: usize) -> (String, usize) {
        let mut i = start;
        let mut value = Vec::new();
        while self.input.at(i) != quote && self.input.at(i) != 0 {
            if self.input.at(i) == b'&'
                && let Some((code, next)) = decode_reference(&self.input, i)
            {
                push_code(&mut value, code);
                i = next;
                continue;
            }
            value.push(self.input.at(i));
            i += 1;
        }
        if self.input.at(i) == quote {
            i += 1;
        }
        (String::from_utf8_lossy(&value).into_owned(), i)
    }

    fn end_tag(&mut self) -> Result<(), String> {
        let begin = self.position;
        let Some(open) = self.open.pop() else {
            return Err(format!("Unexpected end tag at byte offset {begin}"));
        };
        let mut i = begin + 2;
        while !is_space(self.input.at(i)) && self.input.at(i) != b'>' {
            i += 1;
        }
        let name = self.input.text(begin + 2, i).to_ascii_lowercase();
        i = self.skip_space(i);
        if self.input.at(i) != b'>' {
            return Err(format!("Unclosed end tag at byte offset {begin}"));
        }
        if !name.is_empty() && name != open.tag {
            let expected = open.tag;
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{expected}>\", found \"</{name}>\""
            ));
        }
        self.position = i + 1;
        if self.units > open.offset {
            self.close(open)
        } else {
            Ok(())
        }
    }

    fn close(&mut self, open: OpenTag) -> Result<(), String> {
        let (offset, length) = (open.offset, self.units - open.offset);
        let simple = match open.tag.as_str() {
            "i" | "em" => "italic",
            "b" | "strong" => "bold",
            "s" | "strike" | "del" => "strikethrough",
            "u" | "ins" => "underline",
            "tg-spoiler" | "span" => "spoiler",
            "blockquote" if open.argument.is_empty() => "blockquote",
            "blockquote" => "expandable_blockquote",
            "tg-emoji" => {
                let valid = open.argument.parse::<i64>().is_ok_and(|id| id != 0);
                if !valid {
                    return Err("Invalid custom emoji identifier specified".to_owned());
                }
                let emoji = Entity {
                    custom_emoji_id: Some(open.argument),
                    ..Entity::new("custom_emoji", offset, length)
                };
                self.entities.push(emoji);
                return Ok(());
            }
            "a" => {
                self.close_link(open, length);
                return Ok(());
            }
            tag => {
                self.close_code(tag == "pre", open.argument, offset, length);
                return Ok(());
            }
        };
        self.entities.push(Entity::new(simple, offset, length));
        Ok(())
    }

    fn close_link(&mut self, open: OpenTag, length: usize) {
        let url = if open.argument.is_empty() {
            String::from_utf8_lossy(self.output.get(open.start..).unwrap_or_default()).into_owned()
        } else {
            open.argument
        };
        match link::check(&url) {
            Link::Url(url) => {
                self.entities.push(Entity {
                    url: Some(url),
                    ..Entity::new("text_link", open.offset, length)
                });
            }
            Link::User(id) => self.entities.push(link::text_mention(id, open.offset, length)),
            Link::Invalid => self.dropped.push(format!("the link `{url}`")),
        }
    }

    /// `<pre>` and `<code class="language-…">` around the same text, in either order, are one `pre` with a language.
    fn close_code(&mut self, is_pre: bool, language: String, offset: usize, length: usize) {
        let inner = self
            .entities
            .last_mut()
            .filter(|inner| inner.offset == offset && inner.length == length);
        match inner {
            Some(inner) if is_pre && inner.kind == "code" && inner.language.is_some() => {
                "pre".clone_into(&mut inner.kind);
            }
            Some(inner) if !is_pre && inner.kind == "pre" && !language.is_empty() => {
                inner.language = Some(language);
            }
            _ => {
                let kind = if is_pre { "pre" } else { "code" };
                let language = (!language.is_empty()).then_some(language);
                self.entities.push(Entity {
                    language,
                    ..Entity::new(kind, offset, length)
                });
            }
        }
    }

    fn skip_space(&self, mut i: usize) -> usize {
        while self.input.at(i) != 0 && is_space(self.input.at(i)) {
            i += 1;
        }
        i
    }
}

/// The code point of `&lt;`, `&#39;`, `&#x27;`… and the place behind it; `None` where it is no reference.
fn decode_reference(input: &Bytes<'_>, start: usize) -> Option<(u32, usize)> {
    let mut end = start + 1;
    let code;
    if input.at(end) == b'#' {
        end += 1;
        let radix = if input.at(end) == b'x' { 16 } else { 10 };
        if radix == 16 {
            end += 1;
        }
        let mut value = 0_u32;
        while let Some(digit) = char::from(input.at(end)).to_digit(radix) {
            value = value.wrapping_mul(radix).wrapping_add(digit);
            end += 1;
        }
        if value == 0 || value >= 0x0010_ffff || end - start >= 10 {
            return None;
        }
        code = value;
    } else {
        while input.at(end).is_ascii_alphabetic() {
            end += 1;
        }
        code = match input.text(start + 1, end).as_str() {
            "lt" => u32::from(b'<'),
            "gt" => u32::from(b'>'),
            "amp" => u32::from(b'&'),
            "quot" => u32::from(b'"'),
            _ => return None,
        };
    }
    if input.at(end) == b';' {
        end += 1;
    }
    Some((code, end))
}

/// Appends the character; half of a surrogate pair becomes bytes that are no UTF-8, which is found out at the end.
fn push_code(output: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(character) => output.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None => output.push(0xff),
    }
}
