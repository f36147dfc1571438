//! Hashes and verifies passwords with Argon2id (RFC 9106). Every attempt computes one hash, also without a
//! record.

use crate::clock::Timestamp;
use crate::directory::FactorKind;
use crate::entropy::Entropy;
use crate::factors::proof::Candidate;
use crate::limits::sizes::MAX_PASSWORD_ATTEMPT_BYTES;
use ::entity::ids::PersonId;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use precis_core::profile::PrecisFastInvocation;
use precis_profiles::OpaqueString;
use std::borrow::Cow;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The highest accepted cost of a stored hash, so that an imported row cannot exhaust the server.
const MAX_HASH_PARAMETERS: HashParameters = HashParameters { memory_kib: 128 * 1024, passes: 10, lanes: 4 };
const OUTPUT_BYTES: usize = 32;
/// The smallest allocation of a hasher, in blocks of 1 KiB. glibc keeps freed allocations below 32 MiB for
/// the thread (mallopt(3), `M_MMAP_THRESHOLD`) and returns larger ones at once; untouched pages use no
/// memory.
const MIN_ALLOCATED_BLOCKS: usize = 33 * 1024;

/// The cost of one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashParameters {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Degree of parallelism.
    pub lanes: u32,
}

impl Default for HashParameters {
    /// OWASP's recommendation: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl HashParameters {
    /// The lowest cost that Argon2 allows, for tests.
    pub const MIN_COST: Self = Self { memory_kib: 8, passes: 1, lanes: 1 };

    fn is_within(self, limits: Self) -> bool {
        self.memory_kib <= limits.memory_kib && self.passes <= limits.passes && self.lanes <= limits.lanes
    }
}

/// Computes hashes and reuses its memory: fresh pages from the system cost up to a fifth of the hash itself.
pub struct Hasher {
    parameters: HashParameters,
    memory: Vec<Block>,
}

impl Hasher {
    /// Creates a hasher without memory; the first hash allocates it. `parameters` is the cost of new hashes.
    pub const fn new(parameters: HashParameters) -> Self {
        Self { parameters, memory: Vec::new() }
    }

    /// The cost of new hashes.
    pub const fn parameters(&self) -> HashParameters {
        self.parameters
    }

    fn hash(
        &mut self,
        password: &str,
        salt: &[u8],
        cost: HashParameters,
    ) -> Result<[u8; OUTPUT_BYTES], argon2::Error> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(OUTPUT_BYTES))?;
        if self.memory.len() < params.block_count() {
            self.memory.reserve_exact(params.block_count().max(MIN_ALLOCATED_BLOCKS) - self.memory.len());
            self.memory.resize(params.block_count(), Block::new());
        }
        let mut output = [0; OUTPUT_BYTES];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
            prepared(password).as_bytes(),
            salt,
            &mut output,
            &mut self.memory,
        )?;
        Ok(output)
    }
}

/// A person's stored password.
#[derive(Clone, Copy, Debug)]
pub struct PasswordRecord<'a> {
    /// The owner.
    pub person: PersonId,
    /// The hash as a PHC string.
    pub hash: &'a str,
}

/// Hashes a new password into a PHC string; fails only for parameters that Argon2 does not allow.
pub fn hash_password(
    password: &str,
    entropy: &dyn Entropy,
    hasher: &mut Hasher,
) -> Result<String, argon2::Error> {
    let salt = entropy.bytes::<16>();
    let HashParameters { memory_kib, passes, lanes } = hasher.parameters;
    let output = hasher.hash(password, &salt, hasher.parameters)?;
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    Ok(format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${output}"))
}

/// Verifies `attempt` against the record; `None` when it is wrong. A missing or unreadable record costs the
/// same work. The attempt is not trimmed, case-folded or truncated.
pub fn verify(
    record: Option<PasswordRecord<'_>>,
    attempt: &str,
    hasher: &mut Hasher,
    now: Timestamp,
) -> Option<Candidate> {
    if attempt.len() > MAX_PASSWORD_ATTEMPT_BYTES {
        return None;
    }
    let Some((person, stored)) = record.and_then(|record| Some((record.person, Stored::parse(record.hash)?)))
    else {
        // The same cost as a real check, so that timing does not reveal whether the account exists.
        let _discarded = std::hint::black_box(hasher.hash(attempt, &[0; 16], hasher.parameters));
        return None;
    };
    let output = hasher.hash(attempt, &stored.salt, stored.parameters).ok()?;
    bool::from(output.ct_eq(&stored.output)).then(|| Candidate::new(person, FactorKind::Password, now))
}

/// Normalizes a password for hashing (RFC 8265 §4.2, OpaqueString): composed and decomposed letters are
/// equal, as are all kinds of spaces. A password that the profile does not allow stays as typed.
fn prepared(password: &str) -> Zeroizing<String> {
    Zeroizing::new(OpaqueString::enforce(password).map_or_else(|_| password.to_owned(), Cow::into_owned))
}

/// Tells whether a stored hash is unreadable or was made with other parameters, so that it should be
/// replaced.
pub fn needs_rehash(hash: &str, parameters: HashParameters) -> bool {
    Stored::parse(hash).is_none_or(|stored| stored.parameters != parameters)
}

/// A parsed hash with a cost within [`MAX_HASH_PARAMETERS`].
struct Stored {
    parameters: HashParameters,
    salt: Vec<u8>,
    output: [u8; OUTPUT_BYTES],
}

impl Stored {
    fn parse(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok()?;
        if hash.algorithm.as_str() != "argon2id" || hash.version != Some(19) {
            return None;
        }
        let params = Params::try_from(&hash).ok()?;
        let parameters =
            HashParameters { memory_kib: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
        let output = hash.hash?.as_bytes().try_into().ok()?;
        parameters.is_within(MAX_HASH_PARAMETERS).then_some(Self {
            parameters,
            salt: hash.salt?.to_vec(),
            output,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn alice() -> PersonId {
        "per_AAAAAAAAAAAAAAAAAAAAAQ".parse().unwrap()
    }

    fn hash(password: &str) -> String {
        hash_password(password, &SystemEntropy, &mut Hasher::new(HashParameters::MIN_COST)).unwrap()
    }

    fn is_right(hash: &str, attempt: &str) -> bool {
        let record = Some(PasswordRecord { person: alice(), hash });
        verify(record, attempt, &mut Hasher::new(HashParameters::MIN_COST), NOW).is_some()
    }

    #[test]
    fn composed_and_decomposed_letters_are_equal_and_other_letters_are_not() {
        let stored = hash("se\u{f1}or\u{a0}mu\u{f1}oz");
        assert!(is_right(&stored, "sen\u{303}or mun\u{303}oz"));
        assert!(!is_right(&stored, "senor munoz"));
        assert!(!is_right(&stored, "Se\u{f1}or mu\u{f1}oz"), "case counts");
    }

    #[test]
    fn a_password_is_compared_as_a_whole() {
        let long = "x".repeat(72);
        for password in ["correct horse battery", " spaces around ", "nul\0inside", "😀 emoji", &long] {
            let stored = hash(password);
            assert!(is_right(&stored, password));
            assert!(!is_right(&stored, &format!("{password} ")));
            assert!(!is_right(&stored, password.trim_end_matches(['x', ' ', 'y', 'e', 'i'])));
        }
        assert!(!is_right(&hash(&long), &format!("{long}y")), "nothing is cut off after 72 bytes");
    }

    #[test]
    fn an_attempt_longer_than_any_password_is_refused_and_the_longest_is_not() {
        let longest = "😀".repeat(128);
        assert!(is_right(&hash(&longest), &longest));
        let longer = format!("{longest}x");
        assert!(!is_right(&hash(&longer), &longer));
    }

    #[test]
    fn an_attempt_without_a_record_is_wrong_and_costs_a_hash() {
        let unreadable = PasswordRecord { person: alice(), hash: "plain" };
        for record in [None, Some(unreadable)] {
            let mut hasher = Hasher::new(HashParameters::MIN_COST);
            assert!(verify(record, "correct horse battery", &mut hasher, NOW).is_none());
            assert!(!hasher.memory.is_empty(), "a hash was computed in it");
        }
    }

    #[test]
    fn a_hash_of_the_reference_implementation_is_verified() {
        let hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert!(is_right(hash, "password"));
        assert!(!is_right(hash, "Password"));
    }

    #[test]
    fn reused_memory_does_not_change_the_result() {
        let mut used = Hasher::new(HashParameters { memory_kib: 64, ..HashParameters::MIN_COST });
        let dear = hash_password("correct horse battery", &SystemEntropy, &mut used).unwrap();
        let cheap = hash("another password");
        for (stored, attempt) in
            [(&dear, "correct horse battery"), (&cheap, "another password"), (&dear, "wrong")]
        {
            let record = Some(PasswordRecord { person: alice(), hash: stored });
            assert_eq!(verify(record, attempt, &mut used, NOW).is_some(), attempt != "wrong");
            assert_eq!(is_right(stored, attempt), attempt != "wrong");
        }
    }

    #[test]
    fn malformed_foreign_and_too_costly_hashes_are_refused() {
        let good = hash("correct horse battery");
        assert!(is_right(&good, "correct horse battery"));
        for (from, to) in [
            ("m=8", "m=4194304"),
            ("t=1", "t=4000000000"),
            ("p=1", "p=255"),
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("$argon2id$", "$"),
        ] {
            assert!(!is_right(&good.replacen(from, to, 1), "correct horse battery"), "{to}");
        }
        assert!(!is_right("", ""));
    }

    #[test]
    fn a_hash_of_another_cost_needs_a_rehash() {
        let stored = hash("correct horse battery");
        assert!(!needs_rehash(&stored, HashParameters::MIN_COST));
        assert!(needs_rehash(&stored, HashParameters::default()));
        assert!(needs_rehash("$2b$12$abcdefghijklmnopqrstuv", HashParameters::default()));
    }
}
