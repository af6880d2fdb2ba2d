/* What script adds to pages that work without it. No framework, no inline code, no eval.
   Each part finds its own elements by a data attribute; README.md lists them. */
(function () {
  "use strict";

  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const csrf = (form) => (form.querySelector("[name=csrfmiddlewaretoken]") || {}).value || "";
  const clock = () => new Date().toLocaleTimeString([], { hour: "numeric", minute: "2-digit", hour12: false });

  /* Kept in this tab only, and never passwords, files or hidden tokens. */
  const store = {
    read(key) { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } },
    write(key, value) { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } },
    drop(key) { try { sessionStorage.removeItem(key); } catch { /* forbidden */ } },
  };

  /* --- what was typed survives an expired session ------------------------------------------------------------- */

  const KEPT = "tongban.kept";
  const INTERRUPTED = "tongban.interrupted";
  const HALF_AN_HOUR = 30 * 60 * 1000;
  const visitor = () => document.body.dataset.visitor || "";
  const controls = (form) => Array.from(form.elements).filter((c) =>
    c.name && c.name !== "csrfmiddlewaretoken" && !["password", "file", "hidden", "submit", "button"].includes(c.type));

  function typed(form) {
    return controls(form).map((c) => [c.name, c.value, c.type === "checkbox" || c.type === "radio" ? c.checked : null]);
  }

  function keep(form) {
    const values = typed(form);
    if (values.length) store.write(KEPT, { path: location.pathname, action: form.action, visitor: visitor(), at: Date.now(), values });
  }

  function putBack(form, values) {
    let changed = false;
    const left = controls(form);
    for (const [name, value, checked] of values) {
      const index = left.findIndex((c) => c.name === name && (checked === null || c.value === value));
      if (index < 0) continue;
      const [control] = left.splice(index, 1);
      if (checked === null ? control.value !== value : control.checked !== checked) {
        if (checked === null) control.value = value; else control.checked = checked;
        changed = true;
      }
    }
    if (changed) form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /* One record: the form sent (or saved) last. It is put back only into the same form, for the same visitor, within half an
     hour, and only when something came in between: a sign-in page or a page that says an error. */
  function keepForms() {
    const interrupted = "keepsForms" in document.body.dataset || document.querySelector("input[type=password]");
    const kept = store.read(KEPT);
    if (interrupted) {
      store.write(INTERRUPTED, true);
    } else if (kept) {
      const here = kept.path === location.pathname && kept.visitor === visitor();
      if (store.read(INTERRUPTED) && here) {
        const form = all("form").find((f) => f.method === "post" && f.action === kept.action);
        if (form) putBack(form, kept.values);
      }
      if (here || !store.read(INTERRUPTED) || Date.now() - kept.at > HALF_AN_HOUR) {
        store.drop(KEPT);
        store.drop(INTERRUPTED);
      }
    } else {
      store.drop(INTERRUPTED);
    }
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if ("signsOut" in form.dataset) { store.drop(KEPT); store.drop(INTERRUPTED); return; }
      if (form.method === "post" && !form.querySelector("input[type=password]")) keep(form);
    });
  }

  /* --- drafts save themselves --------------------------------------------------------------------------------- */

  function autosave(form) {
    const sign = form.querySelector("[data-saved]") || document.querySelector("[data-saved]");
    let timer = 0;
    let last = new URLSearchParams(new FormData(form)).toString();

    async function save() {
      const body = new FormData(form);
      for (const [name, value] of Array.from(body)) if (value instanceof File) body.delete(name);
      const now = new URLSearchParams(body).toString();
      if (now === last) return;
      keep(form);
      try {
        const answer = await fetch(form.dataset.autosave, {
          method: "POST", body, redirect: "manual", headers: { "X-CSRFToken": csrf(form), "X-Requested-With": "autosave" },
        });
        if (!answer.ok) throw new Error(String(answer.status));
        last = now;
        say(sign, "saved", clock());
      } catch {
        store.write(INTERRUPTED, true);
        say(sign, "kept", "");
      }
    }

    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 2000); });
    form.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(save, 400); });
    form.addEventListener("submit", () => clearTimeout(timer));
  }

  /* The words stand in the page, in its language; the sign may have its own, the body has the usual ones. */
  function say(sign, kind, time) {
    if (!sign) return;
    const usual = kind === "saved" ? document.body.dataset.wordsSaved : document.body.dataset.wordsKept;
    const own = kind === "saved" ? sign.dataset.saved : sign.dataset.kept;
    const words = sign.querySelector("[data-words]") || sign.appendChild(document.createElement("span"));
    words.dataset.words = "";
    for (const node of Array.from(sign.childNodes)) if (node.nodeType === Node.TEXT_NODE) node.remove();
    words.textContent = (own || usual || "").replace("{time}", time);
    sign.hidden = false;
    sign.setAttribute("role", "status");
    sign.classList.toggle("unsaved", kind !== "saved");
  }

  /* --- small things ------------------------------------------------------------------------------------------- */

  function confirmFirst(event) {
    const button = event.target.closest("[data-confirm]");
    if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
  }

  /* A second click must not send a second time. */
  function sendOnce(event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    setTimeout(() => { delete form.dataset.sent; form.removeAttribute("aria-busy"); }, 8000);
  }

  function keys(event) {
    if (event.key === "Escape") {
      for (const box of all("details.menu-box[open]")) { box.open = false; box.querySelector("summary").focus(); }
    }
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = document.querySelector("[data-slash]");
      if (search && search.offsetParent) { event.preventDefault(); search.focus(); search.select(); }
    }
  }

  function closeMenus(event) {
    for (const box of all("details.menu-box[open]")) if (!box.contains(event.target)) box.open = false;
  }

  function readAloud(button) {
    if (!("speechSynthesis" in window)) return;
    const words = button.querySelector("span");
    const start = words.textContent;
    const rest = () => { words.textContent = start; button.setAttribute("aria-pressed", "false"); };
    button.hidden = false;
    button.addEventListener("click", () => {
      if (speechSynthesis.speaking) { speechSynthesis.cancel(); rest(); return; }
      const speech = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
      speech.lang = document.documentElement.lang === "en" ? "en" : "zh-CN";
      speech.rate = 0.9;
      speech.onend = rest;
      words.textContent = button.dataset.stop;
      button.setAttribute("aria-pressed", "true");
      speechSynthesis.speak(speech);
    });
  }

  function tickAll(box) {
    box.addEventListener("change", () => {
      for (const one of all(`input[type=checkbox][name="${box.dataset.ticksAll}"]`)) one.checked = box.checked;
    });
  }

  /* --- what is typed while an answer is on its way stays ------------------------------------------------------ */

  /* The part that comes back knows only what was sent with the request; what was typed after that is put in again. */
  function typedSince(event) {
    const { target, requestConfig } = event.detail;
    if (!requestConfig || !requestConfig.elt.matches("[data-decides]")) return;
    const sent = requestConfig.formData;
    const later = all("input, select, textarea", target).filter((one) => {
      if (!one.id || !one.name || one.type === "hidden" || one.type === "file") return false;
      const was = sent.getAll(one.name).includes(one.value);
      return one.type === "radio" || one.type === "checkbox" ? one.checked !== was : !was;
    });
    const kept = later.map(({ id, value, checked }) => ({ id, value, checked }));
    if (kept.length) target.ownerDocument.addEventListener("htmx:afterSettle", () => typeAgain(kept), { once: true });
  }

  function typeAgain(kept) {
    for (const { id, value, checked } of kept) {
      const one = document.getElementById(id);
      if (!one) continue;
      if (one.type === "radio" || one.type === "checkbox") one.checked = checked;
      else one.value = value;
      if (one !== document.activeElement) one.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  /* --- start, and again for what htmx brings ------------------------------------------------------------------ */

  function dress(root) {
    all("form[data-autosave]", root).forEach(autosave);
    all("[data-read-aloud]", root).forEach(readAloud);
    all("[data-ticks-all]", root).forEach(tickAll);
    all("[data-needs-script]", root).forEach((one) => { one.hidden = false; });
    const first = root.querySelector("[data-focus]");
    if (first) first.focus();
  }

  keepForms();
  dress(document);
  document.addEventListener("click", confirmFirst);
  document.addEventListener("click", closeMenus);
  document.addEventListener("keydown", keys);
  document.addEventListener("submit", sendOnce);
  document.addEventListener("htmx:beforeSwap", typedSince);
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) dress(event.target); });
})();
