//! Changes the name, the settings and the pools of a client.

use super::{
    check::check,
    ending::{Ending, end_grants},
    lock::lock,
};
use crate::{
    actions::{Action, ActionError, Right},
    app::{App, RequestContext},
    audit::{AuditEvent, Changes, about},
    directory::{Client, ClientSettings, TokenLifetime},
    storage::clients,
};
use ::entity::ids::ClientKey;

/// Changes a client by `edit`, and returns it with the names of the fields that differ. Without a difference nothing is
/// written. People of a pool that is taken away lose codes, grants and tokens: at once by the check at each use, and their
/// grants end in slices. A pool that is given back brings nothing back.
///
/// # Errors
/// [`ActionError::Invalid`] with every problem; [`ActionError::NotFound`] when the tenant has no such client; a fault when
/// the database does not answer.
pub async fn change(
    app: &App,
    context: &RequestContext,
    client: ClientKey,
    edit: impl Fn(&mut Client),
) -> Result<(Client, Vec<String>), ActionError> {
    Right::Host.check(context.actor)?;
    // What a pool lost before ends before the pool may come back.
    end_grants(app, context, client, Ending::OfOthers).await?;
    let action = Action::begin(app, context, Right::Host).await?;
    let before = lock(&action, client).await?;
    let mut after = before.clone();
    edit(&mut after);
    check(&context.tenant, &after.name, &after.settings, after.is_public())?;
    let changes = changes(&before, &after);
    if changes.is_empty() {
        return Ok((after, Vec::new()));
    }
    let fields = changes.fields();
    clients::save(&action.tx, &after).await?;
    action.audit(&AuditEvent::ClientChanged { changes }, about(client)).await?;
    action.commit().await?;
    if before.pools.iter().any(|pool| !after.pools.contains(pool)) {
        end_grants(app, context, client, Ending::OfOthers).await?;
    }
    Ok((after, fields))
}

fn changes(before: &Client, after: &Client) -> Changes {
    let mut changes = Changes::default();
    let (old, new) = (&before.settings, &after.settings);
    changes.note("name", &before.name, &after.name);
    changes.note("pools", &before.pools, &after.pools);
    changes.note("redirect_uris", &old.redirect_uris, &new.redirect_uris);
    changes.note("post_logout_redirect_uris", &old.post_logout_redirect_uris, &new.post_logout_redirect_uris);
    changes.note("pkce", &old.pkce, &new.pkce);
    changes.note("consent", &old.consent, &new.consent);
    changes.note("refresh_token", &old.refresh_token, &new.refresh_token);
    changes.note(
        "id_token_signed_response_alg",
        &old.id_token_signed_response_alg,
        &new.id_token_signed_response_alg,
    );
    changes.note("id_token_claims", &old.id_token_claims, &new.id_token_claims);
    changes.note("required_acr", &old.required_acr, &new.required_acr);
    for which in TokenLifetime::ALL {
        let seconds = |settings: &ClientSettings| settings.token_lifetimes.seconds(which);
        changes.note(which.as_str(), &seconds(old), &seconds(new));
    }
    changes
}
