"""YAML without surprises."""

from __future__ import annotations

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config.yaml import MAX_BYTES, load


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: no", (1, 4), "quote it"),
        ("a: YES", (1, 4), "quote it"),
        ("a: on", (1, 4), "quote it"),
        ("on: 1", (1, 1), "quote it"),
        ("a: Off", (1, 4), "quote it"),
        ("a: True", (1, 4), "quote it"),
        ("a: 1.10", (1, 4), "lose digits"),
        ("a: 1e3", (1, 4), "lose digits"),
        ("a: 12e4567", (1, 4), "lose digits"),
        ("a: .5", (1, 4), "quote it"),
        ("a: 12:30", (1, 4), "base 60"),
        ("a: 1:30:00.5", (1, 4), "base 60"),
        ("a: 0123", (1, 4), "octal"),
        ("a: 0x1F", (1, 4), "another base"),
        ("a: 1_000", (1, 4), "unusual form"),
        ("a: +1", (1, 4), "unusual form"),
        ("a: 12345678901234567890", (1, 4), "unusual form"),
        ("a: .inf", (1, 4), "finite"),
        ("a: 2026-11-20", (1, 4), "date"),
        ("a: 2026-11-20T10:00:00Z", (1, 4), "date"),
        ("a: 1\nb: 2\na: 3", (3, 1), "first on line 1"),
        ("x:\n  a: &one 1\n  b: *one", (2, 6), "anchor"),
        ("x:\n  a: &one 1\n  b: *one", (3, 6), "alias"),
        ("a: !!python/object:os.system x", (1, 4), "tag"),
        ("a: !x {b: 1}", (1, 4), "tag"),
        ("b: {a: 1}\na:\n  <<: {b: 1}", (3, 3), "meaning of its own"),
        ('a: "\\e]52;c"', (1, 4), "U+001B"),
        ('a: "\\ud800"', (1, 4), "U+D800"),
        ('a: "\\u202e"', (1, 4), "U+202E"),
        ('b: 1\na: "\\UFFFFFFFF"', (2, 2), "names no character"),
        ("a: x\x01", (1, 5), "U+0001"),
        ("b: 1\na: [1, 2", (2, 9), "not YAML"),
        ("a: b: c", (1, 5), "not YAML"),
        ("a:\n\t- 1", (2, 1), "not YAML"),
        ("[1]: 2", (1, 1), "a key must be"),
        ("7: 2", (1, 1), "a key must be"),
        ("a: 1\n---\nb: 2", (2, 1), "second document"),
        ("a: " + "[" * 40 + "]" * 40, (1, 35), "more than 32 deep"),
        ("a: " + "x" * MAX_BYTES, (0, 0), "larger than 256 KB"),
    ],
)
def test_what_would_surprise_is_refused_with_its_place(text: str, place: tuple[int, int], words: str) -> None:
    problems = load(text, "f.yaml").problems
    assert any((p.line, p.column) == place and words in str(p) for p in problems), [str(p) for p in problems]


def test_canonical_values_are_what_they_look_like() -> None:
    text = (
        "a: true\nb: false\nc: 0\nd: -7\ne: 0.05\nf: 1.2.3\ng: 90s\nh: null\ni: '0123'\nj: \"no\"\n"
        "k: 127.0.0.1\nl: y\nm: -2.5\nn: |\n  12:30\no: [4711abc, ~]\np:\n"
    )
    document = load(text, "f.yaml")
    assert not document.problems
    assert document.data == {
        "a": True, "b": False, "c": 0, "d": -7, "e": 0.05, "f": "1.2.3", "g": "90s", "h": None, "i": "0123", "j": "no",
        "k": "127.0.0.1", "l": "y", "m": -2.5, "n": "12:30\n", "o": ["4711abc", None], "p": None,
    }  # fmt: skip
    assert type(document.data["c"]) is int


def test_all_problems_are_collected_not_only_the_first() -> None:
    problems = load("a: no\nb: 0123\na: &x 1\nc: !t 12:30\n", "f.yaml").problems
    assert [problem.line for problem in problems] == [1, 2, 3, 3, 4]


def test_every_value_has_its_place() -> None:
    document = load("a:\n  - b: 1\n    c: x\n  - 2\n", "f.yaml")
    assert document.at(("a", 0, "c")) == (3, 8)
    assert document.at(("a", 0, "c"), key=True) == (3, 5)
    assert document.at(("a", 1)) == (4, 5)
    assert document.at(("a", 0, "missing")) == (2, 5)


_words = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12)
_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_words, inner, max_size=4),
    max_leaves=12,
)


@given(_data)
def test_what_a_careful_writer_writes_is_read_back(data: object) -> None:
    document = load(pyyaml.safe_dump(data), "f.yaml")
    assert document.problems == [] or any(
        "another base" in str(p) or "lose digits" in str(p) for p in document.problems
    )
    if not document.problems:
        assert document.data == data


@given(st.text(max_size=60) | st.text(alphabet="ab:-[]{}&*!|>'\"\\ \n\t#%?<01.", max_size=60))
def test_no_text_makes_it_raise_or_blame_a_place_outside(text: str) -> None:
    for problem in load(text, "f.yaml").problems:
        assert 0 <= problem.line <= len(text.splitlines()) + 1
