// The signing vectors of the protocol.

import { readFileSync } from "node:fs";

export const vectors = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8"));
