//! PostgreSQL's protocol, version 3: where a command and where an answer ends.
//!
//! A command is a simple query, or all messages of an extended one up to its `Sync`: the server answers either up to
//! `ReadyForQuery`.

use std::collections::HashMap;

use super::relay::{Is, Sent, Shape};

/// How much of a command is shown.
const SHOWN: usize = 300;
/// What stands in the place of a version to ask for encryption: TLS, GSSAPI.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];
/// What stands in the place of a version to cancel what another connection does.
const CANCEL: u32 = 80_877_102;

/// Cuts what a client sends into commands.
#[derive(Default)]
pub(super) struct Commands {
    phase: Phase,
    /// The SQL of what was prepared, by name.
    prepared: HashMap<Vec<u8>, String>,
}

#[derive(Default, PartialEq, Eq)]
enum Phase {
    /// Messages have no type yet.
    #[default]
    Start,
    /// Who it is has been said.
    Started,
    /// A cancellation.
    Opaque,
}

impl Commands {
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<Sent> {
        match self.phase {
            Phase::Start => self.start(bytes),
            Phase::Started => self.command(bytes),
            Phase::Opaque => (!bytes.is_empty()).then_some(Sent {
                length: bytes.len(),
                is: Is::Aside,
            }),
        }
    }

    fn start(&mut self, bytes: &[u8]) -> Option<Sent> {
        // The first byte of a TLS handshake: encrypted from here on.
        if bytes.first() == Some(&0x16) {
            self.phase = Phase::Opaque;
            return self.next(bytes);
        }
        let length = usize::try_from(number(bytes, 0)?).ok()?;
        let code = number(bytes, 4)?;
        bytes.get(..length)?;
        let is = if code == CANCEL {
            self.phase = Phase::Opaque;
            Is::Aside
        } else if ENCRYPTION.contains(&code) {
            Is::Command {
                text: "(may it be encrypted?)".to_owned(),
                answer: Shape::Byte,
            }
        } else {
            self.phase = Phase::Started;
            Is::Command {
                text: "(who it is)".to_owned(),
                answer: Shape::UntilReady,
            }
        };
        Some(Sent { length, is })
    }

    fn command(&mut self, bytes: &[u8]) -> Option<Sent> {
        let mut at = 0;
        let mut text = String::new();
        loop {
            let kind = *bytes.get(at)?;
            let length = 1 + usize::try_from(number(bytes, at + 1)?).ok()?;
            let body = bytes.get(at + 5..at + length)?;
            let is_first = at == 0;
            at += length;
            match kind {
                b'Q' => {
                    text = shown(until_zero(body).0);
                    break;
                }
                b'S' => break,
                b'P' => {
                    let (name, rest) = until_zero(body);
                    text = shown(until_zero(rest).0);
                    self.prepared.insert(name.to_vec(), text.clone());
                }
                // The portal's name, then the statement's.
                b'B' => {
                    let name = until_zero(until_zero(body).1).0;
                    text = self.prepared.get(name).cloned().unwrap_or_default();
                }
                // A password, the pieces of a copy, and the goodbye have no answer of their own.
                b'p' | b'd' | b'c' | b'f' | b'X' if is_first => {
                    return Some(Sent {
                        length: at,
                        is: Is::Aside,
                    });
                }
                _ => {}
            }
        }
        Some(Sent {
            length: at,
            is: Is::Command {
                text,
                answer: Shape::UntilReady,
            },
        })
    }
}

/// The length of the server's first message, once all of it is there, and whether it ends an answer.
pub(super) fn message(bytes: &[u8]) -> Option<(usize, bool)> {
    let length = 1 + usize::try_from(number(bytes, 1)?).ok()?;
    bytes.get(..length)?;
    Some((length, bytes.first() == Some(&b'Z')))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(four))
}

/// What stands before the first zero byte, and what behind it.
fn until_zero(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (text, rest) = bytes.split_at(end);
    (text, rest.get(1..).unwrap_or_default())
}

fn shown(sql: &[u8]) -> String {
    String::from_utf8_lossy(sql).chars().take(SHOWN).collect()
}
