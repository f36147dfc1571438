// @badgateway/oauth2-client, as its documentation uses it: plain OAuth by RFC 8414 metadata, a refresh, a question about
// the token, and its end.

import { generateCodeVerifier, OAuth2Client } from "@badgateway/oauth2-client";
import { serve } from "./routes.mjs";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env;
const client = new OAuth2Client({
  server: `${ISSUER}/`,
  discoveryEndpoint: "/.well-known/oauth-authorization-server",
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
});
const checks = { redirectUri: `http://localhost:${PORT}/callback`, state: "a state" };

async function signIn() {
  checks.codeVerifier = await generateCodeVerifier();
  const scope = ["openid", "profile", "email"];
  return { location: await client.authorizationCode.getAuthorizeUri({ ...checks, scope }) };
}

async function callback(url) {
  const token = await client.authorizationCode.getTokenFromCodeRedirect(url.href, checks);
  const headers = { Authorization: `Bearer ${token.accessToken}` };
  const claims = await (await fetch(`${ISSUER}/userinfo`, { headers })).json();
  const fresh = await client.refreshToken(token);
  const live = await client.introspect(fresh);
  await client.revoke(fresh);
  const dead = await client.introspect(fresh);
  return { result: { claims, refreshed: live.sub === claims.sub, isRevoked: live.active && !dead.active } };
}

serve({ "/sign-in": signIn, "/callback": callback }, PORT);
