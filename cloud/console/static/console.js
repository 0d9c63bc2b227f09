// Without this file every page works; with it, what changes by itself is shown as it changes.
"use strict";
const live = document.querySelector("[data-refresh]");
if (live) {
  const seconds = Number(live.dataset.refresh);
  setInterval(async () => {
    // Nothing is taken from under a hand: not while somebody writes, and not where nobody looks.
    if (document.hidden || live.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-refresh]");
      if (fresh && fresh.innerHTML !== live.innerHTML) live.replaceChildren(...fresh.childNodes);
      document.body.classList.remove("stale");
    } catch {
      document.body.classList.add("stale");
    }
  }, seconds * 1000);
}
