//! What a query runs on.

use sea_orm::ConnectionTrait;

/// The target of a query: the server's connections, or a transaction that is open.
pub trait Executor: Sync {
    /// The type of the connection or transaction.
    type Connection: ConnectionTrait;
    /// The connection or transaction.
    fn connection(&self) -> &Self::Connection;
}
