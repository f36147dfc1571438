//! Changes what a device says about itself.

use crate::{
    actions::{Action, ActionError, FieldProblem, Right},
    app::{App, RequestContext},
    factors::push::enrollment::device_name,
    storage::authenticators::{self, Authenticator},
};

/// The changes; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The name that its owner sees.
    pub name: Option<String>,
    /// Whether the device's storage is persistent.
    pub persisted: Option<bool>,
}

/// Renames `device`, or notes whether its storage is persistent, and returns it as it is now.
///
/// # Errors
/// [`ActionError::Invalid`] for a name that is not one; [`ActionError::Forbidden`] for another actor than the
/// device's owner; a fault when the database does not answer.
pub async fn change(
    app: &App,
    context: &RequestContext,
    device: &Authenticator,
    wanted: Change,
) -> Result<Authenticator, ActionError> {
    let name = match wanted.name {
        Some(name) => device_name(&name).ok_or_else(invalid_name)?,
        None => device.name().to_owned(),
    };
    let persisted = wanted.persisted.or(device.persisted());
    let action = Action::begin(app, context, Right::Person(device.person_id())).await?;
    authenticators::rename(&action.tx, device.id(), &name).await?;
    authenticators::save_persisted(&action.tx, device.id(), persisted.unwrap_or_default()).await?;
    authenticators::touch(&action.tx, device.id(), context.now).await?;
    action.commit().await?;
    Ok(device.clone().changed(name, persisted))
}

fn invalid_name() -> ActionError {
    let sentence = "must have 1 to 64 printable characters".to_owned();
    ActionError::Invalid(vec![FieldProblem { field: "name", sentence }])
}
