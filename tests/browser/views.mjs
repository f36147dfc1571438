// The views of a page: by screen size and color scheme.

const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const SCHEMES = ["light", "dark"];

/** `{ name, viewport, scheme }` of each view. */
export const VIEWS = Object.entries(SIZES).flatMap(([size, viewport]) =>
  SCHEMES.map((scheme) => ({ name: `${size}-${scheme}`, viewport, scheme })),
);

/** Switches `page` to a view and waits for transitions. */
export async function show(page, { viewport, scheme }) {
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.evaluate(() => Promise.all(document.getAnimations().filter((each) => each.effect.getComputedTiming().iterations < Infinity).map(({ finished }) => finished.catch(() => {}))));
}
