//! The places that the fake knows: by GeoNames' ids and figures, and in the order in which the real search ranks them.

/// A place, as GeoNames has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) id: u32,
    pub(crate) name: &'static str,
    pub(crate) german: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    pub(crate) elevation: f64,
    pub(crate) feature_code: &'static str,
    pub(crate) country_code: &'static str,
    pub(crate) country: &'static str,
    pub(crate) country_german: &'static str,
    pub(crate) admin1: &'static str,
    pub(crate) timezone: &'static str,
    pub(crate) population: u32,
}

macro_rules! places {
    ($(($id:literal, $name:literal, $german:literal, $latitude:literal, $longitude:literal, $elevation:literal,
        $feature:literal, $code:literal, $country:literal, $country_german:literal, $admin1:literal, $zone:literal,
        $population:literal)),* $(,)?) => {
        /// All of them, the most important of each name first.
        pub(crate) const PLACES: &[Place] = &[$(Place {
            id: $id,
            name: $name,
            german: $german,
            latitude: $latitude,
            longitude: $longitude,
            elevation: $elevation,
            feature_code: $feature,
            country_code: $code,
            country: $country,
            country_german: $country_german,
            admin1: $admin1,
            timezone: $zone,
            population: $population,
        }),*];
    };
}

#[rustfmt::skip]
places![
    (3_161_732, "Bergen", "Bergen", 60.39299, 5.32415, 12.0, "PPLA", "NO", "Norway", "Norwegen", "Vestland", "Europe/Oslo", 213_585),
    (2_759_350, "Bergen", "Bergen", 52.67, 4.701_39, 3.0, "PPL", "NL", "Netherlands", "Niederlande", "North Holland", "Europe/Amsterdam", 4_100),
    (2_950_159, "Berlin", "Berlin", 52.52437, 13.41053, 74.0, "PPLC", "DE", "Germany", "Deutschland", "Land Berlin", "Europe/Berlin", 3_426_354),
    (5_083_330, "Berlin", "Berlin", 44.46867, -71.18508, 311.0, "PPL", "US", "United States", "Vereinigte Staaten", "New Hampshire", "America/New_York", 9_367),
    (2_867_714, "Munich", "München", 48.13743, 11.57549, 524.0, "PPLA", "DE", "Germany", "Deutschland", "Bavaria", "Europe/Berlin", 1_260_391),
    (2_988_507, "Paris", "Paris", 48.85341, 2.3488, 42.0, "PPLC", "FR", "France", "Frankreich", "Île-de-France", "Europe/Paris", 2_138_551),
    (4_717_560, "Paris", "Paris", 33.66094, -95.55551, 183.0, "PPLA2", "US", "United States", "Vereinigte Staaten", "Texas", "America/Chicago", 24_782),
    (4_409_896, "Springfield", "Springfield", 37.21533, -93.29824, 396.0, "PPLA2", "US", "United States", "Vereinigte Staaten", "Missouri", "America/Chicago", 166_810),
    (4_951_788, "Springfield", "Springfield", 42.10148, -72.58981, 21.0, "PPLA2", "US", "United States", "Vereinigte Staaten", "Massachusetts", "America/New_York", 154_341),
    (4_250_542, "Springfield", "Springfield", 39.80172, -89.64371, 182.0, "PPLA", "US", "United States", "Vereinigte Staaten", "Illinois", "America/Chicago", 116_565),
    (5_754_005, "Springfield", "Springfield", 44.04624, -123.02203, 139.0, "PPL", "US", "United States", "Vereinigte Staaten", "Oregon", "America/Los_Angeles", 60_870),
    (1_850_147, "Tokyo", "Tokio", 35.6895, 139.69171, 44.0, "PPLC", "JP", "Japan", "Japan", "Tokyo", "Asia/Tokyo", 9_733_276),
];

/// The place that a pair of coordinates means.
pub(crate) fn nearest(latitude: f64, longitude: f64) -> Option<&'static Place> {
    let distance = |place: &Place| (place.latitude - latitude).hypot(place.longitude - longitude);
    PLACES
        .iter()
        .min_by(|one, other| distance(one).total_cmp(&distance(other)))
}
