//! The whole product through a fake Telegram and a fake model, on both ways to run.

mod calendar;
mod commits;
mod configuration;
mod conversation;
mod cost;
mod kills;
mod lost_answers;
mod outages;
mod weather;
mod world;

/// Makes of each story two tests: one process on embedded stores, and a process per service on Redis and
/// PostgreSQL.
macro_rules! both_ways {
    ($($(#[$attribute:meta])* $story:ident;)*) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded_sqlite() {
                super::$story(super::World::start(super::Way::Embedded, super::Model::default()).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn distributed_redis_postgres() {
                super::$story(super::World::start(super::Way::Distributed, super::Model::default()).await).await;
            }
        }
    )*};
}

use both_ways;
