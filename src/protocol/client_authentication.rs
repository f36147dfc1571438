//! Client authentication at the token, introspection and revocation endpoints (RFC 6749 §2.3, §3.2.1).
//!
//! Accepts one method, read strictly. Never looks a client up and never distinguishes an unknown client from
//! a wrong secret.

use super::{ErrorCode, OAuthError, OAuthReason, Parameters, form::decode};
use crate::{clock::Timestamp, digest::sha256, directory::Client};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The longest accepted header value, in bytes.
const MAX_HEADER_BYTES: usize = 4096;

/// A method of client authentication (OpenID Connect Core §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthenticationMethod {
    /// The secret in the `Authorization` header.
    ClientSecretBasic,
    /// The secret in the form.
    ClientSecretPost,
    /// The client id alone, of a public client.
    None,
}

impl ClientAuthenticationMethod {
    /// All methods, in the order in which discovery lists them.
    pub const ALL: [Self; 3] = [Self::ClientSecretBasic, Self::ClientSecretPost, Self::None];
    /// The methods of clients that can keep a secret: [`require_confidential`].
    pub const CONFIDENTIAL: [Self; 2] = [Self::ClientSecretBasic, Self::ClientSecretPost];

    /// Returns the registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::None => "none",
        }
    }
}

/// A client as it presented itself. Its secret is hashed immediately, because the plain text is not needed.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedClient {
    client_id: String,
    secret_hash: Option<[u8; 32]>,
}

impl PresentedClient {
    /// Reads all `Authorization` headers and the form.
    pub fn parse(authorization: &[&str], form: &Parameters) -> Result<Self, OAuthError> {
        match authorization {
            [] => Self::from_form(form),
            [header] => Self::from_header(header, form),
            _ => Err(OAuthReason::SeveralAuthorizationHeaders.into()),
        }
    }

    /// Returns the id of the client to look up.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Returns the SHA-256 of the id, by which failures are counted.
    pub fn client_id_hash(&self) -> [u8; 32] {
        sha256(self.client_id.as_bytes())
    }

    /// Returns the client if it is the one looked up, is enabled, and has authenticated at `now`: a confidential
    /// client by its secret, or for a while by the one before, compared in constant time; a public client by its id
    /// alone.
    pub fn authenticate<'a>(
        &self,
        client: Option<&'a Client>,
        now: Timestamp,
    ) -> Result<&'a Client, OAuthError> {
        let known = client.filter(|client| client.client_id == self.client_id && !client.is_disabled);
        let client = known.ok_or(OAuthReason::ClientAuthenticationFailed)?;
        match (&client.secret_hash, &self.secret_hash) {
            (None, None) => Ok(client),
            (Some(stored), Some(presented)) if is_secret(client, stored, presented, now) => Ok(client),
            // One error for all: another one would tell that the client exists.
            _ => Err(OAuthReason::ClientAuthenticationFailed.into()),
        }
    }

    /// Reads `client_secret_post`, or the bare `client_id` of a public client.
    fn from_form(form: &Parameters) -> Result<Self, OAuthError> {
        if has_assertion(form) {
            return Err(OAuthReason::ClientAssertionUnsupported.into());
        }
        Self::of(form.get("client_id"), form.get("client_secret"))
    }

    /// Builds the client from the credentials of either method. An empty one counts as absent in both: a public
    /// client has an empty secret (RFC 6749 §2.3.1), and some send it.
    fn of(client_id: Option<&str>, secret: Option<&str>) -> Result<Self, OAuthError> {
        let client_id = client_id.filter(|client_id| !client_id.is_empty());
        let client_id = client_id.ok_or(OAuthReason::ClientAuthenticationMissing)?;
        let secret = secret.filter(|secret| !secret.is_empty());
        Ok(Self {
            client_id: client_id.to_owned(),
            secret_hash: secret.map(|secret| sha256(secret.as_bytes())),
        })
    }

    /// Reads `client_secret_basic` and refuses a second method (RFC 6749 §2.3: one method in each request).
    fn from_header(header: &str, form: &Parameters) -> Result<Self, OAuthError> {
        if form.get("client_secret").is_some() || has_assertion(form) {
            return Err(OAuthReason::SeveralClientAuthentications.into());
        }
        let presented = Self::from_basic(header)?;
        if form.get("client_id").is_some_and(|client_id| client_id != presented.client_id) {
            return Err(OAuthReason::ClientIdsDiffer.into());
        }
        Ok(presented)
    }

    /// RFC 6749 §2.3.1 form-encodes both parts. Many clients do not; ids and secrets use only characters that
    /// decode the same either way.
    fn from_basic(header: &str) -> Result<Self, OAuthError> {
        let (scheme, credentials) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("Basic") {
            return Err(OAuthReason::AuthorizationSchemeUnsupported.into());
        }
        let (client_id, secret) = basic_parts(credentials).ok_or(OAuthReason::BasicMalformed)?;
        Self::of(Some(&client_id), Some(&secret))
    }
}

/// Compares with both secrets, whichever is right.
fn is_secret(client: &Client, stored: &[u8], presented: &[u8; 32], now: Timestamp) -> bool {
    let previous = client.previous_secret.as_ref().filter(|previous| now < previous.until);
    let is_previous = previous.map_or(subtle::Choice::from(0), |previous| previous.hash.ct_eq(presented));
    bool::from(stored.ct_eq(presented) | is_previous)
}

fn basic_parts(credentials: &str) -> Option<(String, Zeroizing<String>)> {
    if credentials.len() > MAX_HEADER_BYTES {
        return None;
    }
    let bytes = Zeroizing::new(STANDARD.decode(credentials.trim_start_matches(' ')).ok()?);
    let (client_id, secret) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some((decode(client_id).ok()?, Zeroizing::new(decode(secret).ok()?)))
}

fn has_assertion(form: &Parameters) -> bool {
    form.get("client_assertion").is_some() || form.get("client_assertion_type").is_some()
}

/// Refuses public clients: introspection requires a client that can keep a secret (RFC 7662 §2.1).
pub fn require_confidential(client: &Client) -> Result<(), OAuthError> {
    if client.is_public() { Err(OAuthReason::ConfidentialClientRequired.into()) } else { Ok(()) }
}

/// Returns the `WWW-Authenticate` header for `error`: on 401 after an `Authorization` header was received
/// (RFC 6749 §5.2), otherwise none, because some clients fail on it.
pub fn basic_challenge(authorization: &[&str], error: &OAuthError, issuer: &str) -> Option<String> {
    let is_owed = error.code() == ErrorCode::InvalidClient && !authorization.is_empty();
    is_owed.then(|| format!("Basic realm=\"{issuer}\", charset=\"UTF-8\""))
}

impl fmt::Debug for PresentedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedClient").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        directory::PreviousSecret,
        protocol::{
            form_pairs,
            samples::{ISSUER, SECRET, confidential_client, public_client},
        },
    };

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_800_000_000);

    fn basic(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn attempt(headers: &[&str], form: &str, client: Option<&Client>) -> Result<(), ErrorCode> {
        let form = Parameters::parse(form_pairs(form).unwrap()).unwrap();
        let presented = PresentedClient::parse(headers, &form);
        let outcome = presented.and_then(|presented| presented.authenticate(client, NOW).map(|_| ()));
        outcome.map_err(|error| error.code())
    }

    #[test]
    fn a_confidential_client_authenticates_by_basic_or_by_post() {
        let client = confidential_client();
        for header in [
            basic(&format!("rp-1:{SECRET}")),
            basic("rp%2D1:s3cret%5Fof%2Dthe%5Fclient"),
            basic(&format!("rp-1:{SECRET}")).replace("Basic", "bAsIc"),
            basic(&format!("rp-1:{SECRET}")).replace("Basic ", "Basic  "),
        ] {
            assert_eq!(attempt(&[&header], "", Some(&client)), Ok(()), "{header}");
            assert_eq!(attempt(&[&header], "client_id=rp-1", Some(&client)), Ok(()), "{header}");
        }
        assert_eq!(attempt(&[], &format!("client_id=rp-1&client_secret={SECRET}"), Some(&client)), Ok(()));
    }

    #[test]
    fn a_public_client_sends_its_id_alone() {
        let client = public_client();
        assert_eq!(attempt(&[], "client_id=rp-1", Some(&client)), Ok(()));
        assert_eq!(attempt(&[], "client_id=rp-1&client_secret=", Some(&client)), Ok(()));
        let invalid = Err(ErrorCode::InvalidClient);
        assert_eq!(attempt(&[], "client_id=rp-1&client_secret=x", Some(&client)), invalid);
        assert_eq!(attempt(&[&basic("rp-1:x")], "", Some(&client)), invalid);
        assert_eq!(attempt(&[&basic("rp-1:")], "", Some(&client)), Ok(()), "an empty secret is none");
        assert_eq!(attempt(&[&basic(":")], "", Some(&client)), invalid, "an empty id names no client");
    }

    #[test]
    fn a_wrong_missing_or_empty_secret_is_refused() {
        let client = confidential_client();
        for (header, form) in [
            (Some(basic("rp-1:wrong")), ""),
            (Some(basic("rp-1:")), ""),
            (Some(basic(&format!("rp-1:{SECRET} "))), ""),
            (Some(basic(&format!("rp-1: {SECRET}"))), ""),
            (Some(basic(&format!("rp-2:{SECRET}"))), ""),
            (Some(basic(&format!("RP-1:{SECRET}"))), ""),
            (Some(basic(&format!(":{SECRET}"))), ""),
            (None, "client_id=rp-1"),
            (None, "client_id=rp-1&client_secret="),
            (None, "client_id=rp-1&client_secret=wrong"),
            (None, "client_secret=s3cret_of-the_client"),
            (None, ""),
        ] {
            let headers: Vec<&str> = header.as_deref().into_iter().collect();
            assert_eq!(
                attempt(&headers, form, Some(&client)),
                Err(ErrorCode::InvalidClient),
                "{headers:?} {form}"
            );
        }
    }

    #[test]
    fn unknown_and_disabled_clients_get_the_same_error() {
        let form = format!("client_id=rp-1&client_secret={SECRET}");
        let disabled = Client { is_disabled: true, ..confidential_client() };
        assert_eq!(attempt(&[], &form, None), Err(ErrorCode::InvalidClient));
        assert_eq!(attempt(&[], &form, Some(&disabled)), Err(ErrorCode::InvalidClient));
        assert_eq!(attempt(&[], &form, Some(&confidential_client())), Ok(()));
    }

    #[test]
    fn the_secret_before_authenticates_until_its_end_and_only_beside_a_secret() {
        let rotated = |until| Client {
            secret_hash: Some(sha256(b"fresh").to_vec()),
            previous_secret: Some(PreviousSecret { hash: sha256(SECRET.as_bytes()).to_vec(), until }),
            ..confidential_client()
        };
        let (fresh, old) = (basic("rp-1:fresh"), basic(&format!("rp-1:{SECRET}")));
        let invalid = Err(ErrorCode::InvalidClient);
        for (until, outcome) in
            [(NOW.plus_seconds(1), Ok(())), (NOW, invalid), (NOW.plus_seconds(-1), invalid)]
        {
            assert_eq!(attempt(&[&old], "", Some(&rotated(until))), outcome, "{until:?}");
            assert_eq!(attempt(&[&fresh], "", Some(&rotated(until))), Ok(()), "{until:?}");
            assert_eq!(attempt(&[&basic("rp-1:wrong")], "", Some(&rotated(until))), invalid, "{until:?}");
        }
        let public = Client { secret_hash: None, ..rotated(NOW.plus_seconds(1)) };
        assert_eq!(attempt(&[&old], "", Some(&public)), invalid);
    }

    #[test]
    fn a_malformed_header_is_never_repaired() {
        let client = confidential_client();
        let good = STANDARD.encode(format!("rp-1:{SECRET}"));
        assert_eq!(attempt(&[&format!("Basic {good}")], "", Some(&client)), Ok(()));
        for wrong in [
            format!("Basic{good}"),
            format!("Basic {good}="),
            format!("Basic {}", good.trim_end_matches('=')),
            format!("Basic {good} "),
            format!("Basic {good}\n"),
            format!("Basic {} {}", &good[..4], &good[4..]),
            format!("Basic \"{good}\""),
            format!("Basic\t{good}"),
            "Basic".to_owned(),
            "Basic ".to_owned(),
            String::new(),
            basic("no colon"),
            basic("rp-1:%zz"),
            basic("rp-1:%"),
            basic("rp%00-1:x"),
            format!("Basic {}", STANDARD.encode([0x72, 0x3A, 0xFF])),
            format!("Basic {}", "A".repeat(100_000)),
            format!("Bearer {good}"),
            format!("Digest {good}"),
            format!("Basic {good}, Basic {good}"),
            format!("Basic {}", STANDARD.encode("rp-1:\u{fb}\u{ff}??>>").replace(['+', '/'], "-")),
        ] {
            assert_eq!(attempt(&[&wrong], "", Some(&client)), Err(ErrorCode::InvalidClient), "{wrong}");
        }
    }

    #[test]
    fn two_methods_are_refused_even_when_each_is_correct() {
        let client = confidential_client();
        let good = basic(&format!("rp-1:{SECRET}"));
        let invalid = Err(ErrorCode::InvalidRequest);
        assert_eq!(attempt(&[&good, &good], "", Some(&client)), invalid);
        for form in [
            format!("client_id=rp-1&client_secret={SECRET}"),
            format!("client_secret={SECRET}"),
            "client_assertion=x".to_owned(),
            "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                .to_owned(),
            "client_id=rp-2".to_owned(),
        ] {
            assert_eq!(attempt(&[&good], &form, Some(&client)), invalid, "{form}");
        }
        let assertion = format!("client_id=rp-1&client_secret={SECRET}&client_assertion=x");
        assert_eq!(attempt(&[], &assertion, Some(&client)), Err(ErrorCode::InvalidClient));
    }

    #[test]
    fn basic_is_challenged_on_401_only_where_a_header_was_tried() {
        let failed = OAuthError::from(OAuthReason::ClientAuthenticationFailed);
        let challenge = basic_challenge(&["Basic x"], &failed, ISSUER);
        assert_eq!(challenge.as_deref(), Some("Basic realm=\"https://id.example\", charset=\"UTF-8\""));
        assert_eq!(basic_challenge(&[], &failed, ISSUER), None);
        let grant = OAuthError::from(OAuthReason::AuthorizationCodeUnusable);
        assert_eq!(basic_challenge(&["Basic x"], &grant, ISSUER), None);
    }

    #[test]
    fn only_a_client_with_a_secret_may_introspect() {
        assert_eq!(require_confidential(&confidential_client()), Ok(()));
        assert_eq!(require_confidential(&public_client()).unwrap_err().status(), 401);
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let form = Parameters::parse(form_pairs("client_id=a&client_secret=hush").unwrap()).unwrap();
        let shown = format!("{:?}", PresentedClient::parse(&[], &form).unwrap());
        assert_eq!(shown, "PresentedClient { client_id: \"a\", .. }");
    }
}
