//! Asks Telegram.
