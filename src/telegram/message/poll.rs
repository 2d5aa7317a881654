//! Polls and quizzes, with results (list pages) or open to votes (embedded pages).

use scraper::ElementRef;

use super::{MOST_PARTS, Reading, frame, line};
use crate::model::{Poll, PollOption};
use crate::telegram::quantity;
use crate::telegram::selectors as class;
use crate::telegram::tree::{Event, Step, classes, find, has_class, walk};
use crate::telegram::warning::WarningKind;
use crate::text::is_blank;

impl Reading<'_> {
    pub(super) fn read_poll(&mut self, element: ElementRef<'_>) {
        let Some(question) =
            find(element, class::POLL_QUESTION).map(line).filter(|words| !is_blank(words))
        else {
            self.warnings.tell(
                WarningKind::MissingPart,
                ".tgme_widget_message_poll",
                "no question",
            );
            return;
        };
        let label = find(element, class::POLL_TYPE).map(line).filter(|words| !is_blank(words));
        let mut options = Vec::new();
        walk(element, |event| match event {
            Event::Open(inner) if has_class(inner, class::POLL_OPTION) => {
                options.extend(option(inner).filter(|_| options.len() < MOST_PARTS));
                Step::Over
            }
            _ => Step::Into,
        });
        let says = |word: &str| label.as_deref().is_some_and(|label| label.contains(word));
        self.post.poll = Some(Poll {
            question,
            is_quiz: says("Quiz") || options.iter().any(|option| option.correct.is_some()),
            is_multiple: has_class(element, class::MULTIPLE),
            is_closed: says("Final Results"),
            options,
            voters: find(element, class::POLL_VOTES).and_then(frame::counter),
            label,
        });
    }

    /// The number of voters, which stands in the footer, behind the poll.
    pub(super) fn note_voters(&mut self, voters: Option<String>) {
        if let Some(poll) = &mut self.post.poll {
            poll.voters = voters.or(poll.voters.take());
        }
    }
}

/// UPSTREAM(2026-08): the bar's width is relative to the leading answer; only the printed share is the share.
fn option(element: ElementRef<'_>) -> Option<PollOption> {
    let text = find(element, class::POLL_OPTION_TEXT).map(line)?;
    let percent = find(element, class::POLL_OPTION_PERCENT).map(line);
    let correct = element.descendent_elements().flat_map(classes).find_map(|class| match class {
        class::POLL_CORRECT => Some(true),
        class::POLL_INCORRECT => Some(false),
        _ => None,
    });
    Some(PollOption { text, percent: percent.as_deref().and_then(quantity::percent), correct })
}
