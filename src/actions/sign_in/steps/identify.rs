//! The username, perhaps together with the password that a password manager has filled in.

use super::prove::attempt_password;
use crate::{
    actions::sign_in::{
        LoadedSignIn, Next, SignInError, StepPage, Visit,
        apply::{arrive, begin_and_apply},
        known_browser,
        notice::Notice,
        person::{self, Policies},
        submission::Submission,
    },
    journey::Event,
    limits::sizes::MAX_USERNAME_CHARS,
};

/// Accepts a username, and a password if the form has one.
pub(in crate::actions::sign_in) async fn identify(
    visit: Visit<'_>,
    mut sign_in: LoadedSignIn,
    username: &str,
    password: Option<&str>,
) -> Result<Next, SignInError> {
    let (app, now) = (visit.app, visit.context.now);
    // Until something is proved, the person may still choose another account.
    if !sign_in.may_identify(now) {
        return arrive(visit, sign_in).await;
    }
    sign_in.stored.state.forget_notice();
    let username = username.trim();
    if username.is_empty()
        || username.chars().count() > MAX_USERNAME_CHARS
        || username.chars().any(char::is_control)
    {
        sign_in.stored.state.note(Notice::NameMissing);
        return Submission::begin(visit, sign_in).await?.save_and_show(StepPage::Identifier).await;
    }
    sign_in.stored.state.username = Some(username.to_owned());
    let named = person::find(app, &sign_in.client, username, now).await?;
    let policies = Policies::cached(app, &sign_in.client).await?;
    let inputs = person::named(&app.storage, &named, &sign_in.client, sign_in.purpose(), policies).await?;
    let is_known =
        known_browser::is_known(app, &sign_in.stored.browser_hash, named.id, &inputs.methods, now).await?;
    sign_in.stored.state.is_known_browser = is_known;
    let identified = Event::Identified(Box::new(inputs));
    let Some(password) = password.filter(|password| !password.is_empty()) else {
        return begin_and_apply(visit, sign_in, identified).await;
    };
    sign_in.advance(identified, now);
    attempt_password(visit, sign_in, password).await
}
