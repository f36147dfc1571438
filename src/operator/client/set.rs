//! `countersign client set`.

use super::{
    open::{open, pools_of},
    settings::check,
};
use crate::{
    actions::clients,
    cli::{ClientSet, NO_ACR},
    directory::{Client, ConsentRule, PkceRule},
    operator::{CommandError, confirmation::confirm, opened::usage, print_result},
};
use ::entity::ids::PoolId;
use serde_json::json;

/// Changes settings of an application; what is not named stays. Asks before a pool is taken away, because its people lose
/// what they were given.
///
/// # Errors
/// When an option is not valid, there is no such application, or the database cannot be used.
pub(super) async fn set(options: ClientSet) -> Result<(), CommandError> {
    let (opened, client) = open(&options.change.which).await?;
    let pools = pools_of(&opened, &options.pool).await?;
    let mut wanted = client.clone();
    edit(&mut wanted, &options, &pools);
    if wanted.is_public() && wanted.settings.pkce != PkceRule::Required {
        return Err(usage("--require-pkce: a public client always requires it (RFC 9700 §2.1.1)"));
    }
    check(&wanted.name, &wanted.settings, wanted.is_public())?;
    if client.pools.iter().any(|pool| !wanted.pools.contains(pool)) {
        let question = format!("Take a pool away from {}? Its people lose their tokens.", client.name);
        confirm(&question, options.change.yes)?;
    }
    let changed =
        clients::change(&opened.app, &opened.context, client.key, |client| edit(client, &options, &pools));
    let (client, fields) = changed.await?;
    print_result(&if options.change.which.json {
        json!({ "client_id": client.client_id, "changed": fields }).to_string()
    } else if fields.is_empty() {
        format!("Nothing has changed at {}.", client.client_id)
    } else {
        format!("Changed at {}: {}.", client.client_id, fields.join(", "))
    });
    Ok(())
}

fn edit(client: &mut Client, options: &ClientSet, pools: &[PoolId]) {
    let settings = &mut client.settings;
    let replace = |kept: &mut Vec<String>, given: &[String]| {
        if !given.is_empty() {
            *kept = given.to_vec();
        }
    };
    replace(&mut settings.redirect_uris, &options.redirect_uri);
    replace(&mut settings.post_logout_redirect_uris, &options.post_logout_redirect_uri);
    if let Some(is_required) = options.require_pkce {
        settings.pkce = if is_required { PkceRule::Required } else { PkceRule::WhenSent };
    }
    if let Some(is_implied) = options.implied_consent {
        settings.consent = if is_implied { ConsentRule::Implied } else { ConsentRule::Required };
    }
    settings.id_token_signed_response_alg =
        options.id_token_signed_response_alg.unwrap_or(settings.id_token_signed_response_alg);
    settings.refresh_token = options.refresh_token.unwrap_or(settings.refresh_token);
    settings.id_token_claims = options.id_token_claims.unwrap_or(settings.id_token_claims);
    options.lifetimes.apply(&mut settings.token_lifetimes);
    if let Some(acr) = &options.require_acr {
        settings.required_acr = (acr != NO_ACR).then(|| acr.clone());
    }
    if let Some(name) = &options.name {
        client.name = name.trim().to_owned();
    }
    if !pools.is_empty() {
        client.pools = pools.to_vec();
    }
}
