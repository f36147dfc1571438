// Setting up the authenticator: the page follows the phone.

const state = document.getElementById("enroll-state");

state?.addEventListener("state", ({ detail }) => {
  if (detail.state === state.dataset.state) return;
  if (state.dataset.state === "claimed" && detail.state === "completed") {
    // the same form stays, with what was typed into it
    state.dataset.state = detail.state;
    state.textContent = state.dataset.completed;
    return;
  }
  location.reload();
});
