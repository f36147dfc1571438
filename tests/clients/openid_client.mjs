// openid-client, as its documentation uses it: PKCE and state, userinfo and a refresh.

import * as oidc from "openid-client";
import { serve } from "./routes.mjs";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env;
const config = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [oidc.allowInsecureRequests],
});
const checks = {};

async function signIn() {
  checks.pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  checks.expectedState = oidc.randomState();
  const parameters = {
    redirect_uri: `http://localhost:${PORT}/callback`,
    scope: "openid profile email",
    code_challenge: await oidc.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
  };
  return { location: oidc.buildAuthorizationUrl(config, parameters).href };
}

async function callback(url) {
  const tokens = await oidc.authorizationCodeGrant(config, url, checks);
  const { sub } = tokens.claims();
  const claims = await oidc.fetchUserInfo(config, tokens.access_token, sub);
  const refreshed = tokens.refresh_token && (await oidc.refreshTokenGrant(config, tokens.refresh_token));
  return { result: { claims, refreshed: refreshed?.claims()?.sub === sub } };
}

serve({ "/sign-in": signIn, "/callback": callback }, PORT);
