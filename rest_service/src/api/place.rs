//! Where in a document something is wrong, and how much of what is wrong is told.
//!
//! A document is walked to its end whatever it holds, so the way to a value is written down only where something is
//! wrong, and shortened: a name may be as long as a body, and stand above as many values as fit in one.

use rest_client::FieldError;

/// How many faults of a request are told.
pub(super) const MOST_FAULTS: usize = 100;

/// How many characters of a name are told.
const NAME: usize = 80;

/// How many of a whole place are.
const WHOLE: usize = 400;

/// The place of a value, as the steps that lead to it.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The document itself.
    Document,
    /// A field of an object.
    Field(&'a Place<'a>, &'a str),
    /// An item of a list, counted from 0.
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    /// Notes that something is wrong here, unless enough is wrong already.
    pub(super) fn is_wrong(&self, message: impl FnOnce() -> String, errors: &mut Vec<FieldError>) {
        if errors.len() < MOST_FAULTS {
            let mut field = String::new();
            self.write(&mut field);
            errors.push(FieldError {
                field: shortened(field, WHOLE),
                message: message(),
            });
        }
    }

    /// Such as `config.rules[3].name`.
    fn write(&self, to: &mut String) {
        match self {
            Self::Document => {}
            Self::Field(of, name) => {
                of.write(to);
                if !to.is_empty() {
                    to.push('.');
                }
                let mut end = 0;
                for (index, character) in name.char_indices().take(NAME) {
                    end = index + character.len_utf8();
                    to.push(if character == '\0' { '\u{fffd}' } else { character });
                }
                if end < name.len() {
                    to.push('…');
                }
            }
            Self::Item(of, index) => {
                of.write(to);
                to.push_str(&format!("[{index}]"));
            }
        }
    }
}

/// A text with so many characters at most.
pub(super) fn shortened(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}
