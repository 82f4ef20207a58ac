//! A place's time zone: by the words of a person, or by coordinates. Pure, and offline.
//!
//! The tables are text in the binary (`data/README.md` says where they come from) and are read anew by each search:
//! a search takes a millisecond or two, comes once in a user's life, and leaves nothing in memory.

mod fold;
mod guess;
mod offset;
mod search;
mod table;

use chrono_tz::Tz;
use tzf_rs::EmbeddedFinder;

pub use guess::guesses;
pub use search::{MOST, Place, is_name, search, sure};

/// The zone at a place on the earth, at sea too (`Etc/GMT+2`); `None` for what is no place.
///
/// The borders are four megabytes of the binary, which are read where they lie: a look-up takes some milliseconds
/// and leaves nothing in memory. It computes, so an asynchronous caller hands it to a blocking thread.
pub fn zone_at(latitude: f64, longitude: f64) -> Option<Tz> {
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return None;
    }
    let finder = EmbeddedFinder::new();
    schedule::parse_zone(finder.get_tz_name(longitude, latitude)).ok()
}
