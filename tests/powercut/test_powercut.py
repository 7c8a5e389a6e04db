"""Proves the model of powercut.c with small programs under it: python3 -B -m unittest test_powercut (in this folder).

Each test gives a program an empty watched directory as its working directory, lets it end or kills it, and looks at
what reconstruct.py builds. That a program ends in order makes no difference: nothing is synced by ending.
"""

import fcntl
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import unittest

import reconstruct

HERE = pathlib.Path(__file__).resolve().parent
COMPILER = shutil.which(os.environ.get("CC", "cc"))
ROUNDS = int(os.environ.get("POWERCUT_ROUNDS", "20"))
BUILD = tempfile.TemporaryDirectory(prefix="powercut-build-")
LIBRARY = pathlib.Path(BUILD.name) / "libpowercut.so"
WORKLOAD = pathlib.Path(BUILD.name) / "workload"

# What the small programs start with.
PRELUDE = """
import os, sys

def put(name, content, sync=None, flags=os.O_CREAT | os.O_RDWR):
    fd = os.open(name, flags, 0o600)
    os.write(fd, content)
    if sync:
        sync(fd)
    os.close(fd)

def sync_directory(name="."):
    fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(fd)
    os.close(fd)
"""


def setUpModule() -> None:
    if sys.platform != "linux" or COMPILER is None:
        raise unittest.SkipTest("needs Linux and a C compiler")
    strict = [COMPILER, "-Wall", "-Wextra", "-O2"]
    subprocess.run([*strict, "-shared", "-fPIC", "-o", LIBRARY, HERE / "powercut.c", "-ldl"], check=True)
    subprocess.run([*strict, "-pthread", "-o", WORKLOAD, HERE / "workload.c"], check=True)


def tearDownModule() -> None:
    BUILD.cleanup()


class Case(unittest.TestCase):
    """A watched directory, its shadow, and ways to run programs and to cut the power."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="powercut-test-")
        self.addCleanup(temporary.cleanup)
        self.place = pathlib.Path(temporary.name)
        self.root = self.place / "root"
        self.kept = self.place / "kept"
        self.root.mkdir()
        self.cuts = 0

    def environment(self, **more: str) -> dict[str, str]:
        watched = {"LD_PRELOAD": str(LIBRARY), "POWERCUT_ROOT": str(self.root), "POWERCUT_KEPT": str(self.kept)}
        return {**os.environ, **watched, **more}

    def run_program(self, program: str, **more: str) -> str:
        """Runs a small Python program under the library to its end; its standard output."""
        command = [sys.executable, "-S", "-c", PRELUDE + textwrap.dedent(program)]
        environment = self.environment(**more)
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def cut(self) -> pathlib.Path:
        """The directory tree after a power cut now."""
        self.cuts += 1
        target = self.place / f"cut-{self.cuts}"
        reconstruct.reconstruct(self.kept, target)
        return target

    def left(self) -> dict[str, bytes | None]:
        """Every path after a power cut now, with its content; None for a directory."""
        target = self.cut()
        paths = sorted(target.rglob("*"))
        return {str(p.relative_to(target)): None if p.is_dir() else p.read_bytes() for p in paths}


class Files(Case):
    """Content."""

    def test_a_write_without_sync_is_lost(self) -> None:
        self.run_program("put('a', b'new')")
        self.assertEqual(self.left(), {})
        self.assertEqual((self.root / "a").read_bytes(), b"new", "only the shadow forgets")

    def test_a_synced_name_without_synced_content_is_an_empty_file(self) -> None:
        self.run_program("put('a', b'new'); sync_directory()")
        self.assertEqual(self.left(), {"a": b""})

    def test_fdatasync_and_fsync_keep_what_was_written_before_and_nothing_later(self) -> None:
        self.run_program("""
            for name, sync in (('a', os.fdatasync), ('b', os.fsync)):
                put(name, b'old', sync)
                put(name, b'new and longer')
            sync_directory()
        """)
        self.assertEqual(self.left(), {"a": b"old", "b": b"old"})

    def test_a_file_open_for_writing_only_is_kept(self) -> None:
        self.run_program("put('a', b'new', os.fdatasync, os.O_CREAT | os.O_WRONLY); sync_directory()")
        self.assertEqual(self.left(), {"a": b"new"})

    def test_a_new_file_with_synced_content_in_an_unsynced_directory_is_not_there(self) -> None:
        self.run_program("put('a', b'new', os.fsync)")
        self.assertEqual(self.left(), {})

    def test_content_synced_through_another_descriptor_counts(self) -> None:
        self.run_program("""
            put('a', b'new')
            fd = os.open('a', os.O_RDONLY)
            os.fdatasync(fd)
            sync_directory()
        """)
        self.assertEqual(self.left(), {"a": b"new"})

    def test_content_synced_under_its_old_name_is_found_under_the_new_one(self) -> None:
        self.run_program("put('a', b'new', os.fdatasync); os.rename('a', 'b'); sync_directory()")
        self.assertEqual(self.left(), {"b": b"new"})

    def test_large_and_changed_in_the_middle(self) -> None:
        self.run_program("""
            fd = os.open('a', os.O_CREAT | os.O_RDWR)
            os.write(fd, bytes(range(256)) * 1000)
            os.ftruncate(fd, 400_000)
            os.fdatasync(fd)
            os.pwrite(fd, b'changed', 199_999)
            os.fdatasync(fd)
            sync_directory()
        """)
        expected = bytearray(bytes(range(256)) * 1000 + bytes(144_000))
        expected[199_999:200_006] = b"changed"
        self.assertEqual(self.left(), {"a": bytes(expected)})

    def test_truncation_without_sync_leaves_the_old_content(self) -> None:
        self.run_program("""
            put('a', b'old content', os.fdatasync)
            put('b', b'old content', os.fdatasync)
            sync_directory()
            os.truncate('a', 3)
            put('b', b'', None, os.O_WRONLY | os.O_TRUNC)
        """)
        self.assertEqual(self.left(), {"a": b"old content", "b": b"old content"})

    def test_truncation_and_sync_keep_the_new_size(self) -> None:
        self.run_program("""
            put('a', b'old content', os.fdatasync)
            sync_directory()
            os.truncate('a', 3)
            put('a', b'OLD', os.fdatasync)
        """)
        self.assertEqual(self.left(), {"a": b"OLD"})

    def test_direct_writes_are_not_synced_and_can_be(self) -> None:
        self.run_program("""
            import mmap
            page = mmap.mmap(-1, 4096)
            page.write(b'x' * 4096)
            for name in ('a', 'b'):
                fd = os.open(name, os.O_CREAT | os.O_RDWR | os.O_DIRECT)
                os.write(fd, page)
            os.fdatasync(fd)
            sync_directory()
        """)
        self.assertEqual(self.left(), {"a": b"", "b": b"x" * 4096})


class OtherSyncs(Case):
    """Calls that sync without being fsync or fdatasync, and calls that only seem to."""

    def test_sync_file_range_and_msync_do_not_count(self) -> None:
        self.run_program("""
            import ctypes, mmap
            put('a', b'new')
            put('b', b'old', os.fdatasync)
            sync_directory()
            a, b = os.open('a', os.O_RDWR), os.open('b', os.O_RDWR)
            assert ctypes.CDLL(None).sync_file_range(a, ctypes.c_long(0), ctypes.c_long(0), 7) == 0
            mapped = mmap.mmap(b, 3)
            mapped[:] = b'new'
            mapped.flush()
        """)
        self.assertEqual(self.left(), {"a": b"", "b": b"old"})

    def test_sync_and_syncfs_keep_everything(self) -> None:
        for call in ("os.sync()", "ctypes.CDLL(None).syncfs(os.open('.', os.O_RDONLY))"):
            with self.subTest(call):
                self.run_program(f"""
                    import ctypes
                    os.makedirs('d/e', exist_ok=True)
                    put('d/e/a', {call.encode()!r})
                    {call}
                    put('b', b'later')
                """)
                left = self.left()
                self.assertEqual(left["d/e/a"], call.encode())
                self.assertNotIn("later", left.values())
                (self.root / "b").unlink()

    def test_each_write_to_a_file_opened_with_o_sync_or_o_dsync_is_kept(self) -> None:
        writes = {
            "write": "os.write(fd, b'new')",
            "writev": "os.writev(fd, [b'n', b'ew'])",
            "pwrite": "os.pwrite(fd, b'new', 0)",
            "pwritev": "os.pwritev(fd, [b'n', b'ew'], 0)",
        }
        for flag in ("O_SYNC", "O_DSYNC"):
            for name, write in writes.items():
                self.run_program(f"fd = os.open('{flag}-{name}', os.O_CREAT | os.O_WRONLY | os.{flag}); {write}")
        self.run_program("sync_directory()")
        self.assertEqual(self.left(), {f"{flag}-{name}": b"new" for flag in ("O_SYNC", "O_DSYNC") for name in writes})

    def test_such_a_write_keeps_its_own_bytes_only(self) -> None:
        self.run_program("""
            put('a', b'lost')
            fd = os.open('a', os.O_WRONLY | os.O_DSYNC)
            os.lseek(fd, 4, os.SEEK_SET)
            os.write(fd, b'kept')
            put('a', b'', None, os.O_RDWR | os.O_APPEND)
            fd = os.open('a', os.O_RDWR)
            os.pwrite(fd, b'unsynced', 8)
            os.pwritev(fd, [b'KEPT'], 6, os.RWF_DSYNC)
            sync_directory()
        """)
        self.assertEqual(self.left(), {"a": b"\0\0\0\0keKEPT"})

    def test_appending_synced_writes_are_kept_where_they_went(self) -> None:
        self.run_program("""
            fd = os.open('a', os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_DSYNC)
            os.write(fd, b'one ')
            os.pwrite(fd, b'two ', 0)
            os.write(fd, b'three')
            sync_directory()
        """)
        self.assertEqual(self.left(), {"a": b"one two three"})


class Names(Case):
    """Directory entries."""

    def test_a_rename_without_sync_leaves_the_old_name(self) -> None:
        self.run_program("put('a', b'x', os.fsync); sync_directory(); os.rename('a', 'b')")
        self.assertEqual(self.left(), {"a": b"x"})

    def test_a_rename_and_sync_leave_the_new_name(self) -> None:
        self.run_program("put('a', b'x', os.fsync); sync_directory(); os.rename('a', 'b'); sync_directory()")
        self.assertEqual(self.left(), {"b": b"x"})

    def test_a_file_replaced_by_rename_is_the_old_one_until_the_directory_is_synced(self) -> None:
        self.run_program("""
            put('head', b'old', os.fsync); sync_directory()
            put('head.new', b'new', os.fsync); os.rename('head.new', 'head')
        """)
        self.assertEqual(self.left(), {"head": b"old"})
        self.run_program("sync_directory()")
        self.assertEqual(self.left(), {"head": b"new"})

    def test_a_file_replaced_before_its_content_was_synced_is_empty(self) -> None:
        self.run_program("""
            put('head', b'old', os.fsync); sync_directory()
            put('head.new', b'new'); os.rename('head.new', 'head'); sync_directory()
        """)
        self.assertEqual(self.left(), {"head": b""})

    def test_every_call_that_renames_works(self) -> None:
        self.run_program("""
            import ctypes
            libc, here = ctypes.CDLL(None, use_errno=True), -100
            put('a', b'x')
            assert libc.rename(b'a', b'b') == 0
            assert libc.renameat(here, b'b', here, b'c') == 0
            put('d', b'y')
            assert libc.renameat2(here, b'c', here, b'd', 1) == -1 and ctypes.get_errno() == 17
            assert libc.renameat2(here, b'c', here, b'd', 2) == 0
            assert open('c').read() == 'y' and open('d').read() == 'x'
            assert libc.rename(b'none', b'e') == -1 and ctypes.get_errno() == 2
        """)

    def test_an_unlinked_file_is_there_until_the_directory_is_synced(self) -> None:
        self.run_program("put('a', b'x', os.fsync); sync_directory(); os.unlink('a')")
        self.assertEqual(self.left(), {"a": b"x"})
        self.run_program("sync_directory()")
        self.assertEqual(self.left(), {})

    def test_a_file_synced_after_it_was_unlinked_is_not_reachable(self) -> None:
        self.run_program("""
            fd = os.open('a', os.O_CREAT | os.O_RDWR); os.unlink('a')
            os.write(fd, b'x'); os.fsync(fd); sync_directory()
        """)
        self.assertEqual(self.left(), {})

    def test_a_new_directory_needs_its_parent_synced_and_its_entries_its_own_sync(self) -> None:
        self.run_program("os.mkdir('d'); put('d/a', b'x', os.fsync); sync_directory('d')")
        self.assertEqual(self.left(), {})
        self.run_program("sync_directory(); os.mkdir('e'); put('e/a', b'x', os.fsync); sync_directory()")
        self.assertEqual(self.left(), {"d": None, "d/a": b"x", "e": None})

    def test_a_removed_directory_is_there_until_its_parent_is_synced(self) -> None:
        self.run_program("os.mkdir('d'); put('d/a', b'x', os.fsync); sync_directory('d'); sync_directory()")
        self.run_program("os.unlink('d/a'); os.rmdir('d')")
        self.assertEqual(self.left(), {"d": None, "d/a": b"x"})
        self.run_program("sync_directory()")
        self.assertEqual(self.left(), {})

    def test_moving_between_directories_takes_both_syncs(self) -> None:
        setup = "os.mkdir('d'); os.mkdir('e'); put('d/a', b'x', os.fsync); os.sync(); os.rename('d/a', 'e/a'); "
        self.run_program(setup + "sync_directory('e')")
        self.assertEqual(self.left(), {"d": None, "d/a": b"x", "e": None, "e/a": b"x"})
        self.run_program("sync_directory('d')")
        self.assertEqual(self.left(), {"d": None, "e": None, "e/a": b"x"})

    def test_two_names_of_one_file_stay_one_file(self) -> None:
        self.run_program("put('a', b'x', os.fsync); os.link('a', 'b'); sync_directory()")
        target = self.cut()
        self.assertTrue((target / "a").samefile(target / "b"))

    def test_any_name_will_do(self) -> None:
        self.run_program(r"put(b'a b\nc\xff ', b'x', os.fsync); sync_directory()")
        self.assertEqual(self.left(), {os.fsdecode(b"a b\nc\xff "): b"x"})

    def test_modes_are_kept_with_the_entry(self) -> None:
        self.run_program("put('a', b'x', os.fsync); os.mkdir('d', 0o700); sync_directory(); os.chmod('a', 0o640)")
        target = self.cut()
        self.assertEqual([(target / name).stat().st_mode & 0o7777 for name in "ad"], [0o600, 0o700])

    def test_what_is_neither_a_file_nor_a_directory_is_left_out(self) -> None:
        self.run_program("os.symlink('a', 'l'); os.mkfifo('p'); put('a', b'x', os.fsync); sync_directory(); os.sync()")
        self.assertEqual(self.left(), {"a": b"x"})

    def test_a_directory_moved_into_itself_is_refused(self) -> None:
        self.run_program("""
            os.mkdir('a'); os.mkdir('b'); os.sync()
            os.rename('a', 'b/a'); sync_directory('b'); os.rename('b/a', 'a')
            os.rename('b', 'a/b'); sync_directory('a')
        """)
        with self.assertRaisesRegex(reconstruct.ShadowError, "within itself"):
            self.cut()


class Inodes(Case):
    """A number that is used again is another file."""

    REUSE = """
        def reuse(make, number):
            for attempt in range(1000):
                make('b')
                if os.stat('b').st_ino == number:
                    return print('reused')
                os.rename('b', f'other-{attempt}')
    """

    def run_reusing(self, program: str) -> None:
        if "reused" not in self.run_program(textwrap.dedent(self.REUSE) + textwrap.dedent(program)):
            self.skipTest("this file system does not use inode numbers again")

    def test_a_new_file_does_not_get_the_content_of_a_removed_one(self) -> None:
        self.run_reusing("""
            put('a', b'removed', os.fsync); sync_directory()
            number = os.stat('a').st_ino
            os.unlink('a')
            reuse(lambda name: put(name, b''), number)
            sync_directory()
        """)
        left = self.left()
        self.assertEqual(left["b"], b"")
        self.assertNotIn("a", left)

    def test_a_removed_file_does_not_get_the_content_of_a_new_one(self) -> None:
        self.run_reusing("""
            put('a', b'removed', os.fsync); sync_directory()
            number = os.stat('a').st_ino
            os.unlink('a')
            reuse(lambda name: put(name, b''), number)
            put('b', b'new', os.fsync)
        """)
        self.assertEqual(self.left(), {"a": b"removed"})

    def test_a_new_directory_does_not_get_the_entries_of_a_removed_one(self) -> None:
        self.run_reusing("""
            os.mkdir('a'); put('a/x', b''); sync_directory('a'); sync_directory()
            number = os.stat('a').st_ino
            os.unlink('a/x'); os.rmdir('a')
            reuse(os.mkdir, number)
            sync_directory()
        """)
        left = self.left()
        self.assertIn("b", left)
        self.assertNotIn("b/x", left)


class Starts(Case):
    """What was there before, and what goes on after."""

    def test_what_was_there_before_the_first_start_is_durable(self) -> None:
        (self.root / "d").mkdir()
        (self.root / "d" / "a").write_bytes(b"before")
        self.run_program("put('d/a', b'after!'); put('b', b'')")
        self.assertEqual(self.left(), {"d": None, "d/a": b"before"})

    def test_a_later_start_carries_on(self) -> None:
        self.run_program("put('a', b'one'); put('b', b'one', os.fsync)")
        self.run_program("pass")
        self.assertEqual(self.left(), {})
        self.run_program("sync_directory()")
        self.assertEqual(self.left(), {"a": b"", "b": b"one"})

    def test_what_a_power_cut_left_can_be_watched_again(self) -> None:
        self.run_program("put('a', b'one', os.fsync); sync_directory(); put('a', b'two')")
        self.root, self.kept = self.cut(), self.place / "kept again"
        self.run_program("put('b', b'x', os.fsync); sync_directory()")
        self.assertEqual(self.left(), {"a": b"one", "b": b"x"})

    def test_files_elsewhere_are_not_watched(self) -> None:
        beside = self.place / "root-beside"
        beside.mkdir()
        self.run_program(f"put('{beside}/a', b'x', os.fsync); sync_directory('{beside}')")
        self.assertEqual(self.left(), {})
        self.assertEqual(list((self.kept / "files").iterdir()), [])

    def test_errors_stay_errors(self) -> None:
        self.run_program("""
            import errno
            def why(call, *arguments):
                try:
                    call(*arguments)
                except OSError as error:
                    return error.errno
            put('a', b'x')
            path_only, reader = os.open('a', os.O_PATH), os.open('a', os.O_RDONLY)
            assert why(os.fsync, 999) == why(os.fdatasync, path_only) == errno.EBADF
            assert why(os.fsync, os.pipe()[1]) == errno.EINVAL
            assert why(os.write, reader, b'x') == errno.EBADF
            assert why(os.pwrite, os.open('a', os.O_WRONLY), b'x', -1) == errno.EINVAL
            assert why(os.open, 'none', os.O_RDONLY) == errno.ENOENT
        """)

    def test_a_wrong_setting_ends_the_process(self) -> None:
        wrong = [
            ({"POWERCUT_ROOT": str(self.place / "none")}, "must be a directory"),
            ({"POWERCUT_KEPT": str(self.root / "kept")}, "must lie outside"),
            ({"POWERCUT_KEPT": str(self.place / "none" / "kept")}, "must be a directory"),
        ]
        for settings, message in wrong:
            with self.subTest(settings):
                done = subprocess.run(["/bin/true"], env=self.environment(**settings), capture_output=True, text=True)
                self.assertEqual(done.returncode, -signal.SIGABRT)
                self.assertIn(message, done.stderr)

    def test_without_a_shadow_there_is_nothing_to_build(self) -> None:
        with self.assertRaisesRegex(reconstruct.ShadowError, "never began"):
            self.cut()
        command = [sys.executable, "-B", HERE / "reconstruct.py", self.kept, self.place / "new"]
        self.assertEqual(subprocess.run(command, capture_output=True).returncode, 1)

    def test_the_command_builds_the_tree_once(self) -> None:
        self.run_program("put('a', b'x', os.fsync); sync_directory()")
        command = [sys.executable, "-B", HERE / "reconstruct.py", self.kept, self.place / "new"]
        self.assertEqual([subprocess.run(command, capture_output=True).returncode for _ in range(2)], [0, 1])
        self.assertEqual((self.place / "new" / "a").read_bytes(), b"x")

    def test_another_boot(self) -> None:
        other = self.place / "boot_id"
        other.write_text("00000000-0000-4000-8000-00000000b007\n")
        read = "print(open('/proc/sys/kernel/random/boot_id').read(), end='')"
        real = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text()
        self.assertEqual(self.run_program(read), real)
        self.assertEqual(self.run_program(read, POWERCUT_BOOT_ID=str(other)), other.read_text())
        at = "import ctypes; print(os.read(ctypes.CDLL(None).openat(-100, b'/proc/sys/kernel/random/boot_id', 0), 99))"
        self.assertIn("b007", self.run_program(at, POWERCUT_BOOT_ID=str(other)))


class Locks(Case):
    """What keeps an older copy from replacing a newer one, and a renamed file from having no name."""

    def test_a_sync_looks_at_the_file_only_when_no_other_is_copying_it(self) -> None:
        self.run_program("put('a', b'old', os.fsync); sync_directory()")
        (shadow,) = (self.kept / "files").iterdir()
        with open(shadow) as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            command = [sys.executable, "-S", "-c", PRELUDE + "put('a', b'new', os.fsync)"]
            with subprocess.Popen(command, cwd=self.root, env=self.environment()) as process:
                with self.assertRaises(subprocess.TimeoutExpired):
                    process.wait(0.5)
                (self.root / "a").write_bytes(b"newer")
                fcntl.flock(other, fcntl.LOCK_UN)
                self.assertEqual(process.wait(10), 0)
        self.assertEqual(self.left(), {"a": b"newer"})

    def test_a_file_renamed_while_its_directory_is_synced_has_one_name(self) -> None:
        for number in range(300):
            (self.root / f"other-{number}").touch()
        (self.root / "a").touch()
        for _ in range(5):
            self.run_program("""
                import threading
                done = threading.Event()
                def walk():
                    while not done.is_set():
                        os.rename('a', 'b')
                        os.rename('b', 'a')
                walker = threading.Thread(target=walk)
                walker.start()
                sync_directory()
                done.set()
                walker.join()
            """)
            self.assertEqual(len({"a", "b"} & set(self.left())), 1)


class Kills(Case):
    """Killed at random: nothing acknowledged is missing, and a program that lies is found out."""

    def killed_after(self, seconds: float, *arguments: str) -> list[tuple[str, ...]]:
        """Runs the workload for so long once it acknowledges; what it acknowledged."""
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen([WORKLOAD, *arguments], cwd=self.root, env=self.environment(), stdout=said)
            while os.fstat(said.fileno()).st_size == 0 and process.poll() is None:
                time.sleep(0.001)
            time.sleep(seconds)
            process.kill()
            self.assertEqual(process.wait(), -signal.SIGKILL)
            said.seek(0)
            return [tuple(line.decode().split()) for line in said.read().splitlines()]

    def missing(self, acknowledged: list[tuple[str, ...]]) -> list[str]:
        """What was acknowledged and is not there after the power cut."""
        target = self.cut()
        missing = []
        for (kind, *rest) in acknowledged:
            numbers = [int(number) for number in rest]
            if kind == "removed" and (target / f"segment-{numbers[0]}").exists():
                missing.append(f"removal of segment-{numbers[0]}")
        created = [int(line[1]) for line in acknowledged if line[0] == "created"]
        for number in created[-3:]:
            if not is_whole(target / f"segment-{number}", number):
                missing.append(f"segment-{number}")
        replaced = max((int(line[1]) for line in acknowledged if line[0] == "replaced"), default=-1)
        if replaced >= 0 and not any(is_whole(target / "head", number) for number in range(replaced, replaced + 2)):
            missing.append(f"head {replaced}")
        for thread in {line[1] for line in acknowledged if line[0] == "appended"}:
            last = max(int(line[2]) for line in acknowledged if line[:2] == ("appended", thread))
            there = count_records(target / f"log-{thread}")
            if there <= last:
                missing.append(f"log-{thread}: {last} was acknowledged, {there} records are there")
        for kind, name in (("written", "dsync"), ("shared", "shared")):
            content = (target / name).read_bytes() if (target / name).exists() else b""
            there_already = set(re.findall(r"(\d+) (\d+) +", content.decode()))
            missing += [f"{name} {line}" for line in acknowledged if line[0] == kind and line[1:] not in there_already]
        walkers = [name for name in ("walker-a", "walker-b") if is_whole(target / name, 0)]
        if len(walkers) != 1:
            missing.append(f"the walker is at {walkers}")
        return missing

    def rounds(self, *arguments: str) -> tuple[list[str], int]:
        """Kills the workload at random moments; what was missing, and how much was acknowledged."""
        seed = random.randrange(2**32)
        moments = random.Random(seed)
        missing, count = [], 0
        for number in range(ROUNDS):
            self.root, self.kept = self.place / f"root-{number}", self.place / f"kept-{number}"
            self.root.mkdir()
            acknowledged = self.killed_after(moments.uniform(0.0, 0.3), *arguments)
            count += len(acknowledged)
            missing += [f"seed {seed} round {number}: {what}" for what in self.missing(acknowledged)]
        return missing, count

    def test_nothing_acknowledged_is_missing(self) -> None:
        missing, count = self.rounds()
        self.assertEqual(missing, [])
        self.assertGreater(count, 100 * ROUNDS, "too little was acknowledged to prove anything")

    def test_who_acknowledges_before_syncing_is_caught(self) -> None:
        missing, _ = self.rounds("early")
        self.assertTrue(any("was acknowledged" in what for what in missing), "the fault was not found")
        self.assertTrue(all("log-" in what for what in missing), missing)

    def test_who_acknowledges_before_syncing_is_caught_at_once_if_killed_in_between(self) -> None:
        program = "put('a', b'new'); sync_directory(); print('acknowledged', flush=True); sys.stdin.read()"
        command = [sys.executable, "-S", "-c", PRELUDE + program]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=self.root, env=self.environment(), stdin=pipe, stdout=pipe) as process:
            self.assertEqual(process.stdout.readline(), b"acknowledged\n")
            process.kill()
        self.assertEqual(self.left(), {"a": b""})


def parse_record(content: bytes, at: int, number: int) -> int | None:
    """Where the record of that number at that place ends; None if it is not there, whole."""
    header = re.match(rb"(\d+) (\d+) ", content[at : at + 32])
    if not header or int(header[1]) != number:
        return None
    end = at + 32 + int(header[2])
    body = bytes([ord("a") + number % 26]) * int(header[2])
    return end if content[at + 32 : end] == body else None


def is_whole(path: pathlib.Path, number: int) -> bool:
    """Whether the file is exactly the record of that number."""
    content = path.read_bytes() if path.exists() else b""
    return parse_record(content, 0, number) == len(content)


def count_records(path: pathlib.Path) -> int:
    """How many records from number 0 on are there, whole and in order."""
    content = path.read_bytes() if path.exists() else b""
    number, at = 0, 0
    while (end := parse_record(content, at, number)) is not None:
        number, at = number + 1, end
    return number


if __name__ == "__main__":
    unittest.main()
