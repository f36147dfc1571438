//! What people live through, from their side.

mod crash;
mod database_away;
mod password_sign_in;
mod two_nodes;
