//! What travels through a browser when an account is connected: the link, `state`, and what binds the two to one
//! user and one browser. Pure but for the random nonces.
//!
//! A link names its row and its user and is signed. `state` names both too, with a nonce whose hash is in the row,
//! and is signed. The browser that was shown whose assistant it connects holds another nonce in a cookie: the form
//! on that page is signed for it, and its hash is in the row. So a callback works once, for the round trip that
//! was started last, in the browser where its user pressed "Continue".

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Generate, Key},
};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::vault::Vault;

/// The length of an id, a nonce and a signature, in bytes.
const ID: usize = 16;
const NONCE: usize = 32;
const SIGNATURE: usize = 32;

/// Which link of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinkRef {
    pub(crate) link: Uuid,
    pub(crate) user: Uuid,
}

impl LinkRef {
    /// The link's text in a URL.
    pub(crate) fn to_text(self, vault: &Vault) -> Option<String> {
        let signature = vault.sign("link", &self.parts())?;
        Some(encode(&[self.link.as_bytes(), self.user.as_bytes(), &signature]))
    }

    /// Reads a link; `None` when we did not write it.
    pub(crate) fn read(vault: &Vault, text: &str) -> Option<Self> {
        let bytes = decode(text, 2 * ID + SIGNATURE)?;
        let (ids, signature) = bytes.split_at(2 * ID);
        let this = Self::from_ids(ids)?;
        vault.verify("link", &this.parts(), signature).then_some(this)
    }

    /// `state` for a round trip of this link.
    pub(crate) fn state(self, vault: &Vault, nonce: &Nonce) -> Option<String> {
        let [link, user] = self.parts();
        let signature = vault.sign("state", &[link, user, &nonce.0])?;
        Some(encode(&[link, user, &nonce.0, &signature]))
    }

    /// Reads `state`; `None` when we did not write it.
    pub(crate) fn read_state(vault: &Vault, text: &str) -> Option<(Self, Nonce)> {
        let bytes = decode(text, 2 * ID + NONCE + SIGNATURE)?;
        let (ids, rest) = bytes.split_at(2 * ID);
        let (nonce, signature) = rest.split_at(NONCE);
        let this = Self::from_ids(ids)?;
        let [link, user] = this.parts();
        vault
            .verify("state", &[link, user, nonce], signature)
            .then_some((this, Nonce(nonce.try_into().ok()?)))
    }

    /// What the form on the start page proves: that this browser was shown that page.
    pub(crate) fn confirmation(self, vault: &Vault, browser: &Nonce) -> Option<String> {
        let [link, user] = self.parts();
        Some(encode(&[&vault.sign("confirm", &[link, user, &browser.0])?]))
    }

    /// Whether the form came from the start page that this browser was shown.
    pub(crate) fn is_confirmed(self, vault: &Vault, browser: &Nonce, text: &str) -> bool {
        let [link, user] = self.parts();
        decode(text, SIGNATURE)
            .is_some_and(|signature| vault.verify("confirm", &[link, user, &browser.0], &signature))
    }

    fn parts(&self) -> [&[u8]; 2] {
        [self.link.as_bytes(), self.user.as_bytes()]
    }

    fn from_ids(ids: &[u8]) -> Option<Self> {
        Some(Self {
            link: Uuid::from_slice(ids.get(..ID)?).ok()?,
            user: Uuid::from_slice(ids.get(ID..)?).ok()?,
        })
    }
}

/// A random number that is used once.
pub(crate) struct Nonce([u8; NONCE]);

impl Nonce {
    /// A new one; `None` only if the system has no random numbers.
    pub(crate) fn random() -> Option<Self> {
        let bytes = Key::<XChaCha20Poly1305>::try_generate().ok()?;
        Some(Self(bytes.into()))
    }

    /// Its text in a cookie.
    pub(crate) fn to_text(&self) -> String {
        encode(&[&self.0])
    }

    /// Reads one.
    pub(crate) fn read(text: &str) -> Option<Self> {
        Some(Self(decode(text, NONCE)?.try_into().ok()?))
    }

    /// What is stored of it.
    pub(crate) fn hash(&self) -> String {
        encode(&[&Sha256::digest(self.0)])
    }

    /// Whether it is the one that this was stored of.
    pub(crate) fn has_hash(&self, stored: &str) -> bool {
        self.hash().as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

fn encode(parts: &[&[u8]]) -> String {
    URL_SAFE_NO_PAD.encode(parts.concat())
}

fn decode(text: &str, length: usize) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    (bytes.len() == length).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{LinkRef, Nonce};
    use crate::{settings::KeySettings, vault::Vault};
    use uuid::Uuid;

    const LINK: LinkRef = LinkRef {
        link: Uuid::from_u128(1),
        user: Uuid::from_u128(2),
    };

    fn vault(digit: &str) -> Vault {
        let settings = KeySettings {
            encryption_key: Some(digit.repeat(64).into()),
            encryption_key_old: Vec::new(),
        };
        Vault::open_keys(&settings).unwrap()
    }

    #[test]
    fn a_link_is_read_as_it_was_written_and_not_otherwise() {
        let (ours, theirs) = (vault("a"), vault("b"));
        let text = LINK.to_text(&ours).unwrap();
        assert_eq!(LinkRef::read(&ours, &text), Some(LINK));
        assert_eq!(LinkRef::read(&theirs, &text), None);
        // Every character matters: the ids, the signature, the length.
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(LinkRef::read(&ours, &other), None, "{at}");
        }
        assert_eq!(LinkRef::read(&ours, &text[1..]), None);
        assert_eq!(LinkRef::read(&ours, ""), None);
    }

    #[test]
    fn a_state_is_no_link_and_belongs_to_its_user() {
        let vault = vault("a");
        let nonce = Nonce::random().unwrap();
        let state = LINK.state(&vault, &nonce).unwrap();
        let (link, read) = LinkRef::read_state(&vault, &state).unwrap();
        assert_eq!(link, LINK);
        assert!(read.has_hash(&nonce.hash()));
        assert_eq!(LinkRef::read(&vault, &state), None);
        let of_another = LinkRef {
            user: Uuid::from_u128(3),
            ..LINK
        };
        assert_ne!(of_another.state(&vault, &nonce).unwrap(), state);
    }

    #[test]
    fn a_confirmation_is_for_one_browser() {
        let vault = vault("a");
        let (mine, other) = (Nonce::random().unwrap(), Nonce::random().unwrap());
        let form = LINK.confirmation(&vault, &mine).unwrap();
        assert!(LINK.is_confirmed(&vault, &mine, &form));
        assert!(!LINK.is_confirmed(&vault, &other, &form));
        assert!(!LINK.is_confirmed(&vault, &mine, ""));
    }
}
