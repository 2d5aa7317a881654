use std::sync::{Arc, Mutex};

use super::*;

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The output of some events.
fn logged(format: Format, level: &str) -> String {
    let written = Written::default();
    let settings = Settings { format, level: Level::parse(level).unwrap() };
    let writer = written.clone();
    let subscriber = subscriber(&settings, false, move || writer.clone());
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("request", request.id = "a1");
        let _entered = span.enter();
        tracing::info!(channel.name = "tea", posts = 20, "the channel was read");
        tracing::debug!("nobody asked for this");
    });
    let bytes = written.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn text_log_event_is_one_line_with_span_and_fields() {
    let text = logged(Format::Text, "info");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("the channel was read"), "{text}");
    assert!(text.contains("channel.name=\"tea\" posts=20"), "{text}");
    assert!(text.contains("request.id=\"a1\""), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour where there is no terminal: {text}");
}

#[test]
fn json_log_event_is_one_object_per_line() {
    let text = logged(Format::Json, "info");
    let event: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!(event["level"], "INFO");
    assert_eq!(event["message"], "the channel was read");
    assert_eq!(event["channel.name"], "tea");
    assert_eq!(event["posts"], 20);
    assert_eq!(event["span"]["request.id"], "a1");
    assert!(event["timestamp"].is_string());
}

#[test]
fn log_level_filters_events() {
    assert_eq!(logged(Format::Text, "off"), "");
    assert_eq!(logged(Format::Text, "debug").lines().count(), 2);
    assert_eq!(logged(Format::Text, "warn,feedline::telemetry=info").lines().count(), 1);
}

#[test]
fn log_starts_only_once() {
    // Another test may have started it; the second start fails in any case.
    let _ = start(&Settings { level: Level::parse("off").unwrap(), ..Settings::default() });
    assert_eq!(start(&Settings::default()), Err(Error::Started));
}
