use crate::stopwatch::Stopwatch;
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Operations per second on one core.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct RawRates {
    /// Argon2id with 19 MiB, two passes, one lane, as for a password.
    pub argon2id: f64,
    /// RSA 2048 with SHA-256.
    pub rs256: f64,
    /// P-256 with SHA-256.
    pub es256: f64,
    /// Ed25519.
    pub eddsa: f64,
}

/// Prints the rates as one line of JSON.
#[expect(clippy::print_stdout, reason = "the line that the benchmark reads")]
pub fn run() -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(&measure()?)?);
    Ok(())
}

fn measure() -> anyhow::Result<RawRates> {
    // As long as the signed part of a usual ID token.
    let message = [b'x'; 600];
    let random = SystemRandom::new();

    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None)?);
    let mut hash = [0; 32];
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048)?;
    // Through DER, like a key that is read from a file.
    let rsa = RsaKeyPair::from_pkcs8(AsDer::<Pkcs8V1Der>::as_der(&rsa)?.as_ref())?;
    let mut signature = vec![0; rsa.public_modulus_len()];
    let ecdsa = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let eddsa = Ed25519KeyPair::generate()?;

    Ok(RawRates {
        argon2id: per_second(|| {
            Ok(argon2.hash_password_into(b"correct horse battery staple", b"sixteen bytes...", &mut hash)?)
        })?,
        rs256: per_second(|| Ok(rsa.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature)?))?,
        es256: per_second(|| {
            std::hint::black_box(ecdsa.sign(&random, &message)?);
            Ok(())
        })?,
        eddsa: per_second(|| {
            std::hint::black_box(eddsa.sign(&message));
            Ok(())
        })?,
    })
}

/// Measures for two seconds, after a short warm-up.
fn per_second(mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    repeat(Duration::from_millis(200), &mut work)?;
    repeat(Duration::from_secs(2), &mut work)
}

fn repeat(time: Duration, work: &mut impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let watch = Stopwatch::start();
    let mut times = 0_u32;
    while watch.elapsed() < time {
        work()?;
        times += 1;
    }
    Ok(f64::from(times) / watch.elapsed().as_secs_f64())
}
