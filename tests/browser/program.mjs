// Starts a program beside the test, waits for its first line, and stops it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/**
 * Starts `command` and resolves with its first line on stdout once it is there.
 *
 * Rejects with the program's stderr if it ends or writes no line within `milliseconds`.
 */
export async function startProgram(command, args, { env = {}, cwd, milliseconds = 30_000 } = {}) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => (errors = (errors + text).slice(-20_000)));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(timer);
  };

  const firstLine = once(createInterface({ input: child.stdout }), "line").then(([line]) => line);
  let timer;
  const failure = new Promise((_, reject) => {
    const fail = (why) => reject(new Error(`${[command, ...args].join(" ")}: ${why}\n${errors}`));
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signal) => fail(`ended with ${signal ?? code} before it was ready`));
    timer = setTimeout(() => fail(`wrote no line within ${milliseconds} ms`), milliseconds);
  });
  failure.catch(() => {});
  try {
    const line = await Promise.race([firstLine, failure]);
    child.stdout.resume();
    return { line, stop, pid: child.pid, kill: (signal) => child.kill(signal), ended, errors: () => errors };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A port that is free at the time of the call. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
