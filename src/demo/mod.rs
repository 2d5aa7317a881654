//! A Telegram of our own.
