// Shows and hides the text of a password field, and shows a note while Caps Lock is on.

for (const button of document.querySelectorAll("button[data-shows]")) {
  const field = document.getElementById(button.dataset.shows);
  const capsLock = document.getElementById(`${button.dataset.shows}-caps-lock`);
  const show = (isShown) => {
    field.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
  };

  button.hidden = false;
  button.addEventListener("click", () => {
    show(field.type === "password");
    field.focus();
  });
  field.form.addEventListener("submit", () => show(false)); // password managers rely on the type
  field.addEventListener("keyup", (event) => {
    const isOn = event.getModifierState?.("CapsLock") ?? false;
    capsLock.textContent = isOn ? capsLock.dataset.text : "";
  });
}
