//! `countersign client show`.

use super::open::open;
use crate::{
    actions::pools,
    cli::WhichClient,
    directory::{Client, ClientSettings, ConsentRule, PkceRule, Pool, TokenLifetime},
    operator::{CommandError, print_result, times::shown},
};
use serde_json::{Map, Value, json};

/// Shows an application: state, pools, settings. Never its secret, of which only a hash is stored.
///
/// # Errors
/// When there is no such application, or the database cannot be used.
pub(super) async fn show(which: WhichClient) -> Result<(), CommandError> {
    let (opened, client) = open(&which).await?;
    let pools = pools::list(&opened.app, &opened.context.tenant).await?;
    print_result(&match which.json {
        true => json_of(&client, &pools).to_string(),
        false => text(&client, &pools),
    });
    Ok(())
}

/// Writes an application as JSON.
pub(super) fn json_of(client: &Client, pools: &[Pool]) -> Value {
    let settings = &client.settings;
    json!({
        "client_id": client.client_id,
        "id": client.key,
        "name": client.name,
        "state": if client.is_disabled { "disabled" } else { "active" },
        "public": client.is_public(),
        "pools": names_of(client, pools),
        "redirect_uris": settings.redirect_uris,
        "post_logout_redirect_uris": settings.post_logout_redirect_uris,
        "require_pkce": settings.pkce == PkceRule::Required,
        "implied_consent": settings.consent == ConsentRule::Implied,
        "refresh_token": settings.refresh_token.as_str(),
        "id_token_signed_response_alg": settings.id_token_signed_response_alg.as_str(),
        "id_token_claims": settings.id_token_claims.as_str(),
        "require_acr": settings.required_acr,
        "token_lifetimes": lifetimes(settings),
        "previous_secret_until": client.previous_secret.as_ref().map(|previous| shown(previous.until)),
    })
}

/// Every lifetime in seconds, the defaults as well.
fn lifetimes(settings: &ClientSettings) -> Map<String, Value> {
    let member =
        |which: TokenLifetime| (which.as_str().to_owned(), settings.token_lifetimes.seconds(which).into());
    TokenLifetime::ALL.into_iter().map(member).collect()
}

fn names_of<'a>(client: &Client, pools: &'a [Pool]) -> Vec<&'a str> {
    let name = |id| pools.iter().find(|pool| pool.id == id).map(|pool| pool.slug.as_str());
    client.pools.iter().filter_map(|id| name(*id)).collect()
}

fn text(client: &Client, pools: &[Pool]) -> String {
    let (settings, yes) = (&client.settings, |is_so| if is_so { "yes" } else { "no" });
    let state = if client.is_disabled { "disabled" } else { "active" };
    let kind = if client.is_public() { "public" } else { "confidential" };
    let mut rows = vec![
        ("Client ID", client.client_id.clone()),
        ("Name", client.name.clone()),
        ("State", format!("{state}, {kind}")),
        ("Pools", names_of(client, pools).join(", ")),
    ];
    rows.extend(settings.redirect_uris.iter().map(|uri| ("Redirect URI", uri.clone())));
    rows.extend(settings.post_logout_redirect_uris.iter().map(|uri| ("After sign-out", uri.clone())));
    rows.extend([
        ("PKCE required", yes(settings.pkce == PkceRule::Required).to_owned()),
        ("Consent implied", yes(settings.consent == ConsentRule::Implied).to_owned()),
        ("Refresh tokens", settings.refresh_token.as_str().to_owned()),
        ("ID tokens", settings.id_token_signed_response_alg.as_str().to_owned()),
        ("ID token claims", settings.id_token_claims.as_str().to_owned()),
        ("Required ACR", settings.required_acr.clone().unwrap_or_else(|| "none".to_owned())),
    ]);
    let seconds = |which| format!("{} s", settings.token_lifetimes.seconds(which));
    rows.extend([
        ("Access tokens", seconds(TokenLifetime::AccessTokenSeconds)),
        ("ID tokens for", seconds(TokenLifetime::IdTokenSeconds)),
        ("Refresh, unused", seconds(TokenLifetime::RefreshTokenIdleSeconds)),
        ("Refresh, in all", seconds(TokenLifetime::RefreshTokenAbsoluteSeconds)),
        ("Codes", seconds(TokenLifetime::AuthorizationCodeSeconds)),
    ]);
    if let Some(previous) = &client.previous_secret {
        rows.push(("Secret before", format!("accepted until {}", shown(previous.until))));
    }
    let lines: Vec<String> = rows.into_iter().map(|(label, value)| format!("{label:<17}{value}")).collect();
    lines.join("\n")
}
