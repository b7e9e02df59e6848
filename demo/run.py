#!/usr/bin/env python3
"""yeok's first screen: one Korean page in, four languages out, remembered.

    python3 demo/run.py [--input FILE] [--to en,ja]

Finds a model, starts yeok with a store in a temporary folder, and ends all that
it started. Results are on standard output, talk on standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from pathlib import Path
from typing import Any

import llama
import modelfile
import screen
from backend import LLAMA_CPP_EXTRA, Backend, existing, small_profile
from gateway import Gateway, build
from talk import Problem, say

SAMPLE = Path(__file__).resolve().parent / "sample.txt"
PROMPTS = str(Path(__file__).resolve().parent / "prompts")
LANGUAGES = "zh-Hans,en,ja,vi"


def main() -> int:
    """Runs the demo; 0 when every language came, 1 on failure, 2 on misuse, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--input", type=Path, default=SAMPLE, help="text of a Korean page (default: the sample)"
    )
    parser.add_argument("--to", default=LANGUAGES, help=f"target languages (default: {LANGUAGES})")
    arguments = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # in order with the talk, also in a log
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return demo(arguments.input.read_text(encoding="utf-8"), arguments.to.split(","))
    except (Problem, OSError) as problem:
        say(f"\n{problem}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped; everything the demo started has ended.")
        return 130


def demo(page: str, languages: list[str]) -> int:
    """The whole first look. Raises Problem."""
    with contextlib.ExitStack() as started:
        binary = build()
        backend = existing() or local(started)
        gateway = started.enter_context(Gateway(binary, backend))
        say(f"\nyeok listens on {gateway.address} and asks {backend.name} ({backend.where}).")
        request = {"source": {"text": page}, "targetLanguageCodes": languages}
        article = clean(gateway, page)
        translations = translate(gateway, request, article)
        print("\n  !  an error that a second try did not mend      ?  a warning")
        for translation in translations:
            screen.show_translation(translation, article)
        again(gateway, request, translations, article)
    return 0 if all(t.get("state") != "FAILED" for t in translations) else 1


def local(started: contextlib.ExitStack) -> Backend:
    """The demo's own model, fetched when it is not there, running until the demo ends."""
    cache = modelfile.cache_dir()
    path = modelfile.fetch(modelfile.QWEN, cache)
    module = llama.install(cache)
    say("Starting the local model …")
    server = started.enter_context(llama.Server(module, path))
    profile = small_profile(llama.SLOT_TOKENS, llama.SLOTS, LLAMA_CPP_EXTRA)
    return Backend(path.stem, server.base_url, "on this machine, for trying out only", profile=profile, prompt_dir=PROMPTS)


def clean(gateway: Gateway, page: str) -> dict[str, Any]:
    """Shows what yeok takes off the page; the article."""
    cleaned = gateway.call("/v1/articles:clean", {"source": {"text": page}})
    article, removals = cleaned["article"], cleaned.get("removals", [])
    print(f"\n{screen.rule('1. The page, cleaned (no model)')}\n")
    print(f"  title      {article.get('title', '')}")
    for subtitle in article.get("subtitles", []):
        print(f"  deck       {subtitle}")
    print(f"  published  {article.get('publishTime', 'not said')}")
    print(f"  body       {len(article.get('blocks', []))} blocks")
    print(f"  left out   {len(removals)} lines, each with its reason: {reasons(removals)}")
    return article


def reasons(removals: list[dict[str, Any]]) -> str:
    """The commonest reasons of the ledger, counted."""
    counts: dict[str, int] = {}
    for removal in removals:
        reason = removal.get("reason", "?")
        counts[reason] = counts.get(reason, 0) + 1
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    return ", ".join(f"{count} {reason}" for reason, count in ranked[:5]) + (" …" if len(ranked) > 5 else "")


def translate(gateway: Gateway, request: dict[str, Any], article: dict[str, Any]) -> list[dict[str, Any]]:
    """Streams the translation to the screen; one translation a language, in the order asked."""
    languages = request["targetLanguageCodes"]
    print(f"\n{screen.rule('2. Translated; each paragraph is shown as soon as it has passed its checks')}\n")
    translations: dict[str, dict[str, Any]] = {}
    with screen.Live(languages, len(article.get("blocks", []))) as live:
        for name, event in gateway.stream("/v1/articles:streamTranslate", request):
            if name == "block":
                live.block(event["languageCode"], event["id"], event.get("text", ""))
            elif name == "translation":
                translations[event["languageCode"]] = event
                live.language(screen.summary(event, article))
            elif name == "error":
                raise Problem(f"yeok could not translate: {event.get('message', event)}")
    missing = [code for code in languages if code not in translations]
    if missing:
        raise Problem(f"The stream ended without {', '.join(missing)}.")
    return [translations[code] for code in languages]


def again(
    gateway: Gateway, request: dict[str, Any], first: list[dict[str, Any]], article: dict[str, Any]
) -> None:
    """Makes the same call a second time and shows what that costs."""
    started = time.monotonic()
    answer = gateway.call("/v1/articles:translate", request)
    taken = time.monotonic() - started
    print(f"{screen.rule('3. The same call again')}\n")
    for translation in answer["translations"]:
        provenance = translation.get("provenance", {})
        print(f"  {translation['languageCode']:8}{provenance.get('cacheStatus', '?'):8}{paid(provenance)}")
    saved = [t.get("provenance", {}).get("usage", {}) for t in first]
    tokens = sum(u.get("promptTokens", 0) + u.get("completionTokens", 0) for u in saved)
    print(
        f"\n  answered in {taken * 1000:.0f} ms; the first call paid {tokens:,} tokens"
        f" in {sum(u.get('requests', 0) for u in saved)} requests\n"
    )
    for translation in first:
        print(f"  {screen.summary(translation, article)}")
    print("\nYour own page:   python3 demo/run.py --input page.txt --to en")
    print('Your own model:  README.md, "Models"')


def paid(provenance: dict[str, Any]) -> str:
    """What one language of a call cost."""
    usage = provenance.get("usage", {})
    tokens = usage.get("promptTokens", 0) + usage.get("completionTokens", 0)
    return "paid nothing" if not tokens and not usage.get("requests") else f"paid {tokens:,} tokens"


if __name__ == "__main__":
    sys.exit(main())
