// Starts the demo as in the README, except for the build profile.

import { fileURLToPath } from "node:url";
import { freePort, startProgram } from "./program.mjs";

export const BINARY = process.env.COUNTERSIGN_TEST_BINARY ?? fileURLToPath(new URL("../../target/debug/countersign", import.meta.url));

/**
 * Starts the demo and resolves with the members of its first line and functions to stop it: `{ issuer, client_id, …, stop }`.
 *
 * `redirectUris` belong to applications of the test; the demo may push to the origins in `allowOutbound`.
 */
export async function startDemo({ redirectUris = [], postLogoutRedirectUris = [], allowOutbound = [], args = [], env } = {}) {
  const several = (option, values) => values.flatMap((value) => [option, value]);
  const program = await startProgram(
    BINARY,
    [
      "demo",
      "--json",
      ...["--listen", `127.0.0.1:${await freePort()}`],
      ...several("--redirect-uri", redirectUris),
      ...several("--post-logout-redirect-uri", postLogoutRedirectUris),
      ...several("--allow-outbound", allowOutbound),
      ...args,
    ],
    { env },
  );
  try {
    return { ...JSON.parse(program.line), stop: program.stop, kill: program.kill, errors: program.errors };
  } catch (error) {
    await program.stop();
    throw new Error(`the demo's first line is not JSON: ${program.line}\n${program.errors()}`, { cause: error });
  }
}
