//! The elements of HTML as Telegram shows them.

use super::{Renderer, Style, html::Tag, math};

impl Renderer<'_> {
    /// An element begins. Each has its end: what has none is text.
    pub(super) fn begin_element(&mut self, tag: &Tag) {
        match tag {
            Tag::Link(address) => self.begin_link(address),
            Tag::Raised | Tag::Lowered => {
                // Within another one it is part of that.
                if self.script.is_none() {
                    self.script = Some(String::new());
                }
            }
            Tag::Block => self.begin_block(),
            Tag::Bullets => {
                self.begin_block();
                self.lists.push(None);
            }
            Tag::Numbers => {
                self.begin_block();
                self.lists.push(Some(1));
            }
            Tag::Item => {
                self.breaks = self.breaks.max(1);
                self.marker = Some(self.next_marker());
            }
            Tag::Plain => {}
            styled => {
                if matches!(styled, Tag::Quote | Tag::Details | Tag::Title | Tag::Pre) {
                    self.begin_block();
                }
                if let Some(style) = style(styled) {
                    self.open(style);
                }
            }
        }
    }

    /// An element ends.
    pub(super) fn end_element(&mut self, tag: &Tag) {
        match tag {
            Tag::Link(_) => self.end_link(),
            Tag::Raised | Tag::Lowered => {
                if let Some(text) = self.script.take() {
                    self.write(&math::script(text.trim(), *tag == Tag::Raised));
                }
            }
            Tag::Block => self.end_block(),
            Tag::Bullets | Tag::Numbers => {
                self.lists.pop();
                self.end_block();
            }
            Tag::Item => {
                if self.marker.is_some() {
                    self.flush();
                }
                if let Some(Some(number)) = self.lists.last_mut() {
                    *number = number.saturating_add(1);
                }
            }
            Tag::Plain => {}
            styled => {
                if style(styled).is_some() {
                    self.output.close();
                }
                match styled {
                    Tag::Title => self.breaks = self.breaks.max(1),
                    Tag::Quote | Tag::Details | Tag::Pre => self.end_block(),
                    _ => {}
                }
            }
        }
    }
}

fn style(tag: &Tag) -> Option<Style> {
    Some(match tag {
        Tag::Bold | Tag::Title => Style::Bold,
        Tag::Italic => Style::Italic,
        Tag::Underline => Style::Underline,
        Tag::Strikethrough => Style::Strikethrough,
        Tag::Spoiler => Style::Spoiler,
        Tag::Code => Style::Code,
        Tag::Pre => Style::Pre { language: None },
        Tag::Quote => Style::Quote,
        Tag::Details => Style::Details,
        _ => return None,
    })
}
