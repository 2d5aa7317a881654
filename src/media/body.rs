//! The bytes of a file, as a stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::BoxStream;

/// The bytes of a file, or of a part of it, in pieces of at most 64 KiB. Nothing is read before it is asked for.
pub struct Body(BoxStream<'static, Result<Bytes, Broken>>);

/// The file breaks off: what was sent is not whole, and the connection must not look as if it were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file breaks off")]
pub struct Broken;

impl Body {
    pub(super) fn new(stream: impl Stream<Item = Result<Bytes, Broken>> + Send + 'static) -> Self {
        Self(Box::pin(stream))
    }
}

impl Stream for Body {
    type Item = Result<Bytes, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Body")
    }
}
