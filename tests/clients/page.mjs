// The page of every application: a link to sign in, and the result.

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** `result` has `claims` or `error`, or is empty before a sign-in. */
export function show(result) {
  const json = escape(JSON.stringify(result));
  return `<!doctype html><title>Application</title><a id="sign-in" href="/sign-in">Sign in</a><pre id="result">${json}</pre>`;
}
