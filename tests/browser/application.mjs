// An application of the browser stories: it has a redirect URI, exchanges codes and uses tokens.

import { createServer } from "node:http";

const SECONDS_20 = { timeout: 20_000 };

/** An application that `instance` has registered under `name`. */
export class Application {
  #server;

  static async register(instance, name) {
    const application = new Application();
    application.#server = createServer((_, response) => response.end("<!doctype html><title>the application</title><p>the application"));
    await new Promise((ready) => application.#server.listen(0, "localhost", ready));
    application.redirectUri = `http://localhost:${application.#server.address().port}/callback`;
    application.issuer = instance.issuer;
    const options = ["--name", name, "--redirect-uri", application.redirectUri, "--implied-consent"];
    const { client_id, client_secret } = await instance.json(["client", "add", ...options]);
    application.id = client_id;
    application.authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}`;
    return application;
  }

  /** The address of an authorization request. */
  request(parameters = {}) {
    const url = new URL("/authorize", this.issuer);
    const scope = "openid offline_access";
    const all = { response_type: "code", client_id: this.id, redirect_uri: this.redirectUri, scope, state: "s", ...parameters };
    url.search = new URLSearchParams(all);
    return url.href;
  }

  /** The parameters of the next response that `page` delivers here. */
  arrival(page) {
    return page
      .waitForRequest((request) => request.url().startsWith(this.redirectUri), SECONDS_20)
      .then((request) => new URL(request.url()).searchParams);
  }

  /** Asks without a page: the parameters of the response. */
  async ask(page, parameters = {}) {
    const arrived = this.arrival(page);
    await page.goto(this.request({ prompt: "none", ...parameters }));
    return await arrived;
  }

  /** Exchanges a code; resolves with the tokens and the claims of the ID token. */
  async redeem(code) {
    const tokens = await this.#post("/token", { grant_type: "authorization_code", code, redirect_uri: this.redirectUri });
    if (!tokens.id_token) throw new Error(`no tokens: ${JSON.stringify(tokens)}`);
    return { ...tokens, claims: JSON.parse(Buffer.from(tokens.id_token.split(".")[1], "base64url")) };
  }

  /** What the tokens are good for: the outcome of a refresh, of UserInfo and of an introspection. */
  async use(tokens) {
    const userinfo = await fetch(new URL("/userinfo", this.issuer), { headers: { authorization: `Bearer ${tokens.access_token}` } });
    const introspection = await this.#post("/introspect", { token: tokens.access_token });
    const refreshed = await this.#post("/token", { grant_type: "refresh_token", refresh_token: tokens.refresh_token });
    if (!refreshed.error) Object.assign(tokens, refreshed);
    return { userinfo: userinfo.status, active: introspection.active, refresh: refreshed.error ?? "tokens" };
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #post(path, parameters) {
    const headers = { authorization: this.authorization };
    const answer = await fetch(new URL(path, this.issuer), { method: "POST", headers, body: new URLSearchParams(parameters) });
    return await answer.json();
  }
}
