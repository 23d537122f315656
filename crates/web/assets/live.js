// Keeps a page's live part as it is now, by server-sent events, and by asking where those fail.
// What is open or typed in it stays.
"use strict";
(() => {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  const said = document.querySelector("[data-announce]");
  const address = live.dataset.live;
  let shown = "";

  const isTouched = (it) => (it.options
    ? [...it.options].some((option) => option.selected !== option.defaultSelected)
    : it.value !== it.defaultValue);

  // Where the keyboard is, as a selector: by id, or by what it unfolds, sends or leads to.
  const place = (it) => {
    if (it.id) return `#${CSS.escape(it.id)}`;
    if (it.matches("summary")) return `#${CSS.escape(it.parentElement.id || "none")} > summary`;
    if (it.matches("button") && it.form) return `form[action=${JSON.stringify(it.form.getAttribute("action"))}] button`;
    return it.matches("a[href]") ? `a[href=${JSON.stringify(it.getAttribute("href"))}]` : "";
  };

  const show = (html) => {
    if (html === shown) return;
    shown = html;
    const before = live.querySelector("[data-state]")?.dataset.state;
    const open = [...live.querySelectorAll("details[open]")].map((it) => it.id);
    const typed = [...live.querySelectorAll("input[id], textarea[id], select[id]")].filter(isTouched).map((it) => [it.id, it.value]);
    const focused = live.contains(document.activeElement) ? place(document.activeElement) : "";
    live.innerHTML = html;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, value] of typed) {
      const it = document.getElementById(id);
      if (it) it.value = value;
    }
    if (focused) live.querySelector(focused)?.focus();
    document.dispatchEvent(new Event("roomkey:shown"));
    const after = live.querySelector("[data-state]")?.dataset.state;
    if (after && after !== before) said.textContent = after;
  };

  const ask = async () => {
    try {
      const answer = await fetch(`${address}?poll=1`, { cache: "no-store" });
      if (answer.ok) show(await answer.text());
    } catch {
      // No network now; the next round asks again.
    }
  };

  let asking = 0;
  const askAlways = () => { asking ||= setInterval(ask, 10000); };
  const askNoMore = () => { clearInterval(asking); asking = 0; };

  // A page that is left, but kept by the browser, must not hold on to one of the few connections
  // that the browser has for us.
  let source;
  const listen = () => {
    if (!window.EventSource) return askAlways();
    source = new EventSource(address);
    source.addEventListener("state", (event) => { askNoMore(); show(event.data); });
    source.onopen = askNoMore;
    source.onerror = askAlways;
  };
  window.addEventListener("pagehide", () => { source?.close(); askNoMore(); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); });
  listen();
  document.addEventListener("roomkey:due", () => setTimeout(ask, 500));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
})();
