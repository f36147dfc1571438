//! `countersign pool …`.

use super::{CommandError, opened::Opened, print_part, print_result};
use crate::{
    actions::pools,
    cli::{PoolCommand, PoolList, PoolSet, WhichPool},
    directory::{FactorKind, Pool},
};
use serde_json::{Value, json};
use std::pin::Pin;

/// Starts a command.
pub fn run(command: PoolCommand) -> Pin<Box<dyn Future<Output = Result<(), CommandError>>>> {
    match command {
        PoolCommand::List(options) => Box::pin(list(options)),
        PoolCommand::Show(which) => Box::pin(show(which)),
        PoolCommand::Set(options) => Box::pin(set(options)),
    }
}

async fn list(options: PoolList) -> Result<(), CommandError> {
    let opened = Opened::open(&options.common, &options.workspace).await?;
    for pool in pools::list(&opened.app, &opened.context.tenant).await? {
        let line = match options.json {
            true => json_of(&pool).to_string(),
            false => format!("{:<24}  {}", pool.slug, pool.display_name),
        };
        if !print_part(&format!("{line}\n")) {
            break;
        }
    }
    Ok(())
}

async fn show(which: WhichPool) -> Result<(), CommandError> {
    let opened = Opened::open(&which.list.common, &which.list.workspace).await?;
    let pool = opened.pool(&which.pool).await?;
    print_result(&match which.list.json {
        true => json_of(&pool).to_string(),
        false => text(&pool),
    });
    Ok(())
}

/// Changes a pool; what is not named stays. A sign-in in progress goes on by the changed policy.
async fn set(options: PoolSet) -> Result<(), CommandError> {
    let list = &options.which.list;
    let opened = Opened::open(&list.common, &list.workspace).await?;
    let pool = opened.pool(&options.which.pool).await?;
    let changed = pools::change(&opened.app, &opened.context, pool.id, |pool| {
        if let Some(name) = &options.display_name {
            pool.display_name = name.trim().to_owned();
        }
        let policy = &mut pool.policy;
        policy.first_device = options.first_device.unwrap_or(policy.first_device);
        policy.second_factor = options.second_factor.unwrap_or(policy.second_factor);
        policy.push.user_verification = options.user_verification.unwrap_or(policy.push.user_verification);
    });
    let (pool, fields) = changed.await?;
    print_result(&if list.json {
        json!({ "pool": pool.slug, "changed": fields }).to_string()
    } else if fields.is_empty() {
        format!("Nothing has changed at the pool {}.", pool.slug)
    } else {
        format!("Changed at the pool {}: {}.", pool.slug, fields.join(", "))
    });
    Ok(())
}

fn words(kinds: &[FactorKind]) -> Vec<Value> {
    kinds.iter().filter_map(|kind| serde_json::to_value(kind).ok()).collect()
}

fn json_of(pool: &Pool) -> Value {
    let policy = &pool.policy;
    json!({
        "pool": pool.slug,
        "id": pool.id,
        "display_name": pool.display_name,
        "first_device": policy.first_device.as_str(),
        "second_factor": policy.second_factor.as_str(),
        "first_factors": words(&policy.first_factors),
        "second_factors": words(&policy.second_factors),
        "user_verification": policy.push.user_verification.as_str(),
        "devices": policy.push.devices,
    })
}

fn text(pool: &Pool) -> String {
    let policy = &pool.policy;
    [
        format!("Pool               {}", pool.slug),
        format!("Display name       {}", pool.display_name),
        format!("First device       {}", policy.first_device.as_str()),
        format!("Second factor      {}", policy.second_factor.as_str()),
        format!("User verification  {}", policy.push.user_verification.as_str()),
        format!("Devices            at most {} of a person", policy.push.devices),
    ]
    .join("\n")
}
