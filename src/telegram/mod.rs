//! Telegram's HTML in, model out.
