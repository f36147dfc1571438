//! Every setting with its default and its reason.
