//! Chats that are out of reach, whose tasks wait, and chats that have got another id.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, QueryDsl, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use messages::Address;
use rest_client::{HoldTasks, MoveChat, MovedChat, TaskStatus};
use uuid::Uuid;

use super::StoreError;
use crate::db::{
    At, Db, Id, Named,
    schema::{calendar_accounts, calendar_links, pending_actions, scheduled_tasks, threads},
};

/// Holds the active tasks of a chat and its topics, or lets go on all that are held, whatever their users did with them
/// meanwhile; says how many. What their users paused stays as it is. A lease ends: whoever has it may have fired the task
/// into the void, and says so itself.
pub(crate) async fn hold(db: &Db, now: DateTime<Utc>, ask: &HoldTasks) -> Result<usize, StoreError> {
    let topics = format!("{}/%", like(&ask.chat));
    let held = db
        .write(async |c| {
            let chat = scheduled_tasks::channel.eq(Named(ask.channel)).and(
                scheduled_tasks::chat
                    .eq(&ask.chat)
                    .or(scheduled_tasks::chat.like(&topics).escape('\\')),
            );
            let mut which = diesel::update(scheduled_tasks::table).filter(chat).into_boxed();
            if let Some(user) = ask.user_id {
                which = which.filter(scheduled_tasks::user_id.eq(Id(user)));
            }
            which = if ask.held {
                which
                    .filter(scheduled_tasks::held_since.is_null())
                    .filter(scheduled_tasks::status.eq(Named(TaskStatus::Active)))
            } else {
                which.filter(scheduled_tasks::held_since.is_not_null())
            };
            which
                .set((
                    scheduled_tasks::held_since.eq(ask.held.then_some(At(now))),
                    scheduled_tasks::version.eq(scheduled_tasks::version + 1),
                    scheduled_tasks::updated_at.eq(At(now)),
                ))
                .execute(c)
                .await
        })
        .await?;
    Ok(held)
}

/// The text as a pattern that it alone matches.
fn like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// Gives what belongs to a chat to the id that it has now: conversations, tasks, where answers about calendars go. Done
/// again, it finds nothing left to do.
pub(crate) async fn move_chat(db: &Db, now: DateTime<Utc>, ask: &MoveChat) -> Result<MovedChat, StoreError> {
    let key = |chat: &str| {
        let address = Address {
            channel: ask.channel,
            chat: chat.to_owned(),
        };
        address.key()
    };
    let (from, to) = (key(&ask.from), key(&ask.to));
    let channel = Named(ask.channel);
    let moved = db
        .transaction(async |c| {
            let open = threads::table.filter(threads::closed_at.is_null());
            let begun: Vec<(Id, Id)> = open
                .filter(threads::conversation.eq(&to))
                .select((threads::user_id, threads::assistant_id))
                .load(c)
                .await?;
            let begun: HashSet<(Uuid, Uuid)> = begun.into_iter().map(|(user, of)| (user.0, of.0)).collect();
            let old: Vec<(Id, Id, Id)> = open
                .filter(threads::conversation.eq(&from))
                .select((threads::id, threads::user_id, threads::assistant_id))
                .load(c)
                .await?;
            // Who has begun another one under the new id goes on with that.
            let over: Vec<Id> = old
                .into_iter()
                .filter(|(_, user, of)| begun.contains(&(user.0, of.0)))
                .map(|(id, ..)| id)
                .collect();
            diesel::update(threads::table.filter(threads::id.eq_any(over)))
                .set(threads::closed_at.eq(Some(At(now))))
                .execute(c)
                .await?;
            let threads = diesel::update(threads::table.filter(threads::conversation.eq(&from)))
                .set((threads::conversation.eq(&to), threads::updated_at.eq(At(now))))
                .execute(c)
                .await?;
            diesel::update(pending_actions::table.filter(pending_actions::conversation.eq(&from)))
                .set(pending_actions::conversation.eq(&to))
                .execute(c)
                .await?;
            let tasks = diesel::update(
                scheduled_tasks::table
                    .filter(scheduled_tasks::channel.eq(channel))
                    .filter(scheduled_tasks::chat.eq(&ask.from)),
            )
            .set((
                scheduled_tasks::chat.eq(&ask.to),
                scheduled_tasks::version.eq(scheduled_tasks::version + 1),
                scheduled_tasks::updated_at.eq(At(now)),
            ))
            .execute(c)
            .await?;
            diesel::update(
                calendar_accounts::table
                    .filter(calendar_accounts::channel.eq(channel))
                    .filter(calendar_accounts::chat.eq(&ask.from)),
            )
            .set(calendar_accounts::chat.eq(&ask.to))
            .execute(c)
            .await?;
            diesel::update(
                calendar_links::table
                    .filter(calendar_links::channel.eq(channel))
                    .filter(calendar_links::chat.eq(&ask.from)),
            )
            .set(calendar_links::chat.eq(&ask.to))
            .execute(c)
            .await?;
            Ok::<_, StoreError>(MovedChat {
                threads: u64::try_from(threads).unwrap_or(u64::MAX),
                tasks: u64::try_from(tasks).unwrap_or(u64::MAX),
            })
        })
        .await?;
    Ok(moved)
}
