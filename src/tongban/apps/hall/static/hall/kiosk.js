// The kiosk: after a while without a touch it returns to the start and ends whatever there was; a pad of digits for fingers.
(() => {
  const body = document.body;
  const idle = Number(body.dataset.idle) || 60;
  const form = document.querySelector("[data-end]");
  const left = document.querySelector("[data-left]");
  const isStart = body.dataset.page === "start" && !left;
  const WARNING = 15;
  let touched = Date.now();

  const restart = () => { touched = Date.now(); if (left) left.hidden = true; };
  for (const kind of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(kind, restart, { passive: true });

  if (!isStart) {
    setInterval(() => {
      const seconds = idle - Math.floor((Date.now() - touched) / 1000);
      if (seconds <= 0) { touched = Date.now(); form.submit(); return; }
      if (left && seconds <= WARNING) {
        left.querySelector("[data-seconds]").textContent = seconds;
        left.hidden = false;
      }
    }, 1000);
  }

  // What was typed is not there any more when somebody goes back.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  const pad = document.querySelector("[data-keys]");
  const code = document.querySelector(".k-code");
  if (pad && code) {
    pad.hidden = false;
    pad.addEventListener("click", (event) => {
      const key = event.target.dataset.key;
      if (!key) return;
      code.value = key === "back" ? code.value.slice(0, -1) : (code.value + key).slice(0, 8);
    });
  }
})();
