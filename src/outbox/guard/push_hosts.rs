use crate::{
    config::{BROWSER_PUSH_HOSTS, redacted},
    fault::Cause,
};
use std::str::FromStr;

/// The hosts that a push subscription may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushHosts(Vec<PushHost>);

/// A host, all hosts below a name (`*.push.example`), or any host.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PushHost {
    Exactly(String),
    Below(String),
    Any,
}

impl PushHosts {
    /// The browsers' push services and the hosts in `added`, such as a UnifiedPush server.
    pub fn with(added: &[String]) -> Result<Self, MalformedPushHost> {
        BROWSER_PUSH_HOSTS
            .into_iter()
            .chain(added.iter().map(String::as_str))
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Exactly these hosts, as the operator lists them; `*` alone stands for every host.
    pub fn only(hosts: &[String]) -> Result<Self, MalformedPushHost> {
        let host = |text: &String| if text == "*" { Ok(PushHost::Any) } else { text.parse() };
        hosts.iter().map(host).collect::<Result<_, _>>().map(Self)
    }

    /// Whether `host` is one of them.
    pub fn hold(&self, host: &str) -> bool {
        self.0.iter().any(|known| match known {
            PushHost::Exactly(name) => host == name,
            PushHost::Any => true,
            PushHost::Below(suffix) => host.strip_suffix(suffix).is_some_and(|labels| !labels.is_empty()),
        })
    }
}

/// The text is not a host.
#[derive(Debug, thiserror::Error)]
#[error("expected the host of a push service such as ntfy.example.com or *.push.example.com, got `{}`", redacted(.0))]
pub struct MalformedPushHost(String);

impl From<MalformedPushHost> for Cause {
    fn from(error: MalformedPushHost) -> Self {
        Self::of(&error)
    }
}

impl FromStr for PushHost {
    type Err = MalformedPushHost;

    fn from_str(text: &str) -> Result<Self, MalformedPushHost> {
        let (name, is_suffix) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let name = name.to_ascii_lowercase();
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !name.contains('.') || !name.split('.').all(is_label) {
            return Err(MalformedPushHost(text.to_owned()));
        }
        Ok(if is_suffix { Self::Below(format!(".{name}")) } else { Self::Exactly(name) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_push_services_and_added_hosts_are_known() {
        let hosts = PushHosts::with(&["ntfy.example.com".to_owned(), "*.Up.example".to_owned()]).unwrap();
        for known in [
            "fcm.googleapis.com",
            "jmt17.google.com",
            "updates.push.services.mozilla.com",
            "web.push.apple.com",
            "wns2-by3p.notify.windows.com",
            "ntfy.example.com",
            "a.b.up.example",
        ] {
            assert!(hosts.hold(known), "{known}");
        }
        for unknown in [
            "evil.example",
            "push.apple.com",
            ".push.apple.com",
            "web.push.apple.com.evil.example",
            "evilpush.apple.com",
            "xfcm.googleapis.com",
            "a.fcm.googleapis.com",
            "up.example",
            "localhost",
            "",
        ] {
            assert!(!hosts.hold(unknown), "{unknown}");
        }
        assert!(!PushHosts::with(&[]).unwrap().hold("ntfy.example.com"));
    }

    #[test]
    fn the_operators_list_replaces_the_default_hosts() {
        let hosts = PushHosts::only(&["ntfy.example.com".to_owned()]).unwrap();
        assert!(hosts.hold("ntfy.example.com") && !hosts.hold("fcm.googleapis.com"));
        assert!(PushHosts::only(&["*".to_owned()]).unwrap().hold("any.example"));
        assert!(PushHosts::only(&["*.com".to_owned()]).is_err());
    }

    #[test]
    fn a_pattern_that_is_too_wide_is_refused() {
        for text in
            ["", "*", "*.", "*.com", "com", "a.*.example", "https://a.example", "a.example:443", "a..example"]
        {
            assert!(PushHosts::with(&[text.to_owned()]).is_err(), "{text}");
        }
    }
}
