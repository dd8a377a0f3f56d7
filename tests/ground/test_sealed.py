"""Names of data that only their owner knows again."""

import stat
from pathlib import Path

import pytest
from hiddenpop import InputError
from hiddenpop.ground import sealed


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return what makes somebody's key the one in use."""

    def use(name: str) -> Path:
        monkeypatch.setenv(sealed.VARIABLE, str(tmp_path / name / "key"))
        return tmp_path / name / "key"

    return use


@pytest.mark.parametrize("value", [0, 1, 2**127 + 3, "decomposable graphs of 17: ('a', 'b')"])
def test_the_owner_knows_it_again_and_nobody_else(use, value: int | str) -> None:
    path = use("ann")
    text = sealed.seal(value)
    assert str(value) not in text.split(" ", 1)[1] or value in (0, 1)
    assert sealed.opened(text) == value
    assert not sealed.foreign(value)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    use("bob")
    other = sealed.opened(text)
    assert other != value
    assert type(other) is type(value)
    assert sealed.opened(text) == other  # equal for equal data: it is a name
    assert sealed.foreign(other)
    assert sealed.seal(other) == text  # and goes back as it came
    assert sealed.seal(value) != text
    use("ann")
    assert sealed.opened(text) == value


def test_damaged_names_and_keys(use) -> None:
    path = use("ann")
    text = sealed.seal(5)
    for bad in (None, 3, "", "number", "number 00", "word " + text, text + "g", text.upper()):
        with pytest.raises(InputError, match="damaged"):
            sealed.opened(bad)
    path = use("carl")
    path.parent.mkdir()
    path.write_text("no key")
    with pytest.raises(InputError, match="holds no key"):
        sealed.seal(5)


def test_where_nothing_can_be_kept_a_run_has_its_own_key(use) -> None:
    path = use("dora")
    path.parent.parent.joinpath("dora").write_text("a file where the folder should be")
    assert sealed.opened(sealed.seal(5)) == 5
    assert not path.exists()
