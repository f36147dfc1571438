// What a person does at the sign-in pages, by the names that scripts may rely on.

const MOST_STEPS = 8;

/** The button that goes on; never the one that gives up, never one that only does something on the page. */
const GO_ON = 'form button:not([value="deny"]):not([type="button"]), form input[type="submit"]';
const GIVE_UP = 'button[name="decision"][value="deny"]';

/**
 * Goes through the provider's pages until the browser is back at the application.
 *
 * `person` holds `username`, `password` and, when a code may be asked for, `code()`. Consent is given.
 */
export async function signIn(page, issuer, person) {
  const steps = [];
  while (isAt(page, issuer)) {
    if (steps.length >= MOST_STEPS) throw new Error(`still at the provider after ${steps.join(", ")}`);
    steps.push(new URL(page.url()).pathname);
    await takeStep(page, person);
  }
  return steps;
}

/** Fills what the page asks for and goes on. */
export async function takeStep(page, person) {
  await type(page, "username", person.username);
  await type(page, "password", person.password);
  if (person.code) await type(page, "code", await person.code());
  await press(page, GO_ON);
}

/** Takes the way out of the page that the browser is at. */
export async function giveUp(page) {
  await press(page, GIVE_UP);
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
