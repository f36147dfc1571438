// Whole stories of what is taken back, with browsers, the authenticator as a phone, and the commands of an operator beside
// the running server: a thief, someone who leaves, a lost phone, a reported password.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DATABASES } from "./instance.mjs";
import { PASSWORD, SECONDS_20, says, textOf, withResident } from "./resident.mjs";
import { press, takeStep } from "./sign_in.mjs";

const HOME = "198.51.100.10";
const OFFICE = "198.51.100.20";
const STRANGE = "203.0.113.66";
const ELSEWHERE = "203.0.113.99";
const NEW_PASSWORD = "seventeen quiet otters";
const TWO_FACTORS = JSON.stringify({ id_token: { acr: { essential: true, values: ["2fa"] } } });
const DEAD = { userinfo: 401, active: false, refresh: "invalid_grant" };
const ALIVE = { userinfo: 200, active: true, refresh: "tokens" };

/** Runs the story on each database. */
function story(name, run) {
  for (const database of DATABASES) {
    test(`${name} (${database})`, { timeout: 180_000 }, () => withResident(database, run));
  }
}

story("a thief with the password is reported and gets nothing, and the person chooses a new one", async (ada) => {
  const [own, phone] = [await ada.browserAt(HOME), await ada.newPhone()];
  await ada.identify(own, ada.notes.request({ acr_values: "2fa" }));
  const tokens = await ada.addPhone(own, phone, ada.notes);

  const thief = await ada.browserAt(STRANGE);
  await ada.identify(thief, ada.notes.request({ acr_values: "2fa" }));
  await thief.waitForSelector("#number", SECONDS_20);
  await phone.page.bringToFront();
  const pending = await phone.pendingRequest();
  assert.match(await textOf(phone.page), /This browser has not been used before/);
  await ada.look("thief-request", phone.page);
  await phone.report();
  await says(phone.page, "Reported.");
  await ada.look("thief-reported-phone", phone.page);

  await thief.bringToFront();
  await thief.waitForFunction(() => document.querySelector("#push-state")?.dataset.state === "reported" && !document.querySelector("#number"), SECONDS_20);
  await ada.look("thief-reported", thief);
  const stopped = new URL(thief.url());
  const refused = ada.notes.arrival(thief);
  await press(thief, 'button[value="deny"]');
  assert.equal((await refused).get("error"), "access_denied");

  // Neither a request nor a phone of the thief's own.
  await thief.goto(ada.notes.request({ acr_values: "2fa" }));
  await takeStep(thief, { username: "ada" });
  await takeStep(thief, { password: PASSWORD });
  assert.equal(new URL(thief.url()).pathname, "/signin/password");
  await says(thief, "You can try again in");
  await ada.look("thief-refused", thief);
  assert.equal(await phone.page.$("[data-challenge]"), null, `another request than ${pending}`);
  await thief.goto(new URL(`/signin/enroll${stopped.search}`, ada.instance.issuer).href);
  assert.equal(await thief.$("#enroll-link"), null, await textOf(thief));
  await ada.look("thief-no-phone", thief);

  // The person goes on as before, and is asked for a new password at the next sign-in.
  assert.ok(await ada.isSignedIn(own));
  assert.deepEqual(await ada.notes.use(tokens), ALIVE);
  const office = await ada.browserAt(OFFICE);
  await ada.identify(office, ada.notes.request({ acr_values: "2fa" }));
  await ada.approveOn(office, phone);
  await office.waitForSelector('[name="new_password"]', SECONDS_20);
  await ada.look("thief-new-password", office);
  await office.type('[name="new_password"]', NEW_PASSWORD);
  await office.type('[name="new_password_again"]', NEW_PASSWORD);
  const arrived = ada.notes.arrival(office);
  await press(office, "button.primary");
  const again = await ada.notes.redeem((await arrived).get("code"));
  assert.equal(again.claims.acr, "2fa");
  assert.deepEqual(await ada.notes.use(again), ALIVE);

  const late = await ada.browserAt(ELSEWHERE);
  await late.goto(ada.notes.request());
  await takeStep(late, { username: "ada" });
  await takeStep(late, { password: PASSWORD });
  assert.equal(new URL(late.url()).pathname, "/signin/password");
  await ada.look("thief-old-password", late);
  const signedIn = ada.notes.arrival(late);
  await takeStep(late, { password: NEW_PASSWORD });
  assert.ok((await signedIn).get("code"), "the new password is right");
});

story("everything of a person who leaves ends, enabling brings nothing back, and deleting leaves nothing", async (ada) => {
  const [own, phone] = [await ada.browserAt(HOME), await ada.newPhone()];
  await ada.identify(own, ada.notes.request({ acr_values: "2fa" }));
  const notes = await ada.addPhone(own, phone, ada.notes);
  const reports = await ada.reports.redeem((await ada.ask(own, ada.reports)).get("code"));
  const all = [[ada.notes, notes], [ada.reports, reports]];
  for (const [application, tokens] of all) assert.deepEqual(await application.use(tokens), ALIVE);
  const endedFor = async () => {
    for (const [application, tokens] of all) {
      assert.deepEqual(await application.use(tokens), DEAD);
      assert.equal((await ada.ask(own, application)).get("error"), "login_required");
    }
    assert.ok(!(await ada.isSignedIn(own)));
  };

  assert.match(await ada.instance.run(["person", "disable", "ada", "--yes"]), /is disabled and signed out everywhere/);
  await endedFor();
  await own.goto(ada.notes.request());
  await takeStep(own, { username: "ada" });
  await takeStep(own, { password: PASSWORD });
  assert.equal(new URL(own.url()).pathname, "/signin/password", "as a wrong password");
  await ada.look("leaver-refused", own);
  await phone.page.bringToFront();
  await phone.page.reload();
  await says(phone.page, "This device is suspended.");
  await ada.look("leaver-phone", phone.page);

  await ada.instance.run(["person", "enable", "ada"]);
  await endedFor();
  await phone.page.bringToFront();
  await phone.page.reload();
  const again = await ada.signIn(await ada.browserAt(OFFICE), phone, ada.notes);
  assert.deepEqual(await ada.notes.use(again), ALIVE);

  await ada.instance.run(["person", "delete", "ada", "--yes"]);
  await endedFor();
  assert.deepEqual(await ada.notes.use(again), DEAD);
  await assert.rejects(ada.instance.run(["person", "show", "ada"]), /ada/);
  assert.match(await ada.instance.run(["audit", "list"]), /person\.deleted/);
  await own.goto(ada.notes.request());
  await takeStep(own, { username: "ada" });
  await takeStep(own, { password: PASSWORD });
  assert.equal(new URL(own.url()).pathname, "/signin/password");
});

story("a lost phone is removed, a stranger adds none, and the person adds another with the ticket", async (ada) => {
  const [own, phone] = [await ada.browserAt(HOME), await ada.newPhone()];
  await ada.identify(own, ada.notes.request({ acr_values: "2fa" }));
  await ada.addPhone(own, phone, ada.notes);
  const proved = await ada.notes.redeem((await ada.ask(own, ada.notes, { claims: TWO_FACTORS })).get("code"));
  assert.equal(proved.claims.acr, "2fa");
  const waiting = await ada.browserAt(STRANGE);
  await ada.identify(waiting, ada.notes.request({ acr_values: "2fa" }));
  const number = await (await waiting.waitForSelector("#number", SECONDS_20)).evaluate((element) => element.textContent.trim());
  await phone.page.bringToFront();
  await phone.pendingRequest();
  await phone.page.setOfflineMode(true);

  const { devices } = await ada.instance.json(["person", "show", "ada"]);
  const { ticket } = await ada.instance.json(["person", "remove-device", "ada", devices[0].id, "--yes"]);
  assert.match(ticket, /^[0-9A-Z]{5}-[0-9A-Z]{5}$/);

  // The approval of the old phone is refused, and the phone says that it was removed.
  await phone.page.setOfflineMode(false);
  const isAsked = await phone.page.$('[data-challenge] [name="number"]');
  if (isAsked) await phone.approve(number).catch(() => {}); // the phone may hear of its removal first
  await says(phone.page, "This device was removed from");
  await ada.look("lost-old-phone", phone.page);
  await waiting.bringToFront();
  await waiting.waitForFunction(() => !document.querySelector("#number"), SECONDS_20);
  assert.equal(new URL(waiting.url()).origin, ada.instance.issuer, "the browser has got nothing");
  await ada.look("lost-waiting", waiting);

  // The session keeps what the password has proved.
  const left = await ada.notes.redeem((await ada.ask(own, ada.notes)).get("code"));
  assert.equal(left.claims.acr, "1fa");
  assert.equal((await ada.ask(own, ada.notes, { claims: TWO_FACTORS })).get("error"), "interaction_required");
  assert.equal((await ada.notes.use(proved)).refresh, "invalid_grant");

  const stranger = await ada.browserAt(ELSEWHERE);
  await ada.identify(stranger, ada.notes.request({ acr_values: "2fa" }));
  await stranger.waitForSelector('[name="ticket"]', SECONDS_20);
  await ada.look("lost-ticket", stranger);
  await stranger.type('[name="ticket"]', ticket === "AAAAA-AAAAA" ? "BBBBB-BBBBB" : "AAAAA-AAAAA");
  await press(stranger, 'form:has([name="ticket"]) button.primary');
  assert.equal(await stranger.$("#enroll-link"), null);
  await ada.look("lost-wrong-ticket", stranger);

  const [office, newPhone] = [await ada.browserAt(OFFICE), await ada.newPhone()];
  await ada.identify(office, ada.notes.request({ acr_values: "2fa" }));
  await office.type('[name="ticket"]', ticket);
  await press(office, 'form:has([name="ticket"]) button.primary');
  await ada.look("lost-new-phone", office);
  const tokens = await ada.addPhone(office, newPhone, ada.notes);
  assert.equal(tokens.claims.acr, "2fa");
  await phone.page.bringToFront();
  await phone.page.reload();
  await phone.page.waitForSelector('[name="activation-code"]', SECONDS_20);
});

story("a report from the list of approvals ends what that sign-in gave, and the password with it", async (ada) => {
  const [own, phone] = [await ada.browserAt(HOME), await ada.newPhone()];
  await ada.identify(own, ada.notes.request({ acr_values: "2fa" }));
  const kept = await ada.addPhone(own, phone, ada.notes);
  // The person approves by mistake.
  const thief = await ada.browserAt(STRANGE);
  const taken = await ada.signIn(thief, phone, ada.notes);
  const also = await ada.reports.redeem((await ada.ask(thief, ada.reports)).get("code"));
  assert.deepEqual(await ada.notes.use(taken), ALIVE);
  assert.deepEqual(await ada.reports.use(also), ALIVE);

  await phone.page.bringToFront();
  await phone.page.waitForFunction(() => document.querySelectorAll("[data-approval]").length === 2, SECONDS_20);
  await ada.look("report-approvals", phone.page);
  await phone.page.$eval('[data-approval] button[name="report-approval"]', (button) => button.click());
  await phone.page.waitForSelector('button[name="confirm-report"]', SECONDS_20);
  await ada.look("report-question", phone.page);
  await phone.page.$eval('button[name="confirm-report"]', (button) => button.click());
  await says(phone.page, "Reported. That browser was signed out.");
  await ada.look("report-done", phone.page);

  assert.deepEqual(await ada.notes.use(taken), DEAD);
  assert.deepEqual(await ada.reports.use(also), DEAD);
  assert.equal((await ada.ask(thief, ada.notes)).get("error"), "login_required");
  assert.ok(!(await ada.isSignedIn(thief)));
  assert.deepEqual(await ada.notes.use(kept), ALIVE);
  assert.ok(await ada.isSignedIn(own));
  await ada.look("report-account", own);

  const office = await ada.browserAt(OFFICE);
  await ada.identify(office, ada.notes.request({ acr_values: "2fa" }));
  assert.equal(await office.$('[name="new_password"]'), null, "only after the phone");
  await ada.approveOn(office, phone);
  await office.waitForSelector('[name="new_password"]', SECONDS_20);
  await office.type('[name="new_password"]', NEW_PASSWORD);
  await office.type('[name="new_password_again"]', NEW_PASSWORD);
  const arrived = ada.notes.arrival(office);
  await press(office, "button.primary");
  await ada.notes.redeem((await arrived).get("code"));

  // The thief's browser is a stranger again, in another network as well; the person's new one is known.
  for (const [page, address, isKnown] of [[thief, ELSEWHERE, false], [office, OFFICE, true]]) {
    await page.setExtraHTTPHeaders({ "x-forwarded-for": address });
    await page.bringToFront();
    await ada.identify(page, ada.notes.request({ acr_values: "2fa", prompt: "login" }), NEW_PASSWORD);
    await page.waitForSelector("#number", SECONDS_20);
    await phone.page.bringToFront();
    await phone.pendingRequest();
    assert.equal((await textOf(phone.page)).includes("This browser has not been used before"), !isKnown, address);
    await phone.deny();
    await says(phone.page, "Denied.");
    await phone.page.waitForFunction(() => !document.querySelector("[data-challenge]"), SECONDS_20);
  }
});
