//! RESP, the protocol of Redis: where a command and where an answer ends. Both versions of it.

use super::relay::{Is, Sent, Shape};

/// How much of a command is shown.
const SHOWN: usize = 300;

/// Cuts what a client sends into commands.
#[derive(Default)]
pub(super) struct Commands {
    /// It has subscribed: what comes from now on is not matched one to one.
    listens: bool,
}

impl Commands {
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<Sent> {
        let length = frame(bytes)?;
        if self.listens {
            return Some(Sent {
                length,
                is: Is::Aside,
            });
        }
        let text = words(bytes.get(..length)?);
        let name = text.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        self.listens = matches!(
            name.as_str(),
            "SUBSCRIBE" | "PSUBSCRIBE" | "SSUBSCRIBE" | "MONITOR"
        );
        Some(Sent {
            length,
            is: Is::Command {
                text,
                answer: Shape::Frame,
            },
        })
    }
}

/// The length of the first frame, once all of it is there.
pub(super) fn frame(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut left) = (0_usize, 1_usize);
    while left > 0 {
        let (kind, text, next) = line(bytes, at)?;
        at = next;
        left -= 1;
        // A negative number stands for nothing at all.
        let number = || {
            let digits = std::str::from_utf8(text).ok()?;
            usize::try_from(digits.parse::<i64>().ok()?).ok()
        };
        match kind {
            b'$' | b'!' | b'=' => {
                if let Some(length) = number() {
                    at += length + 2;
                }
            }
            b'*' | b'~' | b'>' => left += number().unwrap_or_default(),
            b'%' => left += 2 * number().unwrap_or_default(),
            // Attributes stand before what they belong to.
            b'|' => left += 2 * number().unwrap_or_default() + 1,
            _ => {}
        }
    }
    (at <= bytes.len()).then_some(at)
}

/// The line that begins at `at`: its first byte, the rest of it, and where the next one begins.
fn line(bytes: &[u8], at: usize) -> Option<(u8, &[u8], usize)> {
    let rest = bytes.get(at..)?;
    let length = rest.windows(2).position(|pair| pair == b"\r\n")?;
    let (kind, text) = rest.get(..length)?.split_first()?;
    Some((*kind, text, at + length + 2))
}

/// The words of a command, for people and for tests.
fn words(frame: &[u8]) -> String {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some((kind, text, next)) = line(frame, at) {
        at = next;
        if kind == b'$' {
            let length = std::str::from_utf8(text)
                .ok()
                .and_then(|digits| digits.parse::<usize>().ok());
            let Some(word) = length.and_then(|length| frame.get(at..at + length)) else {
                break;
            };
            words.push(String::from_utf8_lossy(word).into_owned());
            at += word.len() + 2;
        }
    }
    words.join(" ").chars().take(SHOWN).collect()
}
