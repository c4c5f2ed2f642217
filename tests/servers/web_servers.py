"""Web servers, an SSH server, and a command: hosts that are no object stores."""
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import urllib.parse
from pathlib import Path

from servers import ROOT, VENV, Directory, Server, tool


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


class Web(Server):
    """What web servers with WebDAV share: documents in a folder of their own."""
    user = "www-data"  # where the server would be root
    query = ""

    def command(self):
        self.root = self.folder / "www"
        self.root.mkdir()
        command = self.configured()
        if os.getuid() == 0:
            for path in [self.folder, *self.folder.iterdir()]:
                if path.name != "log":
                    shutil.chown(path, self.user, self.user)
        return command

    def configured(self):
        raise NotImplementedError

    def registry(self, name):
        return f"{self.base}/{name}{self.query}", {}

    def index_url(self, name):
        return f"{self.base}/{name}/index.json"


class Nginx(Web):
    """Its DAV module; PROPFIND and OPTIONS come from another one."""
    workers = 1
    module = "load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;"
    methods = """dav_methods PUT DELETE MKCOL COPY MOVE;
            dav_ext_methods PROPFIND OPTIONS;"""
    more = ""

    def configured(self):
        config = self.folder / "nginx.conf"
        user = f"user {self.user};" if os.getuid() == 0 else ""
        config.write_text(f"""\
{self.module}
{user}
daemon off;
worker_processes {self.workers};
pid {self.folder}/pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    types {{ application/json json; application/gzip gz; text/html html; }}
    client_body_temp_path {self.folder}/body;
    proxy_temp_path {self.folder}/proxy;
    fastcgi_temp_path {self.folder}/fastcgi;
    uwsgi_temp_path {self.folder}/uwsgi;
    scgi_temp_path {self.folder}/scgi;
    server {{
        listen 127.0.0.1:{self.port};
        root {self.root};
        client_max_body_size 64m;
        location / {{
            {self.methods}
            {self.more}
        }}
    }}
}}
""")
        return ["/usr/sbin/nginx", "-c", str(config)]


class NginxJournal(Nginx):
    query = "?mode=journal"


class Apache(Web):
    more = ""

    def configured(self):
        modules = ("mpm_event authz_core authn_core authn_file auth_basic authz_user dir mime "
                   "dav dav_fs").split()
        loads = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
                          for name in modules)
        user = f"User {self.user}\nGroup {self.user}" if os.getuid() == 0 else ""
        (self.folder / "locks").mkdir()
        (self.folder / "types").write_text("application/json json\napplication/gzip gz\n")
        config = self.folder / "apache.conf"
        config.write_text(f"""\
{loads}
{user}
ServerName 127.0.0.1
Listen 127.0.0.1:{self.port}
PidFile {self.folder}/pid
ErrorLog /dev/stderr
TypesConfig {self.folder}/types
Mutex posixsem
DavLockDB {self.folder}/locks/db
DocumentRoot {self.root}
<Directory {self.root}>
    Dav On
    {self.more or "Require all granted"}
</Directory>
""")
        return ["/usr/sbin/apache2", "-d", str(self.folder), "-f", str(config), "-DFOREGROUND"]


class Rclone(Web):
    """The bad one: conditions are not looked at, and readers see half of what is written."""

    def configured(self):
        return [tool(VENV / "bin" / "rclone"), "serve", "webdav", str(self.root), "--addr",
                f"127.0.0.1:{self.port}", "--config", "/dev/null", "--dir-cache-time", "0s"]
