//! Rotation of a device's key: the old key signs a JWS that contains one signed by the new key.

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

/// A well-formed key rotation. Its content is untrusted until [`Rotation::verify`] accepts it.
#[derive(Clone, Debug)]
pub struct Rotation {
    outer_jws: Jws,
    inner_jws: Jws,
    outer: Outer,
    inner: Inner,
}

/// The result of verifying a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotationOutcome {
    /// Valid: storage replaces the key if the old one is still current.
    Swap(DeviceKey),
    /// Done already: send the same response again.
    Repeated,
    /// Neither the old nor the new key is the device's current one.
    Conflict,
    /// An unknown device or a wrong signature.
    Unknown,
    /// Signed, but for another device or another server.
    Malformed(MalformedJws),
}

impl Rotation {
    /// Parses the outer JWS and the one inside.
    pub fn parse(compact: &str) -> Result<Self, MalformedJws> {
        let outer_jws = Jws::parse(compact, Typ::Rotate)?;
        let outer: Outer = outer_jws.claims()?;
        let inner_jws = Jws::parse(&outer.inner, Typ::Rotate)?;
        let inner = inner_jws.claims()?;
        Ok(Self { outer_jws, inner_jws, outer, inner })
    }

    /// The thumbprint of the claimed current key.
    pub fn kid(&self) -> &str {
        self.outer_jws.kid()
    }

    /// The claimed device, for finding its key.
    pub fn device(&self) -> Option<AuthenticatorId> {
        self.outer.iss.parse().ok()
    }

    /// Verifies against the device's current key; `None` for an unknown device, which costs a signature check
    /// as well.
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
                RotationOutcome::Malformed(MalformedJws(
                    "the inner JWS does not match the outer one in aud, dev, old_kid or its signature",
                ))
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
    fn the_old_key_rotates_to_the_new_one_and_a_repeat_is_recognized() {
        let (old, new) = (Signer::new(), Signer::new());
        let rotation = rotation(&old, &new, DEVICE);
        assert_eq!(rotation.device(), DEVICE.parse().ok());
        assert_eq!(rotation.verify(Some(&old.key()), ISSUER), RotationOutcome::Swap(new.key()));
        assert_eq!(rotation.verify(Some(&new.key()), ISSUER), RotationOutcome::Repeated);
    }

    #[test]
    fn a_rotation_by_another_key_or_for_another_device_is_refused() {
        let (old, new, other) = (Signer::new(), Signer::new(), Signer::new());
        let good = rotation(&old, &new, DEVICE);
        assert_eq!(good.verify(Some(&other.key()), ISSUER), RotationOutcome::Unknown);
        assert_eq!(good.verify(None, ISSUER), RotationOutcome::Unknown);
        assert!(matches!(good.verify(Some(&old.key()), "https://x.example"), RotationOutcome::Malformed(_)));
        let swapped = rotation(&old, &new, "dev_AAAAAAAAAAAAAAAAAAAAAg");
        assert!(matches!(swapped.verify(Some(&old.key()), ISSUER), RotationOutcome::Malformed(_)));
    }
}
