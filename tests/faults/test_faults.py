"""Every allocation, write, sync, rename and creation fails in turn, for every command.

After each failure: no crash and no leak (the build has the sanitizers in it), an exit
status of the contract's, a word of explanation, no temporary file, and every file either
as it was or whole.
"""
import concurrent.futures
import os
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, SCENARIOS, run, snapshot

FAULTY = Path(os.environ.get("I3P_BIN_FAULTS", ROOT / "build-san/tests/faults/influxdb3-plugin-faults"))
STAMP = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def named(name):
    return next(scenario for scenario in SCENARIOS if scenario.name == name)


def plain(folder):
    """The tree without what differs from run to run: the time, and where it lies."""
    here = os.fsencode(folder)
    return {path: content if content is None else STAMP.sub(b"<now>", content.replace(here, b"<here>"))
            for path, content in snapshot(folder).items()}


def counts(scenario, folder):
    scenario.build(folder)
    before = plain(folder)
    done = run(FAULTY, scenario, folder, I3P_FAULT_COUNT=str(folder.parent / "count"))
    assert done.returncode == scenario.ok, done.stderr.decode()
    numbers = dict(line.split() for line in (folder.parent / "count").read_text().splitlines())
    return {kind: int(number) for kind, number in numbers.items()}, before, plain(folder)


def one_failure(scenario, folder, kind, plan, before, after):
    """Returns what is wrong with the outcome, or None."""
    scenario.build(folder)
    done = run(FAULTY, scenario, folder, I3P_FAULT=f"{kind}:{plan}")
    text = done.stdout + done.stderr
    tree = plain(folder)
    shutil.rmtree(folder)
    where = f"{kind}:{plan}: "
    if b"Sanitizer" in text or b"runtime error" in text or done.returncode < 0:
        return where + f"status {done.returncode}\n" + text.decode(errors="replace")[-3000:]
    if done.returncode not in (0, 1, 2):
        return where + f"status {done.returncode}"
    if not text.strip():
        return where + f"status {done.returncode} without a word"
    if kind == "alloc" and done.returncode == 1 and scenario.ok != 1:
        if b"memory" not in text and b"OutOfMemory" not in text:
            return where + "memory is not named: " + text.decode(errors="replace")[:300]
    good, old = after, before
    for path in tree:
        if path not in good and path not in old:
            return where + f"{path} is left behind"
    for path in set(good) | set(old):
        found, missing = tree.get(path), path not in tree
        if done.returncode == 0 and (missing or found != good.get(path)):
            if scenario.ok == 0:
                return where + f"success, but {path} is not as it should be"
        if missing and path in old:
            return where + f"{path} was lost"
        if not missing and found not in (good.get(path, b"?"), old.get(path, b"?")):
            return where + f"{path} is neither as before nor whole"
    return None


@pytest.mark.parametrize("kind", ["alloc", "write", "sync", "rename", "make"])
def test_each_failure_is_reported_and_leaves_nothing(scenario, kind, tmp_path):
    numbers, before, after = counts(scenario, tmp_path / "whole")
    plans = [str(at) for at in range(1, numbers[kind] + 1)]
    plans += [plan + "+" for plan in plans[:: max(1, len(plans) // 20)]]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(one_failure, scenario, tmp_path / f"r{at}", kind, plan, before, after)
                for at, plan in enumerate(plans)]
        problems = [job.result() for job in jobs if job.result()]
    assert not problems, f"{len(problems)} of {len(plans)}\n" + "\n".join(problems[:5])


@pytest.mark.parametrize("name", ["new-fresh", "new-existing", "new-force", "new-index"])
def test_new_writes_all_or_nothing(name, tmp_path):
    """One failure must not leave a part of the files."""
    scenario = named(name)
    numbers, before, after = counts(scenario, tmp_path / "whole")
    for kind in ("write", "sync", "rename", "make"):
        for at in range(1, numbers[kind] + 1):
            folder = tmp_path / f"{kind}{at}"
            scenario.build(folder)
            run(FAULTY, scenario, folder, I3P_FAULT=f"{kind}:{at}")
            tree = plain(folder)
            new = [tree.get(path) == after[path] for path in scenario.writes]
            old = [tree.get(path) == before.get(path) for path in scenario.writes]
            assert all(new) or all(old), (kind, at, new, old)


def test_package_writes_the_artifact_before_the_index(tmp_path):
    scenario = named("package")
    numbers, _, after = counts(scenario, tmp_path / "whole")
    artifact, index = scenario.writes
    assert after[artifact][:2] == b"\x1f\x8b"
    seen = []
    for at in range(1, numbers["rename"] + 1):
        folder = tmp_path / str(at)
        scenario.build(folder)
        run(FAULTY, scenario, folder, I3P_FAULT=f"rename:{at}")
        tree = plain(folder)
        seen.append({path for path in scenario.writes if path in tree})
    assert seen == [set(), {artifact}]
    assert index in after
