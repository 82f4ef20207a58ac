//! The core of a turn: events in, effects out.

use std::time::Duration;

use assistant::{
    model::{Message, ModelAnswer, ModelError, ToolCall, Usage},
    tools::Question,
    turn::{Effect, Event, Limits, Outcome, Stop, ToolResult, Turn},
};
use messages::Receipt;

fn limits() -> Limits {
    Limits {
        model_calls: 4,
        tool_calls: 5,
        tokens: 1000,
        time: Duration::from_secs(60),
    }
}

fn turn() -> Turn {
    let mut turn = Turn::new(limits(), vec!["time", "reminder_create"]);
    assert_eq!(turn.handle(Event::Started), [Effect::AskModel]);
    turn
}

fn says(text: &str) -> Event {
    Event::ModelAnswered(ModelAnswer {
        text: text.to_owned(),
        ..ModelAnswer::default()
    })
}

/// Calls as `name arguments`, with ids of their own.
fn calls(calls: &[&str]) -> Event {
    let tool_calls = calls
        .iter()
        .enumerate()
        .map(|(n, call)| {
            let (name, arguments) = call.split_once(' ').unwrap_or((call, "{}"));
            ToolCall {
                id: format!("id{n}-{call}"),
                name: name.to_owned(),
                arguments: arguments.to_owned(),
            }
        })
        .collect();
    Event::ModelAnswered(ModelAnswer {
        tool_calls,
        ..ModelAnswer::default()
    })
}

fn finished(ordinal: u32, content: &str, receipts: &[&str]) -> Event {
    let receipts = receipts
        .iter()
        .map(|text| Receipt {
            text: (*text).to_owned(),
            undo: None,
        })
        .collect();
    Event::ToolFinished {
        ordinal,
        result: ToolResult {
            content: content.to_owned(),
            receipts,
            questions: Vec::new(),
            choices: Vec::new(),
        },
    }
}

/// The ordinals and names of the tools to run.
fn run(effects: &[Effect]) -> Vec<String> {
    effects
        .iter()
        .map(|effect| match effect {
            Effect::RunTool(call) => format!("{} {} {}", call.ordinal, call.name, call.arguments),
            other => panic!("only tools were expected, not {other:?}"),
        })
        .collect()
}

fn outcome(effects: &[Effect]) -> Outcome {
    match effects {
        [Effect::Finish(outcome)] => outcome.clone(),
        other => panic!("the end was expected, not {other:?}"),
    }
}

fn receipts(outcome: &Outcome) -> Vec<&str> {
    outcome
        .receipts
        .iter()
        .map(|receipt| receipt.text.as_str())
        .collect()
}

fn last_result(turn: &Turn) -> &str {
    match turn.transcript().last() {
        Some(Message::Tool { content, .. }) => content,
        other => panic!("a tool's result was expected, not {other:?}"),
    }
}

#[test]
fn an_answer_ends_the_turn() {
    let outcome = outcome(&turn().handle(says("Hello!")));
    assert_eq!(
        (outcome.text.as_str(), outcome.stopped, outcome.spent.model_calls),
        ("Hello!", None, 1)
    );
}

#[test]
fn calls_of_one_round_run_side_by_side_and_their_results_keep_the_order() {
    let mut turn = turn();
    let effects = turn.handle(calls(&[
        "time {\"place\":\"Tokyo\"}",
        "reminder_create {\"text\":\"a\"}",
        "time",
    ]));
    assert_eq!(
        run(&effects),
        [
            "0 time {\"place\":\"Tokyo\"}",
            "1 reminder_create {\"text\":\"a\"}",
            "2 time {}"
        ]
    );
    assert_eq!(turn.handle(finished(2, "third", &[])), []);
    assert_eq!(turn.handle(finished(1, "second", &["⏰ a"])), []);
    assert_eq!(
        turn.handle(finished(1, "again", &["⏰ twice"])),
        [],
        "a result counts once"
    );
    assert_eq!(turn.handle(finished(0, "first", &[])), [Effect::AskModel]);
    let contents: Vec<_> = turn
        .transcript()
        .iter()
        .filter_map(|message| match message {
            Message::Tool { content, .. } => Some(content.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(contents, ["first", "second", "third"]);
    let outcome = outcome(&turn.handle(says("Done.")));
    assert_eq!(receipts(&outcome), ["⏰ a"]);
    assert_eq!(outcome.spent.tool_calls, 3);
}

#[test]
fn an_unknown_tool_is_answered_with_the_names_that_there_are() {
    let mut turn = turn();
    assert_eq!(turn.handle(calls(&["weather"])), [Effect::AskModel]);
    assert_eq!(
        last_result(&turn),
        r#"{"error":"there is no tool \"weather\"; the tools are: time, reminder_create"}"#
    );
}

#[test]
fn a_repeated_call_is_not_made_again() {
    let mut turn = turn();
    assert_eq!(
        run(&turn.handle(calls(&["reminder_create {\"text\":\"a\", \"n\":1}"]))).len(),
        1
    );
    assert_eq!(turn.handle(finished(0, "stored", &["⏰ a"])), [Effect::AskModel]);
    // The same arguments, written differently.
    assert_eq!(
        turn.handle(calls(&["reminder_create {\"n\":1,\"text\":\"a\"}"])),
        [Effect::AskModel]
    );
    assert!(last_result(&turn).contains("already made") && last_result(&turn).contains("stored"));
    let outcome = outcome(&turn.handle(calls(&["reminder_create {\"text\":\"a\", \"n\":1}"])));
    assert_eq!(outcome.stopped, Some(Stop::Circle));
    assert_eq!(receipts(&outcome), ["⏰ a"]);
    assert!(outcome.text.contains("listed below"), "{}", outcome.text);
}

#[test]
fn looking_again_after_a_change_is_no_repetition() {
    let mut turn = turn();
    assert_eq!(run(&turn.handle(calls(&["time"]))).len(), 1);
    turn.handle(finished(0, "noon", &[]));
    assert_eq!(run(&turn.handle(calls(&["reminder_create {}"]))).len(), 1);
    turn.handle(finished(1, "stored", &["⏰ a"]));
    assert_eq!(run(&turn.handle(calls(&["time"]))), ["2 time {}"]);
}

#[test]
fn every_limit_ends_the_turn_with_a_plain_message() {
    // Model calls: the fourth answer is the last.
    let mut turn = turn();
    for n in 0..3 {
        turn.handle(calls(&[&format!("time {{\"n\":{n}}}")]));
        assert_eq!(turn.handle(finished(n, "…", &[])), [Effect::AskModel]);
    }
    turn.handle(calls(&["time {\"n\":3}"]));
    let ended = outcome(&turn.handle(finished(3, "…", &[])));
    assert_eq!(ended.stopped, Some(Stop::ModelCalls(4)));
    assert_eq!(
        ended.text,
        "I could not finish this within the 4 steps that I may take for one message. Nothing was changed. Please ask for it in smaller parts."
    );

    // Tool calls: none of a round that is too large is made.
    let six = ["time 1", "time 2", "time 3", "time 4", "time 5", "time 6"];
    assert_eq!(
        outcome(&self::turn().handle(calls(&six))).stopped,
        Some(Stop::ToolCalls(5))
    );

    // Tokens.
    let mut turn = self::turn();
    let Event::ModelAnswered(mut answer) = calls(&["time"]) else {
        unreachable!()
    };
    answer.usage = Usage {
        input: 900,
        output: 100,
    };
    turn.handle(Event::ModelAnswered(answer));
    assert_eq!(
        outcome(&turn.handle(finished(0, "…", &[]))).stopped,
        Some(Stop::Tokens)
    );

    // Time, before the model said anything.
    let mut turn = self::turn();
    assert_eq!(turn.handle(Event::DeadlineReached), []);
    let silent = Event::ModelFailed(ModelError::Deadline(Duration::from_secs(3)));
    let ended = outcome(&turn.handle(silent));
    assert_eq!(ended.stopped, Some(Stop::Time(Duration::from_secs(60))));
    assert!(ended.text.contains("60 seconds"), "{}", ended.text);
}

#[test]
fn when_the_time_is_up_an_answer_that_is_coming_is_waited_for() {
    let mut turn = turn();
    assert_eq!(turn.handle(Event::DeadlineReached), []);
    let ended = outcome(&turn.handle(says("a long answer")));
    assert_eq!((ended.text.as_str(), ended.stopped), ("a long answer", None));
    // What it calls is done, for its receipts; nothing is begun behind it.
    let mut turn = self::turn();
    turn.handle(Event::DeadlineReached);
    turn.handle(calls(&["reminder_create {}"]));
    let ended = outcome(&turn.handle(finished(0, "stored", &["⏰ a"])));
    assert_eq!(receipts(&ended), ["⏰ a"]);
    assert_eq!(ended.stopped, Some(Stop::Time(Duration::from_secs(60))));
}

#[test]
fn when_the_time_is_up_running_tools_are_waited_for() {
    let mut turn = turn();
    turn.handle(calls(&["reminder_create {}"]));
    assert_eq!(turn.handle(Event::DeadlineReached), []);
    let ended = outcome(&turn.handle(finished(0, "stored", &["⏰ a"])));
    assert_eq!(receipts(&ended), ["⏰ a"]);
    assert_eq!(turn.handle(says("too late")), [], "nothing follows the end");
}

#[test]
fn a_model_that_fails_ends_the_turn_with_what_it_means() {
    let rows = [
        (
            ModelError::Unavailable {
                reason: "x".to_owned(),
                retry_after: None,
            },
            "can't reach the language model",
        ),
        (
            ModelError::RateLimited {
                retry_after: Some(Duration::from_secs(90)),
            },
            "try again in 2 minutes",
        ),
        (
            ModelError::RateLimited { retry_after: None },
            "try again in 1 minute",
        ),
        (
            ModelError::Refused("wrong key".to_owned()),
            "the reason is in its log",
        ),
        (ModelError::Broken("cut".to_owned()), "got lost on the way"),
        (ModelError::TooLong("8192".to_owned()), "start a new one"),
        (ModelError::Deadline(Duration::from_secs(45)), "within 45 seconds"),
    ];
    for (error, words) in rows {
        let ended = outcome(&turn().handle(Event::ModelFailed(error.clone())));
        assert!(ended.text.contains(words), "{error:?} gives {}", ended.text);
        assert!(ended.text.contains("Nothing was changed."), "{}", ended.text);
        assert_eq!(ended.stopped, Some(Stop::Model(error)));
    }
}

#[test]
fn what_the_model_wrote_badly_is_made_sendable() {
    let mut turn = turn();
    let call = |id: &str| ToolCall {
        id: id.to_owned(),
        name: "time".to_owned(),
        arguments: "{\"place".to_owned(),
    };
    let answer = ModelAnswer {
        tool_calls: vec![call("")],
        ..ModelAnswer::default()
    };
    assert_eq!(
        run(&turn.handle(Event::ModelAnswered(answer))),
        ["0 time {\"place"]
    );
    let Some(Message::Assistant { tool_calls, .. }) = turn.transcript().first() else {
        panic!("no calls")
    };
    assert_eq!(
        (tool_calls[0].id.as_str(), tool_calls[0].arguments.as_str()),
        ("call00000", "{}")
    );
}

#[test]
fn what_was_not_done_is_not_claimed() {
    let failed = |content: &str| {
        let mut turn = turn();
        turn.handle(calls(&["reminder_create {}"]));
        turn.handle(finished(0, content, &[]));
        turn
    };
    let told = |mut turn: Turn, text: &str| outcome(&turn.handle(says(text))).text;
    // No call at all, and one that was refused.
    assert_eq!(
        told(turn(), "Done, I set it."),
        "Done, I set it.\n\nNothing was changed."
    );
    assert_eq!(
        told(failed(r#"{"error":"25:99 is no time"}"#), "Done."),
        "Done.\n\nNothing was changed."
    );
    assert_eq!(
        told(
            failed(r#"{"error":"25:99 is no time"}"#),
            "25:99 is no time. When shall I remind you?"
        ),
        "25:99 is no time. When shall I remind you?"
    );
    assert_eq!(told(turn(), "You have no reminders."), "You have no reminders.");
    // It was done.
    let mut turn = turn();
    turn.handle(calls(&["reminder_create {}"]));
    turn.handle(finished(0, "stored", &["⏰ a"]));
    assert_eq!(told(turn, "I've set a reminder."), "I've set a reminder.");
}

/// An earlier try may have changed something before it broke off, and nobody has told of it.
#[test]
fn only_a_first_try_says_that_nothing_was_changed() {
    for (is_again, expected) in [
        (false, "Stopped. Nothing was changed."),
        (
            true,
            "Stopped. I had begun and may have changed something; please check.",
        ),
    ] {
        let mut turn = Turn::new(limits(), vec!["time"]).tried_before(is_again);
        turn.handle(Event::Started);
        let effects = turn.handle(Event::Stopped);
        let [Effect::Finish(outcome)] = effects.as_slice() else {
            panic!("{effects:?}");
        };
        assert_eq!(outcome.text, expected);
    }
}

/// "Where are you?" of two reminders that one message sets.
#[test]
fn what_two_calls_ask_alike_is_asked_once() {
    let mut turn = turn();
    turn.handle(calls(&["time {\"n\":1}", "time {\"n\":2}"]));
    let question = Question {
        text: "Where are you?".to_owned(),
        buttons: Vec::new(),
    };
    for ordinal in [0, 1] {
        turn.handle(Event::ToolFinished {
            ordinal,
            result: ToolResult {
                content: "{}".to_owned(),
                receipts: Vec::new(),
                questions: vec![question.clone()],
                choices: Vec::new(),
            },
        });
    }
    let effects = turn.handle(says("Done."));
    let [Effect::Finish(outcome)] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    assert_eq!(outcome.questions, [question]);
}
