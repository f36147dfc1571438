use crate::keys::derive;
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};

/// RFC 8291 §4: a message is one record, so the declared record size may be any that the message fits into.
const RECORD_SIZE: u32 = 4096;
/// RFC 8030 §7.2: a push service accepts 4096 bytes; header, delimiter and tag take 103 of them.
const MAX_PLAINTEXT_BYTES: usize = 3993;
/// Lengths are padded to a multiple of this, so that they reveal little about the message.
const PADDING_BLOCK_BYTES: usize = 768;
/// RFC 8188 §2: the delimiter after the data of the last record.
const LAST_RECORD: u8 = 2;

/// Why a message was not encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EncryptionError {
    #[error("the message is longer than {MAX_PLAINTEXT_BYTES} bytes")]
    TooLong,
    #[error("the subscription's public key is no point of P-256")]
    PublicKey,
    #[error("the message could not be encrypted")]
    Cipher,
}

/// The sender's key and salt for one message; never used for a second one.
pub(super) struct Ephemeral {
    private_key: PrivateKey,
    salt: [u8; 16],
}

impl Ephemeral {
    pub(super) fn new(salt: [u8; 16]) -> Result<Self, EncryptionError> {
        let private_key = PrivateKey::generate(&ECDH_P256).map_err(|_| EncryptionError::Cipher)?;
        Ok(Self { private_key, salt })
    }
}

/// Adds the delimiter and pads the message so that its length reveals little (RFC 8188 §2, RFC 8291 §6).
pub(super) fn pad(message: &[u8]) -> Result<Vec<u8>, EncryptionError> {
    let padded = message.len().max(1).next_multiple_of(PADDING_BLOCK_BYTES);
    if padded > MAX_PLAINTEXT_BYTES {
        return Err(EncryptionError::TooLong);
    }
    let mut record = message.to_vec();
    record.push(LAST_RECORD);
    record.resize(padded + 1, 0);
    Ok(record)
}

/// Encrypts one record in the `aes128gcm` coding for the holder of `p256dh` and `auth` (RFC 8291 §3).
pub(super) fn encrypt(
    p256dh: &[u8; 65],
    auth: &[u8; 16],
    sender: &Ephemeral,
    mut record: Vec<u8>,
) -> Result<Vec<u8>, EncryptionError> {
    let public_key = sender.private_key.compute_public_key().map_err(|_| EncryptionError::Cipher)?;
    let public_key = public_key.as_ref();
    let recipient = UnparsedPublicKey::new(&ECDH_P256, p256dh);
    let secret: [u8; 32] = agree(&sender.private_key, recipient, EncryptionError::PublicKey, |shared| {
        Ok(derive(auth, shared, &[b"WebPush: info\0", p256dh, public_key]))
    })?;
    let key: [u8; 16] = derive(&sender.salt, &secret, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce: [u8; 12] = derive(&sender.salt, &secret, &[b"Content-Encoding: nonce\0"]);
    let key = UnboundKey::new(&AES_128_GCM, &key).map_err(|_| EncryptionError::Cipher)?;
    LessSafeKey::new(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)
        .map_err(|_| EncryptionError::Cipher)?;
    let key_length = u8::try_from(public_key.len()).map_err(|_| EncryptionError::Cipher)?;
    Ok([sender.salt.as_slice(), &RECORD_SIZE.to_be_bytes(), &[key_length], public_key, &record].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use web_push_native::p256::SecretKey;
    use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        URL_SAFE_NO_PAD.decode(text).unwrap().try_into().unwrap()
    }

    /// RFC 8291 §5 and appendix A.
    #[test]
    fn the_published_vector_is_reproduced_byte_for_byte() {
        let private_key: [u8; 32] = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let sender = Ephemeral {
            private_key: PrivateKey::from_private_key(&ECDH_P256, &private_key).unwrap(),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw"),
        };
        let p256dh =
            bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let record = b"When I grow up, I want to be a watermelon\x02".to_vec();
        let body = encrypt(&p256dh, &auth, &sender, record).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    fn device() -> (SecretKey, [u8; 65]) {
        let secret = SecretKey::from_slice(&[0x21; 32]).unwrap();
        let point = secret.public_key().to_encoded_point(false).as_bytes().try_into().unwrap();
        (secret, point)
    }

    proptest! {
        #[test]
        fn another_library_decrypts_the_message(message in proptest::collection::vec(any::<u8>(), 0..3000), auth: [u8; 16], salt: [u8; 16]) {
            let (secret, p256dh) = device();
            let body = encrypt(&p256dh, &auth, &Ephemeral::new(salt).unwrap(), pad(&message).unwrap()).unwrap();
            prop_assert!(body.len() <= 4096);
            let read = web_push_native::decrypt(body, &secret, &auth.into()).unwrap();
            prop_assert_eq!(read, message);
        }
    }

    #[test]
    fn messages_of_different_length_are_padded_to_the_same_length() {
        let (_, p256dh) = device();
        let length = |message: &[u8]| {
            encrypt(&p256dh, &[0; 16], &Ephemeral::new([0; 16]).unwrap(), pad(message).unwrap())
                .unwrap()
                .len()
        };
        let expected = 86 + 768 + 1 + 16;
        assert_eq!([length(b""), length(b"x"), length(&[b'x'; 768])], [expected; 3]);
        assert_eq!(length(&[b'x'; 769]), expected + 768);
    }

    #[test]
    fn a_message_beyond_the_limit_and_an_invalid_key_are_refused() {
        assert!(pad(&[b'x'; 3840]).is_ok());
        assert_eq!(pad(&[b'x'; 3841]), Err(EncryptionError::TooLong));
        let error =
            encrypt(&[4; 65], &[0; 16], &Ephemeral::new([0; 16]).unwrap(), pad(b"x").unwrap()).unwrap_err();
        assert_eq!(error, EncryptionError::PublicKey);
    }
}
