//! Events of a stream, wherever it is split.

use service_kit::sse::{SseError, SseEvent, SseParser};

const LONGEST: usize = 4096;

fn event(name: &str, data: &str, id: Option<&str>) -> SseEvent {
    SseEvent {
        name: name.to_owned(),
        data: data.to_owned(),
        id: id.map(str::to_owned),
    }
}

fn parser() -> SseParser {
    SseParser::new(LONGEST)
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
    assert_eq!(parser().push(stream).unwrap(), expected);
    for split in 0..=stream.len() {
        let mut parser = parser();
        let mut events = parser.push(&stream[..split]).unwrap();
        events.extend(parser.push(&stream[split..]).unwrap());
        assert_eq!(events, expected, "split at {split}");
    }
    let mut parser = parser();
    let bytes = stream.iter().flat_map(|byte| parser.push(&[*byte]).unwrap());
    assert_eq!(bytes.collect::<Vec<_>>(), expected);
}

#[test]
fn an_event_without_data_is_none() {
    let mut parser = parser();
    assert_eq!(
        parser.push(b"event: reply\nid: 1\n\ndata: x\n\n").unwrap(),
        [event("", "x", None)]
    );
    assert_eq!(parser.push(b"data\n\n").unwrap(), [event("", "", None)]);
}

#[test]
fn a_line_that_does_not_end_is_refused() {
    let mut parser = parser();
    assert!(parser.push(&vec![b'x'; LONGEST]).unwrap().is_empty());
    assert!(matches!(parser.push(b"x"), Err(SseError::TooLong(LONGEST))));
}

#[test]
fn an_event_of_endless_data_is_refused() {
    let mut parser = parser();
    let mut line = b"data:".to_vec();
    line.resize(LONGEST / 4, b'x');
    line.push(b'\n');
    let refused = (0..5).map(|_| parser.push(&line)).find(Result::is_err);
    assert!(matches!(refused, Some(Err(SseError::TooLong(LONGEST)))));
}
