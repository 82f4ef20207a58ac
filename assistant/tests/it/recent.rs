//! What was said before, read once: the model is shown the same whichever process answers, and whatever it has kept.

use std::sync::Arc;

use assistant::driver::Driver;
use fakes::openai::{OpenAiServer, Request, Step};
use rest_client::{CloseThreads, ThreadPatch};

use crate::{
    openai::model,
    world::{SOON, Stores, World},
};

/// What a turn starts from at most.
const MOST: usize = 100;

/// A conversation with several processes, and what was said in it.
struct Talk {
    world: World,
    openai: OpenAiServer,
    said: Vec<String>,
    /// Where the part that no summary covers begins.
    from: usize,
    turns: usize,
}

impl Talk {
    async fn begin(stores: Stores) -> Self {
        let openai = OpenAiServer::start().await;
        openai.answers_with(|request| Step::text(format!("re: {}", request.last_user_text())));
        let world = World::with_model(stores, Arc::new(model(openai.url(), SOON))).await;
        let (said, from, turns) = (Vec::new(), 0, 0);
        Self {
            world,
            openai,
            said,
            from,
            turns,
        }
    }

    /// So many turns, each of which is shown all that was said before.
    async fn goes_on(&mut self, driver: &Driver, turns: usize) {
        for _ in 0..turns {
            self.turns += 1;
            let text = format!("message {}", self.turns);
            self.world.writes(&text).await;
            driver.handle(self.world.delivery().await).await;
            let answer = format!("re: {text}");
            assert_eq!(self.world.reply().await.text, answer);
            let shown = shown(&self.openai.requests().pop().expect("a request"));
            let before = &self.said[self.from..];
            let before = &before[before.len().saturating_sub(MOST)..];
            assert_eq!(shown, [before, std::slice::from_ref(&text)].concat(), "{text}");
            self.said.extend([text, answer]);
        }
    }
}

fn shown(request: &Request) -> Vec<String> {
    let texts = request
        .messages()
        .iter()
        .filter(|message| message["role"] != "system");
    texts
        .map(|message| message["content"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn every_turn_is_shown_all_of_it(stores: Stores) {
    let mut talk = Talk::begin(stores).await;
    let (one, other) = (talk.world.driver(), talk.world.driver());
    talk.goes_on(&one, 12).await;
    // The other's turns are not in the first one's copy.
    talk.goes_on(&other, 3).await;
    talk.goes_on(&one, 2).await;
    // More than a context holds.
    talk.goes_on(&other, 55).await;
    talk.goes_on(&one, 2).await;
    // A summary covers the beginning.
    let (user, rest) = (talk.world.user, talk.world.rest.clone());
    let threads = rest.threads(user, &Default::default()).await.expect("threads");
    let covered = ThreadPatch {
        summary: "They counted.".to_owned(),
        summarised_to: i64::try_from(talk.said.len() - 6).expect("few"),
    };
    let thread = threads.items.first().expect("a thread").id;
    rest.update_thread(user, thread, &covered)
        .await
        .expect("summed up");
    talk.from = talk.said.len() - 6;
    talk.goes_on(&one, 8).await;
    talk.goes_on(&other, 2).await;
    // A new conversation.
    let conversation = talk.world.address().key();
    let closed = CloseThreads { conversation };
    rest.close_threads(user, &closed).await.expect("closed");
    talk.from = talk.said.len();
    talk.goes_on(&one, 2).await;
    talk.goes_on(&other, 8).await;
    talk.goes_on(&one, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_turn_is_shown_all_of_it_on_sqlite() {
    every_turn_is_shown_all_of_it(Stores::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_turn_is_shown_all_of_it_on_redis_and_postgres() {
    every_turn_is_shown_all_of_it(Stores::Distributed).await;
}
