//! Peers that do not end: what is read of them is bounded, and the error says so.

use std::time::{Duration, Instant};

use fakes::{Flood, Flow};
use service_kit::{
    answer::{AnswerError, read},
    http::client,
    sse::{EventStream, SseError, whole_events},
};

const MOST: usize = 64 * 1024;

/// Far more than a limit needs, far less than what is offered: the sockets' buffers hold some.
const PATIENCE: Duration = Duration::from_secs(30);

async fn asked(flow: Flow, limit: Duration) -> (Flood, reqwest::Response) {
    let flood = Flood::start(flow).await.unwrap();
    let answer = client(limit).unwrap().get(flood.url().clone()).send().await;
    (flood, answer.unwrap())
}

/// What was taken off a peer whose reader wanted no more than [`MOST`], with what lies in buffers.
const TAKEN: u64 = 32 * 1024 * 1024;

#[tokio::test]
async fn a_body_of_three_gibibytes_is_refused_for_its_length_alone() {
    let (_flood, answer) = asked(Flow::Announced(3 << 30), PATIENCE).await;
    let error = read(answer, MOST).await.unwrap_err();
    assert!(matches!(error, AnswerError::TooLong(MOST)));
    assert_eq!(error.to_string(), "the answer has more than 65536 bytes");
}

#[tokio::test]
async fn a_body_of_chunks_without_end_is_given_up_at_the_limit() {
    let (flood, answer) = asked(Flow::Chunked, PATIENCE).await;
    assert!(matches!(
        read(answer, MOST).await.unwrap_err(),
        AnswerError::TooLong(MOST)
    ));
    assert!(flood.sent() < TAKEN, "{} bytes were taken", flood.sent());
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_time_of_its_call() {
    let (_flood, answer) = asked(Flow::Drip, Duration::from_millis(1500)).await;
    let error = read(answer, MOST).await.unwrap_err();
    assert!(
        error.is_timeout() && !error.to_string().contains("http://"),
        "{error}"
    );
}

#[tokio::test]
async fn a_body_at_the_limit_is_read_whole() {
    let length = u64::try_from(MOST).unwrap();
    let (_flood, answer) = asked(Flow::Announced(length), PATIENCE).await;
    assert_eq!(read(answer, MOST).await.unwrap().len(), MOST);
    let (_flood, answer) = asked(Flow::Announced(length + 1), PATIENCE).await;
    assert!(read(answer, MOST).await.is_err());
}

#[tokio::test]
async fn an_event_that_does_not_end_is_given_up_at_the_limit() {
    for flow in [Flow::EndlessLine, Flow::EndlessLineInBytes, Flow::EndlessEvent] {
        let (flood, answer) = asked(flow, PATIENCE).await;
        let error = EventStream::new(answer, MOST, PATIENCE).next().await.unwrap_err();
        assert!(matches!(error, SseError::TooLong(MOST)), "{flow:?}: {error}");
        assert!(
            flood.sent() < TAKEN,
            "{flow:?}: {} bytes were taken",
            flood.sent()
        );

        let (flood, answer) = asked(flow, PATIENCE).await;
        let error = drain(whole_events(answer, MOST, 16 * MOST)).await.unwrap_err();
        assert!(error.contains("has more than 65536 bytes"), "{flow:?}: {error}");
        assert!(
            flood.sent() < TAKEN,
            "{flow:?}: {} bytes were taken",
            flood.sent()
        );
    }
}

#[tokio::test]
async fn events_without_end_are_given_up_when_they_are_too_many() {
    let (_flood, answer) = asked(Flow::EndlessEvents, PATIENCE).await;
    let error = drain(whole_events(answer, MOST, 4 * MOST)).await.unwrap_err();
    assert!(error.contains("the stream has more than 262144 bytes"), "{error}");
}

#[tokio::test]
async fn an_event_that_drips_ends_with_the_time_of_its_call() {
    let (_flood, answer) = asked(Flow::DripEvents, Duration::from_millis(1500)).await;
    let error = EventStream::new(answer, MOST, PATIENCE).next().await.unwrap_err();
    assert!(matches!(error, SseError::Cut(_)), "{error}");
    let (_flood, answer) = asked(Flow::DripEvents, PATIENCE).await;
    let silence = Duration::from_millis(1500);
    let error = EventStream::new(answer, MOST, silence).next().await.unwrap_err();
    assert!(matches!(error, SseError::Silent(_)), "{error}");
    let (_flood, answer) = asked(Flow::DripEvents, Duration::from_millis(1500)).await;
    assert!(drain(whole_events(answer, MOST, MOST)).await.is_err());
}

/// Four times the bytes of one line, a byte a chunk, is no more than eight times the work: the square would be sixteen.
#[tokio::test(flavor = "current_thread")]
async fn the_work_on_a_long_line_grows_with_its_length_alone() {
    let work = async |longest: usize| {
        let mut best = Duration::MAX;
        for _ in 0..3 {
            let (_flood, answer) = asked(Flow::EndlessLineInBytes, PATIENCE).await;
            let began = Instant::now();
            drain(whole_events(answer, longest, usize::MAX))
                .await
                .unwrap_err();
            best = best.min(began.elapsed());
        }
        best
    };
    let (short, long) = (work(16 * 1024).await, work(64 * 1024).await);
    assert!(
        long < short * 8,
        "{short:?} for a length, {long:?} for four times as much"
    );
}

/// Reads a body to its end; the error with its causes.
async fn drain(answer: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut answer = answer;
    let mut all = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(piece)) => all.extend_from_slice(&piece),
            Ok(None) => return Ok(all),
            Err(error) => {
                let mut text = error.to_string();
                let mut cause = std::error::Error::source(&error);
                while let Some(error) = cause {
                    text.push_str(&format!(": {error}"));
                    cause = error.source();
                }
                return Err(text);
            }
        }
    }
}
