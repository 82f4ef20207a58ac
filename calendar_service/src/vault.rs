//! Encryption of what is kept elsewhere, and signatures over what comes back through a browser. Pure but for the
//! random nonces.
//!
//! XChaCha20-Poly1305 with a random nonce of 24 bytes. Purpose, user and key id are associated data, so that a
//! ciphertext in another user's row, or in another place, does not open. The keys that encrypt and sign are derived
//! from `ENCRYPTION_KEY` by HKDF-SHA256, each for its one use.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rest_client::Sealed;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::settings::KeySettings;

/// The length of a nonce, in bytes.
const NONCE: usize = 24;

/// What a text was encrypted for. To add one: a variant and its label, which never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An account's tokens.
    Tokens,
    /// The PKCE verifier of a link.
    Verifier,
    /// What a write changed, so that it can be undone.
    WriteJournal,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Tokens => b"tokens.v1",
            Self::Verifier => b"verifier.v1",
            Self::WriteJournal => b"write_journal.v1",
        }
    }
}

/// Why a text does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OpenError {
    /// It was encrypted with a key that we do not have.
    #[error(
        "it was encrypted with the key {key_id}, which is neither in ENCRYPTION_KEY nor in ENCRYPTION_KEY_OLD"
    )]
    UnknownKey {
        /// Which.
        key_id: String,
    },
    /// It was changed, moved to another place, or is none of ours.
    #[error("it is not what was encrypted for this user and purpose")]
    Broken,
}

/// The keys. The first encrypts and signs; all decrypt and verify.
pub(crate) struct Vault {
    keys: Vec<Key>,
}

struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
    signing: Zeroizing<[u8; 32]>,
}

impl Vault {
    /// The keys of the settings; `None` when there is no current one.
    pub(crate) fn open_keys(settings: &KeySettings) -> Option<Self> {
        let current = settings.encryption_key.as_ref()?;
        let keys = std::iter::once(current).chain(&settings.encryption_key_old);
        Some(Self {
            keys: keys.map(Key::derive).collect::<Option<_>>()?,
        })
    }

    /// The short name of the key that encrypts.
    pub(crate) fn current_key_id(&self) -> &str {
        self.keys.first().map_or("", |key| key.id.as_str())
    }

    /// Encrypts with the current key. `None` only if the system has no random numbers.
    pub(crate) fn seal(&self, purpose: Purpose, user: Uuid, text: &[u8]) -> Option<Sealed> {
        let key = self.keys.first()?;
        let nonce = XNonce::try_generate().ok()?;
        let aad = associated_data(purpose, user, &key.id);
        let encrypted = key
            .cipher
            .encrypt(&nonce, Payload { msg: text, aad: &aad })
            .ok()?;
        let mut bytes = nonce.to_vec();
        bytes.extend(encrypted);
        Some(Sealed {
            key_id: key.id.clone(),
            ciphertext: STANDARD.encode(bytes),
        })
    }

    /// Decrypts with the key that it was encrypted with.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub(crate) fn open(
        &self,
        purpose: Purpose,
        user: Uuid,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let key = self.keys.iter().find(|key| key.id == sealed.key_id);
        let key = key.ok_or_else(|| OpenError::UnknownKey {
            key_id: sealed.key_id.clone(),
        })?;
        let bytes = STANDARD
            .decode(&sealed.ciphertext)
            .map_err(|_| OpenError::Broken)?;
        let (nonce, encrypted) = bytes.split_at_checked(NONCE).ok_or(OpenError::Broken)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| OpenError::Broken)?;
        let aad = associated_data(purpose, user, &key.id);
        let payload = Payload {
            msg: encrypted,
            aad: &aad,
        };
        key.cipher
            .decrypt(&nonce, payload)
            .map(Zeroizing::new)
            .map_err(|_| OpenError::Broken)
    }

    /// Signs parts with the current key (HMAC-SHA256), for the use that `label` names.
    pub(crate) fn sign(&self, label: &str, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let mac = self.keys.first()?.mac(label, parts)?;
        Some(mac.finalize().into_bytes().into())
    }

    /// Whether one of the keys signed this; takes the same time for every wrong signature.
    pub(crate) fn verify(&self, label: &str, parts: &[&[u8]], signature: &[u8]) -> bool {
        let verifies = |key: &Key| {
            key.mac(label, parts)
                .is_some_and(|mac| mac.verify_slice(signature).is_ok())
        };
        self.keys.iter().any(verifies)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|key| key.id.as_str()).collect();
        f.debug_struct("Vault").field("keys", &ids).finish()
    }
}

impl Key {
    /// The keys behind 64 hexadecimal digits.
    fn derive(text: &SecretString) -> Option<Self> {
        let text = text.expose_secret().trim();
        let digits = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
        let bytes = (0..32).map(|i| digits(2 * i)).collect::<Option<Vec<u8>>>();
        let bytes = Zeroizing::new(bytes.filter(|_| text.len() == 64)?);
        let root = Hkdf::<Sha256>::new(None, &bytes);
        let mut encryption = Zeroizing::new([0; 32]);
        let mut signing = Zeroizing::new([0; 32]);
        let mut id = [0; 4];
        root.expand(b"smart-assistant calendar encryption v1", &mut *encryption)
            .ok()?;
        root.expand(b"smart-assistant calendar signatures v1", &mut *signing)
            .ok()?;
        root.expand(b"smart-assistant calendar key id v1", &mut id).ok()?;
        Some(Self {
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            cipher: XChaCha20Poly1305::new_from_slice(&*encryption).ok()?,
            signing,
        })
    }

    fn mac(&self, label: &str, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.signing).ok()?;
        // With its length before each part, no two lists of parts are signed alike.
        for part in std::iter::once(&label.as_bytes()).chain(parts) {
            mac.update(&u64::try_from(part.len()).ok()?.to_be_bytes());
            mac.update(part);
        }
        Some(mac)
    }
}

/// What a ciphertext is bound to.
fn associated_data(purpose: Purpose, user: Uuid, key_id: &str) -> Vec<u8> {
    let mut data = purpose.label().to_vec();
    data.push(0);
    data.extend(user.as_bytes());
    data.extend(key_id.as_bytes());
    data
}

#[cfg(test)]
mod tests {
    use super::{KeySettings, OpenError, Purpose, Vault};
    use rest_client::Sealed;
    use uuid::Uuid;

    const ANN: Uuid = Uuid::from_u128(1);
    const BOB: Uuid = Uuid::from_u128(2);

    fn vault(current: char, old: &[char]) -> Vault {
        let key = |digit: &char| digit.to_string().repeat(64).into();
        let settings = KeySettings {
            encryption_key: Some(key(&current)),
            encryption_key_old: old.iter().map(key).collect(),
        };
        Vault::open_keys(&settings).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_user_and_purpose_alone() {
        let vault = vault('a', &[]);
        let sealed = vault.seal(Purpose::Tokens, ANN, b"a token").unwrap();
        assert_eq!(*vault.open(Purpose::Tokens, ANN, &sealed).unwrap(), b"a token");
        assert_eq!(
            vault.open(Purpose::Tokens, BOB, &sealed).unwrap_err(),
            OpenError::Broken
        );
        assert_eq!(
            vault.open(Purpose::Verifier, ANN, &sealed).unwrap_err(),
            OpenError::Broken
        );
        let again = vault.seal(Purpose::Tokens, ANN, b"a token").unwrap();
        assert_ne!(sealed.ciphertext, again.ciphertext, "every nonce is new");
    }

    #[test]
    fn what_was_touched_does_not_open() {
        let vault = vault('a', &[]);
        let sealed = vault.seal(Purpose::Tokens, ANN, b"a token").unwrap();
        for ciphertext in [
            "",
            "AAAA",
            "not base64!",
            &sealed.ciphertext.replace(|c: char| c.is_ascii_digit(), "A"),
        ] {
            let touched = Sealed {
                ciphertext: ciphertext.to_owned(),
                ..sealed.clone()
            };
            if touched != sealed {
                assert_eq!(
                    vault.open(Purpose::Tokens, ANN, &touched).unwrap_err(),
                    OpenError::Broken
                );
            }
        }
    }

    #[test]
    fn an_old_key_decrypts_and_verifies_and_a_lost_one_is_named() {
        let before = vault('a', &[]);
        let sealed = before.seal(Purpose::Tokens, ANN, b"a token").unwrap();
        let signature = before.sign("state", &[b"x"]).unwrap();
        let rotated = vault('b', &['a']);
        assert_eq!(*rotated.open(Purpose::Tokens, ANN, &sealed).unwrap(), b"a token");
        assert!(rotated.verify("state", &[b"x"], &signature));
        assert_ne!(rotated.current_key_id(), before.current_key_id());
        let lost = vault('b', &[]);
        let key_id = before.current_key_id().to_owned();
        assert_eq!(
            lost.open(Purpose::Tokens, ANN, &sealed).unwrap_err(),
            OpenError::UnknownKey { key_id }
        );
        assert!(!lost.verify("state", &[b"x"], &signature));
    }

    #[test]
    fn a_signature_is_for_its_label_and_its_parts() {
        let vault = vault('a', &[]);
        let signature = vault.sign("state", &[b"ab", b"c"]).unwrap();
        assert!(vault.verify("state", &[b"ab", b"c"], &signature));
        assert!(!vault.verify("state", &[b"a", b"bc"], &signature));
        assert!(!vault.verify("link", &[b"ab", b"c"], &signature));
        assert!(!vault.verify("state", &[b"ab", b"c"], &signature[..31]));
    }
}
