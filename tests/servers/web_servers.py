"""Web servers, an SSH server, and a command: hosts that are no object stores."""
import os
import pwd
import shlex
import socket
import subprocess
import urllib.parse
from pathlib import Path

from servers import ROOT, Directory, Server


class ExecDirectory(Directory):
    """The sample command of docs/locations/exec.md."""
    SCRIPT = ROOT / "examples" / "exec" / "directory.sh"

    def registry(self, name):
        return f"exec:sh {shlex.quote(str(self.SCRIPT))} {self.folder / name}", {}

    def index_url(self, name):
        return (self.folder / name / "index.json").as_uri()


class OpenSSH(Server):
    """sshd for SFTP alone, as the user that runs the tests."""
    user = pwd.getpwuid(os.getuid()).pw_name
    sftp_options = ""

    def command(self):
        for name in ("host_key", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                            self.folder / name], check=True)
        self.root = self.folder / "www"
        self.root.mkdir()
        self.config = self.folder / "ssh_config"
        self.config.write_text("# nothing of the user's own\n")
        self.known_hosts = self.folder / "known_hosts"
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} "
                                    f"{(self.folder / 'host_key.pub').read_text()}")
        (self.folder / "authorized_keys").write_bytes((self.folder / "key.pub").read_bytes())
        server_config = self.folder / "sshd_config"
        server_config.write_text(f"""\
Port {self.port}
ListenAddress 127.0.0.1
HostKey {self.folder}/host_key
AuthorizedKeysFile {self.folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp {self.sftp_options}
""")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        return ["/usr/sbin/sshd", "-D", "-e", "-f", str(server_config)]

    def is_ready(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def location(self, path, **more):
        """The location of an absolute path there."""
        parameters = {"identity": self.folder / "key", "known-hosts": self.known_hosts,
                      "config": self.config, **more}
        query = "&".join(f"{name}={urllib.parse.quote(str(value), safe='/')}"
                         for name, value in parameters.items())
        return (f"sftp://{self.user}@127.0.0.1:{self.port}"
                f"{urllib.parse.quote(str(path))}?{query}")

    def registry(self, name):
        return self.location(self.root / name), {}

    def index_url(self, name):
        return (self.root / name / "index.json").as_uri()
