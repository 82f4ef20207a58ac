//! What is moved, as it is stored: from when the reminder was, and not from now.

use crate::world::{Stores, World, shown};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_moved_is_moved_from_when_it_was() {
    let mut world = World::new(Stores::Embedded).await;
    // It is Friday, 20 November 2026, 12:03.
    for (said, wanted) in [
        (
            "remind me every day at 17:00 to take the pill",
            "every day at 17:00",
        ),
        ("make it an hour later", "every day at 18:00"),
        ("make it 7", "every day at 19:00"),
        ("half an hour earlier", "every day at 18:30"),
        // Another day is another rule.
        ("two days later", "it repeats"),
        ("make it 6 hours later", "it repeats"),
        (
            "remind me at 9:00 on monday to stand up",
            "Mon 23 Nov 2026, 09:00",
        ),
        ("make it 3", "Mon 23 Nov 2026, 15:00"),
        ("no, at 10am", "Mon 23 Nov 2026, 10:00"),
        ("two days later", "Wed 25 Nov 2026, 10:00"),
        (
            "remind me in 10 minutes to check the oven",
            "Fri 20 Nov 2026, 12:13",
        ),
        ("make it 20", "Fri 20 Nov 2026, 12:23"),
        // The hour stays where a day alone is said.
        ("tomorrow instead", "Sat 21 Nov 2026, 12:23"),
        ("move it to monday", "Mon 23 Nov 2026, 12:23"),
    ] {
        world.writes(said).await;
        world.handle_next().await;
        let reply = shown(&world.reply().await);
        assert!(
            reply.to_lowercase().contains(&wanted.to_lowercase()),
            "{said}: {reply}"
        );
    }
}
