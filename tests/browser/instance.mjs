// Starts `serve` on a database of its own, and runs commands beside it.
//
// Called by: the browser stories. PostgreSQL is used as well where `COUNTERSIGN_TEST_DATABASE` names a server.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY } from "./demo.mjs";
import { freePort, startProgram } from "./program.mjs";

const POSTGRES = process.env.COUNTERSIGN_TEST_DATABASE;
/** The address of the proxy that the server trusts: the browsers and the test itself. */
const PROXIES = "127.0.0.0/8,::1/128";

/** The databases to run a story on. */
export const DATABASES = ["SQLite", ...(POSTGRES ? ["PostgreSQL"] : [])];

/**
 * Starts a server without people and applications: `{ issuer, authenticator, run, json, stop }`.
 *
 * `run(arguments, input)` runs a command beside it and resolves with its output; `json` reads it as JSON. Both reject
 * when the command fails. The server believes the header `X-Forwarded-For` of this machine.
 */
export async function startInstance(database) {
  const folder = await mkdtemp(join(tmpdir(), "countersign-story-"));
  const url = database === "PostgreSQL" ? await createDatabase() : null;
  const place = ["--data-dir", folder, ...(url ? ["--database", url] : [])];
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  // The server refuses unknown settings, so remove the variables of the tests.
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, name.startsWith("COUNTERSIGN_") ? undefined : value]));
  env.COUNTERSIGN_TRUSTED_PROXIES = PROXIES;
  const listening = ["--listen", `127.0.0.1:${port}`, "--public-url", issuer];
  const program = await startProgram(BINARY, ["serve", ...place, ...listening], { env });
  const run = async (args, input = "") => {
    const { code, out, errors } = await command(BINARY, [...args, ...place], input, env);
    if (code !== 0) throw new Error(`countersign ${args.join(" ")} ended with ${code}: ${errors}`);
    return out;
  };
  const stop = async () => {
    await program.stop();
    await rm(folder, { recursive: true, force: true });
    if (url) await psql(`DROP DATABASE "${new URL(url).pathname.slice(1)}" WITH (FORCE)`);
  };
  return {
    issuer,
    authenticator: `${issuer}/authenticator/`,
    run,
    json: async (args, input) => JSON.parse(await run([...args, "--json"], input)),
    stop,
  };
}

async function createDatabase() {
  const name = `countersign_story_${randomBytes(6).toString("hex")}`;
  await psql(`CREATE DATABASE "${name}"`);
  const url = new URL(POSTGRES);
  url.pathname = name;
  return url.href;
}

async function psql(statement) {
  const { code, errors } = await command("psql", ["--quiet", "--no-psqlrc", "--command", statement, POSTGRES], "", process.env);
  if (code !== 0) throw new Error(`psql: ${errors}`);
}

function command(program, args, input, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (errors += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, errors }));
    child.stdin.on("error", () => {}); // a command that reads nothing may end first
    child.stdin.end(input);
  });
}
