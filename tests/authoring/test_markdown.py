"""Blocks of Markdown."""

from authoring.texts import converted, seen


def test_box_in_a_list_stays_in_the_list(page):
    text = "- item\n\n  :::{note}\n  Body\n\n  ```python\n  x\n  ```\n  :::\n- last"
    shown = seen(converted(text, page))
    assert shown.around("Body") == ["ul", "li", "blockquote", "p"]
    assert shown.around("x") == ["ul", "li", "blockquote", "pre", "code"]
    assert shown.around("last")[:2] == ["ul", "li"]


def test_comments_and_targets_are_dropped(page):
    assert converted("% a comment\n(top)=\n## Part\nText\n% another\n\nEnd", page) == (
        "## Part\nText\n\nEnd"
    )


def test_definitions_become_a_list(page):
    text = "`Name`\n: Run {kbd}`it`\n  again.\n\nThe end\n: One.\n: Two."
    shown = seen(converted(text, page))
    assert shown.around("Name") == ["ul", "li", "p", "strong", "code"]
    assert shown.around("again.") == ["ul", "li", "p"]
    assert shown.around("The end:") == ["ul", "li", "p", "strong"]
    assert shown.around("Two.") == ["ul", "li", "p"]


def test_percent_sign_within_a_line_is_no_comment(page):
    assert converted("Right on 5\\\n% gone\n5 % kept", page) == "Right on 5\\\n5 % kept"


def test_blank_lines_in_code_stay(page):
    text = "Before\n\n% dropped\n\n```python\nx = 1\n\n\ndef f(): ...\n```"
    assert converted(text, page) == text.replace("% dropped\n\n", "")
