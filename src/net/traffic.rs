//! The current requests to Telegram, for the scheduler and the status page.

use std::time::Duration;

#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// In the order of the settings.
    pub outbounds: Vec<OutboundTraffic>,
    /// Queued requests that a client waits for.
    pub waiting: usize,
    /// Other queued requests.
    pub background: usize,
    /// Requests started in the last hour.
    pub last_hour: u64,
    /// Allowed requests per second for each outbound address.
    pub outbound_rate: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboundTraffic {
    pub under_way: usize,
    /// The remaining back-off; zero: none.
    pub backoff: Duration,
}

impl Traffic {
    /// Requests per second of all outbound addresses.
    pub fn rate(&self) -> f64 {
        self.outbound_rate * self.outbounds.len() as f64
    }

    /// Without those that back off.
    pub fn open_rate(&self) -> f64 {
        let open = self.outbounds.iter().filter(|outbound| outbound.backoff.is_zero());
        self.outbound_rate * open.count() as f64
    }
}
