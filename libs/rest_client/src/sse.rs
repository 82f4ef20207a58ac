//! Server-Sent Events, as a client reads them (WHATWG HTML §9.2.6): bytes in, split anywhere, events out.

/// The most bytes of one line or of one event's data: far more than the longest reply takes.
const LONGEST: usize = 16 * 1024 * 1024;

/// The byte order mark that a stream may begin with.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SseEvent {
    /// Its kind; empty where the stream names none.
    pub(crate) name: String,
    /// Its lines of data, joined by newlines.
    pub(crate) data: String,
    /// Its id, where it carries one.
    pub(crate) id: Option<String>,
}

/// Why a stream cannot be read any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream has more than {LONGEST} bytes")]
pub(crate) struct TooLong;

/// The state between two pieces of a stream.
#[derive(Debug, Default)]
pub(crate) struct SseParser {
    line: Vec<u8>,
    started: bool,
    /// The last piece ended in a carriage return, whose newline may come next.
    after_return: bool,
    event: SseEvent,
    has_data: bool,
}

impl SseParser {
    /// Reads on; the events that this piece completes, in order.
    ///
    /// # Errors
    /// A line or an event is longer than any of ours; the parser must not be used any more.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<SseEvent>, TooLong> {
        let mut events = Vec::new();
        for &byte in bytes {
            let completes_return = std::mem::take(&mut self.after_return);
            match byte {
                b'\n' if completes_return => {}
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.end_line(&line)?);
                }
                _ if self.line.len() >= LONGEST => return Err(TooLong),
                _ => self.line.push(byte),
            }
        }
        Ok(events)
    }

    fn end_line(&mut self, line: &[u8]) -> Result<Option<SseEvent>, TooLong> {
        let line = match line.strip_prefix(MARK) {
            Some(rest) if !self.started => rest,
            _ => line,
        };
        self.started = true;
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            // An event without data is none.
            return Ok(std::mem::take(&mut self.has_data).then_some(event));
        }
        let text = String::from_utf8_lossy(line);
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.event.data.len() + value.len() >= LONGEST {
                    return Err(TooLong);
                }
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.event.name),
            "id" if !value.contains('\0') => self.event.id = Some(value.to_owned()),
            // Comments have no name; other fields are for browsers, or from the future.
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str, id: Option<&str>) -> SseEvent {
        SseEvent {
            name: name.to_owned(),
            data: data.to_owned(),
            id: id.map(str::to_owned),
        }
    }

    #[test]
    fn a_stream_reads_the_same_wherever_it_is_split() {
        let stream = "\u{feff}: keep-alive\n\nevent: hello\nid: 7\ndata: {\"position\":7}\n\n\
            event:reply\r\nid:8\r\ndata:  zwei\u{1f600}\r\ndata\r\ndata:Zeilen: ü\r\n\r\n\
            retry: 1000\revent: delta\rdata: c\r\rdata: unfinished\n"
            .as_bytes();
        let expected = [
            event("hello", "{\"position\":7}", Some("7")),
            event("reply", " zwei\u{1f600}\n\nZeilen: ü", Some("8")),
            event("delta", "c", None),
        ];
        assert_eq!(SseParser::default().push(stream).unwrap(), expected);
        for split in 0..=stream.len() {
            let mut parser = SseParser::default();
            let mut events = parser.push(&stream[..split]).unwrap();
            events.extend(parser.push(&stream[split..]).unwrap());
            assert_eq!(events, expected, "split at {split}");
        }
        let mut parser = SseParser::default();
        let bytes = stream.iter().flat_map(|byte| parser.push(&[*byte]).unwrap());
        assert_eq!(bytes.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn an_event_without_data_is_none() {
        let mut parser = SseParser::default();
        assert_eq!(
            parser.push(b"event: reply\nid: 1\n\ndata: x\n\n").unwrap(),
            [event("", "x", None)]
        );
        assert_eq!(parser.push(b"data\n\n").unwrap(), [event("", "", None)]);
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut parser = SseParser::default();
        assert!(parser.push(&vec![b'x'; LONGEST]).unwrap().is_empty());
        assert_eq!(parser.push(b"x"), Err(TooLong));
    }

    #[test]
    fn an_event_of_endless_data_is_refused() {
        let mut parser = SseParser::default();
        let mut line = b"data:".to_vec();
        line.resize(LONGEST / 4, b'x');
        line.push(b'\n');
        let refused = (0..5).map(|_| parser.push(&line)).find(Result::is_err);
        assert_eq!(refused, Some(Err(TooLong)));
    }
}
