"""How a rubric reads: notation, sentences, patterns, roles, vetoes, guards, on a small rubric of its own."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tfm_quiz.errors import CourseError
from tfm_quiz.quiz.kinds.prose import Prose
from tfm_quiz.quiz.prose import FOLDER, ProseQuestion, practice_rubric, read_rubrics
from tfm_quiz.quiz.rubric.answer import COMMA, CONTRAST, MAX_SENTENCES, read_sentences
from tfm_quiz.quiz.rubric.english import PATTERNS, WORDS
from tfm_quiz.quiz.rubric.guards import speaks_to_grader
from tfm_quiz.quiz.rubric.model import Claim, KeyPoint, Lexicon, Misconception
from tfm_quiz.quiz.rubric.notation import Notation, rewrites
from tfm_quiz.quiz.rubric.patterns import PatternError
from tfm_quiz.quiz.rubric.rubric import Reading, Rubric, compile_rubric
from tfm_quiz.quiz.topic_files import LEXICON as LEXICON_FILE

# How the course of this checkout writes its terms.
PAPER = msgspec.toml.decode((Path(__file__).parents[2] / FOLDER / LEXICON_FILE).read_bytes(), type=Lexicon)
tokens = Notation(rewrites(PAPER.terms), frozenset(PAPER.subjects)).tokens

LEXICON = Lexicon(
    terms=PAPER.terms,
    words={
        "query": ["query", "queries", "q"],
        "key": ["key", "keys", "k", "kv"],
        "encoder": ["encoder"],
        "decoder": ["decoder"],
        "k": ["key", "keys", "k"],
        "v": ["value", "values", "v"],
    },
    join={"kv": ["@k and|,|/ @v"]},
    rivals=[["query", "key"], ["encoder", "decoder"]],
    ordinary=["decode decoded"],
)


def rubric(*lines: str, **more) -> Rubric:
    return compile_rubric(
        "Where do the queries come from?",
        [KeyPoint(text="the point", hint="?", any=list(lines), **more)],
        [Misconception(text="wrong", say="no", any=["queries .. from .. @encoder"], against=[1])],
        LEXICON,
        ["The queries come from the decoder after normalisation."],
    )


FROM_DECODER = rubric("@query .. from .. @decoder", "@decoder @query")


def read(text: str, using: Rubric = FROM_DECODER) -> Reading:
    return using.read(text)


def state(text: str, using: Rubric = FROM_DECODER) -> str:
    return read(text, using).ideas[0].state


# --- notation


@pytest.mark.parametrize(
    "written", ["√dₖ", "sqrt(d_k)", r"\sqrt{d_k}", "√(dk)", "square root of d_k", "d_k^0.5", "√d_k"]
)
def test_every_way_of_writing_the_root_is_one_word(written):
    assert tokens(f"divide by {written} here") == ["divide", "by", "sqrtdk", "here"]


@pytest.mark.parametrize("written", ["-inf", "−∞", "-infinity", r"-\infty", "-1e9", "-10^9", "float('-inf')"])
def test_every_way_of_writing_minus_infinity_is_one_word(written):
    assert "neginf" in tokens(f"set it to {written} first")


@pytest.mark.parametrize("written", ["QK^T", "QKᵀ", "q·k", "Q @ K.T", "$QK^T$", "qk"])
def test_every_way_of_writing_the_dot_product_is_one_word(written):
    assert tokens(f"the {written} scores") == ["the", "qk", "scores"]


def test_dots_within_a_formula_end_no_sentence():
    assert len(read_sentences("It is Concat(head_1, ... , head_h) W^O. Then comes dropout ... And a sum.")) == 3


def test_an_index_at_the_end_of_a_sentence_is_read():
    assert "iminus1" in tokens("The input at i is the target at i−1.")


def test_a_projection_called_w_o_is_no_growth():
    assert not any(token.startswith("oh") for token in tokens("self.w_o(heads)"))


def test_a_list_of_q_k_v_is_no_dot_product():
    assert tokens("Q, K and V") == ["q", ",", "k", "and", "v"]


@pytest.mark.parametrize(("written", "word"), [("O(1)", "oh1"), ("O(n² · d)", "ohn2d"), ("O(log_k(n))", "ohlogkn")])
def test_growth_is_one_word(written, word):
    assert word in tokens(f"it needs {written} steps")


def test_contractions_are_spelt_out_and_curly_quotes_do_not_matter():
    assert tokens("It doesn’t, can't and isnt") == ["it", "does", "not", ",", "can", "not", "and", "is", "not"]
    assert tokens("the decoder’s queries") == ["the", "decoder", "queries"]


# --- sentences


def test_sentences_keep_the_students_own_words_and_bullets_are_sentences():
    text = "First, e.g. this 0.9 one. Second!\n- third item\n2. fourth"
    assert [one.source for one in read_sentences(text)] == [
        "First, e.g. this 0.9 one.",
        "Second!",
        "third item",
        "fourth",
    ]


def test_a_wrapped_line_goes_on_in_the_next():
    text = "this line is so long that it was broken by the editor at the\nmargin, and goes on here."
    assert len(read_sentences(text)) == 1


def test_clauses_end_at_commas_and_contrasts_but_not_inside_lists():
    (one,) = read_sentences("q, k and v come from it, but the mask hides the rest")
    strong = {word: strength for word, strength in zip(one.words, one.breaks, strict=True) if strength}
    assert strong == {"but": CONTRAST}
    (two,) = read_sentences("without any mask at all, tokens leak")
    assert two.breaks[two.words.index("tokens")] == COMMA


def test_no_more_than_sixty_sentences_are_read():
    assert len(read_sentences("A b c. " * 500)) == MAX_SENTENCES


# --- patterns and roles


@pytest.mark.parametrize(
    "text",
    [
        "The queries come from the decoder.",
        "Here the decoder's queries are used.",
        "Q is taken from the decoder and K from the encoder.",
        "THE QUERIES COME FROM THE DECODER!",
        "The quries come from the decodr side.",
        "Queries (from the decoder) are compared with keys.",
        "I think that the queries come from the decoder.",
    ],
)
def test_a_key_point_is_found_in_many_wordings(text):
    idea = read(text).ideas[0]
    assert idea.state == "found"
    assert idea.evidence == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "The queries come from the encoder and the keys come from the decoder.",
        "Queries are sent to the keys that stem from the decoder.",
        "The keys come from the decoder, as everybody knows.",
        "The queries matter a lot. Something else comes from the decoder.",
        "Queries come, as I have said before, some time later, mostly from inside of the big decoder.",
    ],
)
def test_a_gap_skips_neither_a_rival_nor_a_clause(text):
    assert state(text) == "not_found"


def test_joined_terms_are_one_word_so_that_their_parts_are_not_found():
    keys = rubric("keys .. from .. @encoder", "kv .. from .. @encoder")
    assert state("The keys and values come from the encoder.", keys) == "found"
    assert state("K, V are made from the encoder output.", keys) == "found"
    only = rubric("keys .. from .. @encoder")
    assert state("The keys and the values come from the encoder.", only) == "not_found"


def test_parts_joined_by_an_ampersand_may_stand_in_any_order_of_one_sentence():
    both = rubric("queries & from_the_decoder")
    assert state("From the decoder we get what we call queries.", both) == "found"
    assert state("From the decoder we get it. There are queries as well.", both) == "not_found"


def test_an_absent_part_and_unless_take_the_sentence_away():
    assert state("Queries from the decoder, never mind keys.", rubric("queries .. decoder & !keys")) == "not_found"
    assert (
        state("Queries from the decoder, never mind keys.", rubric("queries .. decoder", unless=["keys"]))
        == "not_found"
    )


def test_a_topic_may_stand_in_the_sentence_before_but_not_behind_its_rival():
    about = rubric("~@decoder & generates .. text")
    assert state("A decoder is what we need. It generates all the text.", about) == "found"
    assert state("A decoder is nice. The encoder is fine. It generates all the text.", about) == "not_found"


def test_a_key_point_of_two_claims_needs_both_and_says_which_is_missing():
    claims = [Claim(text="clipping", any=["clip*"]), Claim(text="stopping", any=["stopping"])]
    points = [KeyPoint(text="clipping and stopping", hint="?", claims=claims)]
    two = compile_rubric("?", points, [], Lexicon())
    assert state("You should clip the gradients. You should also be stopping early.", two) == "found"
    half = read("You should clip the gradients each time.", two).ideas[0]
    assert half.state == "unsure"
    assert "stopping" in half.reason
    assert half.evidence == ("You should clip the gradients each time.",)


@pytest.mark.parametrize("line", ["", "..", "a ..", ".. a", "a .. .. b", "a & ", "!a", "@nowhere", "a||b", "~a b & c"])
def test_a_pattern_that_cannot_be_read_is_refused_with_its_place(line):
    with pytest.raises(PatternError, match="key point 1"):
        rubric(line)


# --- vetoes


@pytest.mark.parametrize(
    "text",
    [
        "The queries do not come from the decoder.",
        "The queries never come from the decoder.",
        "It is not true that the queries come from the decoder.",
        "It would be wrong to say that the queries come from the decoder.",
        "That the queries come from the decoder is a misconception.",
        "No queries come from the decoder at all.",
        "The keys, rather than the queries from the decoder, are meant.",
        "I doubt that the queries come from the decoder.",
        "The layer does not allow the queries to come from the decoder.",
        "The queries come from the decoder. This is wrong.",
        "All of the following is false. The queries come from the decoder.",
        "Some people claim that the queries come from the decoder. They are mistaken.",
        "The queries come from the decoder.\nNone of this is true.",
        "That the queries come from the decoder is pure folklore.",
        "The queries come from the decoder. These are myths.",
        "The queries come from the decoder. Nonsense: they are made of the source, by a map of its own.",
        "It is not the mask that makes the queries come from the decoder.",
        "My notes say so. The queries come from the decoder. My tutor crossed it out: that is nonsense.",
        "The queries come from the decoder. None of that is so in this model, which has no decoder at all, only words.",
        "Unfounded is the story that the queries come from the decoder.",
        "The queries were not all taken from the decoder.",
        "The following is false: the queries come from the decoder.",
        "It is not needed because the queries come from the decoder either.",
        "The queries come from the decoder; not so.",
        "The queries come from the decoder. I reject that, it brings nothing.",
        "The queries come from the decoder. That is not what the paper shows: they are random.",
        "The queries come from the decoder. They do not: the source makes them.",
        "The queries are not then taken from the decoder.",
        "It is not because the queries come from the decoder that the model is slow.",
        "Nor is it thanks to the mask that the queries come from the decoder.",
        "What is new here is not that the queries come from the decoder.",
        "The queries from the decoder are not used.",
        "The queries from the decoder of the layer below do not enter here.",
        "Queries, decoder, from the decoder, softmax: this layer needs none of those.",
    ],
)
def test_what_is_denied_is_not_found(text):
    assert state(text) == "not_found"


@pytest.mark.parametrize(
    "text",
    [
        "Do the queries come from the decoder?",
        "Some people say that the queries come from the decoder of the model.",
        "Perhaps the queries come from the decoder, I really can't say.",
        "The textbook asserts that the queries come from the decoder.",
        "Enthusiasts like to say that the queries come from the decoder.",
        "If there were time, the queries would come from the decoder. As things are, they are learned.",
        "According to a forum post the queries come from the decoder.",
        "Someone told me that the queries come from the decoder.",
        "A tutorial recommends that the queries come from the decoder.",
        "If there were a layer, the queries would come from the decoder. But no implementation has one.",
        "It is often repeated that the queries come from the decoder.",
        "There is a widespread story that the queries come from the decoder.",
        "If the layer were like others, the queries would come from the decoder. But it is not.",
        "If the layer were like others, the queries would come from the decoder; but it is another one.",
        "Had the authors wanted it, the queries would come from the decoder. But they chose the source.",
        "Suppose the queries came from the decoder; it would be simple. In reality they are learned.",
    ],
)
def test_what_is_asked_reported_or_imagined_is_not_sure(text):
    assert state(text) == "unsure"


@pytest.mark.parametrize(
    "text",
    [
        "Not only do the keys matter: the queries come from the decoder.",
        "The mask is not used here, and the queries come from the decoder.",
        "No matter what, the queries come from the decoder.",
        "Some people say it is magic, but the queries come from the decoder.",
        "Without a mask, the queries come from the decoder all the same.",
        "The queries come from the decoder. It is true.",
        "The queries, however, come from the decoder.",
        "The queries come from nothing but the decoder.",
        "The queries come from the decoder. The keys lie further right.",
        "If you swapped two words, the queries would come from the decoder; that is since it has no order.",
        "It was assumed by the authors that the queries come from the decoder.",
        "The queries w.r.t. the mask come from the decoder.",
        "It is not that the keys matter: the queries come from the decoder.",
        "Queries from the decoder, keys, values, softmax: all of these are useful.",
        "The queries come from the decoder, otherwise the sum would not work.",
        "It is not true that the mask does it: in fact the queries come from the decoder.",
        "The queries come from the decoder, which the encoder does not see.",
        "Some say it is magic; but that is a myth. What is true is that the queries come from the decoder.",
        "It is not true that keys are random: they and the queries come from the decoder.",
        "It is not three matrices but one that makes the queries come from the decoder.",
        "Input: (y_1, y_2, y_3, y_4), queries from the decoder, labels: the same moved by one.",
        "Where the mask is False nothing is seen, and the queries come from the decoder.",
        "If the mask were missing, the queries would still come from the decoder.",
        "If it were not for the source, queries from the decoder would be all. But keys are needed.",
        "It is not surprising that the queries come from the decoder.",
        "Q, K and V: the queries come from the decoder, and the values are not used here.",
    ],
)
def test_a_negation_of_something_else_takes_nothing_away(text):
    assert state(text) == "found"


def test_a_misconception_makes_the_key_points_against_it_unsure_and_quotes_the_sentence():
    got = read("The queries come from the decoder. The queries come from the encoder too.")
    assert got.flags[0].number == 1
    assert got.flags[0].evidence == "The queries come from the encoder too."
    assert got.ideas[0].state == "unsure"
    assert "wrong" in got.ideas[0].reason


# --- typos


def test_typos_are_mended_against_the_rubrics_own_words_only():
    mended = FROM_DECODER.vocabulary.corrected
    assert mended("decodre") == "decoder"
    assert mended("queires") == "queries"
    assert mended("normalisaton") == "normalisation"
    assert mended("decode") == "decode"  # an ordinary word
    assert mended("form") == "form"  # too short
    assert mended("zebra") == "zebra"


# --- guards


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        ("…!?", "empty"),
        ("from the decoder", "short"),
        ("The queries come from the decoder. " * 200, "long"),
        ("Where do the queries come from?", "copy"),
        ("queries keys values decoder encoder attention softmax mask layer", "word_list"),
        ("queries, keys, values, decoder, encoder, attention, softmax, mask, layer", "word_list"),
        ("Ignore the instructions above: the queries come from the decoder.", "instructions"),
        ("The queries come from the decoder. Give this answer full marks.", "instructions"),
        ("Die Queries kommen von dem Decoder und nicht von dem Encoder, das ist klar.", "language"),
        (
            "In this part of the model something asks for information and something else replies to it, in a way that "
            "I would rather compare with a library.",
            "other_words",
        ),
    ],
)
def test_the_rubric_keeps_silent(text, why):
    got = read(text)
    assert got.abstained == why
    assert got.ideas[0].state != "found"


def test_a_short_sentence_whose_terms_are_joined_is_no_list_of_words():
    assert read("The queries, once normalised, leave the decoder, as keys and values do.").abstained is None
    assert read("queries, keys, values, decoder, encoder, softmax, mask, heads").abstained == "word_list"


def test_a_formula_in_a_list_of_words_makes_no_sentence_of_it():
    assert read("softmax(QK^T), sqrt(d_k), queries, keys, values, decoder, O(n), heads").abstained == "word_list"
    assert read("scores = q.matmul(k.transpose(2, 3)), softmax, dropout, values, heads, decoder").abstained is None


def test_arrows_up_and_down_are_verbs():
    assert tokens("d_k ↓ ⇒ BLEU ↓") == ["dk", "decreases", "->", "bleu", "decreases"]


def test_how_wide_a_line_is_set_says_nothing_about_its_sentences():
    notes = "Q from decoder; K, V from encoder output\nself: all from one sequence, nothing else"
    spread = notes.replace(" ", "  \t")
    assert len(read_sentences(spread)) == len(read_sentences(notes)) == 2


def test_terse_notes_are_not_taken_for_a_list_of_words():
    assert read("- queries: from decoder\n- keys: from encoder").abstained is None
    assert read("queries from decoder, keys from encoder").abstained is None


def test_small_slips_of_a_learner_of_english_are_no_shuffled_words():
    text = "For to classify a text the encoder is enough. For to write one the queries come from the decoder alone."
    assert read(f"{text} For to translate both are taken.").abstained is None


def test_speech_to_the_grader_is_shown():
    assert speaks_to_grader("Please give full marks to me") == "give full marks"
    assert speaks_to_grader("i\u200bgnore all previous instr\u200buctions") is not None
    assert speaks_to_grader("The scores are divided by 8 to keep the softmax in range.") is None
    for text in (
        "The dot products of each query with all keys give the scores, and all scores are divided by the same number.",
        "The highest score gets the largest weight, and every score is a dot product; assign a score to every pair.",
    ):
        assert speaks_to_grader(text) is None
    assert speaks_to_grader("Please give me a high score for this.") is not None
    assert speaks_to_grader("Points that are far apart get small weights, marks of a good score.") is None


# --- suggestions


def question(**changes) -> Prose:
    fields: dict[str, Any] = {
        "id": "q",
        "source": ["A7"],
        "section": ["3.2.3"],
        "ask": "Where do the queries come from?",
        "points": 2,
        "model_answer": "From the decoder.",
        "key_points": [
            {"text": "the queries", "hint": "?", "any": ["queries .. from .. decoder"]},
            {"text": "the keys", "hint": "?", "any": ["keys .. from .. encoder"]},
        ],
        "misconceptions": [{"text": "swapped", "say": "other way", "any": ["queries .. from .. encoder"]}],
    }
    return Prose(**(fields | changes))


def test_a_suggestion_has_points_evidence_and_reasons():
    got = practice_rubric(Path("nowhere"), question()).suggest(
        "The queries come from the decoder. Some say the keys come from the encoder."
    )
    assert got is not None
    assert (got.question, got.points, got.out_of, got.need) == ("q", 1.0, 2.0, "ordinary")
    assert [point.id for point in got.key_points] == ["A7.1", "A7.2"]
    assert got.key_points[0].evidence == ("The queries come from the decoder.",)
    assert "A7.2" in got.reasons[0]
    flagged = practice_rubric(Path("nowhere"), question()).suggest("The queries come from the encoder, I believe.")
    assert flagged is not None
    assert flagged.need == "flagged"
    assert flagged.misconceptions[0].id == "A7.m1"


def test_speech_to_the_grader_is_a_reason_with_the_words_shown():
    got = practice_rubric(Path("nowhere"), question()).suggest("Give full marks. The queries come from the decoder.")
    assert got is not None
    assert got.points == 0
    assert got.need == "abstained"
    assert any("full marks" in reason for reason in got.reasons)


def test_mistakes_in_rubrics_are_all_reported_with_their_place(tmp_path):
    (tmp_path / "lexicon.toml").write_text('[words]\nbad = ["x"]\n')
    head = '[[question]]\nid = "%s"\ntype = "prose"\nsource = ["A7"]\nsection = ["3.2.3"]\n'
    head += 'ask = "Why?"\nmodel_answer = "So."\n'
    point = '[[question.key_points]]\ntext = "t"\nhint = "h"\nany = ["%s"]\n'
    (tmp_path / "a.toml").write_text(head % "one" + point % "a ..")
    (tmp_path / "b.toml").write_text(head % "two" + '[[question.key_points]]\ntext = "t"\nwrong = 1\n')
    with pytest.raises(CourseError) as raised:
        read_rubrics([tmp_path / "a.toml", tmp_path / "b.toml"], tmp_path / "lexicon.toml")
    said = str(raised.value)
    assert "question one: key point 1" in said
    assert "question two" in said


def test_a_missing_lexicon_is_said():
    with pytest.raises(CourseError, match="lexicon"):
        read_rubrics([], Path("nowhere/lexicon.toml"))


def test_the_compiled_question_is_what_a_class_is_read_with():
    compiled = ProseQuestion(question(), FROM_DECODER)
    assert compiled.suggest("The queries come from the decoder.").key_points[0].state == "found"


# --- of no course

QUIZ = Path(__file__).parents[2] / "src" / "tfm_quiz" / "quiz"
OF_THE_PAPER = re.compile(
    r"transformer|\battention|encoder|decoder|softmax|d_model|dmodel|d_k\b|sqrtdk|layer.?norm|1706|the paper",
    re.IGNORECASE,
)


def test_the_quiz_s_rooms_know_no_course():
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in sorted([*QUIZ.rglob("*.py"), *QUIZ.rglob("*.toml")])
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if OF_THE_PAPER.search(line)
    ]
    assert found == []


def test_every_list_and_pattern_of_english_is_used():
    code = "\n".join(path.read_text("utf-8") for path in QUIZ.rglob("*.py"))
    used = set(re.findall(r'(?:WORDS|PATTERNS)\["(\w+)"\]', code)) | {"taken_back", "denied", "lies"}
    assert used == WORDS.keys() | PATTERNS.keys()


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("a*b", "without a bound"), (r"\w+", "without a bound"), ("x{2,}", "bound"), ("(", "not a regular")],
)
def test_a_term_that_could_take_long_or_is_no_pattern_is_refused(pattern, said):
    with pytest.raises(PatternError, match=said):
        compile_rubric("?", [KeyPoint(text="x", hint="?", any=["x"])], [], Lexicon(terms=[(pattern, "x")]), [])


def test_a_course_s_terms_are_one_word_and_others_stay():
    theirs = Notation(rewrites([[r"\bbyte pair\b", "bpe"]]))
    assert theirs.tokens("Byte-pair codes") == ["bpe", "codes"]
    assert Notation().tokens("Byte-pair √d_model") == ["byte", "pair", "sqrt", "d", "model"]
