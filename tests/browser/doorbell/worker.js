// Shows a notification and tells every open page what was pushed.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(ring(event.data.text())));

async function ring(text) {
  await self.registration.showNotification("Doorbell", { body: text });
  const shown = await self.registration.getNotifications();
  const pages = await self.clients.matchAll({ includeUncontrolled: true });
  for (const page of pages) page.postMessage({ text, shown: shown.map(({ body }) => body) });
}
