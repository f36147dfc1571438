//! Derives what the purpose of a sign-in demands of it: `acr`, `max_age`, `prompt` and the permitted subjects.

use super::{PendingAction, Purpose};
use crate::{
    app::Tenant,
    directory::Client,
    fault::Fault,
    journey::{Demand, Prompts},
    protocol::{AuthorizationRequest, OAuthError, OAuthReason, Prompt, acr::AcrRequest},
};
use ::entity::ids::PersonId;
use std::collections::BTreeSet;

/// Returns the demand of `purpose`.
///
/// # Errors
/// The inner error is for the relying party: the request demands a `sub` that no person has.
pub(super) async fn of(
    tenant: &Tenant,
    purpose: &Purpose,
    client: &Client,
) -> Result<Result<Demand, OAuthError>, Fault> {
    match purpose {
        Purpose::Authorize(request) => of_request(tenant, request, client).await,
        Purpose::Account { .. } => Ok(Ok(Demand::default())),
        Purpose::Confirm(PendingAction::AddDevice { person }) => {
            Ok(Ok(Demand { subjects: Some([*person].into()), adds_device: true, ..Demand::default() }))
        }
    }
}

async fn of_request(
    tenant: &Tenant,
    request: &AuthorizationRequest,
    client: &Client,
) -> Result<Result<Demand, OAuthError>, Fault> {
    let hinted = match &request.id_token_hint {
        Some(hint) => Some(verified_hint(tenant, hint.as_str(), client).await?),
        None => None,
    };
    let subjects = subjects(request, hinted.flatten());
    if subjects.as_ref().is_some_and(BTreeSet::is_empty) {
        return Ok(Err(OAuthReason::PersonDiffers.into()));
    }
    // A hint that does not verify identifies no one: the person has to sign in again.
    let is_hint_unusable = hinted == Some(None);
    let prompt = |prompt| request.prompt.contains(prompt);
    Ok(Ok(Demand {
        acr: acr(request),
        max_age: request.max_age.map(|age| age.seconds()),
        prompts: Prompts {
            login: prompt(Prompt::Login) || is_hint_unusable,
            consent: prompt(Prompt::Consent),
            select_account: prompt(Prompt::SelectAccount),
        },
        subjects,
        adds_device: false,
    }))
}

/// Returns the persons of whom the signed-in person must be one. A `sub` that is not an id of this server is
/// dropped.
fn subjects(request: &AuthorizationRequest, hint: Option<PersonId>) -> Option<BTreeSet<PersonId>> {
    let demanded = request.claims.subjects();
    let demanded: Option<BTreeSet<PersonId>> =
        demanded.map(|texts| texts.into_iter().filter_map(|text| text.parse().ok()).collect());
    match (demanded, hint) {
        (Some(demanded), Some(hint)) => Some(demanded.into_iter().filter(|person| *person == hint).collect()),
        (Some(demanded), None) => Some(demanded),
        (None, hint) => hint.map(|hint| [hint].into()),
    }
}

/// Returns the subject of a hint that this tenant issued to this client, also when it has expired.
async fn verified_hint(tenant: &Tenant, hint: &str, client: &Client) -> Result<Option<PersonId>, Fault> {
    let hint = tenant.verified_hint(hint).await?;
    Ok(hint.filter(|hint| hint.client_id == client.client_id).map(|hint| hint.subject))
}

fn acr(request: &AuthorizationRequest) -> AcrRequest {
    let Some(asked) = request.acr() else { return AcrRequest::Any };
    let values = asked.values.iter().map(|value| value.as_str());
    if asked.is_essential {
        AcrRequest::essential(values)
    } else {
        AcrRequest::voluntary(&values.collect::<Vec<_>>().join(" "))
    }
}
