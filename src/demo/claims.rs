//! The demo's people with all standard claims (OpenID Connect Core §5.1).

use crate::directory::{Address, StandardClaims};

/// A person of the demo.
pub(super) struct Character {
    /// The username.
    pub(super) username: &'static str,
    names: [&'static str; 3],
    gender: &'static str,
    birthdate: &'static str,
    phone_number: &'static str,
}

/// Signs in by password, then push.
pub(super) const ADA: Character = Character {
    username: "ada",
    names: ["Ada", "Augusta", "Lovelace"],
    gender: "female",
    birthdate: "1815-12-10",
    phone_number: "+442079460101",
};
/// Signs in by password, then TOTP.
pub(super) const GRACE: Character = Character {
    username: "grace",
    names: ["Grace", "Brewster", "Hopper"],
    gender: "female",
    birthdate: "1906-12-09",
    phone_number: "+442079460102",
};
/// A guest: signs in by password only.
pub(super) const ALAN: Character = Character {
    username: "alan",
    names: ["Alan", "Mathison", "Turing"],
    gender: "male",
    birthdate: "1912-06-23",
    phone_number: "+442079460103",
};
/// Another guest.
pub(super) const EDITH: Character = Character {
    username: "edith",
    names: ["Edith", "Florence", "Clarke"],
    gender: "female",
    birthdate: "1883-02-10",
    phone_number: "+442079460104",
};

impl Character {
    /// Returns all standard claims except `updated_at`.
    pub(super) fn claims(&self) -> StandardClaims {
        let [given, middle, family] = self.names.map(str::to_owned);
        let site = |path: &str| format!("https://{}.example.com/{path}", self.username);
        StandardClaims {
            name: Some(format!("{given} {middle} {family}")),
            nickname: Some(given.clone()),
            given_name: Some(given),
            middle_name: Some(middle),
            family_name: Some(family),
            preferred_username: Some(self.username.to_owned()),
            profile: Some(site("profile")),
            picture: Some(site("picture.png")),
            website: Some(site("")),
            gender: Some(self.gender.to_owned()),
            birthdate: Some(self.birthdate.to_owned()),
            zoneinfo: Some("Europe/London".to_owned()),
            locale: Some("en-GB".to_owned()),
            updated_at: None,
            email: Some(format!("{}@example.com", self.username)),
            email_verified: Some(true),
            phone_number: Some(self.phone_number.to_owned()),
            phone_number_verified: Some(true),
            address: Some(address()),
        }
    }
}

fn address() -> Address {
    let lines = ["12 Example Street", "London", "Greater London", "EC1A 1AA", "United Kingdom"];
    let [street, locality, region, code, country] = lines.map(|line| Some(line.to_owned()));
    Address {
        formatted: Some(lines.join("\n")),
        street_address: street,
        locality,
        region,
        postal_code: code,
        country,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_standard_claim_but_updated_at_is_set() {
        for character in [ADA, GRACE, ALAN, EDITH] {
            let claims = StandardClaims { updated_at: Some(0), ..character.claims() };
            let json = serde_json::to_value(claims).unwrap();
            assert_eq!(json.as_object().unwrap().len(), 19, "{}", character.username);
            assert_eq!(json["address"].as_object().unwrap().len(), 6);
        }
    }
}
