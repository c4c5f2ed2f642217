"""Web servers, an SSH server, and a command: hosts that are no object stores."""
import shlex

from servers import ROOT, Directory


class ExecDirectory(Directory):
    """The sample command of docs/locations/exec.md."""
    SCRIPT = ROOT / "examples" / "exec" / "directory.sh"

    def registry(self, name):
        return f"exec:sh {shlex.quote(str(self.SCRIPT))} {self.folder / name}", {}

    def index_url(self, name):
        return (self.folder / name / "index.json").as_uri()
