//! Clients and a person for the tests of this module.

use crate::{
    digest::sha256,
    directory::{Address, Client, ClientSettings, Person, StandardClaims},
};

pub(super) const ISSUER: &str = "https://id.example";
pub(super) const SECRET: &str = "s3cret_of-the_client";
pub(super) const REDIRECT_URI: &str = "https://rp.example/cb?tenant=1";

pub(super) fn public_client() -> Client {
    Client {
        key: "cli_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap(),
        workspace_id: "wsp_AAAAAAAAAAAAAAAAAAAACQ".parse().unwrap(),
        client_id: "rp-1".to_owned(),
        name: "A relying party".to_owned(),
        secret_hash: None,
        previous_secret: None,
        settings: ClientSettings {
            redirect_uris: vec![REDIRECT_URI.to_owned()],
            post_logout_redirect_uris: vec!["https://rp.example/bye".to_owned()],
            ..ClientSettings::default()
        },
        pools: Vec::new(),
        is_disabled: false,
    }
}

pub(super) fn confidential_client() -> Client {
    Client { secret_hash: Some(sha256(SECRET.as_bytes()).to_vec()), ..public_client() }
}

pub(super) fn person() -> Person {
    Person {
        id: "per_AAAAAAAAAAAAAAAAAAAABQ".parse().unwrap(),
        workspace_id: "wsp_AAAAAAAAAAAAAAAAAAAACQ".parse().unwrap(),
        pool_id: "pool_AAAAAAAAAAAAAAAAAAAABA".parse().unwrap(),
        username: "ada".to_owned(),
        password_hash: None,
        claims: StandardClaims {
            name: Some("Ada Lovelace".to_owned()),
            given_name: Some("Ada".to_owned()),
            nickname: Some(String::new()),
            updated_at: Some(1_700_000_000),
            email: Some("ada@example.com".to_owned()),
            phone_number: Some("+33123456789".to_owned()),
            phone_number_verified: Some(true),
            address: Some(Address { country: Some("GB".to_owned()), ..Address::default() }),
            ..StandardClaims::default()
        },
        is_disabled: false,
        push_muted_until: None,
        password_must_change_at: None,
    }
}
