"""An S3 server for tests: a versitygw over a temporary folder, on a free port, ended by its pid."""

import signal
import subprocess

from programs import DEADLINE_S, ROOT, free_port

PROGRAM = ROOT / "build/deps/bin/versitygw"
KEY, SECRET, BUCKET = "test-key", "test-secret", "nightly"


class S3Server:
    def __init__(self, folder, address="127.0.0.1", port=None, within=()):
        """`within`: the command line that the server is run by, if it is to be elsewhere; then `port` is given too."""
        self.folder = folder
        self.bucket = folder / BUCKET
        self.bucket.mkdir(parents=True)
        self.address = address
        self.within = within
        self.port = port or free_port()
        self.start()

    def start(self):
        if not PROGRAM.exists():
            raise AssertionError(f"there is no S3 server at {PROGRAM}; scripts/setup --tests makes one")
        self.process = subprocess.Popen([*self.within, PROGRAM, "--access", KEY, "--secret", SECRET, "--port",
                                         f"{self.address}:{self.port}", "posix", self.folder],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:  # it says where it listens when it does
            if f":{self.port}" in line and "http" in line:
                break
        else:
            raise AssertionError("versitygw did not start")
        # Its log of requests would fill the pipe.
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)

    def environment(self, key=KEY, secret=SECRET):
        return {"AWS_ENDPOINT_URL": f"http://{self.address}:{self.port}", "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret,
                "AWS_EC2_METADATA_DISABLED": "true"}

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE_S)
        self.process.stdout.close()
        self.drain.wait(DEADLINE_S)

    def stop(self):
        if self.process.poll() is None:
            self.kill()

    def unfinished_uploads(self):
        uploads = self.bucket / ".sgwtmp/multipart"
        return [path for path in uploads.rglob("*")] if uploads.exists() else []
