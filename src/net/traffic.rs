//! What is asked of Telegram at present: for those who plan ahead, and for the operator.

use std::time::Duration;

/// What is asked at present.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// Each outbound address, in the settings' order.
    pub outbounds: Vec<OutboundTraffic>,
    /// Requests that wait for their turn and for which somebody waits.
    pub waiting: usize,
    /// Those for which nobody does.
    pub background: usize,
    /// Requests that began in the last hour.
    pub last_hour: u64,
    /// Requests a second that each outbound address may make.
    pub outbound_rate: f64,
}

/// One outbound address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboundTraffic {
    /// Requests under way.
    pub under_way: usize,
    /// How much of its back-off is left; zero: none.
    pub backoff: Duration,
}

impl Traffic {
    /// Requests a second that all outbound addresses together may make.
    pub fn rate(&self) -> f64 {
        self.outbound_rate * self.outbounds.len() as f64
    }

    /// The same, without those in back-off.
    pub fn open_rate(&self) -> f64 {
        let open = self.outbounds.iter().filter(|outbound| outbound.backoff.is_zero());
        self.outbound_rate * open.count() as f64
    }
}
