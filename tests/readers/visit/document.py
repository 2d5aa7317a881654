"""The three formats by strict parsers, and the fetching around them, for ways of reading that are written down here."""

import json
import urllib.error
import urllib.request
import xml.etree.ElementTree as tree
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

ATOM = "{http://www.w3.org/2005/Atom}"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


class Entry(NamedTuple):
    id: str
    link: str
    title: str
    published: datetime
    content: str
    author: str
    tags: tuple


def of_rss(body):
    for entry in tree.fromstring(body).iter("item"):
        yield Entry(
            entry.findtext("guid") or entry.findtext("link"),
            entry.findtext("link"),
            entry.findtext("title"),
            parsedate_to_datetime(entry.findtext("pubDate")),
            entry.findtext("description"),
            entry.findtext(CREATOR),
            tuple(tag.text for tag in entry.iter("category")),
        )


def of_atom(body):
    for entry in tree.fromstring(body).iter(ATOM + "entry"):
        links = {link.get("rel", "alternate"): link.get("href") for link in entry.iter(ATOM + "link")}
        yield Entry(
            entry.findtext(ATOM + "id"),
            links["alternate"],
            entry.findtext(ATOM + "title"),
            datetime.fromisoformat(entry.findtext(ATOM + "published")),
            entry.findtext(ATOM + "content"),
            entry.findtext(f"{ATOM}author/{ATOM}name"),
            tuple(tag.get("term") for tag in entry.iter(ATOM + "category")),
        )


def of_json(body):
    for entry in json.loads(body)["items"]:
        yield Entry(
            entry["id"],
            entry["url"],
            entry["title"],
            datetime.fromisoformat(entry["date_published"].replace("Z", "+00:00")),
            entry["content_html"],
            entry["authors"][0]["name"],
            tuple(entry.get("tags", ())),
        )


def entries(body, media_type):
    kinds = {"application/rss+xml": of_rss, "application/atom+xml": of_atom, "application/feed+json": of_json}
    return list(kinds[media_type.partition(";")[0]](body))


def fetch(address, validators):
    """The entries, with the validators for the next visit; no entries (None) when nothing changed.

    Any other status than 200 and 304 raises `urllib.error.HTTPError`.
    """
    request = urllib.request.Request(address)
    for condition, header in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        if validators.get(header):
            request.add_header(condition, validators[header])
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            body, headers = answer.read(), answer.headers
    except urllib.error.HTTPError as refused:
        if refused.code == 304:
            return None, validators
        raise
    kept = {header: headers[header] for header in ("ETag", "Last-Modified")}
    # Miniflux forgets both when a feed says that it has expired already.
    return entries(body, headers["Content-Type"]), {} if headers["Expires"] == "0" else kept


def read(address, known, identity, update):
    """One visit by a way of reading: `identity(entry)` is the key of an item, and `update(former, entry)` makes what is
    kept of it (`former` is None for a new one). Returns what is kept, with its validators, and an error."""
    items = {key: item | {"unread": False} for key, item in known.get("items", {}).items()}
    try:
        new, validators = fetch(address, known.get("validators", {}))
    except urllib.error.HTTPError as refused:
        return known | {"items": items}, f"status {refused.code}"
    keys = [identity(entry) for entry in new or ()]
    if len(set(keys)) < len(keys):
        return known | {"items": items}, "an item is there twice"
    for key, entry in zip(keys, new or ()):
        items[key] = update(items.get(key), entry)
    return {"items": items, "validators": validators}, None
