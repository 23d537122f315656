// Keeps a page's live part as it is now, by server-sent events, and by asking where those fail.
// What is open or typed in it stays.
"use strict";
(() => {
  const live = document.querySelector("[data-live]");
  if (!live) return;
  const said = document.querySelector("[data-announce]");
  const address = live.dataset.live;
  let shown = "";

  const show = (html) => {
    if (html === shown) return;
    shown = html;
    const before = live.querySelector("[data-state]")?.dataset.state;
    const open = [...live.querySelectorAll("details[open]")].map((it) => it.id);
    const typed = [...live.querySelectorAll("input[id]")].filter((it) => it.value !== it.defaultValue).map((it) => [it.id, it.value]);
    const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
    live.innerHTML = html;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [id, value] of typed) {
      const it = document.getElementById(id);
      if (it) it.value = value;
    }
    if (focused) document.getElementById(focused)?.focus();
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
