use crate::{clock::Timestamp, digest::sha256, storage::stored::Stored};
use ::entity::ids::{AuthenticatorId, ChallengeId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// RFC 8030 §5.4.
const TOPIC_LENGTH: usize = 32;

/// The content of an outbox row: a message, and the topic of the undelivered messages that it replaces.
///
/// It contains no name, application, address or number: the device requests these itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PushMessage {
    /// Replaces an undelivered message with the same topic (RFC 8030 §5.4).
    pub topic: String,
    /// The JSON that the device decrypts, in the format of Declarative Web Push, so that an iPhone can show
    /// it without running a script.
    pub content: Value,
}

/// What has changed about a person's devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceChange {
    /// One was added.
    Added,
    /// One was removed.
    Removed,
    /// One has another key.
    KeyReplaced,
}

impl DeviceChange {
    /// Returns the word of the protocol, and the title for the person.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Added => ("device_added", "A device was added to your account"),
            Self::Removed => ("device_removed", "A device was removed from your account"),
            Self::KeyReplaced => ("device_key_replaced", "A device of your account has a new key"),
        }
    }
}

impl Stored for PushMessage {
    const PLACE: &'static str = "outbox.payload";
}

impl PushMessage {
    /// Announces a sign-in request to `device`. `authenticator_url` ends with a slash.
    pub fn challenge(
        authenticator_url: &str,
        challenge: ChallengeId,
        device: AuthenticatorId,
        expires_at: Timestamp,
        topic: String,
    ) -> Self {
        let exp = expires_at.unix_seconds();
        let content = content(
            ["Sign-in request", "Open to review"],
            &format!("{authenticator_url}?c={challenge}"),
            json!({ "v": 1, "t": "challenge", "cid": challenge, "exp": exp, "dev": device }),
        );
        Self { topic, content }
    }

    /// Tests whether messages arrive.
    pub fn test(authenticator_url: &str, device: AuthenticatorId, expires_at: Timestamp) -> Self {
        let content = content(
            ["It works", "Sign-in requests will arrive like this one"],
            authenticator_url,
            json!({ "v": 1, "t": "test", "exp": expires_at.unix_seconds(), "dev": device }),
        );
        Self { topic: topic(device, "test"), content }
    }

    /// Announces to `device` that another device of its owner has changed. It does not say which one.
    pub fn device_change(authenticator_url: &str, device: AuthenticatorId, change: DeviceChange) -> Self {
        let (word, title) = change.words();
        let content = content(
            [title, "If that was not you, ask your help desk at once"],
            authenticator_url,
            json!({ "v": 1, "t": word, "dev": device }),
        );
        Self { topic: topic(device, word), content }
    }

    /// Announces that `device` was removed.
    pub fn removed(authenticator_url: &str, device: AuthenticatorId) -> Self {
        let content = content(
            ["This device was removed", "It can no longer approve sign-ins"],
            authenticator_url,
            json!({ "v": 1, "t": "removed", "dev": device }),
        );
        Self { topic: topic(device, "removed"), content }
    }
}

/// Returns the topic of messages to `device` about one `subject`, such as a sign-in; it reveals nothing to
/// the push service.
pub fn topic(device: AuthenticatorId, subject: &str) -> String {
    let hash = sha256(format!("{device}{subject}"));
    URL_SAFE_NO_PAD.encode(hash).chars().take(TOPIC_LENGTH).collect()
}

fn content([title, body]: [&str; 2], navigate: &str, countersign: Value) -> Value {
    json!({
        "web_push": 8030,
        "mutable": true,
        "notification": { "title": title, "body": body, "lang": "en", "navigate": navigate },
        "countersign": countersign,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::samples;
    use crate::storage::stored;

    const URL: &str = "https://idp.example/authenticator/";

    fn device() -> AuthenticatorId {
        samples::device(2)
    }

    #[test]
    fn a_challenge_message_contains_no_details_of_the_sign_in() {
        let challenge = samples::challenge(1);
        let expires_at = Timestamp::from_unix_seconds(1_795_296_030);
        let message = PushMessage::challenge(URL, challenge, device(), expires_at, topic(device(), "jrn_1"));
        assert_eq!(
            message.content,
            json!({
                "web_push": 8030,
                "mutable": true,
                "notification": {
                    "title": "Sign-in request",
                    "body": "Open to review",
                    "lang": "en",
                    "navigate": format!("{URL}?c={challenge}"),
                },
                "countersign": {
                    "v": 1,
                    "t": "challenge",
                    "cid": challenge.to_string(),
                    "exp": 1_795_296_030,
                    "dev": device().to_string(),
                },
            })
        );
        assert!(message.content.to_string().len() < 768);
    }

    #[test]
    fn test_and_removal_messages_have_their_own_type_and_topic() {
        let test = PushMessage::test(URL, device(), Timestamp::from_unix_seconds(9));
        let expected = json!({ "v": 1, "t": "test", "exp": 9, "dev": device().to_string() });
        assert_eq!(test.content["countersign"], expected);
        let removed = PushMessage::removed(URL, device());
        assert_eq!(
            removed.content["countersign"],
            json!({ "v": 1, "t": "removed", "dev": device().to_string() })
        );
        assert_ne!(test.topic, removed.topic);
    }

    #[test]
    fn a_change_of_another_device_has_its_own_word_and_names_no_device() {
        let changes = [DeviceChange::Added, DeviceChange::Removed, DeviceChange::KeyReplaced];
        let mut topics = std::collections::BTreeSet::new();
        for (change, word) in
            changes.into_iter().zip(["device_added", "device_removed", "device_key_replaced"])
        {
            let message = PushMessage::device_change(URL, device(), change);
            let expected = json!({ "v": 1, "t": word, "dev": device().to_string() });
            assert_eq!(message.content["countersign"], expected);
            topics.insert(message.topic);
        }
        assert_eq!(topics.len(), 3);
    }

    #[test]
    fn a_topic_is_short_and_unique_to_its_device_and_subject() {
        let one = topic(device(), "jrn_1");
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert_eq!(one, topic(device(), "jrn_1"));
        assert_ne!(one, topic(device(), "jrn_2"));
        assert_ne!(one, topic(samples::device(3), "jrn_1"));
    }

    #[test]
    fn a_stored_message_is_parsed_back_unchanged() {
        let message = PushMessage::removed(URL, device());
        let mut written = stored::write(&message).unwrap();
        assert_eq!(stored::read::<PushMessage>(written.clone()), Ok(message.clone()));
        written["urgency"] = "high".into();
        assert_eq!(stored::read::<PushMessage>(written.clone()), Ok(message), "a newer version's member");
        written["v"] = 2.into();
        assert!(stored::read::<PushMessage>(written).is_err());
    }
}
