//! Every public address that we print.
