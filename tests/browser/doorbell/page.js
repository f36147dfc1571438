// Subscribes at a tap, and keeps what its service worker received where the test can read it.
const rings = [];
globalThis.rings = rings;
navigator.serviceWorker.addEventListener("message", ({ data }) => rings.push(data));

document.querySelector("#subscribe").addEventListener("click", async () => {
  const key = new URLSearchParams(location.search).get("key");
  await navigator.serviceWorker.register("worker.js");
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  globalThis.subscription = JSON.stringify(subscription);
});
