//! Every URL of the house bound to its handler, on one page.
