// A program beside the test: started, waited for by its first line, and stopped.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/**
 * Starts `command` and resolves with its first line on stdout once it is there.
 *
 * Rejects, with what the program wrote to stderr, when it ends or stays silent.
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
  const silence = new Promise((_, reject) => {
    const give = (why) => reject(new Error(`${[command, ...args].join(" ")}: ${why}\n${errors}`));
    child.once("error", (error) => give(error.message));
    child.once("close", (code, signal) => give(`ended with ${signal ?? code} before it was ready`));
    timer = setTimeout(() => give(`said nothing within ${milliseconds} ms`), milliseconds);
  });
  silence.catch(() => {});
  try {
    const line = await Promise.race([firstLine, silence]);
    child.stdout.resume();
    return { line, stop, pid: child.pid, kill: (signal) => child.kill(signal), ended, errors: () => errors };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
