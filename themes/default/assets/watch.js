// Follows the state of a step by server-sent events, or by long polling if they do not arrive.
// The URLs are in data-events and data-status of the element. Each state becomes a "state" event of the element,
// with {v, state, …} as its detail. A page in the background follows too: an approval is valid for a minute only.
// A page that becomes visible reconnects, because phones freeze pages in the background.

const FIRST_EVENT_TIMEOUT_MILLISECONDS = 6000; // the server sends the current state at once; without it a proxy buffers
const RETRY_MILLISECONDS = 3000;

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function follow(element) {
  let version = Number(element.dataset.version);
  let mayStream = "EventSource" in window;
  let running = null;

  const dispatch = (text) => {
    const detail = JSON.parse(text);
    version = detail.v;
    element.dispatchEvent(new CustomEvent("state", { detail }));
  };

  const stream = (signal) => {
    const source = new EventSource(element.dataset.events);
    let failures = 0;
    const fallBack = () => {
      source.close();
      if (signal.aborted) return;
      mayStream = false;
      poll(signal);
    };
    const timeout = setTimeout(fallBack, FIRST_EVENT_TIMEOUT_MILLISECONDS);
    source.onmessage = (event) => {
      clearTimeout(timeout);
      failures = 0;
      dispatch(event.data);
    };
    source.onerror = () => {
      failures += 1;
      if (source.readyState !== EventSource.CLOSED && failures < 3) return;
      clearTimeout(timeout);
      fallBack();
    };
    signal.addEventListener("abort", () => {
      clearTimeout(timeout);
      source.close();
    });
  };

  const poll = async (signal) => {
    while (!signal.aborted) {
      try {
        const address = `${element.dataset.status}&since=${version}&wait=25`;
        const answer = await fetch(address, { signal, redirect: "manual" });
        if (answer.status === 200) dispatch(await answer.text());
        else if (answer.status === 429 || answer.status === 503) {
          await pause(1000 * (Number(answer.headers.get("Retry-After")) || 3));
        } else if (answer.status !== 204) {
          await pause(RETRY_MILLISECONDS); // the step has ended or the URL is gone: load the current page
          if (!signal.aborted) location.reload();
          return;
        }
        await pause(300);
      } catch {
        await pause(RETRY_MILLISECONDS); // offline, or aborted
      }
    }
  };

  const resume = () => {
    if (running && document.hidden) return;
    running?.abort();
    running = new AbortController();
    if (mayStream) stream(running.signal);
    else poll(running.signal);
  };

  document.addEventListener("visibilitychange", resume);
  resume();
}

document.querySelectorAll("[data-events]").forEach(follow);
