//! A sentence as words: as they were written, and as they are compared.

/// What was said, word by word.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentence {
    words: Vec<Word>,
}

#[derive(Clone, Debug)]
struct Word {
    written: String,
    plain: String,
}

/// Words that say nothing at the front or the end of a request.
const POLITE_FRONT: [&str; 12] = [
    "please", "hey", "ok", "okay", "can", "could", "would", "you", "kindly", "and", "then", "so",
];
const POLITE_END: [&str; 4] = ["please", "thanks", "thx", "pls"];

impl Sentence {
    /// Splits a text into words.
    pub(super) fn read(text: &str) -> Self {
        Self {
            words: text
                .split_whitespace()
                .map(|written| Word {
                    plain: plain(written),
                    written: written.to_owned(),
                })
                .collect(),
        }
    }

    /// The words in lower case, without punctuation at their ends.
    pub(super) fn plain(&self) -> Vec<&str> {
        self.words.iter().map(|word| word.plain.as_str()).collect()
    }

    /// The words in lower case as one text, without those that are punctuation alone.
    pub(super) fn plain_text(&self) -> String {
        let words: Vec<&str> = self.plain().into_iter().filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }

    /// A part of it as it was written, without punctuation at its very end.
    pub(super) fn written(&self, from: usize, to: usize) -> String {
        let words = self.words.get(from..to).unwrap_or_default();
        let text = words
            .iter()
            .map(|word| word.written.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        text.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '"' | '“' | '”') || c.is_whitespace())
            .trim_end_matches('.')
            .to_owned()
    }

    /// Some of its words.
    #[must_use]
    pub(super) fn part(&self, from: usize, to: usize) -> Self {
        Self {
            words: self.words.get(from..to).unwrap_or_default().to_vec(),
        }
    }

    /// Without what is only polite.
    #[must_use]
    pub(super) fn bare(&self) -> Self {
        let mut words = self.words.as_slice();
        while let [first, rest @ ..] = words
            && POLITE_FRONT.contains(&first.plain.as_str())
            && !rest.is_empty()
        {
            words = rest;
        }
        while let [rest @ .., last] = words
            && POLITE_END.contains(&last.plain.as_str())
            && !rest.is_empty()
        {
            words = rest;
        }
        Self {
            words: words.to_vec(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

fn plain(written: &str) -> String {
    let word = written.to_lowercase().replace('’', "'");
    let is_edge = |c: char| {
        matches!(
            c,
            ',' | '.' | '!' | '?' | ';' | ':' | '"' | '“' | '”' | '(' | ')' | '…'
        )
    };
    let word = word.trim_start_matches(is_edge).trim_end_matches(is_edge);
    word.to_owned()
}
