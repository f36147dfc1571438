//! What people live through, from their side.

mod abandoned_requests;
mod approve_on_phone;
mod command_line;
mod crash;
mod database_away;
mod deny_on_phone;
mod first_sign_in;
mod first_start;
mod front_page;
mod password_sign_in;
mod read_only_database;
mod readiness;
mod scan_on_phone;
mod step_up;
mod trail;
mod two_nodes;
mod wait_for_phone;
mod weeks;
