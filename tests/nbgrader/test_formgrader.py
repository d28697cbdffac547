"""The formgrader in a browser, on a graded class: scores are there, a suggestion is there, a person's score is kept."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed (the extra)"),
    pytest.mark.skipif(find_spec("selenium") is None, reason="selenium is not installed"),
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="there is no chromium with its chromedriver"),
    pytest.mark.filterwarnings("ignore"),
]

PROSE = "what-the-causal-mask-is-for"
SECONDS = 60
ROOT = Path(__file__).resolve().parents[2]
MARKED = """

<b class="mark">bold</b> [a link](https://mark.invalid/) ![a picture](mark.png) <https://mark.invalid/>

<script>window.mark = "ran"</script>
<img class="mark" src="mark.png" onerror="window.mark = 'ran'">
<style>body { border-top: 7px solid rgb(1, 2, 3) }</style>

$$\\href{https://mark.invalid/}{x}$$
"""


@pytest.fixture(scope="module")
def room(classroom, right):
    """One student with a right function, a wrong one and an answer of free text; graded."""
    room = classroom("formgrader")
    room.tfm("build", "--name", "week1", "--only", "causal_mask", "--only", "shift_right", "--questions", PROSE)
    room.nbgrader("generate_assignment", "week1")
    work = room.released("week1")
    for cell in work["cells"]:
        if cell["id"] == "causal_mask":
            cell["source"] = right["causal_mask"].replace(".tril()", ".triu()")
        elif cell["id"] == "shift_right":
            cell["source"] = right["shift_right"]
        elif cell["id"] == f"a-{PROSE}":
            cell["source"] = "It keeps every position from attending to later positions." + MARKED
    mine = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": "My own words." + MARKED}
    work["cells"].insert(2, mine)
    room.hand_in("student-01", "week1", work)
    room.tfm("autograde", "week1")
    return room


@pytest.fixture(scope="module")
def server(room):
    """Jupyter with nbgrader's formgrader, in the course folder, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = room.folder / ".jupyter"
    config.mkdir(exist_ok=True)
    extensions = {"ServerApp": {"jpserver_extensions": {"nbgrader.server_extensions.formgrader": True}}}
    (config / "jupyter_server_config.json").write_text(json.dumps(extensions))
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
        "JUPYTER_CONFIG_DIR": str(config),
        "PYTHONWARNINGS": "ignore",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    command = [sys.executable, "-P", "-m", "jupyter_server", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=", "--ServerApp.port_retries=0"]
    with (room.folder / "server.log").open("w") as log:
        process = subprocess.Popen(command, cwd=room.folder, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + SECONDS
        while True:
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((room.folder / "server.log").read_text()[-3000:])
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    profile = tmp_path_factory.mktemp("profile")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_argument(f"--user-data-dir={profile}")
    options.add_argument("--window-size=1400,2000")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=str(DRIVER)))
    driver.set_page_load_timeout(SECONDS)
    yield driver
    driver.quit()


def wait_for(browser, selector):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.expected_conditions import presence_of_element_located
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, SECONDS).until(presence_of_element_located((By.CSS_SELECTOR, selector)))


def until(browser, holds):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, SECONDS).until(lambda _: holds())


def submission_id(room) -> str:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}") as gradebook:
        return gradebook.find_submission_notebook("week1", "week1", "student-01").id


def test_the_list_of_assignments_shows_the_class(room, server, browser):
    browser.get(f"{server}/formgrader/manage_submissions/week1")
    until(browser, lambda: "student-01" in browser.page_source and "needs manual grading" in browser.page_source)


def test_nothing_that_a_student_wrote_runs_loads_links_or_styles(room, server, browser):
    browser.get(f"{server}/formgrader/submissions/{submission_id(room)}")
    wait_for(browser, "input.score")
    assert "My own words." in browser.page_source
    time.sleep(1)  # scripts and MathJax, if there were any
    assert browser.execute_script("return window.mark") is None
    assert not browser.find_elements("css selector", ".mark, a[href*='mark'], [src*='mark'], [href*='mark.invalid']")
    assert browser.execute_script("return getComputedStyle(document.body).borderTopWidth") == "0px"
    assert "https://mark.invalid/" in browser.find_element("tag name", "body").text


def test_released_feedback_has_no_suggestion_until_a_person_writes_a_comment(room, server, browser):
    from selenium.webdriver.common.keys import Keys

    def feedback():
        room.nbgrader("generate_feedback", "week1", "--force")
        return (room.folder / "feedback" / "student-01" / "week1" / "week1.html").read_text("utf-8")

    page = feedback()
    assert "Suggested" not in page
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
    assert "attending to later positions" in text
    assert not [words for words in staff_words() if words in text]
    browser.get(f"{server}/formgrader/submissions/{submission_id(room)}")
    box = wait_for(browser, f"textarea[id='a-{PROSE}-comment']")
    until(browser, lambda: (box.get_attribute("placeholder") or "").startswith("Suggested: "))
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
    box.send_keys("Say which positions.", Keys.TAB)
    until(browser, lambda: room.grades("week1")["student-01"][f"a-{PROSE}"]["said"] == "Say which positions.")
    page = feedback()
    assert "Say which positions." in page
    assert "Suggested" not in page


def staff_words():
    """The words of all rubrics that no student should read: key ideas, model answers, misconceptions, hints."""
    found = set()
    for path in sorted((ROOT / "solutions" / "quiz" / "prose").glob("*.toml")):
        for question in tomllib.loads(path.read_text("utf-8")).get("question", []):
            found |= {" ".join(sentence.split()) for sentence in question["model_answer"].split(". ")}
            for told in (*question["key_points"], *question.get("misconceptions", [])):
                found |= {told[key] for key in ("text", "hint", "say") if key in told}
    assert len(found) > 100
    return {words for words in found if len(words) > 20 and "attending to later positions" not in words}


def test_a_score_changed_in_the_browser_is_in_the_gradebook(room, server, browser):
    from selenium.webdriver.common.keys import Keys

    browser.get(f"{server}/formgrader/submissions/{submission_id(room)}")
    wait_for(browser, "input.score")
    grades = {cell: room.grades("week1")["student-01"][cell] for cell in ("causal_mask-marks", "shift_right-marks")}
    assert [grade["auto_score"] for grade in grades.values()] == [0, 3]
    boxes = {cell: wait_for(browser, f"input.score[id='{cell}']") for cell in grades}
    until(browser, lambda: boxes["shift_right-marks"].get_attribute("placeholder") == "3")
    assert boxes["causal_mask-marks"].get_attribute("placeholder") == "0"
    assert "Your triangle is the upper one" in browser.page_source  # the mistake is named beside the score
    until(
        browser,
        lambda: any(
            (box.get_attribute("placeholder") or "").startswith("Suggested: ")
            for box in browser.find_elements("css selector", "textarea.comment")
        ),
    )

    prose = room.grades("week1")["student-01"][f"a-{PROSE}"]
    assert prose["auto_score"] is None
    box = wait_for(browser, f"input.score[id='a-{PROSE}']")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
    box.send_keys("2.5", Keys.TAB)
    until(browser, lambda: room.grades("week1")["student-01"][f"a-{PROSE}"]["manual_score"] == 2.5)


def test_the_score_given_by_a_person_outlives_a_regrade_by_the_command(room, server, browser):
    room.tfm("autograde", "week1", "--force")
    assert room.grades("week1")["student-01"][f"a-{PROSE}"]["manual_score"] == 2.5
