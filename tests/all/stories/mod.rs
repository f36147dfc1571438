//! What people live through, from their side.

mod approve_on_phone;
mod deny_on_phone;
mod first_sign_in;
mod password_sign_in;
mod step_up;
mod wait_for_phone;
