//! Rules over everything that the workspace is built from, on this platform.

use cargo_metadata::Metadata;

use super::Offence;

/// One TLS (rustls on ring) and no C client libraries: builds need a C compiler and nothing else.
const BANNED: [(&str, &str); 5] = [
    ("aws-lc-sys", "turn on the `ring` feature of what pulls it in"),
    ("mysqlclient-sys", "PostgreSQL and SQLite are enough"),
    ("native-tls", "turn on the `rustls` feature of what pulls it in"),
    ("openssl-sys", "turn on the `rustls` feature of what pulls it in"),
    (
        "pq-sys",
        "use the `postgres_backend` feature of `diesel`, not `postgres`",
    ),
];

/// A package from a registry.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// An SPDX expression.
    pub(crate) licence: Option<String>,
}

/// The packages that the workspace is built from, without its own.
pub(crate) fn packages(metadata: &Metadata) -> Vec<Package> {
    let built = metadata
        .resolve
        .as_ref()
        .unwrap()
        .nodes
        .iter()
        .map(|node| &metadata[&node.id]);
    let foreign = built.filter(|package| !metadata.workspace_members.contains(&package.id));
    foreign
        .map(|package| Package {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
        })
        .collect()
}

/// A package that must not be among them.
pub(crate) fn banned(package: &Package) -> Option<Offence> {
    let (name, remedy) = BANNED.iter().find(|(name, _)| *name == package.name)?;
    let remedy = format!("`{name}` is in the build: {remedy} (`cargo tree --invert {name}`)");
    Some(Offence::new("Cargo.lock", 1, "banned", remedy))
}

#[test]
fn a_banned_package_is_an_offence() {
    let package = |name: &str| Package {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        licence: None,
    };
    for (name, _) in BANNED {
        assert!(banned(&package(name)).is_some(), "{name}");
    }
    assert_eq!(banned(&package("ring")), None);
}
