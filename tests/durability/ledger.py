"""A load of acknowledged writes, and the ledger of what was acknowledged."""

import base64
import hashlib
import secrets
import threading
import time
import urllib.parse

from wire import Browser, NoAnswer

# After this a repeated refresh gets no repeated answer (RFC 9700 §4.14.2); the chain is then left out.
REPEAT_SECONDS = 8


class Ledger:
    """What the server acknowledged, and what it answered."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged = 0
        self.revoked, self.active = set(), set()
        self.statuses = {}
        self.wrong = []

    def note(self, status):
        with self.lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1

    def revoke(self, token):
        with self.lock:
            self.acknowledged += 1
            self.active.discard(token)
            self.revoked.add(token)

    def unsure(self, token):
        with self.lock:
            self.active.discard(token)

    def issue(self, token):
        with self.lock:
            self.acknowledged += 1
            self.active.add(token)


class Chain:
    """One application with one grant: it refreshes, revokes access tokens and now and then begins again."""

    def __init__(self, server, ledger, username, password):
        self.server, self.ledger = server, ledger
        self.browser = Browser(server)
        self.tokens, self.unsure_since, self.turn = None, None, 0
        self.sign_in(username, password)

    def authorize(self):
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        parameters = {
            "response_type": "code", "client_id": self.server.said["client_id"], "scope": "openid offline_access",
            "redirect_uri": self.server.said["redirect_uri"], "state": "s", "prompt": "consent",
            "code_challenge": challenge, "code_challenge_method": "S256",
        }
        return verifier, self.browser.go("GET", "/authorize?" + urllib.parse.urlencode(parameters))

    def sign_in(self, username, password):
        verifier, page = self.authorize()
        page = self.browser.press(page, username=username)
        page = self.browser.press(page, password=password)
        self.redeem(verifier, self.allow(page))

    def allow(self, page):
        if page.status == 200:
            page = self.browser.press(page, decision="allow")
        return page

    def redeem(self, verifier, page):
        location = urllib.parse.urlparse(page.headers.get("Location") or "")
        code = urllib.parse.parse_qs(location.query).get("code")
        if not code:
            self.ledger.note(page.status)
            return
        form = {"grant_type": "authorization_code", "code": code[0], "code_verifier": verifier}
        answer = self.server.call("/token", {**form, "redirect_uri": self.server.said["redirect_uri"]})
        self.ledger.note(answer.status)
        if answer.status == 200:
            self.take(answer.json())

    def take(self, tokens):
        self.tokens, self.unsure_since = tokens, None
        self.ledger.issue(tokens["access_token"])

    def step(self):
        """One acknowledged write, or a refusal."""
        self.turn += 1
        if self.tokens is None or self.turn % 20 == 0:
            verifier, page = self.authorize()
            self.redeem(verifier, self.allow(page))
        elif self.turn % 3 == 0:
            self.revoke()
        else:
            self.refresh()

    def revoke(self):
        token = self.tokens["access_token"]
        self.ledger.unsure(token)
        answer = self.server.call("/revoke", {"token": token, "token_type_hint": "access_token"})
        self.ledger.note(answer.status)
        if answer.status == 200:
            self.ledger.revoke(token)

    def refresh(self):
        """Repeats the last acknowledged refresh token until there is an answer."""
        begun = time.monotonic()
        self.unsure_since = self.unsure_since or begun
        answer = self.server.call("/token", {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]})
        self.ledger.note(answer.status)
        if answer.status == 200:
            self.take(answer.json())
        elif answer.status < 500:
            if begun - self.unsure_since < REPEAT_SECONDS:
                with self.ledger.lock:
                    self.ledger.wrong.append(f"an acknowledged refresh token is refused: {answer.status} {answer.body}")
            self.tokens = None


class Load:
    """Several chains at once, until told to stop."""

    def __init__(self, chains):
        self.chains, self.stopped = chains, threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(chain,)) for chain in chains]
        for thread in self.threads:
            thread.start()

    def run(self, chain):
        while not self.stopped.is_set():
            try:
                chain.step()
            except NoAnswer:
                time.sleep(0.02)
            except (SystemExit, ValueError) as error:
                # A page in place of the one that was expected, while the database is away.
                chain.ledger.note("page")
                chain.last_page = error

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def missing(server, ledger, chains):
    """What was acknowledged and is not so, as sentences."""
    found, ledger.wrong = ledger.wrong, []
    for chain in chains:
        if chain.tokens:
            chain.refresh()
    found += ledger.wrong
    expected = [(token, False) for token in sample(ledger.revoked)] + [(token, True) for token in sample(ledger.active)]
    for token, is_active in expected:
        answer = server.call("/introspect", {"token": token})
        if answer.status != 200 or answer.json()["active"] != is_active:
            kind = "an issued token is not active" if is_active else "a revoked token is active"
            found.append(f"{kind}: {answer.status} {answer.body}")
    return found


def sample(tokens, most=400):
    """All of them, or as many as fit into a cycle."""
    tokens = list(tokens)
    return tokens if len(tokens) <= most else secrets.SystemRandom().sample(tokens, most)
