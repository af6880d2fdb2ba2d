// The process diagram in a window of its own: bpmn-js, loaded when it is first asked for. The drawing on the page says
// the same without script.
(() => {
  "use strict";

  const once = (make) => { let made; return () => (made ??= make()); };

  function load(box) {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = box.dataset.style;
    const script = document.createElement("script");
    script.src = box.dataset.viewer;
    document.head.append(style, script);
    return new Promise((done, fail) => { script.onload = done; script.onerror = fail; });
  }

  async function show(box) {
    const [told] = await Promise.all([
      fetch(box.dataset.flow, { headers: { Accept: "application/json" } }).then((answer) => {
        if (!answer.ok) throw new Error(answer.statusText);
        return answer.json();
      }),
      load(box),
    ]);
    const stage = box.querySelector(".pd-stage");
    const viewer = new window.BpmnJS({ container: stage, zoomScroll: { enabled: false } });
    await viewer.importXML(told.xml);
    box.querySelector("[data-flow-wait]").remove();
    const canvas = viewer.get("canvas"), elements = viewer.get("elementRegistry"), overlays = viewer.get("overlays");
    for (const [id, state] of Object.entries(told.nodes)) if (elements.get(id)) canvas.addMarker(id, `is-${state}`);
    for (const id of told.taken) if (elements.get(id)) canvas.addMarker(id, "is-taken");
    for (const [id, times] of Object.entries(told.times)) {
      if (!elements.get(id)) continue;
      const badge = document.createElement("b");
      badge.className = "pd-count";
      badge.textContent = `×${times}`;
      overlays.add(id, { position: { top: -12, right: 12 }, html: badge });
    }
    const current = Object.keys(told.nodes).find((id) => told.nodes[id] === "current" && elements.get(id));
    const fit = () => canvas.zoom("fit-viewport", "auto");
    const now = () => {
      if (!current) return fit();
      canvas.zoom(1);
      canvas.scrollToElement(current, stage.clientHeight / 3);
    };
    viewer.get("eventBus").on("element.click", ({ element }) => tell(box, told, element));
    fit();
    if (canvas.zoom() < 0.5) now();
    return { in: () => canvas.zoom(canvas.zoom() * 1.25), out: () => canvas.zoom(canvas.zoom() / 1.25), fit, now };
  }

  function tell(box, told, element) {
    const place = box.querySelector("[data-flow-told]");
    place.replaceChildren();
    const name = element.businessObject?.name;
    if (!name) { place.textContent = place.dataset.none; return; }
    const heading = document.createElement("b");
    heading.textContent = name;
    place.append(heading);
    const lines = told.steps[element.id] || [];
    for (const line of lines.length ? lines : [place.dataset.nobody]) {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      place.append(paragraph);
    }
  }

  for (const box of document.querySelectorAll("[data-flow]")) {
    const dialog = box.querySelector("dialog");
    if (!dialog.showModal) continue;
    box.hidden = false;
    const open = once(() => show(box).catch(() => {
      dialog.querySelector("[data-flow-failed]").classList.remove("vh");
      dialog.querySelector("[data-flow-wait]")?.remove();
      return {};
    }));
    box.querySelector("button").addEventListener("click", () => { dialog.showModal(); open(); });
    dialog.addEventListener("click", async (event) => {
      const asked = event.target.closest("[data-flow-do]")?.dataset.flowDo;
      if (asked === "close" || event.target === dialog) dialog.close();
      else if (asked) (await open())[asked]?.();
    });
    dialog.addEventListener("keydown", async (event) => {
      const asked = { "+": "in", "=": "in", "-": "out", 0: "fit" }[event.key];
      if (asked) (await open())[asked]?.();
    });
  }
})();
