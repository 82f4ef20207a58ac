//! Tokens of API keys: `sak_{prefix}_{secret}`, made, read and compared.
//!
//! Only the SHA-256 of the secret is kept. A slow hash would gain nothing: it protects secrets that people choose,
//! and this one is 256 random bits, which nobody guesses from its hash at any speed; a fast one keeps every call
//! cheap.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How every token begins, so that people and secret scanners know one when they see it.
const MARK: &str = "sak_";

/// The random bytes of a prefix: enough that two keys hardly ever share one.
const PREFIX_BYTES: usize = 6;

/// The random bytes of a secret.
const SECRET_BYTES: usize = 32;

/// A token that was just made.
pub(super) struct NewToken {
    /// The whole token, for the caller alone.
    pub(super) text: String,
    /// What it begins with, for everybody.
    pub(super) prefix: String,
    /// The hash of its secret, for the database.
    pub(super) hash: String,
}

impl NewToken {
    /// A random token.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let (mut name, mut secret) = ([0; PREFIX_BYTES], [0; SECRET_BYTES]);
        getrandom::fill(&mut name)?;
        getrandom::fill(&mut secret)?;
        let prefix = format!("{MARK}{}", hex(&name));
        let secret = BASE64_URL_SAFE_NO_PAD.encode(secret);
        Ok(Self {
            text: format!("{prefix}_{secret}"),
            hash: hash(&secret),
            prefix,
        })
    }
}

/// The parts of what a caller shows: prefix and secret. `None` when it is no token of ours.
pub(super) fn parts(token: &str) -> Option<(&str, &str)> {
    let (name, secret) = token.strip_prefix(MARK)?.split_once('_')?;
    let prefix = token.get(..MARK.len() + name.len())?;
    (name.len() == 2 * PREFIX_BYTES && !secret.is_empty()).then_some((prefix, secret))
}

/// The hash of a secret, in hexadecimal.
pub(super) fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

/// Whether a secret has the stored hash; as quick for a wrong one as for the right one.
pub(super) fn matches(secret: &str, stored: &str) -> bool {
    hash(secret).as_bytes().ct_eq(stored.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
