//! What people live through, from their side.

mod command_line;
mod first_start;
mod password_sign_in;
