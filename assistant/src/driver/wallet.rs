//! Pays for the model calls of an event: where they are limited, rest_service holds back what each may cost before it is
//! made; what each has really cost is counted, and stored with the turn.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use messages::EventId;
use rest_client::{
    Budget, BudgetOf, BudgetPeriod, BudgetUnit, Budgeted, Client, EndedCall, NewHold, NewSpending, NewTurn,
    Role, TurnCost, User, dollars_of, limits,
};
use texts::{Language, Text};
use uuid::Uuid;

use super::Driver;
use crate::{
    context,
    model::{Cost, ModelError, Purse},
};

/// The models without a price that were told of, where money is limited.
#[derive(Debug, Default)]
pub(super) struct Unpriced(Mutex<HashSet<String>>);

/// What pays for the calls of one event: its turn, and those of sub-assistants within it.
pub(super) struct Wallet {
    rest: Client,
    user_id: Uuid,
    is_owner: bool,
    event_id: EventId,
    /// `None` when rest_service is of before budgets, and takes no costs.
    limited: Option<Budgeted>,
    language: Language,
    zone: Tz,
    now: DateTime<Utc>,
    unpriced: Arc<Unpriced>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// How many calls there were.
    calls: u32,
    /// What they cost, with those that nobody waited for.
    total: Cost,
    /// What rest_service does not know yet.
    ended: Vec<EndedCall>,
    /// The budgets as they were when something was held back last.
    seen: Vec<Budget>,
    has_held: bool,
    failed: Option<rest_client::Error>,
}

/// What one turn pays with.
pub(super) struct TurnPurse {
    wallet: Arc<Wallet>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    /// The call that is under way, and the most that it may cost.
    call: Option<(String, Cost)>,
    total: Cost,
}

impl Driver {
    /// What pays for the calls of an event.
    pub(super) fn wallet(
        &self,
        user: &User,
        event_id: EventId,
        limited: Option<Budgeted>,
        rest: &Client,
    ) -> Arc<Wallet> {
        Arc::new(Wallet {
            rest: rest.clone(),
            user_id: user.id,
            is_owner: user.role == Role::Owner,
            event_id,
            limited,
            language: Language::of(&user.locale),
            zone: context::zone_of_user(user),
            now: self.clock.now(),
            unpriced: Arc::clone(&self.unpriced),
            inner: Mutex::default(),
        })
    }
}

impl Unpriced {
    /// Whether it is told of now, because it was not before.
    fn is_new(&self, model: &str) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(model.to_owned())
    }
}

impl Wallet {
    /// A purse for one turn.
    pub(super) fn purse(self: &Arc<Self>) -> Arc<TurnPurse> {
        Arc::new(TurnPurse {
            wallet: Arc::clone(self),
            open: Mutex::default(),
        })
    }

    /// Why rest_service could not be asked, if that is why there is no answer.
    pub(super) fn failure(&self) -> Option<rest_client::Error> {
        self.lock().failed.take()
    }

    /// What the user is told at four fifths, once in each period; and the periods of which they are.
    pub(super) fn notice(&self) -> Option<(String, Vec<BudgetPeriod>)> {
        let inner = self.lock();
        let is_near = |budget: &&Budget| {
            // What all spend together is the owner's business.
            let is_theirs = budget.of == BudgetOf::User || self.is_owner;
            is_theirs && !budget.told && budget.is_near(own(inner.total, budget.unit))
        };
        let near: Vec<&Budget> = inner.seen.iter().filter(is_near).collect();
        // Of several, the one that lasts longest.
        let shown = near.iter().max_by_key(|budget| budget.resets_at)?;
        let spent = shown.spent.saturating_add(own(inner.total, shown.unit));
        let spent = &amount(self.language, shown.unit, spent);
        let limit = &amount(self.language, shown.unit, shown.limit);
        let resets = &self.resets(shown);
        let text = self.language.say(&match (shown.of, shown.period) {
            (BudgetOf::User, BudgetPeriod::Day) => Text::BudgetNearDay { spent, limit, resets },
            (BudgetOf::User, BudgetPeriod::Month) => Text::BudgetNearMonth { spent, limit, resets },
            (BudgetOf::Installation, BudgetPeriod::Day) => Text::BudgetNearDayOfAll { spent, limit, resets },
            (BudgetOf::Installation, BudgetPeriod::Month) => {
                Text::BudgetNearMonthOfAll { spent, limit, resets }
            }
        });
        let mut told: Vec<BudgetPeriod> = Vec::new();
        for budget in near {
            if !told.contains(&budget.period) {
                told.push(budget.period);
            }
        }
        Some((text, told))
    }

    /// Writes into a turn what its calls have cost, and what the user is told of it.
    pub(super) fn pay(&self, turn: &mut NewTurn, told: Vec<BudgetPeriod>) {
        let inner = self.lock();
        // What sub-assistants spent is theirs; the rest is the turn's, with what was spent on tries that gave nothing.
        let subs = turn.sub_turns.iter();
        let (micros, input, output) = subs.fold((0_i64, 0_u32, 0_u32), |(micros, input, output), sub| {
            (
                micros.saturating_add(sub.cost_micros),
                input.saturating_add(sub.prompt_tokens),
                output.saturating_add(sub.completion_tokens),
            )
        });
        let usage = inner.total.usage;
        turn.prompt_tokens = turn.prompt_tokens.max(usage.input.saturating_sub(input));
        turn.completion_tokens = turn.completion_tokens.max(usage.output.saturating_sub(output));
        if self.limited.is_some() {
            turn.cost = TurnCost {
                micros: inner.total.micros_or_none().saturating_sub(micros).max(0),
                held: inner.has_held,
                told,
            };
        } else {
            for sub in &mut turn.sub_turns {
                sub.cost_micros = 0;
            }
        }
    }

    /// Counts what was spent where no turn is stored: for a summary, or on a turn that is tried again. That it could not
    /// be counted is in the log.
    pub(super) async fn count(&self, model: &str) {
        let spending = {
            let mut inner = self.lock();
            let total = std::mem::take(&mut inner.total);
            if self.limited.is_none() || (total == Cost::default() && !inner.has_held) {
                return;
            }
            NewSpending {
                event_id: self.event_id.clone(),
                model: model.chars().take(limits::SHORT).collect(),
                prompt_tokens: total.usage.input,
                completion_tokens: total.usage.output,
                model_calls: inner.calls,
                cost_micros: total.micros_or_none(),
            }
        };
        if let Err(error) = self.rest.spend(self.user_id, &spending).await {
            tracing::warn!(%error, "what a model has cost could not be counted");
        }
    }

    fn resets(&self, budget: &Budget) -> String {
        texts::spoken(self.language, budget.resets_at, self.now, self.zone)
    }

    fn refused(&self, budget: &Budget) -> ModelError {
        let [of, period, unit] = [
            match budget.of {
                BudgetOf::User => "user",
                BudgetOf::Installation => "installation",
            },
            match budget.period {
                BudgetPeriod::Day => "day",
                BudgetPeriod::Month => "month",
            },
            match budget.unit {
                BudgetUnit::Micros => "money",
                BudgetUnit::Tokens => "tokens",
            },
        ];
        metrics::counter!("assistant_budget_refusals_total", "of" => of, "period" => period, "unit" => unit)
            .increment(1);
        ModelError::Budget {
            of: budget.of,
            period: budget.period,
            resets: self.resets(budget),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnPurse {
    /// What the turn's calls have cost so far.
    pub(super) fn spent(&self) -> Cost {
        self.settle();
        self.lock().total
    }

    /// A call whose end nobody waited for is counted with all that it may have cost: its server may still be writing.
    fn settle(&self) {
        let open = self.lock().call.as_ref().map(|(_, worst)| *worst);
        if let Some(worst) = open {
            self.paid(worst);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Purse for TurnPurse {
    async fn hold(&self, model: &str, worst: Cost) -> Result<(), ModelError> {
        self.settle();
        let wallet = &self.wallet;
        let limited = wallet.limited.unwrap_or_default();
        let (id, ended) = {
            let mut inner = wallet.lock();
            let id = format!("{}#{}", wallet.event_id, inner.calls);
            inner.calls += 1;
            inner.has_held |= limited.is_limited();
            let told = inner.ended.len().min(limits::ENDED_CALLS);
            (id, inner.ended.drain(..told).collect())
        };
        if limited.money && worst.micros.is_none() && wallet.unpriced.is_new(model) {
            tracing::warn!(
                model,
                "the model has no known price, so that budgets in money do not count it; add it to MODELS_FILE, or limit tokens"
            );
        }
        if limited.is_limited() {
            let hold = NewHold {
                id: id.clone(),
                event_id: wallet.event_id.clone(),
                tokens: i64::from(worst.usage.total()),
                micros: worst.micros_or_none(),
                ended,
            };
            let held = match wallet.rest.hold(wallet.user_id, &hold).await {
                Ok(held) => held,
                Err(error) => {
                    wallet.lock().failed = Some(error);
                    return Err(ModelError::Unavailable {
                        reason: "what it may cost could not be held back".to_owned(),
                        retry_after: None,
                    });
                }
            };
            {
                let mut inner = wallet.lock();
                inner.seen = held.budgets;
                // What went wrong before is over.
                inner.failed = None;
            }
            if let Some(budget) = held.refused {
                return Err(wallet.refused(&budget));
            }
        }
        self.lock().call = Some((id, worst));
        Ok(())
    }

    fn paid(&self, cost: Cost) {
        let Some((id, _)) = ({
            let mut open = self.lock();
            let call = open.call.take();
            if call.is_some() {
                open.total = open.total.plus(cost);
            }
            call
        }) else {
            return;
        };
        metrics::counter!("assistant_model_cost_micros_total")
            .increment(u64::try_from(cost.micros_or_none()).unwrap_or(0));
        let mut inner = self.wallet.lock();
        inner.total = inner.total.plus(cost);
        if self.wallet.limited.is_some_and(Budgeted::is_limited) {
            inner.ended.push(EndedCall {
                id,
                tokens: i64::from(cost.usage.total()),
                micros: cost.micros_or_none(),
            });
        }
    }
}

impl std::fmt::Debug for TurnPurse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TurnPurse").finish_non_exhaustive()
    }
}

impl Drop for TurnPurse {
    fn drop(&mut self) {
        self.settle();
    }
}

/// How much of a budget's unit it is.
fn own(cost: Cost, unit: BudgetUnit) -> i64 {
    match unit {
        BudgetUnit::Micros => cost.micros_or_none(),
        BudgetUnit::Tokens => i64::from(cost.usage.total()),
    }
}

fn amount(language: Language, unit: BudgetUnit, amount: i64) -> String {
    match unit {
        BudgetUnit::Micros => dollars_of(amount),
        BudgetUnit::Tokens => language.say(&Text::Tokens { count: amount }),
    }
}
