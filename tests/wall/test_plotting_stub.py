"""A line that draws costs a module nothing, whether what it draws with is installed or not."""

import importlib.util
import sys
from pathlib import Path

import pytest

from tfm_quiz.wall.host.workers import Workers, loading
from tfm_quiz.wall.wire.frames import Name
from tfm_quiz.wall.worker import plotting_stub

LESSON = """
import matplotlib
import matplotlib.pyplot as plt
import mpl_toolkits.mplot3d
import plotly.express as px
import seaborn as sns
from IPython.display import display
from matplotlib import cm, pyplot
from matplotlib.ticker import FuncFormatter, Formatter

matplotlib.use("Agg")
plt.rcParams["figure.figsize"] = (8, 4)
sns.set_theme(style="white")


class Mine(Formatter):
    def __call__(self, x, pos=None):
        return "mine"


@FuncFormatter
def percent(x, pos):
    return f"{x:.0%}"


def one():
    figure, axes = plt.subplots(figsize=(3, 3))
    axes.plot([1, 2], color=cm.viridis(0.5), label="loss")
    axes.spines[["top", "right"]].set_visible(False)
    with plt.style.context("ggplot"):
        figure.savefig("loss.png", dpi=100)
    plt.show()
    display(figure)
    return Mine()(1), percent(0.5, 0), matplotlib.__version__


def many():
    count = 0
    _, (left, right) = pyplot.subplots(1, 2)
    _, ((a, b, c), (d, e, f)) = plt.subplots(2, 3)
    for row in plt.subplots(2, ncols=3)[1]:
        for axis in row:
            axis.imshow([[0]])
            count += 1
    for axis in plt.figure().add_gridspec(2, 2).subplots(2, 2)[1].flat:
        axis.set_axis_off()
    return count
"""


@pytest.fixture(params=[True, False], ids=["whatever is installed", "nothing is installed"])
def lesson(request: pytest.FixtureRequest, workers: Workers):
    """A call of the lesson's function, at the best level of this machine."""
    hide = "" if request.param else "import sys\nsys.path.clear()\nsys.path_importer_cache.clear()\n"
    with workers.spawn() as worker:
        worker.request(loading({"lesson": hide + LESSON}), 10)
        yield lambda name: worker.call(Name("lesson", name), seconds=20).value


def test_a_lesson_that_draws_is_imported_and_its_functions_go_on(lesson):
    assert lesson("one") == ("mine", "50%", "0")
    assert lesson("many") == 6


def test_a_package_that_fails_where_it_is_installed_is_not_even_tried(monkeypatch, tmp_path: Path):
    (tmp_path / "seaborn.py").write_text('raise RuntimeError("can\'t start new thread")\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "meta_path", [plotting_stub.finder([]), *sys.meta_path])
    spec = importlib.util.find_spec("seaborn")
    assert spec is not None
    importlib.util.module_from_spec(spec).heatmap([[1]])


def test_a_students_own_module_of_that_name_is_theirs(workers: Workers):
    with workers.spawn() as worker:
        worker.request(
            loading({"plotly": "def two():\n    return 2\n", "m": "from plotly import two\nimport plotly as again\n"}),
            10,
        )
        assert worker.call(Name("m", "two"), seconds=20).value == 2
        assert worker.call(Name("plotly", "two"), seconds=20).value == 2


def test_other_packages_are_as_absent_as_they_are(workers: Workers):
    with workers.spawn() as worker:
        worker.request(
            loading({"m": "import importlib.util\ndef f(name):\n    return importlib.util.find_spec(name) is None\n"}),
            10,
        )
        assert worker.call(Name("m", "f"), ("no_such_package",), seconds=20).value is True


def test_nothing_does_not_pretend_to_be_data():
    nothing = plotting_stub.Nothing()
    for name in ("__array__", "__len_hint__", "__torch_function__", "__deepcopy__", "__path__"):
        assert not hasattr(nothing, name)
    assert list(nothing.axes) == []
