//! The contract suite: every story runs on Redis and on SQLite.

mod fates;
mod order;
mod storage;
mod takeover;

/// Makes a test of each story, for both stores.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod redis {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story(crate::backend::Backend::redis().await).await;
                }
            )+
        }
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    super::$story(crate::backend::Backend::sqlite()).await;
                }
            )+
        }
    };
}
use on_both;
