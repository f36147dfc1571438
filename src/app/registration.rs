//! Adds people and clients: the one implementation for the command line, the set-up pages and the demo.

use super::{App, Overloaded, RequestContext};
use crate::{
    audit::{AuditEvent, about},
    clock::Timestamp,
    directory::{
        Client, ClientSettings, Person, Pool, SecondFactorRule, StandardClaims, check_email, check_text,
        check_username,
    },
    factors::password::{NewPassword, Protects, check_new, hash_password},
    limits::sizes::MAX_CLIENT_ID_NAME_CHARS,
    storage::{Cause, Fault, Transaction, clients, people},
};
use ::entity::ids::{ClientKey, PersonId, PoolId};
use aws_lc_rs::digest::{SHA256, digest};
use std::sync::Arc;

/// A person to be added, with values as they were typed.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// The name to sign in with.
    pub username: &'a str,
    /// The full name; may be empty.
    pub name: &'a str,
    /// The e-mail address; may be empty.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
}

impl NewPerson<'_> {
    /// Checks every field and returns the problems by field name, as sentences for the person who typed the
    /// values.
    pub fn problems(&self, pool: &Pool, service: &str) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut note = |field, result: Result<(), String>| {
            problems.extend(result.err().map(|sentence| (field, sentence)));
        };
        note("username", check_username(self.username).map_err(|problem| problem.to_string()));
        note("name", check_text(self.name).map_err(|problem| problem.to_string()));
        if !self.email.is_empty() {
            note("email", check_email(self.email).map_err(|problem| problem.to_string()));
        }
        let protects = match pool.policy.second_factor {
            SecondFactorRule::Always => Protects::WithSecondFactor,
            SecondFactorRule::WhenAsked => Protects::Alone,
        };
        let names = [self.username, self.name, self.email, service, "countersign"];
        let password = NewPassword { password: self.password, protects, names: &names };
        note("password", check_new(&password).map_err(|problem| problem.to_string()));
        problems
    }

    /// Returns the standard claims that applications may receive.
    pub fn claims(&self) -> StandardClaims {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        StandardClaims {
            name: given(self.name),
            preferred_username: given(self.username),
            email: given(self.email),
            email_verified: given(self.email).map(|_| false),
            ..StandardClaims::default()
        }
    }
}

/// A client to be added.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The name shown to people.
    pub name: String,
    /// Its registered metadata.
    pub settings: ClientSettings,
    /// The pools whose people may sign in to it.
    pub pools: Vec<PoolId>,
    /// Its secret; `None` makes it a public client.
    pub secret: Option<String>,
}

impl App {
    /// Hashes a new password.
    ///
    /// # Errors
    /// When the queue of password hashes is full.
    pub async fn hash_password(&self, password: String) -> Result<String, Fault> {
        let entropy = Arc::clone(&self.entropy);
        let hashed = self.hashing.run(move |hasher| hash_password(&password, entropy.as_ref(), hasher));
        match hashed.await {
            Ok(hash) => {
                hash.map_err(|error| Fault::because("the password cannot be hashed", Cause::of(&error)))
            }
            Err(Overloaded) => Err(Fault::away("too many passwords are being hashed", "the queue is full")),
        }
    }

    /// Builds a person of `pool` with a new id; does not store it.
    pub fn new_person(
        &self,
        pool: &Pool,
        username: &str,
        password_hash: String,
        claims: StandardClaims,
        now: Timestamp,
    ) -> Person {
        Person {
            id: PersonId(self.entropy.id(now)),
            workspace_id: pool.workspace_id,
            pool_id: pool.id,
            username: username.trim().to_owned(),
            password_hash: Some(password_hash),
            claims: StandardClaims { updated_at: Some(now.unix_seconds()), ..claims },
            is_disabled: false,
            push_muted_until: None,
        }
    }

    /// Adds a person and its audit event; `false` when the pool has a person with this name already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_person(
        &self,
        tx: &Transaction,
        person: &Person,
        context: &RequestContext,
    ) -> Result<bool, Fault> {
        let is_added = people::insert_person(tx, person, context.now).await?;
        if is_added {
            self.audit(tx, context, &AuditEvent::PersonAdded, about(person.id)).await?;
        }
        Ok(is_added)
    }

    /// Adds a client and its audit event.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn add_client(
        &self,
        tx: &Transaction,
        new: NewClient,
        context: &RequestContext,
    ) -> Result<Client, Fault> {
        let client = Client {
            key: ClientKey(self.entropy.id(context.now)),
            workspace_id: context.tenant.workspace.id,
            client_id: self.new_client_id(&new.name),
            name: new.name,
            secret_hash: new.secret.map(|secret| digest(&SHA256, secret.as_bytes()).as_ref().to_vec()),
            settings: new.settings,
            pools: new.pools,
            is_disabled: false,
        };
        clients::insert_client(tx, &client, context.now).await?;
        self.audit(tx, context, &AuditEvent::ClientAdded, about(client.key)).await?;
        Ok(client)
    }

    /// Builds a `client_id` from the client's name, shortened, and 40 random bits: readable for people, and
    /// never taken already.
    fn new_client_id(&self, name: &str) -> String {
        let words =
            name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<String> = words.map(str::to_ascii_lowercase).collect();
        let readable: String = words.join("-").chars().take(MAX_CLIENT_ID_NAME_CHARS).collect();
        let random = self.entropy.crockford(8).to_ascii_lowercase();
        if readable.is_empty() { random } else { format!("{}-{random}", readable.trim_end_matches('-')) }
    }
}
