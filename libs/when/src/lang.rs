//! The languages: one file each, which fills a table with words and their meanings.

use crate::{Language, table::Table};

mod de;
mod en;
mod es;
mod ru;

/// How a language fills its table.
pub(crate) type Fill = fn(&mut Table);

/// All languages.
pub(crate) const ALL: &[(Language, Fill)] = &[
    (Language::English, en::fill),
    (Language::German, de::fill),
    (Language::Spanish, es::fill),
    (Language::Russian, ru::fill),
];
