"""A server in a process of its own, and the HTTP requests of its applications and people."""

import base64
import html.parser
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

REQUEST_SECONDS = 15
START_SECONDS = 60


class NoAnswer(Exception):
    """The connection ended before an answer came: whether the server did the work is unknown."""


class Answer:
    """The status, the headers and the body of a response."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read().decode()

    def json(self):
        return json.loads(self.body)


class Server:
    """The program's demo on one database and one port; its log is a file."""

    def __init__(self, program, database, log):
        self.program, self.database, self.log = program, database, log
        self.port = free_port()
        self.said = None
        self.process = None

    def start(self):
        command = [self.program, "demo", "--json", "--database", self.database]
        command += ["--listen", f"127.0.0.1:{self.port}", "--public-url", f"http://localhost:{self.port}"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL)
        timer = threading.Timer(START_SECONDS, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if not line:
            raise SystemExit(f"the server did not start; its log ends with:\n{self.end_of_log()}")
        self.said = json.loads(line)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def is_running(self):
        return self.process.poll() is None

    def end_of_log(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-15:])

    def logged(self, sentence):
        """How many lines of the log contain the sentence."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return sum(sentence in line for line in log)

    def send(self, method, path, form=None, headers=None, seconds=REQUEST_SECONDS):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        headers = {"Host": f"localhost:{self.port}", "Connection": "close", **(headers or {})}
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body=body, headers=headers)
            return Answer(connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"{method} {path.split('?')[0]}: {error}") from error
        finally:
            connection.close()

    def call(self, path, form):
        """A request of the demo's application, which authenticates by its secret."""
        pair = f"{self.said['client_id']}:{self.said['client_secret']}".encode()
        return self.send("POST", path, form, {"Authorization": "Basic " + base64.b64encode(pair).decode()})

    def readiness(self):
        try:
            return self.send("GET", "/readyz").status
        except NoAnswer:
            return None


class Form(html.parser.HTMLParser):
    """The first form of a page: its address and its hidden fields."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields = None, {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and self.action is None:
            self.action = attributes.get("action")
        if tag == "input" and attributes.get("type") == "hidden":
            self.fields.setdefault(attributes["name"], attributes.get("value", ""))


class Browser:
    """Keeps cookies and follows redirects on the server's own host."""

    def __init__(self, server):
        self.server, self.cookies = server, {}

    def go(self, method, path, form=None):
        for _ in range(10):
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers = {"Cookie": cookies, "Origin": f"http://localhost:{self.server.port}"}
            answer = self.server.send(method, path, form, headers)
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, value = cookie.split(";")[0].split("=", 1)
                self.cookies[name] = value
            location = answer.headers.get("Location")
            if answer.status not in (302, 303) or not location:
                return answer
            home = f"http://localhost:{self.server.port}"
            if location.startswith("http") and not location.startswith(home + "/"):
                return answer
            method, path, form = "GET", location.removeprefix(home), None
        raise SystemExit("the pages redirect without an end")

    def press(self, page, **typed):
        form = Form(page.body)
        if form.action is None:
            title = re.search("<title>(.*?)</title>", page.body)
            raise SystemExit(f"a page without a form: {page.status} {title.group(1) if title else page.body[:200]}")
        return self.go("POST", form.action, {**form.fields, **typed})


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(seconds, is_so):
    """Whether it became so in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.05)
    return is_so()


def remove(path):
    if os.path.exists(path):
        os.remove(path)
