"""What every visit of a reader tells, and how: shared by the programs beside it.

A visit is one run: it subscribes where it has not yet, fetches every feed once, tells what the reader then holds, and
marks all of it as read. It is called with a folder for its state and the feeds' addresses, and prints one JSON object:

    {"<address>": {"error": null or words, "items": [{"id", "title", "link", "published", "text", "unread"}, …]}}

`published` is in seconds of Unix time. What a reader does not tell is null. `unread` means new or shown again since the
last visit.
"""

import json
import pathlib
import sys


def feed(items=(), error=None):
    """What a reader holds of one feed; an error is what it told its user."""
    return {"error": error, "items": list(items)}


def item(id=None, title=None, link=None, published=None, text=None, unread=False):
    """What a reader holds of one item."""
    whole = None if published is None else int(published)
    return {
        "id": id,
        "title": title,
        "link": link,
        "published": whole,
        "text": text,
        "unread": bool(unread),
    }


def run(visit):
    """Runs `visit(folder, addresses)` as this program says, and prints what it returns."""
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    json.dump(visit(folder, sys.argv[2:]), sys.stdout)


class Kept:
    """A JSON file in a visit's folder, for what a way of reading keeps between visits."""

    def __init__(self, folder):
        self.file = folder / "kept.json"
        self.value = json.loads(self.file.read_text()) if self.file.exists() else {}

    def store(self):
        self.file.write_text(json.dumps(self.value))
