// Drives the sign-in pages by their stable field names.

const MAX_STEPS = 8;

/** The button that continues: neither the one that cancels nor a button without submission. */
const CONTINUE = 'form button:not([value="deny"]):not([type="button"]), form input[type="submit"]';
const CANCEL = 'button[name="decision"][value="deny"]';

/**
 * Fills in the provider's pages until the browser is back at the application. Gives consent.
 *
 * `person` has `username`, `password` and, if a code may be requested, `code()`. Returns the paths of the pages.
 */
export async function signIn(page, issuer, person) {
  const steps = [];
  while (isAt(page, issuer)) {
    if (steps.length >= MAX_STEPS) throw new Error(`still at the provider after ${steps.join(", ")}`);
    steps.push(new URL(page.url()).pathname);
    await takeStep(page, person);
  }
  return steps;
}

/** Fills in the fields of the page and continues. */
export async function takeStep(page, person) {
  await type(page, "username", person.username);
  await type(page, "password", person.password);
  if (person.code) await type(page, "code", await person.code());
  await press(page, CONTINUE);
}

/** Cancels on the current page. */
export async function cancel(page) {
  await press(page, CANCEL);
}

/** Presses the button that `css` selects and waits for the page that follows. */
export async function press(page, css) {
  const button = await page.$(css);
  if (!button) throw new Error(`no ${css} at ${page.url()}:\n${(await page.content()).slice(0, 2_000)}`);
  await Promise.all([page.waitForNavigation({ timeout: 15_000 }), button.click()]);
}

async function type(page, name, value) {
  const field = await page.$(`input[name="${name}"]:not([type="hidden"]):not([readonly])`);
  if (!field) return;
  await field.evaluate((input) => (input.value = ""));
  await field.type(value);
}

function isAt(page, issuer) {
  return new URL(page.url()).origin === new URL(issuer).origin;
}
