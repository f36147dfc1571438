// The enrollment page: shows the state of the phone. The form keeps its typed input.

const state = document.getElementById("enroll-state");
const words = { claimed: state?.dataset.claimed, completed: state?.dataset.completed };

state?.addEventListener("state", ({ detail }) => {
  if (detail.state === state.dataset.state) return;
  if (!words[detail.state]) {
    location.reload(); // the enrollment has ended or continued: load the current page
    return;
  }
  state.dataset.state = detail.state;
  state.textContent = words[detail.state];
  for (const element of document.querySelectorAll("[data-until-claimed]")) element.hidden = true;
  if (detail.state === "completed") document.getElementById("confirmation")?.focus();
});
