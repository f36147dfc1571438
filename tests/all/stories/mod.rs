//! What people live through, from their side.

mod command_line;
mod crash;
mod database_away;
mod first_start;
mod password_sign_in;
mod two_nodes;
