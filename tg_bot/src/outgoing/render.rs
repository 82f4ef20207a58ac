//! Markdown to text with entities: what Telegram can show is styled, the rest stays readable as text.
//!
//! Entities rather than `parse_mode`: there is no markup that Telegram could fail to parse. A single line
//! break stays one, because people and models write chat messages line by line.

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use url::{Host, Url};

mod elements;
mod html;
mod math;
mod names;
mod pieces;
mod rich_text;
mod source;
mod table;

use pieces::Piece;
pub use rich_text::{RichText, Span, Style};
use source::{Formula, Prose, Source};
use table::Table;

/// What one level of a list is indented by.
const INDENT: &str = "   ";

/// What of Markdown is read beyond `CommonMark`.
fn options() -> Options {
    Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM
}

/// Renders `CommonMark` with tables, task lists, strikethrough, footnotes and alerts, and what models write beside it:
/// formulas in LaTeX, simple HTML, spoilers. Any input has a rendering.
pub fn render(markdown: &str) -> RichText {
    let source = Source::of(markdown);
    let mut renderer = Renderer::of(&source);
    for piece in pieces::gather(Parser::new_ext(&source.markdown, options())) {
        renderer.take(piece);
    }
    renderer.output
}

/// One line of text as Markdown that renders as exactly this text: what strangers call themselves must not
/// format our words.
pub fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for character in line.trim().chars() {
        match character {
            // Behind a backslash they would begin a formula.
            '(' => escaped.push_str("&#40;"),
            '[' => escaped.push_str("&#91;"),
            character if character.is_control() => escaped.push(' '),
            character => {
                if character.is_ascii_punctuation() {
                    escaped.push('\\');
                }
                escaped.push(character);
            }
        }
    }
    escaped
}

struct Renderer<'s> {
    source: &'s Source,
    output: RichText,
    /// How many line breaks must stand before the next text.
    breaks: usize,
    /// Whether the next block stands right below.
    is_tight: bool,
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
    /// Text above or below the line, gathered.
    script: Option<String>,
}

struct OpenLink {
    address: String,
    is_linkable: bool,
    /// Where its label begins.
    start: usize,
}

impl<'s> Renderer<'s> {
    fn of(source: &'s Source) -> Self {
        Self {
            source,
            output: RichText::default(),
            breaks: 0,
            is_tight: false,
            marker: None,
            lists: Vec::new(),
            links: Vec::new(),
            code: None,
            table: None,
            cell: None,
            script: None,
        }
    }

    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Event(event) => self.handle(event),
            Piece::Text(text) => self.prose(&text),
            Piece::Open(tag) => self.begin_element(&tag),
            Piece::Close(tag) => self.end_element(&tag),
            Piece::Break => self.line_break(),
            Piece::Line => self.breaks = self.breaks.max(1),
            Piece::Rule => self.rule(),
            Piece::Image { address, label } => {
                self.begin_link(&address);
                self.write(&label);
                self.end_link();
            }
        }
    }

    fn handle(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&self.source.restored(&text)),
                None => self.prose(&text),
            },
            Event::Code(text) => {
                let text = self.source.restored(&text);
                self.styled(Style::Code, &text);
            }
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => self.rule(),
            Event::TaskListMarker(is_done) => {
                self.marker = Some(if is_done { "☑ " } else { "☐ " }.to_owned());
            }
            Event::FootnoteReference(label) => self.write(&format!("[{label}]")),
            // The pieces have HTML of their own, and formulas are not the parser's.
            Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => {
                self.write(&text);
            }
        }
    }

    fn rule(&mut self) {
        self.begin_block();
        self.write("———");
        self.end_block();
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.begin_block();
                self.open(Style::Bold);
            }
            Tag::BlockQuote(kind) => {
                self.begin_block();
                self.open(Style::Quote);
                if let Some(kind) = kind {
                    self.styled(Style::Bold, sign(kind));
                    self.is_tight = true;
                }
            }
            Tag::CodeBlock(kind) => {
                self.begin_block();
                self.open(Style::Pre {
                    language: language(&kind).map(|name| self.source.restored(&name)),
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
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let address = self.source.restored(&dest_url);
                self.begin_link(&address);
            }
            Tag::FootnoteDefinition(name) => {
                self.begin_block();
                self.marker = Some(format!("[{name}] "));
            }
            Tag::Superscript | Tag::Subscript => {}
            Tag::Paragraph
            | Tag::HtmlBlock
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
                match self.table.take() {
                    Some(table) if table.is_wide() => self.list_of_rows(&table),
                    Some(table) => self.styled(Style::Pre { language: None }, &table.layout()),
                    None => {}
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
        let is_tight = std::mem::take(&mut self.is_tight) || !self.lists.is_empty();
        self.breaks = self.breaks.max(if is_tight { 1 } else { 2 });
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
            Style::Pre { .. } | Style::Quote | Style::Details => self.flush_to(false),
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
        if let Some(script) = &mut self.script {
            script.push_str(text);
        } else if let Some(cell) = &mut self.cell {
            cell.push_str(text);
        } else if !text.is_empty() {
            self.flush();
            self.output.push(text);
        }
    }

    /// Writes text with formulas and names of files in it.
    fn prose(&mut self, text: &str) {
        let source = self.source;
        for piece in source.prose(text) {
            match piece {
                Prose::Text(text) => self.words(text),
                Prose::Formula(formula) => self.formula(formula),
            }
        }
    }

    /// Writes text; names of files that Telegram would make links of stand as code, where it makes none.
    fn words(&mut self, text: &str) {
        if self.cell.is_some() || self.script.is_some() || self.output.is_literal() {
            return self.write(text);
        }
        let mut start = 0;
        for name in names::in_text(text) {
            self.write(text.get(start..name.start).unwrap_or_default());
            self.styled(Style::Code, text.get(name.clone()).unwrap_or_default());
            start = name.end;
        }
        self.write(text.get(start..).unwrap_or_default());
    }

    fn formula(&mut self, formula: &Formula) {
        if formula.is_literal() {
            return self.write(&formula.latex);
        }
        let text = math::to_unicode(&formula.latex);
        let is_own = formula.is_display && self.cell.is_none() && self.script.is_none();
        if is_own {
            self.breaks = self.breaks.max(1);
        }
        match text {
            Some(text) if !formula.is_display => self.write(&text.replace('\n', " ")),
            Some(text) => self.write(&text),
            None if is_own && !self.output.is_literal() => {
                let language = Some("latex".to_owned());
                self.styled(Style::Pre { language }, &formula.latex);
            }
            None => self.styled(Style::Code, &formula.latex),
        }
        if is_own {
            self.breaks = self.breaks.max(1);
        }
    }

    /// A table that has no room on a phone: each row an item, each cell a line with its column's name.
    fn list_of_rows(&mut self, table: &Table) {
        self.lists.push(None);
        for row in table.rows() {
            self.breaks = self.breaks.max(1);
            self.marker = Some(self.next_marker());
            for (number, (name, cell)) in row.into_iter().enumerate() {
                self.breaks = self.breaks.max(usize::from(number > 0));
                if !name.is_empty() {
                    self.words(&format!("{name}: "));
                }
                match number {
                    0 => self.styled(Style::Bold, cell),
                    _ => self.words(cell),
                }
            }
            if self.marker.is_some() {
                self.flush();
            }
        }
        self.lists.pop();
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
        let is_linkable =
            url.is_some() && self.cell.is_none() && self.script.is_none() && !self.output.is_code();
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

/// A sign, which says it in every language.
fn sign(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "ℹ️",
        BlockQuoteKind::Tip => "💡",
        BlockQuoteKind::Important => "❗",
        BlockQuoteKind::Warning => "⚠️",
        BlockQuoteKind::Caution => "🛑",
    }
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
