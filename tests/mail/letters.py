"""Lets the program write to a mail server of others (aiosmtpd), and reads the letters with Python's parser.

    letters.py COMMAND…    runs COMMAND with the address of the server in COUNTERSIGN_TEST_SMTP_URL

Three servers: unencrypted on loopback, STARTTLS with user and password, and TLS from the start. The certificate of the
last two is issued by an authority that only SSL_CERT_FILE makes known. A last run does not know it: no letter arrives.
Prints `ok` or `not ok` for each.
"""

import datetime
import email
import email.policy
import ipaddress
import os
import socket
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "countersign@example.com", "p/a?s%s"


class Kept:
    """Keeps what it receives."""

    def __init__(self):
        self.letters = []

    async def handle_DATA(self, server, session, envelope):
        by_tls = session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, by_tls, envelope.content))
        return "250 kept"


def authenticate(server, session, envelope, mechanism, data):
    is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=is_right)


def certificates(folder):
    """An authority, and a certificate for 127.0.0.1 that it has issued."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(name, issuer, key, signer, extensions):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
        )
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, is_critical)
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    (folder / "authority.pem").write_bytes(
        certificate("Test authority", "Test authority", authority, authority,
                    [(x509.BasicConstraints(True, None), True), (usage, True)])
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")])
    (folder / "server.pem").write_bytes(
        certificate("127.0.0.1", "Test authority", server, authority,
                    [(names, False), (x509.BasicConstraints(False, None), True)])
    )
    (folder / "server.key").write_bytes(
        server.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


def check(letters, is_encrypted):
    """Raises when what arrived is not one letter as it should be."""
    assert len(letters) == 1, f"{len(letters)} letters"
    sender, recipients, over_tls, content = letters[0]
    assert over_tls == is_encrypted, f"TLS: {over_tls}"
    assert sender == "no-reply@example.com", sender
    letter = email.message_from_bytes(content, policy=email.policy.default)
    assert not letter.defects, letter.defects
    assert recipients == [letter["To"].addresses[0].addr_spec], (recipients, letter["To"])
    assert letter["From"].addresses[0].display_name == "Northwind", letter["From"]
    assert letter["Subject"] == "A device was added to your account", letter["Subject"]
    assert letter["Auto-Submitted"] == "auto-generated", letter["Auto-Submitted"]
    assert letter["Message-ID"].startswith("<out_") and letter["Message-ID"].endswith("@example.com>")
    # The clock of the test.
    assert letter["Date"].datetime.date() == datetime.date(2026, 11, 24), letter["Date"]
    assert letter.get_content_type() == "multipart/alternative", letter.get_content_type()
    plain, html = letter.get_body(("plain",)).get_content(), letter.get_body(("html",)).get_content()
    for text in (plain, html):
        assert "was added to your account" in text and "help desk" in text and "http://localhost:" in text, text
    assert "<" not in plain.replace("<http", ""), plain
    assert html.lstrip().lower().startswith("<!doctype html>"), html[:80]


def run(name, controller, scheme, command, environment, succeeds=True, is_encrypted=True):
    controller.start()
    try:
        url = f"{scheme}127.0.0.1:{controller.port}"
        if name == "starttls":
            url += "?tls=required"
        ended = subprocess.run(command, env={**os.environ, **environment, "COUNTERSIGN_TEST_SMTP_URL": url})
        if succeeds:
            assert ended.returncode == 0, f"the test ended with {ended.returncode}"
            check(controller.handler.letters, is_encrypted)
        else:
            assert ended.returncode != 0, "a letter was sent to a server that nobody vouches for"
            assert controller.handler.letters == [], controller.handler.letters
        print(f"ok - {name}")
        return True
    except AssertionError as failure:
        print(f"not ok - {name}: {failure}")
        return False
    finally:
        controller.stop()


def main(command):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        context = certificates(folder)
        known = {"SSL_CERT_FILE": str(folder / "authority.pem")}
        login = f"{USER.replace('@', '%40')}:{PASSWORD.replace('%', '%25').replace('/', '%2F').replace('?', '%3F')}"

        def place():
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                return {"hostname": "127.0.0.1", "port": free.getsockname()[1]}

        def secured(handler):
            return Controller(handler, tls_context=context, require_starttls=True, authenticator=authenticate,
                              auth_required=True, **place())

        results = [
            run("plain", Controller(Kept(), **place()), "smtp://", command, {}, is_encrypted=False),
            run("starttls", secured(Kept()), f"smtp://{login}@", command, known),
            run("tls", Controller(Kept(), ssl_context=context, **place()), "smtps://", command, known),
            run("unknown-authority", Controller(Kept(), ssl_context=context, **place()), "smtps://", command, {}, succeeds=False),
        ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
