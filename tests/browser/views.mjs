// How a page is looked at: by the width of the screen, and by day and night.

const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } };
const SCHEMES = ["light", "dark"];

/** `{ name, viewport, scheme }` of each. */
export const VIEWS = Object.entries(SIZES).flatMap(([size, viewport]) =>
  SCHEMES.map((scheme) => ({ name: `${size}-${scheme}`, viewport, scheme })),
);

/** Turns `page` to a view, and lets transitions end. */
export async function show(page, { viewport, scheme }) {
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.evaluate(() => Promise.all(document.getAnimations().filter((each) => each.effect.getComputedTiming().iterations < Infinity).map(({ finished }) => finished.catch(() => {}))));
}
