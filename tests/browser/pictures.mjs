// Takes pictures of every page, on a phone and on a desktop, light and dark, and writes the page docs/pictures.md.
//
//   node tests/browser/pictures.mjs [FOLDER]      FOLDER: docs
//
// Uses the real demo; takes about three minutes, most of them until a request expires.

import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium } from "./browsers.mjs";
import { startDemo } from "./demo.mjs";
import { VIEWS, show } from "./views.mjs";
import { adaReports, adaWalks, applicationPostsLongRequest, applicationsErr, graceWalks, operatorSetsUp } from "./walk.mjs";

const folder = process.argv[2] ?? fileURLToPath(new URL("../../docs", import.meta.url));
const pictures = join(folder, "pictures");
const CHAPTERS = [
  ["Sign-in", /^(identifier|password|enroll|push|totp|consent)/],
  ["The authenticator", /^authenticator/],
  ["The application of the demo", /^inkwell/],
  ["Sign-out", /^sign/],
  ["The first start", /^setup/],
  ["Everything else", /^(home|account|error|not-found|carry-on)/],
];

const taken = [];

async function takePictures(name, title, page) {
  for (const view of VIEWS) {
    await show(page, view);
    await page.screenshot({ path: join(pictures, `${name}-${view.name}.webp`), type: "webp", quality: 80, fullPage: true });
  }
  taken.push({ name, title });
  console.error(name);
}

function chapter([heading, names]) {
  const picture = (name, view, width) => `<img src="pictures/${name}-${view}.webp" alt="${view.replace("-", ", ")}" width="${width}">`;
  const pages = taken.filter(({ name }) => names.test(name)).map(({ name, title }) =>
    [
      `### ${title}\n`,
      [picture(name, "phone-light", 180), picture(name, "phone-dark", 180)].join(" "),
      `<br>`,
      [picture(name, "desktop-light", 360), picture(name, "desktop-dark", 360)].join(" "),
    ].join("\n"),
  );
  return [`## ${heading}`, ...pages].join("\n\n");
}

await rm(pictures, { recursive: true, force: true });
await mkdir(pictures, { recursive: true });
const demo = await startDemo();
const browser = await launchChromium();
try {
  await operatorSetsUp(browser, takePictures);
  await applicationsErr(browser, demo, takePictures);
  await applicationPostsLongRequest(browser, demo, demo.redirect_uri, takePictures);
  const phone = await adaWalks(browser, demo, takePictures);
  await adaReports(browser, demo, phone, takePictures, { isPatient: true });
  await graceWalks(browser, demo, takePictures);
} finally {
  await browser.close();
  await demo.stop();
}
const opening = "# Pictures\n\nEvery page, on a phone and on a desktop, light and dark. `node tests/browser/pictures.mjs` takes the pictures from the running demo.";
await writeFile(join(folder, "pictures.md"), `${[opening, ...CHAPTERS.map(chapter)].join("\n\n")}\n`);
