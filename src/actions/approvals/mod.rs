//! Approvals on devices: `find` reads challenges; `deliver` and `answer` are the steps of a device, `end` ends challenges that will not
//! be answered.

mod answer;
mod answering;
mod deliver;
mod effect;
mod end;
mod find;
mod history;

pub use answer::{Answered, answer, record_refused, record_repeated};
pub use answering::Answering;
pub use deliver::deliver;
pub use effect::AnswerEffect;
pub(super) use end::expire;
pub use end::withdraw;
pub use find::{Challenge, ChallengeDevice, find, list_open};
