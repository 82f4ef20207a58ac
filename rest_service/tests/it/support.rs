//! What the stories stand on: a database of each kind, thrown away at the end.

use rest_service::Db;
use test_support::{postgres::TestSchema, sqlite::TestFile};

/// Makes two tests of each story, `story::postgres` and `story::sqlite`.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$story($crate::support::TestDb::postgres().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$story($crate::support::TestDb::sqlite()).await;
            }
        }
    )+ };
}

pub(crate) use on_both;

/// An empty database of a test's own.
pub(crate) struct TestDb {
    pub(crate) url: String,
    _keep: Keep,
}

#[expect(dead_code, reason = "they are held for their drop")]
enum Keep {
    Schema(TestSchema),
    File(TestFile),
}

impl TestDb {
    pub(crate) async fn postgres() -> Self {
        let schema = TestSchema::create().await;
        Self {
            url: schema.url().to_owned(),
            _keep: Keep::Schema(schema),
        }
    }

    pub(crate) fn sqlite() -> Self {
        let file = TestFile::create();
        Self {
            url: file.url("db"),
            _keep: Keep::File(file),
        }
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.url, 4).await.unwrap()
    }
}
