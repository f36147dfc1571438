// Drives the installed authenticator in a browser profile of its own, by its stable handles.
//
// Called by: the browser stories.

const SECONDS_15 = { timeout: 15_000 };

/** The authenticator in a page. */
export class Authenticator {
  constructor(page) {
    this.page = page;
  }

  /** Opens the link of the QR code; resolves with the confirmation code. */
  async enrollByLink(link) {
    await this.page.goto(link);
    return await this.#confirmationCode();
  }

  /** Types the activation code; `address` is the authenticator's URL. */
  async enrollByCode(address, code) {
    await this.page.goto(address);
    const field = await this.page.waitForSelector('[name="activation-code"]', SECONDS_15);
    await field.type(code);
    await field.press("Enter");
    return await this.#confirmationCode();
  }

  /** Waits for a request on the screen and returns its `cid`. */
  async pendingRequest() {
    const request = await this.page.waitForSelector("[data-challenge]", SECONDS_15);
    return await request.evaluate((element) => element.dataset.challenge);
  }

  /** Types the number of the browser and approves. */
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
      setInterval(draw, 100); // a canvas stream has a frame only after drawing
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

  /** The one-time code on the screen, digits only. */
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

  /** Presses a button on the device's page and waits for the text `expected`. */
  async onDevice(name, expected) {
    await this.page.$eval(`button[name="${name}"]`, (element) => element.click());
    await this.page.waitForFunction((expected) => document.querySelector("#screen").innerText.includes(expected), { timeout: 25_000 }, expected);
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
