// The installed authenticator in a browser profile of its own: what a person does there, by the promised handles.
//
// Called by: the browser stories.

const SECONDS_15 = { timeout: 15_000 };

/** A page that shows the authenticator. */
export class Authenticator {
  constructor(page) {
    this.page = page;
  }

  /** Opens the link of the QR code; resolves with the confirmation code that it shows. */
  async enrollByLink(link) {
    await this.page.goto(link);
    return await this.#confirmationCode();
  }

  /** Types the activation code; `address` is where the authenticator is. */
  async enrollByCode(address, code) {
    await this.page.goto(address);
    const field = await this.page.waitForSelector('[name="activation-code"]', SECONDS_15);
    await field.type(code);
    await field.press("Enter");
    return await this.#confirmationCode();
  }

  /** The `cid` of the request on the screen, once there is one. */
  async pendingRequest() {
    const request = await this.page.waitForSelector("[data-challenge]", SECONDS_15);
    return await request.evaluate((element) => element.dataset.challenge);
  }

  /** Types the number that the other screen shows and approves. */
  async approve(number) {
    const cid = await this.pendingRequest();
    await this.page.type(`[data-challenge="${cid}"] [name="number"]`, number);
    await this.#press(cid, "approve");
  }

  /** Holds `picture`, a PNG file in base64, before the camera, scans it at the request and approves. */
  async scanAndApprove(picture) {
    const cid = await this.pendingRequest();
    await this.page.evaluate(async (picture) => {
      const image = new Image();
      image.src = `data:image/png;base64,${picture}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.width, image.height];
      const draw = () => canvas.getContext("2d").drawImage(image, 0, 0);
      draw();
      setInterval(draw, 100); // a stream has a frame only when something is drawn
      navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
    }, picture);
    await this.#press(cid, "scan");
    await this.page.waitForSelector(`[data-challenge="${cid}"] .scanned:not([hidden])`, SECONDS_15);
    await this.#press(cid, "approve");
  }

  async deny() {
    await this.#press(await this.pendingRequest(), "deny");
  }

  async report() {
    await this.#press(await this.pendingRequest(), "report");
  }

  /** The account's code, as it is shown. */
  async totpCode() {
    const code = await this.page.waitForSelector("#totp-code", SECONDS_15);
    return (await code.evaluate((element) => element.textContent)).replace(/\D/g, "");
  }

  /** Opens the page of this device. */
  async openDevice() {
    await this.page.bringToFront();
    const button = await this.page.waitForSelector('button[name="device"]', SECONDS_15);
    await button.evaluate((element) => element.click());
    await this.page.waitForSelector('button[name="renew-key"]', SECONDS_15);
  }

  async leaveDevice() {
    await this.page.$eval('button[name="back"]', (element) => element.click());
    await this.page.waitForSelector('button[name="device"]', SECONDS_15);
  }

  /** Does what a button of the device's page does; resolves with what is said of it then. */
  async onDevice(name, says) {
    await this.page.$eval(`button[name="${name}"]`, (element) => element.click());
    await this.page.waitForFunction((says) => document.querySelector("#screen").innerText.includes(says), { timeout: 25_000 }, says);
  }

  async #confirmationCode() {
    await this.page.waitForFunction(() => /\d{6}/.test(document.querySelector("#confirmation-code")?.textContent), SECONDS_15);
    return await this.page.$eval("#confirmation-code", (element) => element.textContent.trim());
  }

  async #press(cid, name) {
    const button = await this.page.waitForSelector(`[data-challenge="${cid}"] button[name="${name}"]`, SECONDS_15);
    await button.click();
  }
}
