"""The command says what to do where it can't start, and listens on the loopback interface only."""

import os
import socket
from pathlib import Path

import pytest
from hiddenpop.explorer import command


def test_it_listens_on_the_loopback_interface_only() -> None:
    with command._listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert listening.getsockname()[1] > 1023


def test_a_port_in_use_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert command.main(["explore", "--no-browser", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"Port {port} is in use" in said
    assert "--port" in said


@pytest.mark.parametrize(("table", "said"), [("nothing.sav", "There is no file"), (".", "is a folder")])
def test_a_table_that_is_not_there_says_so(table: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["explore", table]) == 2
    assert said in capsys.readouterr().err


def test_what_is_no_table_is_refused_before_a_page_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "letter.docx").write_bytes(b"PK")
    assert command.main(["explore", str(tmp_path / "letter.docx")]) == 2
    assert "What can be:" in capsys.readouterr().err


def test_a_port_that_is_none_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["explore", "--port", "99999"]) == 2
    assert "from 1024 to 65535" in capsys.readouterr().err


def test_a_folder_that_can_not_be_written_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    assert command.main(["explore", "--no-browser"]) == 2
    assert "TMPDIR" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="asks the system whether a process is there")
def test_what_a_killed_explorer_left_is_swept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / f"{command.FOLDER}999999999-x"
    ours = tmp_path / f"{command.FOLDER}{os.getpid()}-y"
    for folder in (left, ours):
        folder.mkdir()
        (folder / "interviews.sav").write_bytes(b"x")
    made = command._own_folder()
    assert not left.exists()
    assert ours.exists()
    assert made.stat().st_mode & 0o077 == 0, "others can't look"
