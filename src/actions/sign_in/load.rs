//! Loads a sign-in in progress by the handle in its page: `r` before the first POST, `j` after it.

use super::{
    LoadedSignIn, Purpose, SignIn, SignInError, Visit,
    client::client_of,
    person::unnamed,
    sealed_request::{SealedRequest, restart_url},
};
use crate::{
    directory::Client,
    limits::lifetimes::JOURNEY_LIFETIME_SECONDS,
    storage::journeys::{self, Found, StoredJourney},
};
use ::entity::ids::JourneyId;
use std::sync::Arc;

/// The handles in a page, as they came: the values of `r` and `j`.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenHandle<'a> {
    /// The sealed request.
    pub r: Option<&'a str>,
    /// The journey's id.
    pub j: Option<&'a str>,
}

/// A sign-in found by its handle.
pub enum Loaded {
    /// In progress.
    Open(Box<LoadedSignIn>),
    /// Over.
    Closed(Box<LoadedSignIn>),
}

/// Loads the sign-in of a page.
///
/// # Errors
/// When the sign-in is over, expired, or of another browser.
pub async fn load(visit: Visit<'_>, handle: GivenHandle<'_>) -> Result<LoadedSignIn, SignInError> {
    match find(visit, handle).await? {
        Loaded::Open(sign_in) => Ok(*sign_in),
        Loaded::Closed(sign_in) => Err(sign_in.finished()),
    }
}

/// Like [`load`], but also finds a sign-in that is over. The inputs of one in progress are read.
///
/// # Errors
/// When the sign-in is expired, or of another browser.
pub async fn find(visit: Visit<'_>, handle: GivenHandle<'_>) -> Result<Loaded, SignInError> {
    let mut loaded = find_as_stored(visit, handle).await?;
    if let Loaded::Open(sign_in) = &mut loaded
        && sign_in.is_stored()
    {
        sign_in.refresh(visit).await?;
    }
    Ok(loaded)
}

/// Like [`find`], without the inputs: waiting pages need only the id.
///
/// # Errors
/// Those of [`find`].
pub async fn find_as_stored(visit: Visit<'_>, handle: GivenHandle<'_>) -> Result<Loaded, SignInError> {
    let browser_hash = visit.cookies.browser.clone().ok_or(SignInError::Foreign)?;
    match (handle.r, handle.j.and_then(|text| text.parse().ok())) {
        (_, Some(id)) => find_stored(visit, id, browser_hash).await,
        (Some(sealed), None) => open_sealed(visit, sealed, browser_hash).await,
        (None, None) => Err(SignInError::Foreign),
    }
}

async fn open_sealed(visit: Visit<'_>, text: &str, browser_hash: Vec<u8>) -> Result<Loaded, SignInError> {
    let sealed = SealedRequest::open(visit.app, &visit.context.tenant, text)
        .filter(|sealed| sealed.is_of(&browser_hash));
    let sealed = sealed.ok_or(SignInError::Foreign)?;
    let client = client_of(&visit.context.tenant, &sealed.purpose).await?;
    if visit.context.now.seconds_since(sealed.began_at) >= JOURNEY_LIFETIME_SECONDS {
        return Err(expired(visit, &client, &sealed.purpose));
    }
    let mut sign_in = LoadedSignIn::begin(visit, browser_hash, &sealed, client).await?;
    sign_in.sealed = Some(text.to_owned());
    Ok(Loaded::Open(Box::new(sign_in)))
}

async fn find_stored(visit: Visit<'_>, id: JourneyId, browser_hash: Vec<u8>) -> Result<Loaded, SignInError> {
    let (storage, tenant) = (&visit.app.storage, &visit.context.tenant);
    let found =
        journeys::find::<SignIn>(storage, tenant.workspace.id, id, &browser_hash, visit.context.now).await?;
    let with_client = async |stored: StoredJourney<SignIn>| {
        let client = client_of(tenant, &stored.state.purpose).await?;
        Ok::<_, SignInError>(Box::new(LoadedSignIn {
            inputs: unnamed(&client),
            stored,
            sealed: None,
            shown_to: None,
            tenant: Arc::clone(tenant),
            client,
        }))
    };
    match found {
        Found::Open(stored) => Ok(Loaded::Open(with_client(*stored).await?)),
        Found::Closed(stored) => Ok(Loaded::Closed(with_client(*stored).await?)),
        Found::Expired(stored) => {
            let purpose = &stored.state.purpose;
            let client = client_of(tenant, purpose).await?;
            Err(expired(visit, &client, purpose))
        }
        Found::Unknown => Err(SignInError::Foreign),
        Found::Unreadable => Err(SignInError::Unreadable),
    }
}

fn expired(visit: Visit<'_>, client: &Client, purpose: &Purpose) -> SignInError {
    let restart_url = restart_url(visit.app, &visit.context.tenant, purpose, visit.context.now);
    SignInError::Expired { application: client.name.clone(), restart_url }
}
