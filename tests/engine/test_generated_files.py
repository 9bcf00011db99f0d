"""The helper files on disk are those of the plan as it is now."""

from pathlib import Path

from tui.engine.jobs import generate
from tui.engine.work import Desk
from tui.session.directory import open_directory


def test_files_of_nodes_no_longer_planned_are_taken_away_and_the_person_s_own_stay(tmp_path: Path) -> None:
    desk = Desk(open_directory(tmp_path / "s"))
    below = desk.directory.generated
    generate._replace_all(desk, {"dns/zone": "1", "pxe/01-aa": "master-0", "kernel/worker-9.txt": "worker-9"})
    (below / "pxe" / "notes.txt").write_text("mine")
    generate._replace_all(desk, {"dns/zone": "2", "pxe/01-bb": "master-1"})
    left = {str(path.relative_to(below)) for path in below.rglob("*") if path.is_file()}
    assert left == {"dns/zone", "pxe/01-bb", "pxe/notes.txt"}
    assert (below / "dns" / "zone").read_text() == "2"
    assert not (below / "kernel").exists(), "an empty directory goes with its last file"
