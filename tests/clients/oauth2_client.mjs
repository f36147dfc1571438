// @badgateway/oauth2-client, as its documentation uses it: plain OAuth with RFC 8414 metadata, a refresh, introspection
// and revocation.

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
  const refreshed = await client.refreshToken(token);
  const live = await client.introspect(refreshed);
  await client.revoke(refreshed);
  const revoked = await client.introspect(refreshed);
  return { result: { claims, refreshed: live.sub === claims.sub, isRevoked: live.active && !revoked.active } };
}

serve({ "/sign-in": signIn, "/callback": callback }, PORT);
