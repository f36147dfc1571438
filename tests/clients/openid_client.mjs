// openid-client, as its documentation uses it: PKCE and state, and a look at userinfo and a refresh.

import { createServer } from "node:http";
import * as oidc from "openid-client";
import { show } from "./page.mjs";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env;
const home = `http://localhost:${PORT}`;
const config = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [oidc.allowInsecureRequests],
});
const checks = {};

const routes = {
  "/": () => ({ body: show({}) }),
  "/sign-in": async () => {
    checks.pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    checks.expectedState = oidc.randomState();
    const parameters = {
      redirect_uri: `${home}/callback`,
      scope: "openid profile email",
      code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
      code_challenge_method: "S256",
      state: checks.expectedState,
    };
    return { location: oidc.buildAuthorizationUrl(config, parameters).href };
  },
  "/callback": async (url) => {
    const tokens = await oidc.authorizationCodeGrant(config, url, checks);
    const { sub } = tokens.claims();
    const claims = await oidc.fetchUserInfo(config, tokens.access_token, sub);
    const refreshed = tokens.refresh_token && (await oidc.refreshTokenGrant(config, tokens.refresh_token));
    return { body: show({ claims, refreshed: refreshed?.claims()?.sub === sub }) };
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url, home);
  try {
    const { location, body } = await (routes[url.pathname] ?? routes["/"])(url);
    if (location) response.writeHead(303, { Location: location }).end();
    else response.writeHead(200, { "Content-Type": "text/html" }).end(body);
  } catch (error) {
    response.writeHead(200, { "Content-Type": "text/html" }).end(show({ error: error.error ?? error.message }));
  }
}).listen(PORT, "localhost", () => console.log("ready"));
