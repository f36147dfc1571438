//! What leaves the house: rows written with the step that caused them, then carried by a worker.
//!
//! Never knows of sign-ins: an envelope says where it goes and what is inside, and that is all.
//! Spec: RFC 8030, 8188, 8291, 8292 (Web Push).
//! Called by: `app`, which starts the worker, and the faces, which nudge it after a commit.
