//! The pages: typed contexts turned into HTML.
//!
//! Never decides what is shown: a page gets finished sentences and addresses.
//! Spec: HTML, WCAG 2.2, Content Security Policy Level 3.
//! Called by: the faces that answer people.
