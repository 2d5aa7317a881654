//! The only user of the network.
