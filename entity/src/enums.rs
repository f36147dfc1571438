//! The column enumerations of devices, their challenges and their deliveries, with the stored word of each value.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

macro_rules! enums {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:tt,)* })*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $($(#[$value_doc])* #[sea_orm(string_value = $word)] #[serde(rename = $word)] $value,)*
        }

        impl $name {
            /// All values.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$value),*];

            /// The word for rows, devices and browsers.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)*
                }
            }
        }
    )*};
}

enums! {
    /// The state of a challenge.
    ChallengeState {
        /// No device has fetched it.
        Pending = "pending",
        /// A device has fetched it.
        Delivered = "delivered",
        /// Approved, and not used by the browser yet.
        Approved = "approved",
        /// Denied, or the wrong number was typed.
        Denied = "denied",
        /// The person reported that the sign-in is not theirs.
        Reported = "reported",
        /// Withdrawn by the server.
        Superseded = "superseded",
        /// Not answered in time, or approved and not consumed in time.
        Expired = "expired",
        /// The browser used the approval.
        Consumed = "consumed",
    }

    /// The purpose of a challenge.
    ChallengePurpose {
        /// A sign-in.
        SignIn = "sign_in",
        /// A test by the device's owner.
        Test = "test",
    }

    /// The state of an enrollment.
    EnrollmentState {
        /// The browser shows link and activation code.
        Offered = "offered",
        /// A device has claimed it with its key.
        Claimed = "claimed",
        /// The device is registered and shows the confirmation code.
        Completed = "completed",
        /// The person entered the confirmation code in the browser.
        Confirmed = "confirmed",
        /// Cancelled in the browser, or replaced by a newer one.
        Cancelled = "cancelled",
        /// Not completed in time.
        Expired = "expired",
        /// Too many wrong codes.
        Failed = "failed",
    }

    /// The kind of an authenticator.
    AuthenticatorKind {
        /// A device: a phone with the app.
        Push = "push",
        /// A generator of one-time codes.
        Totp = "totp",
    }

    /// The state of an authenticator.
    AuthenticatorState {
        /// Registered, and not confirmed in the browser yet.
        PendingConfirm = "pending_confirm",
        /// In use.
        Active = "active",
        /// Out of use after bad signatures or a repeated counter, or by an administrator.
        Suspended = "suspended",
        /// Removed.
        Revoked = "revoked",
    }

    /// The kind of a transport.
    TransportKind {
        /// Web Push (RFC 8030, RFC 8291); also UnifiedPush.
        Webpush = "webpush",
        /// No push: the authenticator polls.
        None = "none",
    }

    /// What is known of a transport.
    TransportState {
        /// No message was sent yet.
        Untried = "untried",
        /// The last message was accepted.
        Ok = "ok",
        /// The last message was refused, perhaps because of the server.
        Suspect = "suspect",
        /// The push service does not know the subscription any more.
        Gone = "gone",
    }

    /// The state of a queued delivery.
    OutboxState {
        /// Waits for its next attempt by Web Push.
        Queued = "queued",
        /// Waits for its next attempt by another carrier. Older versions know Web Push only, and leave it alone.
        Waiting = "waiting",
        /// The push service or the mail server has accepted it.
        Accepted = "accepted",
        /// Given up.
        Failed = "failed",
        /// The device can no longer be reached this way.
        Gone = "gone",
        /// Not sent, because it is of no use any more.
        Skipped = "skipped",
    }

    /// How a delivery is carried.
    CarrierKind {
        /// Web Push (RFC 8030).
        WebPush = "web_push",
        /// Mail (RFC 5321).
        Smtp = "smtp",
    }

    /// The kind of a delivery's recipient.
    RecipientKind {
        /// A device.
        Device = "device",
        /// An email address.
        Email = "email",
    }

    /// The kind of a one-time secret that an operator passes on to a person.
    TicketKind {
        /// A code that lets the first device be added.
        Ticket = "ticket",
        /// The token of a link that lets the first password be set.
        Invitation = "invitation",
    }
}
