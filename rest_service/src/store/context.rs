//! What a turn starts from: a handful of small queries, each by an index, whatever the user's history is.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use rest_client::{Context, DEFAULT_ASSISTANT, Fact, Message, Thread, Tool, Turn, limits};
use uuid::Uuid;

use super::{
    StoreError,
    assistants::AssistantRow,
    budgets,
    facts::FactRow,
    sub_assistants,
    threads::{MessageRow, ThreadRow},
    tools::ToolRow,
    turns::TurnRow,
    users::{UserRow, serving},
};
use crate::{
    db::{
        Db, Id,
        schema::{assistant_tools, assistants, facts, messages, threads, tools, turns, users},
    },
    settings::BudgetSettings,
};

/// Which context.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'w> {
    pub(crate) conversation: &'w str,
    pub(crate) event: &'w str,
    /// How many messages at most.
    pub(crate) limit: u32,
    /// The thread and the number up to which the caller has its messages.
    pub(crate) known: Option<(Uuid, i64)>,
}

/// Everything a turn starts from.
pub(crate) async fn get(
    db: &Db,
    user: Uuid,
    wanted: Wanted<'_>,
    settings: &BudgetSettings,
) -> Result<Context, StoreError> {
    let Wanted {
        conversation,
        event,
        limit,
        known,
    } = wanted;
    let mut context = db
        .read(async |c| {
            let of_event = turns::user_id.eq(users::id).and(turns::event_id.eq(event));
            let (user, turn): (UserRow, Option<TurnRow>) = users::table
                .find(Id(user))
                .left_join(turns::table.on(of_event))
                .select((UserRow::as_select(), Option::<TurnRow>::as_select()))
                .first(c)
                .await?;
            let candidates: Vec<AssistantRow> = assistants::table
                .filter(assistants::id.eq_any([
                    user.secretary_id.unwrap_or(Id(DEFAULT_ASSISTANT)),
                    Id(DEFAULT_ASSISTANT),
                ]))
                .select(AssistantRow::as_select())
                .load(c)
                .await?;
            let assistant = serving(user.secretary_id, candidates)?;
            let tools: Vec<ToolRow> = assistant_tools::table
                .inner_join(tools::table)
                .filter(assistant_tools::assistant_id.eq(Id(assistant.id)))
                .filter(tools::active.eq(true))
                .order(tools::name)
                .select(ToolRow::as_select())
                .load(c)
                .await?;
            let facts: Vec<FactRow> = facts::table
                .filter(facts::user_id.eq(user.id))
                .order(facts::id.desc())
                .limit(i64::from(limits::FACTS))
                .select(FactRow::as_select())
                .load(c)
                .await?;
            let thread: Option<ThreadRow> = threads::table
                .filter(threads::user_id.eq(user.id))
                .filter(threads::conversation.eq(conversation))
                .filter(threads::assistant_id.eq(Id(assistant.id)))
                .filter(threads::closed_at.is_null())
                .select(ThreadRow::as_select())
                .first(c)
                .await
                .optional()?;
            let mut newest: Vec<MessageRow> = match &thread {
                Some(thread) if limit > 0 => {
                    let known = known.filter(|(id, _)| Id(*id) == thread.id);
                    let after = known.map_or(0, |(_, seq)| seq).max(thread.summarised_to);
                    messages::table
                        .filter(messages::thread_id.eq(thread.id))
                        .filter(messages::user_id.eq(user.id))
                        .filter(messages::seq.gt(after))
                        .order(messages::seq.desc())
                        .limit(limit.into())
                        .select(MessageRow::as_select())
                        .load(c)
                        .await?
                }
                _ => Vec::new(),
            };
            newest.reverse();
            Ok::<_, StoreError>(Context {
                budget: Some(budgets::limited(&user, settings)),
                user: user.into(),
                assistant,
                tools: tools.into_iter().map(Tool::from).collect(),
                facts: facts.into_iter().map(Fact::from).collect(),
                sub_assistants: Vec::new(),
                thread: thread.map(Thread::from),
                messages: newest.into_iter().map(Message::from).collect(),
                turn: turn.map(Turn::from),
            })
        })
        .await?;
    if context.turn.is_none() {
        let (user, assistant) = (Id(context.user.id), context.assistant.id);
        context.sub_assistants = sub_assistants::below(db, user, assistant, conversation).await?;
    }
    Ok(context)
}
