//! Many who write at once: their commits share a write to the disk on SQLite, and nothing else.

use futures::future::join_all;
use messages::Channel;
use rest_client::{ConflictKind, Error, FactSource, NewFact, NewIdentity, PageQuery};

use crate::support::{TestApp, TestDb, on_both};

on_both!(each_gets_the_answer_to_its_own_write);

const PEOPLE: usize = 8;
const ACCOUNTS: usize = 6;

async fn each_gets_the_answer_to_its_own_write(db: TestDb) {
    let app = TestApp::start(db).await;
    let mut users = Vec::new();
    for n in 0..PEOPLE {
        users.push(app.user(&format!("User {n}")).await.id);
    }
    let calls = users.iter().flat_map(|&user| {
        let client = &app.client;
        (0..ACCOUNTS).map(move |n| async move {
            let fact = NewFact {
                text: format!("fact {n}"),
                source: FactSource::User,
                from_outside: false,
            };
            // An account is one user's: of all who want it at once, one gets it, and the others' writes are taken back.
            let account = NewIdentity {
                channel: Channel::Telegram,
                external_id: format!("account {n}"),
                display_name: String::new(),
            };
            let (kept, linked) = tokio::join!(
                client.create_fact(user, &fact),
                client.link_identity(user, &account)
            );
            assert_eq!(kept.unwrap().text, fact.text);
            match linked {
                Ok(linked) => Some((user, linked.external_id)),
                Err(Error::Conflict {
                    kind: ConflictKind::Taken,
                    ..
                }) => None,
                Err(other) => panic!("neither linked nor taken: {other:?}"),
            }
        })
    });
    let mut told: Vec<_> = join_all(calls).await.into_iter().flatten().collect();
    assert_eq!(told.len(), ACCOUNTS, "{told:?}");

    let mut stored = Vec::new();
    for &user in &users {
        let facts = app.client.facts(user, &PageQuery::default()).await.unwrap();
        assert_eq!(facts.items.len(), ACCOUNTS);
        let identities = app.client.identities(user, &PageQuery::default()).await.unwrap();
        stored.extend(identities.items.into_iter().map(|one| (user, one.external_id)));
    }
    told.sort();
    stored.sort();
    assert_eq!(told, stored);
}
