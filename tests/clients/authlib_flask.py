"""Authlib with Flask, as its documentation uses it."""

import json
import os

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, url_for
from markupsafe import escape

PORT = int(os.environ["PORT"])

app = Flask(__name__)
app.secret_key = "a test"
oauth = OAuth(app)
oauth.register(
    "provider",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=os.environ["ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


def show(result):
    body = escape(json.dumps(result))
    return f'<!doctype html><title>Application</title><a id="sign-in" href="/sign-in">Sign in</a><pre id="result">{body}</pre>'


@app.get("/")
def home():
    return show({})


@app.get("/sign-in")
def sign_in():
    return oauth.provider.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback():
    try:
        token = oauth.provider.authorize_access_token()
    except OAuthError as error:
        return show({"error": error.error})
    return show({"claims": {**token["userinfo"], **oauth.provider.userinfo(token=token)}})


if __name__ == "__main__":
    from werkzeug.serving import make_server

    server = make_server("localhost", PORT, app, threaded=True)
    print("ready", flush=True)
    server.serve_forever()
