// Tells times in the viewer's zone, and counts down. The page is right without it, in the zone
// the session was booked in; then this line stays below the viewer's own.
"use strict";
(() => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const city = here.split("/").pop().replace(/_/g, " ");
  const parts = (at, options) =>
    Object.fromEntries(new Intl.DateTimeFormat("en-GB", { timeZone: here, ...options })
      .formatToParts(at).map((part) => [part.type, part.value]));
  const date = (at) => {
    const it = parts(at, { weekday: "short", day: "numeric", month: "long", year: "numeric" });
    const year = Number(it.year) === new Date().getFullYear() ? "" : ` ${it.year}`;
    return `${it.weekday} ${it.day} ${it.month}${year}`;
  };
  const clock = (at) => {
    const it = parts(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return `${it.hour}:${it.minute}`;
  };
  const offset = (at) =>
    parts(at, { timeZoneName: "shortOffset" }).timeZoneName.replace("GMT", "UTC");

  const tellSpan = (time) => {
    const start = new Date(time.dateTime);
    const end = new Date(time.dataset.end);
    const changes = offset(start) !== offset(end);
    const mark = (at) => (changes ? ` ${offset(at)}` : "");
    const last = date(start) === date(end) ? "" : `${date(end)}, `;
    const told = `${date(start)}, ${clock(start)}${mark(start)} – ${last}${clock(end)}${mark(end)} (${city})`;
    const booked = time.textContent;
    // The same time on the wall needs no second line.
    if (told.replace(/ \(.*/, "") === booked.replace(/ \(.*/, "")) return;
    time.textContent = told;
    const there = document.createElement("span");
    there.className = "lobby__there";
    there.textContent = `Booked as ${booked}`;
    time.after(there);
  };

  // The server's clock, as far as it is known: the viewer's may be wrong.
  let ahead = 0;
  const two = (number) => String(number).padStart(2, "0");
  const left = (seconds) => {
    if (seconds >= 172800) return `${Math.floor(seconds / 86400)} days`;
    if (seconds >= 3600) {
      return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
    }
    return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  };
  const plenty = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const words = (seconds) => {
    const minutes = Math.max(1, Math.ceil(seconds / 60));
    if (minutes < 60) return plenty(minutes, "minute");
    if (minutes >= 2880) return plenty(Math.floor(minutes / 1440), "day");
    const hours = plenty(Math.floor(minutes / 60), "hour");
    return minutes % 60 ? `${hours} ${plenty(minutes % 60, "minute")}` : hours;
  };
  const count = () => {
    for (const time of document.querySelectorAll("[data-tell=within]")) {
      time.textContent = words((new Date(time.dateTime) - Date.now() - ahead) / 1000);
    }
    for (const time of document.querySelectorAll("[data-tell=countdown]")) {
      const seconds = Math.ceil((new Date(time.dateTime) - Date.now() - ahead) / 1000);
      time.textContent = left(Math.max(0, seconds));
      if (seconds <= 0 && !time.dataset.over) {
        time.dataset.over = "1";
        document.dispatchEvent(new Event("roomkey:due"));
      }
    }
  };
  const tell = () => {
    const now = document.querySelector("[data-now]");
    if (now) ahead = new Date(now.dataset.now) - Date.now();
    document.querySelectorAll("[data-tell=span]").forEach(tellSpan);
    count();
  };
  document.addEventListener("roomkey:shown", tell);
  tell();
  setInterval(count, 1000);
})();
