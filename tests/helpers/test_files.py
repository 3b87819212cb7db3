from __future__ import annotations

import tarfile

import pytest

from tests.runtime.stage import Stage, run


def test_the_pages_examples():
    stage = Stage(
        """file.write("example.txt", "hello");
        file.append("example.txt", " world");
        file.mkdir("directory");
        file.copy("example.txt", "example2.txt");
        file.move("example.txt", "hello.txt");
        file.move("example2.txt", "directory/");
        file.mkdir("example/folder/here");
        var tempDir = file.mkdirTemp("foo", "example/folder/here");
        var tempFile = file.temp("bar", "example/folder/here", "json");
        var tarFile = file.tar("example/folder/here");
        console.log(tempDir, tempFile, tarFile);
        file.delete("hello.txt");""",
    )
    (shown,) = stage.texts
    directory, temporary, archive = shown.split(" ")
    assert (stage.folder / "directory" / "example2.txt").read_text() == "hello world"
    assert not (stage.folder / "example.txt").exists()
    assert not (stage.folder / "hello.txt").exists()
    assert (stage.folder / directory).is_dir()
    assert directory.startswith("example/folder/here/foo")
    assert temporary.startswith("example/folder/here/bar")
    assert temporary.endswith(".json")
    assert archive == "kubeshark_1700000000.tar.gz"
    with tarfile.open(stage.folder / archive) as packed:
        assert packed.getnames() == [temporary.rsplit("/", 1)[1]]


def test_the_second_move_of_the_page_throws():
    stage = Stage(
        """file.write("example.txt", "x"); file.mkdir("directory"); file.move("example.txt", "hello.txt");
        try { file.move("example.txt", "directory/") } catch (e) { console.log(e) }""",
    )
    assert stage.texts == ['Error: "example.txt": no such file or directory']


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("file.write('no/such/x', 'y')", "its directory does not exist"),
        ("file.append('no/x', 'y')", "its directory does not exist"),
        ("file.write('pcaps', 'y')", "is a directory"),
        ("file.copy('no', 'x')", "no such file"),
        ("file.copy('pcaps', 'x')", "is a directory"),
        ("file.move('pcaps', 'pcaps')", "into itself"),
        ("file.mkdirTemp('a', 'no')", "no such directory"),
        ("file.temp('a', 'no', 'txt')", "no such directory"),
        ("file.tar('no')", "no such directory"),
        ("file.write('a\\u0000b', 'y')", "is no path"),
        ("file.write(new Array(300).join('x'), 'y')", "too long"),
    ],
)
def test_failures_throw_errors_that_say_what_and_show_no_path_of_the_machine(call, message):
    stage = Stage(f"try {{ {call} }} catch (e) {{ console.log(e instanceof Error, e.message) }}")
    assert stage.texts[0].startswith("true ")
    assert message in stage.texts[0]
    assert str(stage.folder) not in stage.texts[0]


def test_arguments_are_converted_to_text():
    stage = Stage("file.write('a', {x: 1}); file.append('a', undefined); file.append('a', [1, 2])")
    assert (stage.folder / "a").read_text() == "[object Object]undefined1,2"


def test_deleting_what_is_missing_is_fine_and_directories_go_whole():
    stage = Stage("file.delete('nothing'); file.mkdir('a/b'); file.write('a/b/c', 'x'); file.delete('a')")
    assert not (stage.folder / "a").exists()


def test_directories_can_be_moved():
    stage = Stage("file.mkdir('a'); file.write('a/x', '1'); file.move('a', 'b'); file.mkdir('c'); file.move('b', 'c')")
    assert (stage.folder / "c" / "b" / "x").read_text() == "1"


def test_absolute_paths_inside_the_folder_are_fine():
    stage = Stage("")
    stage.load(f"file.write('{stage.folder}/x', 'y'); console.log('ok')")
    assert (stage.folder / "x").read_text() == "y"


def test_temporary_names_repeat_in_a_replay_and_differ_within_one():
    source = "console.log(file.mkdirTemp(), file.mkdirTemp('a'), file.temp('b', '', '.json'), file.temp())"
    first = run(source)
    assert first == run(source)
    assert len(set(first[0].split())) == 4
    assert ".json" in first[0]
    assert ".txt" in first[0]


def test_archives_repeat_byte_by_byte():
    def packed() -> bytes:
        stage = Stage("file.mkdir('d'); file.write('d/a', '1'); file.write('d/b', '2'); console.log(file.tar('d'))")
        with tarfile.open(stage.folder / stage.texts[0]) as archive:
            return b"".join(f"{m.name}{m.mtime}{m.mode}".encode() for m in archive)

    assert packed() == packed() == b"a1700000000420b1700000000420"


def test_what_returns_nothing_returns_undefined():
    stage = Stage("console.log(file.write('a', 'x'), file.delete('a'), jobs.removeAll())")
    assert stage.said[-1] == "undefined undefined undefined"
