// The page that every application shows: a link to sign in, and what came of it.

const escape = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** `result` holds `claims`, `error` or nothing yet. */
export function show(result) {
  const json = escape(JSON.stringify(result));
  return `<!doctype html><title>Application</title><a id="sign-in" href="/sign-in">Sign in</a><pre id="result">${json}</pre>`;
}
