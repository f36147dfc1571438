//! What people live through, from their side.

mod password_sign_in;
