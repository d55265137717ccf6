"""LIX as others count it: reference vectors, and eight Swedish texts whose figures are known.

The texts lie outside this repository (`SAFEHOME_REAL_DATA`, or `../shared/data`). The known figures of the eight took a
full stop in an abbreviation for the end of a sentence ("t.ex. för barn" as two); ours does not, hence the tolerance.
"""

import gzip
import json
import os
from collections import defaultdict
from pathlib import Path

import pytest

from consents.plain_language import measure, whole

DATA = Path(os.environ.get("SAFEHOME_REAL_DATA") or Path(__file__).parents[2].parent / "shared" / "data") / "sv"
VECTORS = DATA / "lix_vectors.json"
TALBANKEN = DATA / "talbanken_sentences.jsonl.gz"
KNOWN = {
    "P408": 48.6,
    "P409": 48.3,
    "P410": 52.2,
    "P411": 40.0,
    "P413": 37.0,
    "P414": 41.5,
    "P417": 45.4,
    "P418": 58.0,
}

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not (VECTORS.is_file() and TALBANKEN.is_file()), reason=f"no reference texts at {DATA}"),
]


def test_the_reference_vectors() -> None:
    for vector in json.loads(VECTORS.read_text())["vectors"]:
        assert measure(vector["text"], "en").lix == pytest.approx(vector["lix"], abs=0.001), vector["name"]


def test_eight_swedish_texts_come_within_one_of_what_is_known() -> None:
    texts = defaultdict(list)
    with gzip.open(TALBANKEN, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            texts[row["doc"]].append(row["text"])
    ours = {doc: measure(whole(rows), "sv").lix for doc, rows in texts.items()}
    assert ours == pytest.approx(KNOWN, abs=1.0)
