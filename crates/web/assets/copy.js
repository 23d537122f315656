// Copy buttons. They are hidden in the page and shown by this script, so that no button is dead.
"use strict";
(() => {
  const show = (root) => {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const word = button.querySelector("span");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      word.textContent = "Copied";
    } catch {
      word.textContent = "Select it and copy";
    }
    setTimeout(() => { word.textContent = "Copy"; }, 2000);
  });
  document.addEventListener("roomkey:shown", () => show(document));
  show(document);
})();
