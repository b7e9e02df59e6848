"""The model from its own address: whole, resumed, or not at all."""

from __future__ import annotations

import site_download
from tests.fixture import CONTENT, NOWHERE, FetchCase, site, whole, without_ranges


class TestFetch(FetchCase):
    """site_download.fetch against a web site on loopback."""

    def fetch(self, url: str, held: bytes = b"") -> bool:
        self.path = self.partial(held)
        return site_download.fetch(url, self.path, len(CONTENT))

    def test_brings_the_file(self) -> None:
        with site(whole()) as (url, ranges):
            self.assertTrue(self.fetch(url))
        self.assertEqual(self.path.read_bytes(), CONTENT)
        self.assertEqual(ranges, [""])

    def test_goes_on_where_it_stopped(self) -> None:
        with site(whole()) as (url, ranges):
            self.assertTrue(self.fetch(url, CONTENT[:1234]))
        self.assertEqual(self.path.read_bytes(), CONTENT)
        self.assertEqual(ranges, ["bytes=1234-"])

    def test_mends_a_broken_connection(self) -> None:
        with site(whole(cut=1000)) as (url, ranges):
            self.assertTrue(self.fetch(url))
        self.assertEqual(self.path.read_bytes(), CONTENT)
        self.assertEqual(ranges, ["", "bytes=1000-", "bytes=2000-", "bytes=3000-"])

    def test_starts_over_at_a_site_without_ranges(self) -> None:
        with site(without_ranges) as (url, _):
            self.assertTrue(self.fetch(url, b"z" * 500))
        self.assertEqual(self.path.read_bytes(), CONTENT)

    def test_gives_up_on_a_connection_that_always_breaks(self) -> None:
        with site(whole(cut=10)) as (url, ranges):
            self.assertFalse(self.fetch(url))
        self.assertEqual(len(ranges), site_download.ATTEMPTS)
        self.assertEqual(self.path.read_bytes(), CONTENT[:50])

    def test_takes_no_file_of_another_size(self) -> None:
        with site(whole(CONTENT + b"more")) as (url, _):
            self.assertFalse(self.fetch(url, CONTENT[:100]))
        self.assertEqual(self.path.read_bytes(), CONTENT[:100])
        self.assertIn("another size; not taken", self.talk.getvalue())

    def test_takes_no_error_page(self) -> None:
        with site(lambda handler: handler.send_error(404)) as (url, ranges):
            self.assertFalse(self.fetch(url))
        self.assertEqual(len(ranges), 1)

    def test_says_when_the_site_is_away(self) -> None:
        self.assertFalse(self.fetch(NOWHERE))
        self.assertIn("cannot be reached", self.talk.getvalue())
