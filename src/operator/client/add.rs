//! `countersign client add`.

use super::{open::pools_of, settings::check};
use crate::{
    actions::clients::{self, NewClient},
    cli::ClientAdd,
    directory::{Client, ClientSettings, ConsentRule, PkceRule, TokenLifetimes},
    operator::{CommandError, opened::Opened, print_result},
};
use serde_json::json;

/// Registers an application and prints its client id and its secret; the secret is never shown again.
///
/// # Errors
/// When an option is not valid, or the database cannot be used.
pub(super) async fn add(options: ClientAdd) -> Result<(), CommandError> {
    let settings = settings(&options);
    check(&options.name, &settings, options.public)?;
    let opened = Opened::open(&options.common, &options.workspace).await?;
    let app = &opened.app;
    let secret = (!options.public).then(|| app.entropy.secret());
    let new = NewClient {
        name: options.name.clone(),
        settings,
        pools: pools_of(&opened, &options.pool).await?,
        secret: secret.clone(),
    };
    let client = clients::add(app, &opened.context, new).await?;
    let issuer = opened.context.tenant.issuer();
    print_result(&result_text(issuer, &options, &client, secret.as_deref()));
    Ok(())
}

/// Builds the client's settings from the options. A public client always requires PKCE (RFC 9700 §2.1.1).
fn settings(options: &ClientAdd) -> ClientSettings {
    let is_pkce_required = options.public || options.require_pkce;
    let mut token_lifetimes = TokenLifetimes::default();
    options.lifetimes.apply(&mut token_lifetimes);
    ClientSettings {
        redirect_uris: options.redirect_uri.clone(),
        post_logout_redirect_uris: options.post_logout_redirect_uri.clone(),
        pkce: if is_pkce_required { PkceRule::Required } else { PkceRule::WhenSent },
        consent: if options.implied_consent { ConsentRule::Implied } else { ConsentRule::Required },
        id_token_signed_response_alg: options.id_token_signed_response_alg,
        refresh_token: options.refresh_token,
        id_token_claims: options.id_token_claims,
        required_acr: options.require_acr.clone(),
        token_lifetimes,
    }
}

fn result_text(issuer: &str, options: &ClientAdd, client: &Client, secret: Option<&str>) -> String {
    if options.json {
        let mut result_text = json!({
            "issuer": issuer,
            "client_id": client.client_id,
            "redirect_uris": client.settings.redirect_uris,
            "post_logout_redirect_uris": client.settings.post_logout_redirect_uris,
        });
        if let (Some(secret), Some(object)) = (secret, result_text.as_object_mut()) {
            object.insert("client_secret".to_owned(), secret.into());
        }
        return result_text.to_string();
    }
    let secret = secret.map_or("none: it is a public client and must send PKCE".to_owned(), |secret| {
        format!("{secret}   (shown this once)")
    });
    format!("Issuer         {issuer}\nClient ID      {}\nClient secret  {secret}", client.client_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::{Cli, ClientCommand, Command},
        directory::{IdTokenClaims, RefreshTokenRule, SigningAlgorithm, TokenLifetime},
    };
    use clap::Parser;

    fn given(options: &[&str]) -> Result<ClientSettings, String> {
        let client =
            ["countersign", "client", "add", "--name", "W", "--redirect-uri", "https://w.example/cb"];
        let line = Cli::try_parse_from([&client[..], options].concat());
        match line.map_err(|error| error.to_string())?.command {
            Command::Client(ClientCommand::Add(options)) => Ok(settings(&options)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn options_set_the_client_settings_and_their_absence_leaves_the_defaults() {
        let usual = ClientSettings {
            redirect_uris: vec!["https://w.example/cb".to_owned()],
            ..ClientSettings::default()
        };
        assert_eq!(given(&[]).unwrap(), usual);
        for pkce in ["--public", "--require-pkce"] {
            assert_eq!(given(&[pkce]).unwrap(), ClientSettings { pkce: PkceRule::Required, ..usual.clone() });
        }
        let all =
            ["--implied-consent", "--id-token-signed-response-alg", "EdDSA", "--refresh-token", "always"];
        let more = ["--id-token-claims", "strict", "--require-acr", "2fa", "--access-token-seconds", "300"];
        let mut token_lifetimes = TokenLifetimes::default();
        token_lifetimes.set(TokenLifetime::AccessTokenSeconds, 300);
        let expected = ClientSettings {
            consent: ConsentRule::Implied,
            id_token_signed_response_alg: SigningAlgorithm::EdDsa,
            refresh_token: RefreshTokenRule::Always,
            id_token_claims: IdTokenClaims::Strict,
            required_acr: Some("2fa".to_owned()),
            token_lifetimes,
            ..usual
        };
        assert_eq!(given(&[&all[..], &more].concat()).unwrap(), expected);
    }

    #[test]
    fn an_invalid_value_is_named_with_the_valid_ones() {
        for (option, value, offered) in [
            ("--id-token-signed-response-alg", "none", "RS256, ES256, EdDSA"),
            ("--refresh-token", "sometimes", "never, offline_access or always"),
            ("--id-token-claims", "all", "granted or strict"),
            ("--require-acr", "3fa", "1fa, 2fa"),
        ] {
            let refusal = given(&[option, value]).unwrap_err();
            assert!(refusal.contains(value) && refusal.contains(offered), "{refusal}");
        }
    }
}
