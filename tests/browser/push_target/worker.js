// Shows a notification for each push message, and forwards the message to every open page.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(showPush(event.data.text())));

async function showPush(text) {
  await self.registration.showNotification("Push target", { body: text });
  const shown = await self.registration.getNotifications();
  const pages = await self.clients.matchAll({ includeUncontrolled: true });
  for (const page of pages) page.postMessage({ text, shown: shown.map(({ body }) => body) });
}
