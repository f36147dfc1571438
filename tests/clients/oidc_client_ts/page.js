// oidc-client-ts in a page without a server: PKCE, cross-origin token requests, and silent renewal in a hidden frame that
// loads this page again.

const { UserManager } = globalThis.oidc;
const parameters = new URLSearchParams(location.search);
for (const name of ["authority", "client_id"]) {
  if (parameters.has(name)) sessionStorage.setItem(name, parameters.get(name));
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
  // Without a stored user there is no refresh token, so the library sends prompt=none. This page is on a loopback address,
  // for which a public client needs consent each time (RFC 8252 §8.6).
  await users.removeUser();
  const outcome = await users.signinSilent().then(() => "renewed", ({ error }) => error);
  show({ claims, outcome });
}
