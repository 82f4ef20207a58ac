//! The HTML that models write within Markdown, as tags and text. Pure.

/// A piece of HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Text, with its character references resolved.
    Text(String),
    /// The beginning of an element.
    Open {
        /// What it is.
        tag: Tag,
        /// As it was written.
        written: String,
    },
    /// The end of one.
    Close {
        /// What it was.
        tag: Tag,
        /// As it was written.
        written: String,
    },
    /// A line break.
    Break,
    /// A rule between paragraphs.
    Rule,
    /// A picture.
    Image {
        /// Where it is.
        address: String,
        /// What it shows.
        label: String,
    },
}

/// The elements that mean something in a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// `b`, `strong`.
    Bold,
    /// `i`, `em`.
    Italic,
    /// `u`, `ins`.
    Underline,
    /// `s`, `del`.
    Strikethrough,
    /// `tg-spoiler`.
    Spoiler,
    /// `code`, `kbd`.
    Code,
    /// `pre`.
    Pre,
    /// `sup`.
    Raised,
    /// `sub`.
    Lowered,
    /// `a`, with its address.
    Link(String),
    /// `blockquote`.
    Quote,
    /// `details`.
    Details,
    /// `summary`, `h1` to `h6`.
    Title,
    /// `p`, `div`.
    Block,
    /// `ul`.
    Bullets,
    /// `ol`.
    Numbers,
    /// `li`.
    Item,
    /// One that changes nothing: `span`, `mark`.
    Plain,
}

impl Tag {
    /// Whether the other one, at an end, ends this one.
    pub(super) fn is_pair(&self, other: &Self) -> bool {
        let is_like = matches!(
            (self, other),
            // "</span>" ends whatever its "<span>" was.
            (Self::Link(_), Self::Link(_)) | (Self::Spoiler, Self::Plain)
        );
        is_like || self == other
    }

    fn of(name: &str, attributes: &str) -> Option<Self> {
        Some(match name {
            "b" | "strong" => Self::Bold,
            "i" | "em" | "cite" | "var" | "dfn" => Self::Italic,
            "u" | "ins" => Self::Underline,
            "s" | "strike" | "del" => Self::Strikethrough,
            "tg-spoiler" => Self::Spoiler,
            "span" if attributes.contains("tg-spoiler") => Self::Spoiler,
            "code" | "kbd" | "tt" | "samp" => Self::Code,
            "pre" => Self::Pre,
            "sup" => Self::Raised,
            "sub" => Self::Lowered,
            "a" => Self::Link(attribute(attributes, "href").unwrap_or_default()),
            "blockquote" => Self::Quote,
            "details" => Self::Details,
            "summary" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Title,
            "p" | "div" | "section" | "center" | "article" => Self::Block,
            "ul" => Self::Bullets,
            "ol" => Self::Numbers,
            "li" => Self::Item,
            "span" | "mark" | "font" | "small" | "big" | "abbr" | "q" => Self::Plain,
            _ => return None,
        })
    }
}

/// Reads a piece of HTML; what is no element that is known stays text.
pub(super) fn tokens(html: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        match element(rest) {
            Some((token, length)) => {
                if !text.is_empty() {
                    tokens.push(Token::Text(resolved(&std::mem::take(&mut text))));
                }
                tokens.push(token);
                rest = rest.get(length..).unwrap_or_default();
            }
            None => {
                text.push('<');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        tokens.push(Token::Text(resolved(&text)));
    }
    tokens
}

/// The element that begins here, with its length.
fn element(html: &str) -> Option<(Token, usize)> {
    let inner = html.strip_prefix('<')?;
    let end = end_of_tag(inner)?;
    let body = inner.get(..end)?;
    let length = end + 2;
    let written = html.get(..length)?.to_owned();
    if let Some(name) = body.strip_prefix('/') {
        let tag = Tag::of(&name.trim().to_ascii_lowercase(), "")?;
        return Some((Token::Close { tag, written }, length));
    }
    let body = body.strip_suffix('/').unwrap_or(body);
    let split = body.find(|c: char| c.is_ascii_whitespace()).unwrap_or(body.len());
    let (name, attributes) = body.split_at_checked(split)?;
    let name = name.to_ascii_lowercase();
    let token = match name.as_str() {
        "br" => Token::Break,
        "hr" => Token::Rule,
        "img" => Token::Image {
            address: attribute(attributes, "src")?,
            label: attribute(attributes, "alt").unwrap_or_default(),
        },
        name => Token::Open {
            tag: Tag::of(name, attributes)?,
            written,
        },
    };
    Some((token, length))
}

/// Where a tag ends: `>` outside of quotation marks.
fn end_of_tag(inner: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in inner.char_indices().take(2_000) {
        match (quote, character) {
            (None, '>') => return Some(at),
            (None, '<') => return None,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    None
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower.get(from..)?.find(name) {
        let start = from + at;
        let is_whole = attributes
            .get(..start)?
            .ends_with(|c: char| c.is_ascii_whitespace());
        let rest = attributes.get(start + name.len()..)?.trim_start();
        if let (true, Some(value)) = (is_whole, rest.strip_prefix('=')) {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let value = match quote {
                Some(quote) => value.get(1..)?.split(quote).next(),
                None => value.split_ascii_whitespace().next(),
            };
            return value.map(resolved);
        }
        from = start + name.len();
    }
    None
}

/// The text with the character references that people and models write.
fn resolved(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    const NAMED: [(&str, &str); 8] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", "\u{a0}"),
        ("&mdash;", "—"),
        ("&amp;", "&"),
    ];
    NAMED.iter().fold(text.to_owned(), |text, (name, meaning)| {
        text.replace(name, meaning)
    })
}
