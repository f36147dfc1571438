//! `countersign client rotate-secret`.

use super::open::open;
use crate::{
    actions::clients::{self, Rotation},
    cli::ClientRotateSecret,
    operator::{CommandError, confirmation::confirm, print_result},
};
use serde_json::json;

/// Gives an application another secret and prints it, once.
///
/// # Errors
/// When there is no such application, it is public, or the database cannot be used.
pub(super) async fn rotate(options: ClientRotateSecret) -> Result<(), CommandError> {
    let (opened, client) = open(&options.change.which).await?;
    let rotation = match options.compromised {
        true => Rotation::Compromised,
        false => Rotation::Overlap { seconds: options.overlap },
    };
    let question = match (options.compromised, options.overlap) {
        (true, _) => format!("Replace the secret of {} and end all of its tokens?", client.name),
        (false, 0) => format!("Replace the secret of {}? The one before ends at once.", client.name),
        (false, _) => format!("Replace the secret of {}?", client.name),
    };
    confirm(&question, options.change.yes)?;
    let secret = clients::rotate_secret(&opened.app, &opened.context, client.key, rotation).await?;
    print_result(&if options.change.which.json {
        json!({
            "client_id": client.client_id,
            "client_secret": secret,
            "overlap_seconds": options.overlap,
            "compromised": options.compromised,
        })
        .to_string()
    } else {
        let before = match (options.compromised, options.overlap) {
            (true, _) => "The secret before has ended, and all tokens with it.".to_owned(),
            (false, 0) => "The secret before has ended.".to_owned(),
            (false, seconds) => format!("The secret before is accepted for {seconds} seconds more."),
        };
        format!("Client ID      {}\nClient secret  {secret}   (shown this once)\n{before}", client.client_id)
    });
    Ok(())
}
