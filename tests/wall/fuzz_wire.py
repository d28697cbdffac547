"""A search, guided by coverage, for bytes that get anything but WireError out of the decoder.

    make fuzz                                                three minutes
    python tests/wall/fuzz_wire.py [libFuzzer's options]     for example -max_total_time=3600 -jobs=2

It needs atheris (the extra `fuzz`). What it finds is written to a file that it names; given that file, it runs that
input alone. Inputs that are kept go to build/fuzz, for the next run to begin with.
"""

import struct
import sys
from pathlib import Path

try:
    import atheris
except ImportError:
    print("fuzz: skipped: atheris is not installed; pip install -e '.[fuzz]' where there is a wheel of it")
    sys.exit(0)

with atheris.instrument_imports(include=["tfm_quiz.wall.wire.frames", "tfm_quiz.wall.host.reply"]):
    from tfm_quiz.wall.host.reply import read_reply
    from tfm_quiz.wall.wire.frames import PREFIX, Handle, Name, Tensor, Value, WireError, pack, unpack, unpack_prefix

CORPUS = Path(__file__).resolve().parents[2] / "build" / "fuzz"
TENSOR = Tensor("float32", (2, 1), bytes(8), (1, 0))
SEEDS: tuple[Value, ...] = (
    None,
    [1, -2.5, float("nan"), float("-inf"), True, "text \u00e9", (1, [2])],
    {"x": TENSOR, "y": [Handle(3), Name("m", "f"), Tensor("bool", (0, 3), b"")]},
    {"status": "ok", "value": TENSOR, "changed": [1], "arguments": [None], "parameters": {"w": TENSOR}},
    {"status": "error", "type": "E", "kinds": ["ValueError"], "message": "m", "frames": [], "shapes": [["x", "(2,)"]]},
)
WORDS = ('{"t":[', '],"v":', '{"l":[', '{"d":[["', '{"T":0}', '{"f":"nan"}', '{"h":1}', '{"n":["m","f"]}', "\\ud800")
WORDS += ('["float32",[2,1],null]', "1099511627776", "9223372036854775808", "1e999", "NaN", "-0")


def one_input(data: bytes) -> None:
    """A frame, its prefix as it may be; what is decoded is a value, so it can be sent again and stays the same."""
    try:
        _, header, payload = unpack_prefix(data[: PREFIX.size].ljust(PREFIX.size, b"\0"))
        body = data[PREFIX.size :]
        value = unpack(body[:header], body[header : header + payload])
    except WireError:
        return
    first = pack(value)
    if pack(unpack(first.header, first.payload)) != first:
        raise AssertionError("a value changed on its way")
    try:
        read_reply(value)
    except WireError:
        return


def mutated(data: bytes, size: int, seed: int) -> bytes:
    """A mutation of header or payload, with a prefix that mostly fits: else few inputs would come past it."""
    header = data[PREFIX.size :]
    length = struct.unpack_from("<I", data, 12)[0] if len(data) >= PREFIX.size else 0
    header, payload = header[:length], header[length:]
    room = max(1, size - PREFIX.size)
    if seed % 4 == 0:
        payload = atheris.Mutate(payload, room)
    else:
        header = atheris.Mutate(header, room)
    header = header[:room]
    payload = payload[: max(0, room - len(header))]
    claimed = len(header) + (1 << seed % 61 if seed % 50 == 0 else 0)
    return struct.pack("<4sQIQ", b"TFMQ", seed, claimed % (1 << 32), len(payload)) + header + payload


def main() -> None:
    """Write the seeds, then let libFuzzer run."""
    CORPUS.mkdir(parents=True, exist_ok=True)
    for number, value in enumerate(SEEDS):
        (CORPUS / f"seed-{number}").write_bytes(pack(value).numbered(number))
    words = CORPUS.with_suffix(".dict")
    escaped = ["".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS]
    words.write_text("".join(f'"{word}"\n' for word in escaped))
    options = [f"-dict={words}", f"-artifact_prefix={CORPUS.parent}/fuzz-", "-max_len=4096", *sys.argv[1:]]
    given = any(not word.startswith("-") for word in sys.argv[1:])  # an input to run alone
    atheris.Setup([sys.argv[0], *options, *([] if given else [str(CORPUS)])], one_input, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
