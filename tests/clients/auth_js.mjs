// Auth.js in express, as its documentation uses it: PKCE, and its own page before the provider's.

import { ExpressAuth, getSession } from "@auth/express";
import express from "express";
import { show } from "./page.mjs";

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env;
const config = {
  secret: "a test",
  trustHost: true,
  providers: [
    {
      id: "provider",
      name: "Provider",
      type: "oidc",
      issuer: ISSUER,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
    },
  ],
  callbacks: {
    jwt: ({ token }) => token,
    session: ({ session, token }) => ({ ...session, user: { ...session.user, sub: token.sub } }),
  },
};

const app = express();
app.use("/auth", ExpressAuth(config));
app.get("/sign-in", (_request, response) => response.redirect("/auth/signin"));
app.get("/", async (request, response) => {
  const session = await getSession(request, config);
  response.send(show({ claims: session?.user }));
});
app.listen(PORT, "localhost", () => console.log("ready"));
