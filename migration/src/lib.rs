//! The schema, as forward-only steps: each in one transaction, one topic per file.
//!
//! Never reads or writes people's data except to carry it forward. Called by: `storage::open`.

use sea_orm_migration::prelude::*;

mod m20261124_000001_directory;
mod m20261124_000002_authenticators;
mod m20261124_000003_sign_in;
mod m20261124_000004_grants;
mod m20261124_000005_outbox_and_audit;
mod m20261130_000006_cleanup_indexes;
mod m20261130_000007_audit_actor;
mod m20261201_000008_person_duties;
mod m20261201_000009_tickets;
mod m20261201_000010_provenance;
mod m20261201_000011_fair_limits;
mod m20261201_000013_deliveries;
mod m20261201_000015_wider_networks;
mod unknown;

/// Every step from an empty database to the newest schema, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_directory::Migration),
            Box::new(m20261124_000002_authenticators::Migration),
            Box::new(m20261124_000003_sign_in::Migration),
            Box::new(m20261124_000004_grants::Migration),
            Box::new(m20261124_000005_outbox_and_audit::Migration),
            Box::new(m20261130_000006_cleanup_indexes::Migration),
            Box::new(m20261130_000007_audit_actor::Migration),
            Box::new(m20261201_000008_person_duties::Migration),
            Box::new(m20261201_000009_tickets::Migration),
            Box::new(m20261201_000010_provenance::Migration),
            Box::new(m20261201_000011_fair_limits::Migration),
            Box::new(m20261201_000013_deliveries::Migration),
            Box::new(m20261201_000015_wider_networks::Migration),
        ]
    }
}

pub use sea_orm_migration::MigratorTrait;
pub use unknown::{UnknownMigrations, find_unknown, is_migrated};
