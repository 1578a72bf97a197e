"""Writes small word-vector files of each kind, and what spaCy says is in them.

pip install spacy==3.8.18 && python3 make-word-vector-fixtures.py

spaCy 3.8 keeps vectors and keys in the form of 2.1 (vocab/vectors: .npy, vocab/key2row: MessagePack) and hashes alike.
"""
import gzip
import io
import json
import pathlib
import tarfile
import tempfile
import zipfile

import numpy
import spacy
from spacy.strings import hash_string
from spacy.symbols import IDS
from spacy.vocab import Vocab

HERE = pathlib.Path(__file__).parent
WORDS = ["PAD", "left", "café", "日本語", "number", "mark", "do", "nt", "the", "🙂"]
HASHED = ["a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh", "abcdefghi", "coffee", "PAD", "UNK", "CLS",
          "left", "red-and-white", "café", "naïve", "日本語", "🙂", "x" * 31, "number"]
DIMENSION = 4

vocab = Vocab()
matrix = numpy.asarray([[(row + 1) + column / 8 for column in range(DIMENSION)] for row in range(len(WORDS))], dtype="f4")
vocab.reset_vectors(shape=(len(WORDS), DIMENSION))
for row in reversed(range(len(WORDS))):
    vocab.set_vector(WORDS[row], matrix[row])

layout = "en_vectors_web_lg-2.1.0/en_vectors_web_lg/en_vectors_web_lg-2.1.0/vocab"
with tempfile.TemporaryDirectory() as folder:
    vocab.to_disk(folder)
    files = {name: (pathlib.Path(folder) / name).read_bytes() for name in ("vectors", "strings.json", "key2row")}


def tar_of(fmt, path):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=fmt) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(f"{path}/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return plain.getvalue()


long_path = f"{'long-folder-name/' * 8}{layout}"
for name, data in {"spacy-gnu": tar_of(tarfile.GNU_FORMAT, layout), "spacy-long-gnu": tar_of(tarfile.GNU_FORMAT, long_path),
                   "spacy-long-pax": tar_of(tarfile.PAX_FORMAT, long_path)}.items():
    (HERE / f"{name}.tar.gz").write_bytes(gzip.compress(data, mtime=0))

with zipfile.ZipFile(HERE / "spacy.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
    for name, data in files.items():
        wheel.writestr(f"en_vectors_web_lg/en_vectors_web_lg-2.1.0/vocab/{name}", data)

GLOVE = [", 1 2 3", "left 0.5 -1.25e-1 3", ". . . 7 7 7", "at name@domain.com 8 8 8", "café 4 5 6", "left 9 9 9", "5 1 1 1", "the -.5 +2 1E2"]
with zipfile.ZipFile(HERE / "glove.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("glove.6B.2d.txt", "left 1 2\n")
    with archive.open("glove.6B.3d.txt", "w", force_zip64=True) as entry:
        entry.write(("\n".join(GLOVE) + "\n").encode())

(HERE / "word-vectors.json").write_text(json.dumps({
    "generator": "make-word-vector-fixtures.py",
    "command": "python3 make-word-vector-fixtures.py",
    "versions": {"spacy": spacy.__version__, "numpy": numpy.__version__},
    "seed": "none",
    "hashes": {word: str(hash_string(word)) for word in HASHED},
    "symbols": {name: key for name, key in IDS.items() if name and name == name.lower() and name.isalpha()},
    "spacy": {word: vocab.get_vector(word).tolist() for word in WORDS},
    "glove": GLOVE,
}, ensure_ascii=False, indent=1) + "\n")
