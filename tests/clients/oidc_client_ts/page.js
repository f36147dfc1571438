// oidc-client-ts in a page without a server: PKCE, and the token endpoint across origins.

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
    const { profile } = await users.signinRedirectCallback();
    show({ claims: profile });
  } catch (error) {
    show({ error: error.error ?? error.message });
  }
}
