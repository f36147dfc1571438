//! How a device changes its key: the old key signs a statement that the new key has signed.

use super::device_key::DeviceKey;
use super::jws::{Jws, MalformedJws, Typ};
use ::entity::ids::AuthenticatorId;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Outer {
    aud: String,
    iss: String,
    inner: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Inner {
    aud: String,
    dev: String,
    old_kid: String,
    new_jwk: DeviceKey,
}

/// A well-formed wish for another key; nothing in it is believed before [`Rotation::verify`].
#[derive(Clone, Debug)]
pub struct Rotation {
    outer_jws: Jws,
    inner_jws: Jws,
    outer: Outer,
    inner: Inner,
}

/// What a rotation asks of storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotationOutcome {
    /// Swap the keys where the old one is still the device's.
    Swap(DeviceKey),
    /// It was done already: the same reply again.
    Repeated,
    /// The old key is no longer the device's, and the new one is not either.
    Conflict,
    /// Nobody's key, or a wrong signature.
    Unknown,
    /// Signed, but not for this device or this server.
    Malformed(MalformedJws),
}

impl Rotation {
    /// Reads the outer JWS and the one in it.
    pub fn parse(compact: &str) -> Result<Self, MalformedJws> {
        let outer_jws = Jws::parse(compact, Typ::Rotate)?;
        let outer: Outer = outer_jws.claims()?;
        let inner_jws = Jws::parse(&outer.inner, Typ::Rotate)?;
        let inner = inner_jws.claims()?;
        Ok(Self { outer_jws, inner_jws, outer, inner })
    }

    /// The thumbprint of the key that it says is the device's.
    pub fn kid(&self) -> &str {
        self.outer_jws.kid()
    }

    /// The device that it says it is for, by which its key is found.
    pub fn device(&self) -> Option<AuthenticatorId> {
        self.outer.iss.parse().ok()
    }

    /// Checks it against the key that the device has now; `None` when there is no such device.
    pub fn verify(&self, current: Option<&DeviceKey>, issuer: &str) -> RotationOutcome {
        let Some(current) = current else {
            self.outer_jws.check_with_dummy_key();
            return RotationOutcome::Unknown;
        };
        let names_old_key = self.inner.old_kid == self.outer_jws.kid();
        let is_by_new_key = self.inner_jws.is_signed_by(&self.inner.new_jwk);
        if self.outer_jws.is_signed_by(current) {
            return if names_old_key && is_by_new_key && self.is_for(issuer) {
                RotationOutcome::Swap(self.inner.new_jwk.clone())
            } else {
                RotationOutcome::Malformed(MalformedJws("the inner JWS does not fit the outer one"))
            };
        }
        match (self.inner_jws.is_signed_by(current), names_old_key && self.is_for(issuer)) {
            (true, true) if self.inner.new_jwk == *current => RotationOutcome::Repeated,
            (true, _) => RotationOutcome::Conflict,
            (false, _) => RotationOutcome::Unknown,
        }
    }

    fn is_for(&self, issuer: &str) -> bool {
        self.outer.aud == issuer && self.inner.aud == issuer && self.inner.dev == self.outer.iss
    }
}

#[cfg(test)]
mod tests {
    use super::super::device_key::tests::Signer;
    use super::*;
    use serde_json::json;

    const ISSUER: &str = "https://idp.example";
    const DEVICE: &str = "dev_AAAAAAAAAAAAAAAAAAAAAQ";

    fn rotation(old: &Signer, new: &Signer, inner_device: &str) -> Rotation {
        let inner = new.sign(
            Typ::Rotate,
            &json!({"aud": ISSUER, "dev": inner_device, "old_kid": old.key().thumbprint(), "new_jwk": new.key(), "iat": 1}),
        );
        let outer = old.sign(Typ::Rotate, &json!({"aud": ISSUER, "iss": DEVICE, "inner": inner, "iat": 1}));
        Rotation::parse(&outer).unwrap()
    }

    #[test]
    fn the_old_key_hands_over_to_the_new_one_and_a_repeat_is_recognized() {
        let (old, new) = (Signer::new(), Signer::new());
        let rotation = rotation(&old, &new, DEVICE);
        assert_eq!(rotation.device(), DEVICE.parse().ok());
        assert_eq!(rotation.verify(Some(&old.key()), ISSUER), RotationOutcome::Swap(new.key()));
        assert_eq!(rotation.verify(Some(&new.key()), ISSUER), RotationOutcome::Repeated);
    }

    #[test]
    fn nobody_elses_key_hands_over() {
        let (old, new, other) = (Signer::new(), Signer::new(), Signer::new());
        let good = rotation(&old, &new, DEVICE);
        assert_eq!(good.verify(Some(&other.key()), ISSUER), RotationOutcome::Unknown);
        assert_eq!(good.verify(None, ISSUER), RotationOutcome::Unknown);
        assert!(matches!(good.verify(Some(&old.key()), "https://x.example"), RotationOutcome::Malformed(_)));
        let swapped = rotation(&old, &new, "dev_AAAAAAAAAAAAAAAAAAAAAg");
        assert!(matches!(swapped.verify(Some(&old.key()), ISSUER), RotationOutcome::Malformed(_)));
    }
}
