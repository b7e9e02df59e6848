"""What the demo shows, measured in columns."""

from __future__ import annotations

import contextlib
import io
import unittest

import screen
import talk

ARTICLE = {
    "title": "제목",
    "subtitles": ["부제"],
    "blocks": [{"id": "p1", "text": "가"}, {"id": "p2", "text": "나"}],
}


class TestColumns(unittest.TestCase):
    """Wide characters take two columns."""

    def test_columns(self) -> None:
        for text, want in (("abc", 3), ("한국", 4), ("Việt", 4), ("e\u0301", 1), ("", 0)):
            with self.subTest(text=text):
                self.assertEqual(screen.columns(text), want)

    def test_shorten(self) -> None:
        for text, limit, want in (
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("한국어", 5, "한국…"),
            ("한국어", 4, "한…"),
        ):
            with self.subTest(text=text, limit=limit):
                self.assertEqual(screen.shorten(text, limit), want)

    def test_wrap_loses_nothing_and_keeps_the_width(self) -> None:
        for text in (
            "to be or not to be",
            "把它翻译成中文就行了",
            "韓国 K-pop の人気",
            "averyveryverylongword x",
        ):
            with self.subTest(text=text):
                lines = list(screen.wrap(text, 8))
                self.assertEqual("".join(lines).replace(" ", ""), text.replace(" ", ""))
                self.assertLessEqual(max(map(screen.columns, lines)), 8)

    def test_wrap_breaks_at_spaces(self) -> None:
        self.assertEqual(list(screen.wrap("to be or not to be", 8)), ["to be or", "not to", "be"])

    def test_wrap_begins_no_line_with_a_full_stop(self) -> None:
        self.assertEqual(list(screen.wrap("建設する。次に", 8)), ["建設する。", "次に"])


class TestSummary(unittest.TestCase):
    """One line on one language."""

    def test_states(self) -> None:
        findings = [
            {"blockId": "p1", "severity": "ERROR"},
            {"blockId": "p1", "severity": "WARNING"},
            {"blockId": "title", "severity": "ERROR"},
            {"blockId": "p2", "severity": "WARNING"},
            {"severity": "ERROR"},
        ]
        for translation, want in (
            ({"languageCode": "en", "state": "COMPLETE"}, "en      COMPLETE"),
            (
                {"languageCode": "en", "state": "NEEDS_REVIEW", "findings": findings},
                "en      NEEDS_REVIEW: 2 of 4 blocks doubtful, 1 with a warning",
            ),
            (
                {"languageCode": "vi", "state": "COMPLETE", "findings": findings[1:2]},
                "vi      COMPLETE: 1 of 4 blocks with a warning",
            ),
            (
                {"languageCode": "ja", "state": "FAILED", "error": {"message": "no model"}},
                "ja      FAILED: no model",
            ),
        ):
            with self.subTest(translation=translation):
                self.assertEqual(screen.summary(translation, ARTICLE), want)


class TestShowTranslation(unittest.TestCase):
    """One language as a whole."""

    def test_finding_stands_under_its_block(self) -> None:
        finding = {
            "blockId": "p2",
            "check": "NUMBER",
            "severity": "ERROR",
            "message": "A number is missing.",
            "sourceText": "3만",
            "targetText": "3",
        }
        translation = {
            "languageCode": "en",
            "state": "NEEDS_REVIEW",
            "title": "Title",
            "subtitles": ["Deck"],
            "blocks": [{"id": "p1", "text": "One."}, {"id": "p2", "text": "Two."}],
            "findings": [finding],
        }
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            screen.show_translation(translation, ARTICLE)
        lines = [line.strip() for line in out.getvalue().splitlines() if line.strip()]
        self.assertEqual(
            lines[1:], ["Title", "Deck", "One.", "!  Two.", "NUMBER: A number is missing.  (3만 → 3)"]
        )


class TestProgress(unittest.TestCase):
    """The bar of a download."""

    def test_a_log_gets_ten_lines(self) -> None:
        out = io.StringIO()
        progress = talk.Progress("model", 1000, out=out)
        for done in range(0, 1001, 7):
            progress.update(done)
        progress.update(1000)
        self.assertEqual(len(out.getvalue().splitlines()), 10)
        self.assertIn("100 %", out.getvalue().splitlines()[-1])

    def test_clock_and_size(self) -> None:
        self.assertEqual([talk.clock(s) for s in (0.2, 59.4, 185)], ["0 s", "59 s", "3 min 05 s"])
        self.assertEqual([talk.size(n) for n in (34_000_000, 1_117_320_768)], ["34 MB", "1.12 GB"])
