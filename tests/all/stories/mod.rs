//! What people live through, from their side.
