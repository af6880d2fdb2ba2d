// The process editor: bpmn-js with our palette and panel around it. Without script the file can be pasted or uploaded; with it
// the text area holds what is drawn, so that the page's own button saves. What is drawn is examined while it is drawn.
(() => {
  "use strict";

  const { descriptor, offer, panel } = window.TongbanModeler;
  const { el } = panel;

  const later = (run, wait) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(run, wait); }; };

  async function begin(box) {
    const say = JSON.parse(document.getElementById(box.dataset.say).textContent);
    const w = say.words;
    const form = box.closest("form");
    const field = form.querySelector("textarea[name=xml]");
    const stage = box.querySelector("[data-stage]"), aside = box.querySelector("[data-panel]"), list = box.querySelector("[data-faults]");
    box.hidden = false;
    const bpmn = new window.BpmnJS({ container: stage, moddleExtensions: { tongban: descriptor }, additionalModules: [offer(w)] });
    const services = Object.fromEntries(
      ["modeling", "bpmnFactory", "bpmnReplace", "elementRegistry", "selection", "canvas", "eventBus", "commandStack"].map((name) => [name, bpmn.get(name)]));
    const { canvas, elementRegistry, selection, eventBus, commandStack } = services;
    try {
      await bpmn.importXML(field.value);
    } catch (error) {
      list.replaceChildren(el("p", { class: "callout red" }, `${w.unreadable} ${error.message}`));
      stage.hidden = aside.hidden = true;
      return;
    }
    form.querySelector("[data-file]")?.removeAttribute("open");
    document.querySelector("[data-faults-listed]")?.remove();
    const fit = () => {
      const { inner, outer } = canvas.viewbox();
      const scale = Math.min(1, (outer.width - 150) / inner.width, (outer.height - 40) / inner.height);
      canvas.viewbox({ x: inner.x - 125 / scale, y: inner.y - 20 / scale, width: outer.width / scale, height: outer.height / scale });
    };
    fit();

    let isDirty = false, kept = field.value, shown = null;
    const chosen = () => {
      const some = selection.get();
      if (some.length) return some.length === 1 ? some[0] : null;
      return elementRegistry.find((one) => one.type === "bpmn:Participant") || canvas.getRootElement();
    };
    const redraw = () => {
      const element = chosen();
      const focus = shown === element && aside.contains(document.activeElement) ? [...aside.querySelectorAll("input, select, textarea, summary, button")].indexOf(document.activeElement) : -1;
      const open = shown === element ? [...aside.querySelectorAll("details")].map((one) => one.open) : [];
      aside.replaceChildren(el("h2", {}, element ? heading(element) : w.several), ...(element && element.businessObject ? panel.draw(element, services, say) : []));
      aside.querySelectorAll("details").forEach((one, place) => { if (open[place]) one.open = true; });
      if (focus >= 0) aside.querySelectorAll("input, select, textarea, summary, button")[focus]?.focus();
      shown = element;
    };
    const heading = (element) => w.types[element.businessObject.$type.slice(5)] || w.drawing;

    let writing = null;
    const write = () => {
      isDirty = true;
      const mine = writing = bpmn.saveXML({ format: true }).then(({ xml }) => {
        if (writing !== mine) return;
        field.value = kept = xml;
        writing = null;
        soon();
      });
    };
    const examine = async () => {
      const xml = kept;
      const answer = await fetch(box.dataset.check, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.querySelector("[name=csrfmiddlewaretoken]").value },
        body: JSON.stringify({ content: { ...say.content, xml } }),
      });
      if (answer.ok && xml === kept) mark((await answer.json()).faults);
    };
    const soon = later(() => examine().catch(() => {}), 700);
    const called = (element) => element?.businessObject?.name
      || (element?.waypoints ? `${called(element.source) || element.source.id} → ${called(element.target) || element.target.id}` : "");
    const mark = (faults) => {
      for (const element of elementRegistry.getAll()) if (element.parent) canvas.removeMarker(element, "has-fault");
      const lines = faults.map((fault) => {
        const element = elementRegistry.get(fault.path);
        if (element && element.parent) canvas.addMarker(element, "has-fault");
        const words = fault.message[say.language] || fault.message.zh;
        const name = called(element) || (element ? fault.path : "");
        return el("li", {}, element && element.parent
          ? el("button", { type: "button", class: "linkish", onclick: () => { selection.select(element); canvas.scrollToElement(element, 120); } }, name)
          : null, name ? " " : null, words);
      });
      list.replaceChildren(lines.length ? el("p", {}, w.faults.replace("{}", lines.length)) : el("p", { class: "ok" }, w.sound));
      if (lines.length) list.append(el("ul", {}, ...lines));
    };

    // What is new is named in the panel: a box left open in the drawing would put its old text back.
    const directEditing = bpmn.get("directEditing");
    eventBus.on(["autoPlace.end", "create.end"], 100, () => directEditing.cancel());
    aside.addEventListener("pointerdown", () => directEditing.complete());
    eventBus.on("selection.changed", redraw);
    eventBus.on("commandStack.changed", () => { redraw(); write(); });
    redraw();
    mark(say.faults);

    const act = {
      undo: () => commandStack.undo(), redo: () => commandStack.redo(), fit,
      in: () => canvas.zoom(canvas.zoom() * 1.25), out: () => canvas.zoom(canvas.zoom() / 1.25),
    };
    box.addEventListener("click", (event) => act[event.target.closest("[data-do]")?.dataset.do]?.());
    stage.addEventListener("keydown", (event) => {
      if (event.target.closest("input, textarea, [contenteditable=true]")) return;
      const key = event.key.toLowerCase();
      if ((event.ctrlKey || event.metaKey) && key === "z") { event.preventDefault(); (event.shiftKey ? act.redo : act.undo)(); }
      if (key === "delete" || key === "backspace") { event.preventDefault(); services.modeling.removeElements(selection.get().filter((one) => one.parent)); }
    });
    form.addEventListener("submit", async (event) => {
      isDirty = false;
      if (!writing) return;
      event.preventDefault();
      event.stopPropagation();
      await writing;
      form.requestSubmit(event.submitter);
    });
    window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });
    box.dataset.ready = "yes";
  }

  for (const box of document.querySelectorAll("[data-modeler]")) begin(box);
})();
