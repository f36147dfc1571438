// oidc-client-ts in a page without a server: PKCE, the token endpoint across origins, and a silent renewal by a hidden
// frame, which is this page again.

const { UserManager } = globalThis.oidc;
const given = new URLSearchParams(location.search);
for (const name of ["authority", "client_id"]) {
  if (given.has(name)) sessionStorage.setItem(name, given.get(name));
}
const users = new UserManager({
  authority: sessionStorage.getItem("authority"),
  client_id: sessionStorage.getItem("client_id"),
  redirect_uri: `${location.origin}/callback`,
  scope: "openid profile email",
  loadUserInfo: true,
});
const show = (result) => (document.querySelector("#result").textContent = JSON.stringify(result));

document.querySelector("#sign-in").addEventListener("click", () => users.signinRedirect());
if (location.pathname === "/callback") {
  try {
    const user = await users.signinCallback();
    if (globalThis.parent === globalThis) await renew(user.profile);
  } catch (error) {
    show({ error: error.error ?? error.message });
  }
}

async function renew(claims) {
  // Without a user there is no refresh token: the library asks with prompt=none.
  await users.removeUser();
  const { profile } = await users.signinSilent();
  show({ claims, refreshed: profile.sub === claims.sub });
}
