"""What git lays down, and takes, where it is told to write line ends as Windows does."""


def test_a_clone_on_windows_holds_no_carriage_return(run, clone):
    names = run("git", "ls-files", "-z", cwd=clone).stdout.split("\0")[:-1]
    contents = {name: (clone / name).read_bytes() for name in names}
    texts = {name: found for name, found in contents.items() if b"\0" not in found}
    assert {".ci/run", "Makefile", "mnist_keras/cli.py"} <= set(texts)
    assert not [name for name, found in texts.items() if b"\r" in found]
    assert not run("git", "status", "--porcelain", cwd=clone).stdout


def test_what_is_typed_on_windows_is_committed_with_plain_line_ends(run, clone):
    (clone / "typed.py").write_bytes(b'"""Typed on Windows."""\r\n')
    run("git", "add", "typed.py", cwd=clone)
    assert run("git", "ls-files", "--eol", "typed.py", cwd=clone).stdout.startswith("i/lf ")
