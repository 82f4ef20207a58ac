//! Markdown to text with entities: what Telegram can show is styled, the rest stays readable as text.
//!
//! Entities rather than `parse_mode`: there is no markup that Telegram could fail to parse. A single line
//! break stays one, because people and models write chat messages line by line.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use url::{Host, Url};

mod rich_text;
mod table;

pub use rich_text::{RichText, Span, Style};
use table::Table;

/// What one level of a list is indented by.
const INDENT: &str = "   ";

/// Renders CommonMark with tables, task lists and strikethrough; any input has a rendering.
pub fn render(markdown: &str) -> RichText {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let mut renderer = Renderer::default();
    for event in Parser::new_ext(markdown, options) {
        renderer.handle(event);
    }
    renderer.output
}

/// One line of text as Markdown that renders as exactly this text: what strangers call themselves must not
/// format our words.
pub fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for character in line.trim().chars() {
        if character.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(if character.is_control() { ' ' } else { character });
    }
    escaped
}

#[derive(Default)]
struct Renderer {
    output: RichText,
    /// How many line breaks must stand before the next text.
    breaks: usize,
    /// The bullet or number that the next text begins with.
    marker: Option<String>,
    /// The open lists, each with its next number if it is numbered.
    lists: Vec<Option<u64>>,
    links: Vec<OpenLink>,
    /// The text of the open code block.
    code: Option<String>,
    table: Option<Table>,
    /// The text of the open cell.
    cell: Option<String>,
}

struct OpenLink {
    address: String,
    is_linkable: bool,
    /// Where its label begins.
    start: usize,
}

impl Renderer {
    fn handle(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.write(&text),
            },
            Event::Code(text) => self.styled(Style::Code, &text),
            Event::Html(text) | Event::InlineHtml(text) => self.write(&text),
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.begin_block();
                self.write("———");
                self.end_block();
            }
            Event::TaskListMarker(is_done) => {
                self.marker = Some(if is_done { "☑ " } else { "☐ " }.to_owned());
            }
            // Their syntax is not enabled; should they come, their text is what was written.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.write(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.begin_block();
                self.open(Style::Bold);
            }
            Tag::BlockQuote(_) => {
                self.begin_block();
                self.open(Style::Quote);
            }
            Tag::CodeBlock(kind) => {
                self.begin_block();
                self.open(Style::Pre {
                    language: language(&kind),
                });
                self.code = Some(String::new());
            }
            Tag::List(first) => {
                self.begin_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.breaks = self.breaks.max(1);
                self.marker = Some(self.next_marker());
            }
            Tag::Table(alignments) => {
                self.begin_block();
                self.table = Some(Table::new(alignments));
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.begin_row();
                }
            }
            Tag::TableCell => self.cell = Some(String::new()),
            Tag::Emphasis => self.open(Style::Italic),
            Tag::Strong => self.open(Style::Bold),
            Tag::Strikethrough => self.open(Style::Strikethrough),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.begin_link(&dest_url),
            Tag::Superscript | Tag::Subscript => {}
            Tag::Paragraph
            | Tag::HtmlBlock
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => self.begin_block(),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::BlockQuote(_) => {
                self.output.close();
                self.end_block();
            }
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                self.output.push(code.trim_end());
                self.output.close();
                self.end_block();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.end_block();
            }
            TagEnd::Item => {
                // An empty item is one all the same.
                if self.marker.is_some() {
                    self.flush();
                }
                if let Some(Some(number)) = self.lists.last_mut() {
                    *number = number.saturating_add(1);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.styled(Style::Pre { language: None }, &table.layout());
                }
                self.end_block();
            }
            TagEnd::TableCell => {
                let cell = self.cell.take().unwrap_or_default();
                if let Some(table) = &mut self.table {
                    table.push_cell(&cell);
                }
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => self.output.close(),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            TagEnd::TableHead | TagEnd::TableRow | TagEnd::Superscript | TagEnd::Subscript => {}
            TagEnd::Paragraph
            | TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_) => self.end_block(),
        }
    }

    /// Blocks stand apart by an empty line; within a list, where that would tear items apart, by a line break.
    fn begin_block(&mut self) {
        self.breaks = self.breaks.max(if self.lists.is_empty() { 2 } else { 1 });
    }

    fn end_block(&mut self) {
        self.begin_block();
    }

    fn next_marker(&self) -> String {
        match self.lists.last() {
            Some(Some(number)) => format!("{number}. "),
            _ if self.lists.len() > 1 => "◦ ".to_owned(),
            _ => "• ".to_owned(),
        }
    }

    /// Opens a style behind the line breaks and the marker, which are not part of it.
    fn open(&mut self, style: Style) {
        match style {
            _ if self.cell.is_some() => {}
            Style::Pre { .. } | Style::Quote => self.flush_to(false),
            _ => self.flush(),
        }
        self.output.open(style);
    }

    fn styled(&mut self, style: Style, text: &str) {
        self.open(style);
        self.write(text);
        self.output.close();
    }

    fn write(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell {
            cell.push_str(text);
        } else if !text.is_empty() {
            self.flush();
            self.output.push(text);
        }
    }

    /// Writes the line breaks and the marker, or the indentation, that are due.
    fn flush(&mut self) {
        self.flush_to(true);
    }

    fn flush_to(&mut self, is_indented: bool) {
        let text = self.output.text();
        let standing = text.len() - text.trim_end_matches('\n').len();
        let is_new_line = self.breaks > 0 || text.is_empty();
        if !text.is_empty() {
            self.output
                .push(&"\n".repeat(self.breaks.saturating_sub(standing)));
        }
        self.breaks = 0;
        if let Some(marker) = self.marker.take() {
            let depth = self.lists.len().saturating_sub(1);
            self.output.push(&INDENT.repeat(depth.min(8)));
            self.output.push(&marker);
        } else if is_new_line && is_indented {
            self.output.push(&INDENT.repeat(self.lists.len().min(8)));
        }
    }

    fn line_break(&mut self) {
        if let Some(cell) = &mut self.cell {
            cell.push(' ');
        } else {
            self.flush();
            self.breaks = 1;
        }
    }

    fn begin_link(&mut self, address: &str) {
        let url = linkable(address);
        let is_linkable = url.is_some() && self.cell.is_none();
        if self.cell.is_none() {
            self.flush();
        }
        if let Some(url) = url.filter(|_| is_linkable) {
            self.open(Style::Link(url));
        }
        self.links.push(OpenLink {
            address: address.to_owned(),
            is_linkable,
            start: self.written().len(),
        });
    }

    /// Ends a link; an address that cannot be tapped is written behind its label, so that it is not lost.
    fn end_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        let label = self.written().get(link.start..).unwrap_or_default().trim();
        let shown = link.address.strip_prefix("mailto:").unwrap_or(&link.address);
        let is_labelled = !label.is_empty();
        let is_shown = label == shown;
        if !is_labelled {
            self.write(shown);
        }
        if link.is_linkable {
            self.output.close();
        } else if is_labelled && !is_shown && !shown.is_empty() {
            self.write(&format!(" ({shown})"));
        }
    }

    fn written(&self) -> &str {
        self.cell.as_deref().unwrap_or_else(|| self.output.text())
    }
}

fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    let CodeBlockKind::Fenced(info) = kind else {
        return None;
    };
    let name = info.split([' ', ',', '{', '\t']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// The address as Telegram takes it for a link: it silently drops others than these.
fn linkable(address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let is_good = match url.scheme() {
        "http" | "https" => match url.host() {
            Some(Host::Domain(domain)) => domain.trim_matches('.').contains('.'),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            None => false,
        },
        "tg" => true,
        _ => false,
    };
    is_good.then_some(url)
}
