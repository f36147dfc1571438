// Subscribes at a tap, and stores the messages of its service worker where the test can read them.
const messages = [];
globalThis.messages = messages;
navigator.serviceWorker.addEventListener("message", ({ data }) => messages.push(data));

document.querySelector("#subscribe").addEventListener("click", async () => {
  const key = new URLSearchParams(location.search).get("key");
  await navigator.serviceWorker.register("worker.js");
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  globalThis.subscription = JSON.stringify(subscription);
});
