// The screen of a hall: the hour, a new call that blinks, and, when somebody has switched it on, a voice.
(() => {
  const language = document.documentElement.lang;
  const clock = document.querySelector("[data-clock]");
  // China has one time; the machine behind the screen may be set to another.
  const hour = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" };
  const tick = () => { clock.textContent = new Date().toLocaleTimeString(language, hour); };
  tick();
  setInterval(tick, 5000);

  const calls = () => [...document.querySelectorAll("[data-call]")];
  const known = new Set(calls().map((row) => row.dataset.call));
  let speaks = false;

  const button = document.querySelector("[data-speech]");
  if (button && "speechSynthesis" in window) {
    const on = button.textContent;
    button.hidden = false;  // browsers speak only after a touch
    button.addEventListener("click", () => {
      speaks = !speaks;
      button.textContent = speaks ? button.dataset.off : on;
      if (!speaks) speechSynthesis.cancel();
    });
  }

  document.addEventListener("htmx:afterSwap", () => {
    for (const row of calls().reverse()) {
      if (known.has(row.dataset.call)) continue;
      known.add(row.dataset.call);
      row.classList.add("fresh");
      if (!speaks) continue;
      const words = new SpeechSynthesisUtterance(row.dataset.say);
      words.lang = language;
      speechSynthesis.speak(words);
    }
  });
})();
