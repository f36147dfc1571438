// The approval on the phone: sends the request, counts down, and continues after the answer.

const state = document.getElementById("push-state");
const time = document.getElementById("push-time");
const send = document.querySelector("form[data-sends-itself]");
let isOver = false;

if (send) {
  const submit = () => send.requestSubmit();
  if (document.prerendering) document.addEventListener("prerenderingchange", submit, { once: true });
  else submit();
}

state?.addEventListener("state", ({ detail }) => {
  if (isOver) return;
  const text = state.dataset[detail.state];
  if (text && detail.state !== state.dataset.state) {
    state.textContent = text.replace("{device}", detail.device ?? state.dataset.anyDevice);
  }
  state.dataset.state = detail.state;
  if (detail.state === "pending" || detail.state === "delivered") return;
  isOver = true;
  document.getElementById("push-continue").requestSubmit();
});

if (time) {
  const text = document.getElementById("push-time-text");
  const spoken = document.getElementById("push-time-spoken");
  const end = performance.now() + 1000 * Number(time.value);
  const say = (left) => text.dataset.text.replace("{n}", left);

  const timer = setInterval(() => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    if (Number(time.value) === left) return;
    time.value = left;
    text.textContent = say(left);
    if ([60, 30, 10].includes(left)) spoken.textContent = say(left);
    if (left > 0) return;
    clearInterval(timer);
    setTimeout(() => isOver || location.reload(), 1500);
  }, 250);
}
