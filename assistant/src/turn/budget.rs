//! What a turn may spend: one purse for it and for the sub-assistants' turns within it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Limits, Spent, Stop};
use crate::model::Usage;

/// The limits of a turn, and what it and the turns within it have spent. Clones share the purse.
#[derive(Clone, Debug)]
pub struct Budget {
    limits: Limits,
    spent: Arc<Mutex<Spent>>,
}

impl Budget {
    /// A full purse.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            spent: Arc::default(),
        }
    }

    /// What may be spent in all.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes one model call. A sub-assistant at some depth leaves one to each assistant above it, so that its failure
    /// can still be told.
    pub(super) fn take_model_call(&self, depth: u32) -> Result<(), Stop> {
        let mut spent = self.lock();
        if spent.model_calls.saturating_add(depth) >= self.limits.model_calls {
            return Err(Stop::ModelCalls(self.limits.model_calls));
        }
        if spent.usage.total() >= self.limits.tokens {
            return Err(Stop::Tokens);
        }
        spent.model_calls += 1;
        Ok(())
    }

    /// Takes tool calls, all of them or none.
    pub(super) fn take_tool_calls(&self, count: u32) -> Result<(), Stop> {
        let mut spent = self.lock();
        if count > self.limits.tool_calls.saturating_sub(spent.tool_calls) {
            return Err(Stop::ToolCalls(self.limits.tool_calls));
        }
        spent.tool_calls += count;
        Ok(())
    }

    /// Counts the tokens of a model call.
    pub(super) fn add(&self, usage: Usage) {
        let mut spent = self.lock();
        spent.usage = spent.usage.plus(usage);
    }

    fn lock(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
