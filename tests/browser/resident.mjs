// A person of the browser stories with a phone, browsers in several networks, and two applications.
//
// Called by: `taken_back.test.mjs`.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Application } from "./application.mjs";
import { Authenticator } from "./authenticator.mjs";
import { launchChromium } from "./browsers.mjs";
import { startInstance } from "./instance.mjs";
import { press, takeStep } from "./sign_in.mjs";
import { VIEWS, show } from "./views.mjs";
import { newPage, newPhone } from "./walk.mjs";

export const SECONDS_20 = { timeout: 20_000 };
export const PASSWORD = "an engine weaves algebra";
const NUMBER_OR_BEYOND = "#number, #enroll-link, [name=ticket], [name=new_password], [name=password]";
/** Where a story's pages are drawn, if anywhere. */
const PICTURES = process.env.COUNTERSIGN_TEST_PICTURES;

/** Runs `story(resident)` on a server of its own. */
export async function withResident(database, story) {
  const instance = await startInstance(database);
  const browser = await launchChromium();
  const applications = [];
  try {
    await instance.run(["person", "add", "ada", "--name", "Ada Lovelace"], PASSWORD);
    // So that a session of one factor is worth something.
    await instance.run(["pool", "set", "--second-factor", "when_asked"]);
    for (const name of ["Notes", "Reports"]) applications.push(await Application.register(instance, name));
    await story(new Resident(instance, browser, applications, database));
  } finally {
    await browser.close();
    applications.forEach((application) => application.stop());
    await instance.stop();
  }
}

/** Ada, in the network 198.51.100.10. */
class Resident {
  constructor(instance, browser, applications, database) {
    Object.assign(this, { instance, browser, database });
    [this.notes, this.reports] = applications;
  }

  /** A browser of its own in the network of `address`. */
  async browserAt(address) {
    const page = await newPage(this.browser);
    await page.setExtraHTTPHeaders({ "x-forwarded-for": address });
    return page;
  }

  async newPhone() {
    const phone = new Authenticator(await newPhone(this.browser, this.instance));
    await phone.page.goto(this.instance.authenticator);
    return phone;
  }

  /** Gives name and password; resolves at the page that follows. */
  async identify(page, request, password = PASSWORD) {
    await page.goto(request);
    // A session knows the name already.
    if (await page.$('input[name="username"]:not([readonly]):not([type="hidden"])')) await takeStep(page, { username: "ada" });
    await takeStep(page, { password });
    await page.waitForSelector(NUMBER_OR_BEYOND, SECONDS_20);
  }

  /** Adds `phone` at the page that offers it, and approves the first request. Resolves with the tokens. */
  async addPhone(page, phone, application) {
    if (!(await page.$("#enroll-link"))) await press(page, 'form button.primary[value="allow"]');
    const code = await phone.enrollByLink(await page.$eval("#enroll-link", (link) => link.href));
    await page.type('[name="confirmation"]', code);
    await press(page, 'form:has([name="confirmation"]) button.primary');
    return await this.approve(page, phone, application);
  }

  /** Signs in with the password and the phone; resolves with the tokens. */
  async signIn(page, phone, application, parameters = {}) {
    await this.identify(page, application.request({ acr_values: "2fa", ...parameters }));
    return await this.approve(page, phone, application);
  }

  /** Approves the request of `page`; resolves with the tokens of `application`. */
  async approve(page, phone, application) {
    const arrived = application.arrival(page);
    await this.approveOn(page, phone);
    const answer = await arrived;
    assert.ok(answer.get("code"), answer.toString());
    return await application.redeem(answer.get("code"));
  }

  async approveOn(page, phone) {
    await page.bringToFront();
    const number = await (await page.waitForSelector("#number", SECONDS_20)).evaluate((element) => element.textContent.trim());
    await phone.page.bringToFront();
    await phone.approve(number);
    await page.bringToFront();
  }

  /** Asks for a code without a page; resolves with the parameters of the response. */
  async ask(page, application, parameters = {}) {
    await page.bringToFront();
    return await application.ask(page, parameters);
  }

  async isSignedIn(page) {
    await page.goto(this.instance.issuer);
    return (await textOf(page)).includes("Signed in as");
  }

  /** Draws the page on a phone in light and on a desktop in dark colors. */
  async look(name, page) {
    if (!PICTURES) return;
    await mkdir(PICTURES, { recursive: true });
    await page.bringToFront();
    for (const view of VIEWS.filter(({ name }) => ["phone-light", "desktop-dark"].includes(name))) {
      await show(page, view);
      await page.screenshot({ path: join(PICTURES, `${name}-${view.name}.png`), fullPage: true });
    }
  }
}

export const textOf = (page) => page.$eval("body", (body) => body.innerText);

/** Waits until the page says `expected`. */
export async function says(page, expected) {
  const has = page.waitForFunction((expected) => document.body.innerText.includes(expected), SECONDS_20, expected);
  await has.catch(async () => assert.fail(`not said: ${expected}\nat ${page.url()}:\n${await textOf(page)}`));
}
