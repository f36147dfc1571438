// passport-openidconnect in express, as its documentation uses it.

import express from "express";
import session from "express-session";
import passport from "passport";
import OpenIDConnectStrategy from "passport-openidconnect";
import { show } from "./page.mjs";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env;
const metadata = await (await fetch(`${ISSUER}/.well-known/openid-configuration`)).json();

passport.use(
  new OpenIDConnectStrategy(
    {
      issuer: metadata.issuer,
      authorizationURL: metadata.authorization_endpoint,
      tokenURL: metadata.token_endpoint,
      userInfoURL: metadata.userinfo_endpoint,
      clientID: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      callbackURL: `http://localhost:${PORT}/callback`,
      scope: ["profile", "email"],
    },
    (_issuer, profile, done) => done(null, profile),
  ),
);
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(session({ secret: "a test", resave: false, saveUninitialized: false }));
app.use(passport.session());
app.get("/", (request, response) => {
  const { id, username, displayName, emails } = request.user ?? {};
  const claims = id && { sub: id, preferred_username: username, name: displayName, email: emails?.[0]?.value };
  // The strategy fails for `access_denied` only, with the description as message; other errors go to the error handler.
  const isDenied = request.session.messages?.length > 0;
  response.send(show({ claims, error: isDenied ? "access_denied" : undefined }));
});
app.get("/sign-in", passport.authenticate("openidconnect"));
app.get(
  "/callback",
  passport.authenticate("openidconnect", { successRedirect: "/", failureRedirect: "/", failureMessage: true }),
);
app.use((error, _request, response, _next) => response.send(show({ error: error.code ?? error.message })));
app.listen(PORT, "localhost", () => console.log("ready"));
