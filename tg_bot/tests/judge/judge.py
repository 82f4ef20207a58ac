"""Judges messages: each as aiogram's models and TDLib's own parser see it. Others wrote both.

Reads one JSON object a line, {"document": n, "text": …, "entities": […]}, and prints one line of figures and a line for
each fault. aiogram checks the request field by field and writes its text and entities as HTML; TDLib reads that as the
Bot API would, and must come to the same text and the same formatting. Its finder of links must find no name of a file.
"""

import json
import sys

import tdjson
from aiogram.methods import SendMessage
from aiogram.types import MessageEntity
from aiogram.utils.text_decorations import html_decoration

NAMES = {
    "bold": "Bold", "italic": "Italic", "underline": "Underline", "strikethrough": "Strikethrough",
    "spoiler": "Spoiler", "code": "Code", "pre": "Pre", "text_link": "TextUrl", "blockquote": "BlockQuote",
    "expandable_blockquote": "ExpandableBlockQuote", "text_mention": "MentionName",
}
# Endings that people and models use for files.
FILES = {"md", "rs", "py", "sh", "pl", "zip", "mk", "java", "so", "cc", "ml", "tf"}


def td(**request):
    return json.loads(tdjson.td_execute(json.dumps(request).encode()))


def styled(text, entities):
    """For each character that can be seen, the styles that it has: adjacent and nested entities may be cut anew."""
    units = text.encode("utf-16-le")
    styles = [set() for _ in range(len(units) // 2)]
    for offset, length, kind in entities:
        for at in range(offset, offset + length):
            styles[at].add(kind)
    return [
        frozenset(style)
        for at, style in enumerate(styles)
        if units[2 * at:2 * at + 2].decode("utf-16-le", "replace").strip()
    ]


def judge(message):
    text, entities = message["text"], message["entities"]
    size = len(text.encode("utf-16-le")) // 2
    if size > 4096:
        yield f"{size} units"
    if len(entities) > 100:
        yield f"{len(entities)} entities"
    models = [MessageEntity(**entity) for entity in entities]
    SendMessage(chat_id=42, text=text, entities=models)
    html = html_decoration.unparse(text, models)
    parsed = td(**{"@type": "parseTextEntities", "text": html, "parse_mode": {"@type": "textParseModeHTML"}})
    if parsed["@type"] != "formattedText":
        yield f"refused: {parsed}"
        return
    if parsed["text"] != text:
        yield f"text lost: {parsed['text']!r} of {text!r}"
        return
    ours = [(entity["offset"], entity["length"], NAMES[entity["type"]]) for entity in entities]
    theirs = [
        (entity["offset"], entity["length"], entity["type"]["@type"].removeprefix("textEntityType").replace("PreCode", "Pre"))
        for entity in parsed["entities"]
    ]
    literal = {"Code", "Pre", "TextUrl"}
    # aiogram writes the language of a block as code within it.
    blocks = {entity[:2] for entity in theirs if entity[2] == "Pre"}
    kept = [entity for entity in theirs if entity[2] != "Code" or entity[:2] not in blocks]
    if styled(text, ours) != styled(text, kept):
        yield f"formatting lost: {kept} of {ours} in {text!r}"
    covered = {at for offset, length, kind in ours if kind in literal for at in range(offset, offset + length)}
    units = text.encode("utf-16-le")
    # Where there are too many entities, some names go without.
    for entity in [] if len(entities) == 100 else td(**{"@type": "getTextEntities", "text": text})["entities"]:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        found = units[2 * begin:2 * end].decode("utf-16-le")
        is_link = entity["type"]["@type"] == "textEntityTypeUrl" and "://" not in found and "/" not in found
        if is_link and found.rsplit(".", 1)[-1].lower() in FILES and begin not in covered and not found.startswith("www."):
            yield f"a file is a link: {found!r}"


def main():
    td(**{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})
    messages = entities = 0
    faults = []
    for line in open(sys.argv[1], encoding="utf-8"):
        message = json.loads(line)
        messages += 1
        entities += len(message["entities"])
        try:
            faults += [f"document {message['document']}: {fault}" for fault in judge(message)]
        except Exception as error:
            faults.append(f"document {message['document']}: {error!r}")
    print(f"{messages} messages with {entities} entities, {len(faults)} faults")
    print("\n".join(faults[:50]))


main()
