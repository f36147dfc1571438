// Setting up the authenticator: the page follows the phone. The form stays, with what was typed into it.

const state = document.getElementById("enroll-state");
const words = { claimed: state?.dataset.claimed, completed: state?.dataset.completed };

state?.addEventListener("state", ({ detail }) => {
  if (detail.state === state.dataset.state) return;
  if (!words[detail.state]) {
    location.reload(); // it has ended, or moved on: the server knows what to show
    return;
  }
  state.dataset.state = detail.state;
  state.textContent = words[detail.state];
  for (const element of document.querySelectorAll("[data-until-claimed]")) element.hidden = true;
  if (detail.state === "completed") document.getElementById("confirmation")?.focus();
});
