//! Words of a language.

use crate::table::Table;

pub(super) fn fill(_table: &mut Table) {}
