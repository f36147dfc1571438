//! What a form of a sign-in says.

/// What a form of a sign-in says.
#[derive(Clone, Copy)]
pub enum Input<'a> {
    /// The name, perhaps together with the password.
    Identify {
        /// The name.
        username: &'a str,
        /// The password; `None` when the form had none.
        password: Option<&'a str>,
    },
    /// The password.
    Password(&'a str),
    /// A new password, twice.
    NewPassword {
        /// The new password.
        password: &'a str,
        /// The same once more.
        again: &'a str,
    },
    /// A one-time code.
    Code(&'a str),
    /// Send a challenge, or send it again.
    SendChallenge,
    /// Go on with the approval.
    TakeApproval,
    /// Begin to add a phone, or begin again.
    OfferEnrollment,
    /// The confirmation code that the new phone shows.
    ConfirmEnrollment(&'a str),
    /// The ticket that an operator gave to the person.
    Ticket(&'a str),
    /// Whether the person allows the requested scopes.
    Consent(bool),
    /// Stop the sign-in.
    Cancel,
    /// Stop the sign-in, from the form that sends a challenge.
    CancelPush,
    /// Stop the sign-in, from the form that waits for the phone; on the page of a reported sign-in, leave it.
    LeavePush,
    /// Stop the sign-in together with the enrollment in it.
    CancelEnrollment,
    /// Nothing that the step expects: show the current step.
    Nothing,
}
