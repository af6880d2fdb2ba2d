/* J and K go down and up the list; Enter follows the link as it always does. Without this script Tab does the same. */
(() => {
  "use strict";
  const links = [...document.querySelectorAll("[data-rows] tbody th a")];
  if (!links.length) return;
  for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    if (!step) return;
    const here = links.indexOf(document.activeElement);
    const next = here < 0 ? 0 : Math.min(links.length - 1, Math.max(0, here + step));
    links[next].focus();
    event.preventDefault();
  });
})();
