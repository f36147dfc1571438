//! What people live through, from their side.

mod approve_on_phone;
mod audit_log;
mod command_line;
mod crash;
mod database_outage;
mod deny_on_phone;
mod first_sign_in;
mod first_start;
mod front_page;
mod password_sign_in;
mod retention;
mod scan_on_phone;
mod step_up;
mod two_nodes;
mod wait_for_phone;
