//! `manage user`: who may talk to the assistant.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand, ValueEnum};
use messages::{Channel, plain};
use rest_client::{
    BudgetPeriod, BudgetUnit, Client, Error, PageQuery, ResolveIdentity, Role, UsageQuery, User,
    UserListQuery, UserPatch, UserState, dollars_of, limits, micros_of,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    say,
    service::{ServiceArgs, all_pages},
};

/// The names in a list of users stand under one another up to this width.
const WIDEST_NAME: usize = 30;

/// List users, and say who is let in.
#[derive(Args)]
pub(crate) struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand)]
enum UserCommand {
    /// List all users.
    List(ListArgs),
    /// Show one user and the accounts they are known by.
    Show(OneArgs),
    /// Let a user in, who asked or who was blocked.
    Approve(OneArgs),
    /// Turn a user away: nothing of theirs is answered any more.
    Block(OneArgs),
    /// Let somebody in before they write.
    Invite(InviteArgs),
    /// Change a user's name, time zone, language, role or budget.
    Edit(EditArgs),
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage user list\n  manage user list --state pending\n  \
    manage user list --json | jq '.[].name'"
)]
struct ListArgs {
    /// Only those in this state.
    #[arg(long, value_enum)]
    state: Option<StateName>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage user show Bob\n  manage user approve Bob\n  \
    manage user block 0198c5a0-7e00-7000-8000-000000000001"
)]
struct OneArgs {
    /// Their name, or the id that `manage user list` prints.
    #[arg(value_name = "USER")]
    user: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Args)]
#[command(
    after_help = "Example:\n  manage user invite --telegram 5550100 --name Bob\n\nTelegram lets no bot write first: \
    tell them the bot's name, and they are answered at once. Bots such as @userinfobot tell people their id."
)]
struct InviteArgs {
    /// Their Telegram id: a number, not the @name.
    #[arg(long, value_name = "ID", value_parser = telegram_id)]
    telegram: i64,
    /// How they are called.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Their time zone, such as Europe/Berlin; when absent they are asked in the chat. They can change it there, with
    /// /tz or in words.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

#[derive(Args)]
#[command(
    after_help = "Examples:\n  manage user edit Bob --time-zone Europe/Berlin\n  manage user edit Bob --name Robert \
    --role owner\n  manage user edit Bob --budget-day 0.50 --budget-month 10\n\nRecurring reminders keep their time of day in a new time zone. Users change their own zone in the \
    chat: /tz in Telegram, or in words."
)]
struct EditArgs {
    /// Their name, or the id that `manage user list` prints.
    #[arg(value_name = "USER")]
    user: String,
    /// How they are called from now on.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Their time zone, such as Europe/Berlin; a city is enough where it tells.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Their language, such as de or en-GB: what they are answered in, and how dates are read.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// What they may do: an owner lets others in.
    #[arg(long, value_enum)]
    role: Option<RoleName>,
    /// What their model calls may cost per day, in US dollars; "default" for BUDGET_USER_DAY.
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    budget_day: Option<Wanted>,
    /// The same per month.
    #[arg(long, value_name = "DOLLARS", value_parser = dollars)]
    budget_month: Option<Wanted>,
    /// How many tokens they may use per day; "default" for BUDGET_USER_DAY_TOKENS.
    #[arg(long, value_name = "N", value_parser = tokens)]
    budget_day_tokens: Option<Wanted>,
    /// The same per month.
    #[arg(long, value_name = "N", value_parser = tokens)]
    budget_month_tokens: Option<Wanted>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    service: ServiceArgs,
}

/// A limit that is typed; none for the installation's default.
#[derive(Clone, Copy)]
struct Wanted(Option<i64>);

/// The roles, as they are typed.
#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    /// Lets others in.
    Owner,
    /// Talks to the assistant.
    Member,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Owner => Self::Owner,
            RoleName::Member => Self::Member,
        }
    }
}

/// The states, as they are typed.
#[derive(Clone, Copy, ValueEnum)]
enum StateName {
    /// Has written, and waits to be let in.
    Pending,
    /// Let in.
    Active,
    /// Turned away.
    Blocked,
}

impl From<StateName> for UserState {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Pending => Self::Pending,
            StateName::Active => Self::Active,
            StateName::Blocked => Self::Blocked,
        }
    }
}

fn dollars(text: &str) -> Result<Wanted, String> {
    match text.trim() {
        "default" => Ok(Wanted(None)),
        text => micros_of(text).map(|micros| Wanted(Some(micros))),
    }
}

fn tokens(text: &str) -> Result<Wanted, String> {
    match text.trim() {
        "default" => Ok(Wanted(None)),
        text => text
            .parse()
            .ok()
            .filter(|tokens| (0..=limits::MOST_SPENT).contains(tokens))
            .map(|tokens| Wanted(Some(tokens)))
            .ok_or_else(|| "use a number of tokens".to_owned()),
    }
}

fn telegram_id(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|id| *id > 0)
        .ok_or_else(|| "this is a number, such as 5550100; bots such as @userinfobot tell it".to_owned())
}

/// Does what was asked.
pub(crate) fn run(args: UserArgs) -> anyhow::Result<ExitCode> {
    ServiceArgs::block_on(async {
        match args.command {
            UserCommand::List(args) => list(&args).await,
            UserCommand::Show(args) => show(&args).await,
            UserCommand::Approve(args) => set_state(&args, UserState::Active).await,
            UserCommand::Block(args) => set_state(&args, UserState::Blocked).await,
            UserCommand::Invite(args) => invite(&args).await,
            UserCommand::Edit(args) => edit(&args).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn list(args: &ListArgs) -> anyhow::Result<()> {
    let client = args.service.client()?;
    let users = all_pages(async |cursor| {
        let query = UserListQuery {
            state: args.state.map(UserState::from),
            limit: Some(200),
            cursor,
            ..UserListQuery::default()
        };
        client.users(&query).await
    });
    let users = users.await.map_err(|error| args.service.explained(error))?;
    if args.json {
        say::json(&format!("{:#}", json!(users)));
        return Ok(());
    }
    if users.is_empty() {
        say::line(match args.state {
            None => "There are no users; whoever writes to the bot becomes one.",
            Some(_) => "There are none.",
        });
    }
    let longest = users
        .iter()
        .map(|user| plain::name(&user.name).chars().count())
        .max();
    let width = longest.unwrap_or(0).min(WIDEST_NAME);
    for user in &users {
        say::line(&row(user, width));
    }
    Ok(())
}

async fn show(args: &OneArgs) -> anyhow::Result<()> {
    let client = args.service.client()?;
    let user = find(&client, &args.service, &args.user).await?;
    let identities = all_pages(async |cursor| {
        let query = PageQuery {
            cursor,
            limit: Some(200),
        };
        client.identities(user.id, &query).await
    });
    let identities = identities.await.map_err(|error| args.service.explained(error))?;
    let usage = client.usage_of(user.id, &UsageQuery::default()).await;
    let usage = usage.map_err(|error| args.service.explained(error))?;
    if args.json {
        let mut whole = json!(user);
        whole["identities"] = json!(identities);
        whole["budgets"] = json!(usage.budgets);
        say::json(&format!("{whole:#}"));
        return Ok(());
    }
    say::heading(&user.name);
    say::entry("id", &user.id.to_string());
    say::entry("role", role(user.role));
    say::entry("state", state(user.state));
    say::entry("time zone", &user.time_zone);
    say::entry("language", &user.locale);
    say::entry("since", &user.created_at.format("%Y-%m-%d %H:%M UTC").to_string());
    for budget in &usage.budgets {
        let per = match budget.period {
            BudgetPeriod::Day => "day",
            BudgetPeriod::Month => "month",
        };
        let shown = match budget.unit {
            BudgetUnit::Micros => format!("{} of {}", dollars_of(budget.spent), dollars_of(budget.limit)),
            BudgetUnit::Tokens => format!("{} of {} tokens", budget.spent, budget.limit),
        };
        let until = budget.resets_at.format("%Y-%m-%d %H:%M UTC");
        say::entry(
            &format!("budget per {per}"),
            &format!("{shown} spent, until {until}"),
        );
    }
    for identity in &identities {
        say::entry(
            &identity.channel.to_string(),
            &format!("{} ({})", identity.external_id, identity.display_name),
        );
    }
    Ok(())
}

async fn set_state(args: &OneArgs, wanted: UserState) -> anyhow::Result<()> {
    let client = args.service.client()?;
    let user = find(&client, &args.service, &args.user).await?;
    if user.role == Role::Owner && wanted == UserState::Blocked {
        bail!(
            "{} owns the bot and cannot be blocked; make them a member first",
            user.name
        );
    }
    let patch = UserPatch {
        state: Some(wanted),
        ..UserPatch::default()
    };
    let changed = client.update_user(user.id, &patch).await;
    told(
        args.json,
        &changed.map_err(|error| args.service.explained(error))?,
    );
    Ok(())
}

async fn invite(args: &InviteArgs) -> anyhow::Result<()> {
    let client = args.service.client()?;
    let explained = |error| args.service.explained(error);
    // Makes the user, or finds whoever has that account: they may have written meanwhile.
    let account = ResolveIdentity {
        channel: Channel::Telegram,
        external_id: args.telegram.to_string(),
        display_name: args.name.clone(),
        locale: None,
        time_zone: args.time_zone.clone(),
    };
    let resolved = client.resolve_identity(&account).await.map_err(explained)?;
    let patch = UserPatch {
        state: Some(UserState::Active),
        // Whoever has written already is known, with a zone.
        time_zone: args.time_zone.clone().filter(|_| !resolved.created),
        ..UserPatch::default()
    };
    let changed = client.update_user(resolved.user.id, &patch).await;
    told(args.json, &changed.map_err(explained)?);
    Ok(())
}

async fn edit(args: &EditArgs) -> anyhow::Result<()> {
    let wanted = UserPatch {
        name: args.name.clone(),
        time_zone: args.time_zone.clone(),
        locale: args.language.clone(),
        role: args.role.map(Role::from),
        budget_day_micros: args.budget_day.map(|wanted| wanted.0),
        budget_month_micros: args.budget_month.map(|wanted| wanted.0),
        budget_day_tokens: args.budget_day_tokens.map(|wanted| wanted.0),
        budget_month_tokens: args.budget_month_tokens.map(|wanted| wanted.0),
        ..UserPatch::default()
    };
    if wanted == UserPatch::default() {
        bail!("nothing to change; give --name, --time-zone, --language, --role or a --budget-…");
    }
    let client = args.service.client()?;
    let user = find(&client, &args.service, &args.user).await?;
    let changed = client.update_user(user.id, &wanted).await;
    told(
        args.json,
        &changed.map_err(|error| args.service.explained(error))?,
    );
    Ok(())
}

/// Who is meant: by id, or by a name that only one has.
async fn find(client: &Client, service: &ServiceArgs, name: &str) -> anyhow::Result<User> {
    if let Ok(id) = name.parse::<Uuid>() {
        return match client.user(id).await {
            Err(Error::NotFound) => bail!("there is no user {id}; `manage user list` shows them"),
            found => found.map_err(|error| service.explained(error).into()),
        };
    }
    let named = all_pages(async |cursor| {
        let query = UserListQuery {
            name: Some(name.to_owned()),
            limit: Some(200),
            cursor,
            ..UserListQuery::default()
        };
        client.users(&query).await
    });
    let mut named = named.await.map_err(|error| service.explained(error))?;
    // The service finds names that begin so.
    if named.iter().any(|user| user.name == name) {
        named.retain(|user| user.name == name);
    }
    match named.as_slice() {
        [one] => Ok(one.clone()),
        [] => bail!("there is no user {name:?}; `manage user list` shows them"),
        several => {
            let ids: Vec<_> = several
                .iter()
                .take(5)
                .map(|user| format!("{} ({})", user.id, plain::name(&user.name)))
                .collect();
            bail!("{name:?} may be several; say which by the id: {}", ids.join(", "))
        }
    }
}

fn told(as_json: bool, user: &User) {
    if as_json {
        say::json(&format!("{:#}", json!(user)));
    } else {
        say::line(&row(user, 0));
    }
}

fn row(user: &User, width: usize) -> String {
    format!(
        "{}  {:<width$}  {:<6}  {:<7}  {}",
        user.id,
        plain::name(&user.name),
        role(user.role),
        state(user.state),
        user.time_zone
    )
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "owner",
        Role::Member => "member",
    }
}

fn state(state: UserState) -> &'static str {
    match state {
        UserState::Pending => "pending",
        UserState::Active => "active",
        UserState::Blocked => "blocked",
    }
}
