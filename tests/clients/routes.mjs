// A small server for libraries without one: each route returns a redirect or a result to show.

import { createServer } from "node:http";
import { show } from "./page.mjs";

/** `routes` maps each path to a function of the URL, which resolves with `{ location }` or `{ result }`. */
export function serve(routes, port) {
  const home = `http://localhost:${port}`;
  createServer(async (request, response) => {
    const url = new URL(request.url, home);
    const page = (result) => response.writeHead(200, { "Content-Type": "text/html" }).end(show(result));
    try {
      const { location, result } = (await routes[url.pathname]?.(url)) ?? {};
      if (location) response.writeHead(303, { Location: location }).end();
      else page(result ?? {});
    } catch (error) {
      page({ error: error.oauth2Code ?? error.error ?? error.message });
    }
  }).listen(port, "localhost", () => console.log("ready"));
}
