// Follows the state of a step: server-sent events first, long polls when they do not come through.
// An element with data-events and data-status says where. Each state becomes a "state" event on it,
// with {v, state, …} as its detail. A page behind others follows too: an approval is good for a minute only.
// Back in front it begins anew, because phones freeze what nobody looks at.

const SILENCE = 6000; // the first event is always the current state: a stream that stays silent is held up
const PAUSE = 3000;

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function follow(element) {
  let version = Number(element.dataset.version);
  let mayStream = "EventSource" in window;
  let running = null;

  const tell = (text) => {
    const detail = JSON.parse(text);
    version = detail.v;
    element.dispatchEvent(new CustomEvent("state", { detail }));
  };

  const stream = (signal) => {
    const source = new EventSource(element.dataset.events);
    let failures = 0;
    const giveUp = () => {
      source.close();
      if (signal.aborted) return;
      mayStream = false;
      poll(signal);
    };
    const silence = setTimeout(giveUp, SILENCE);
    source.onmessage = (event) => {
      clearTimeout(silence);
      failures = 0;
      tell(event.data);
    };
    source.onerror = () => {
      failures += 1;
      if (source.readyState !== EventSource.CLOSED && failures < 3) return;
      clearTimeout(silence);
      giveUp();
    };
    signal.addEventListener("abort", () => {
      clearTimeout(silence);
      source.close();
    });
  };

  const poll = async (signal) => {
    while (!signal.aborted) {
      try {
        const address = `${element.dataset.status}&since=${version}&wait=25`;
        const answer = await fetch(address, { signal, redirect: "manual" });
        if (answer.status === 200) tell(await answer.text());
        else if (answer.status === 429 || answer.status === 503) {
          await pause(1000 * (Number(answer.headers.get("Retry-After")) || 3));
        } else if (answer.status !== 204) {
          await pause(PAUSE); // it has moved on, or the address is gone: the server knows what to show
          if (!signal.aborted) location.reload();
          return;
        }
        await pause(300);
      } catch {
        await pause(PAUSE); // offline for a moment, or asked to stop
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
