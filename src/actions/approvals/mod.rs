//! Approvals on devices: `ask` sends a challenge, `deliver` and `answer` are the steps of a device, `consume`
//! uses an approval up, and `end` ends challenges that will not be answered. `find` reads challenges, `status` how
//! the newest of a sign-in stands, `push_history` and `history` what the limits need.

mod answer;
mod answering;
mod ask;
mod consume;
mod deliver;
mod effect;
mod end;
mod find;
mod history;
mod push_history;
mod report;
mod status;
mod user_agent;

pub use answer::{Answered, answer, record_refused, record_repeated};
pub use answering::Answering;
pub(super) use ask::{Ask, ask};
pub(super) use consume::{Claim, consume};
pub use deliver::deliver;
pub use effect::AnswerEffect;
pub(super) use end::expire;
pub use end::withdraw;
pub use find::{Challenge, ChallengeDevice, find, list_open};
pub use push_history::PushHistory;
pub use status::{
    device_name, device_names, find_of_sign_in, find_watched, has_lost_its_phone, is_device_active, newest,
    person_and_history, source_blocked_until,
};
