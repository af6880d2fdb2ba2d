// The properties of what is chosen in the drawing, as a form. Each field writes at once, so that undo undoes it.
(() => {
  "use strict";

  const el = (tag, given = {}, ...inside) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...inside.filter((one) => one !== null && one !== undefined));
    return made;
  };

  let lastId = 0;

  /** One labelled control. ``make(id)`` returns the control. */
  function labelled(word, make, hint) {
    const id = `mp-${(lastId += 1)}`;
    const control = make(id);
    if (hint) control.setAttribute("aria-describedby", `${id}-h`);
    return el("div", { class: "mp-f" }, el("label", { for: id }, word), control, hint ? el("p", { class: "mp-h", id: `${id}-h` }, hint) : null);
  }

  const text = (word, value, write, { hint, mono, long, lang, pattern } = {}) =>
    labelled(word, (id) => {
      const given = { id, class: mono ? "mono" : "", lang, autocomplete: "off", spellcheck: mono ? "false" : undefined };
      const control = long ? el("textarea", { ...given, rows: 3 }) : el("input", { ...given, type: "text" });
      control.value = value ?? "";
      control.addEventListener("change", () => {
        const typed = control.value.trim();
        if (pattern && !pattern.test(typed)) { control.value = value ?? ""; return; }
        write(typed || undefined);
      });
      return control;
    }, hint);

  const pick = (word, value, options, write, { none, hint } = {}) =>
    labelled(word, (id) => {
      const control = el("select", { id });
      if (none !== undefined) control.append(el("option", { value: "" }, none));
      const known = options.some(([key]) => key === value);
      if (value && !known) control.append(el("option", { value }, value));
      for (const [key, label] of options) control.append(el("option", { value: key }, label === key ? key : `${label}（${key}）`));
      control.value = value ?? "";
      control.addEventListener("change", () => write(control.value || undefined));
      return control;
    }, hint);

  const tick = (word, value, write) => {
    const id = `mp-${(lastId += 1)}`;
    const control = el("input", { id, type: "checkbox" });
    control.checked = value;
    control.addEventListener("change", () => write(control.checked));
    return el("div", { class: "mp-t" }, control, el("label", { for: id }, word));
  };

  const group = (word, ...inside) => el("fieldset", { class: "mp-g" }, el("legend", {}, word), ...inside);

  /** Draw the panel of ``element``. ``say`` holds words and choices, ``services`` those of bpmn-js. */
  function draw(element, services, say) {
    const { modeling, bpmnFactory, bpmnReplace, elementRegistry, selection } = services;
    const w = say.words;
    const target = element.type === "label" ? element.labelTarget : element;
    const object = target.businessObject;
    const type = object.$type.slice(5);
    const get = (name) => object.get(`tongban:${name}`);
    const put = (values) => modeling.updateProperties(target, values);
    const ours = (name, word, options) => text(word, get(name), (value) => put({ [`tongban:${name}`]: value }), options);
    const choose = (name, word, options, more) => pick(word, get(name), options, (value) => put({ [`tongban:${name}`]: value }), more);
    const inModdle = (of, values) => modeling.updateModdleProperties(target, of, values);
    const parts = [];
    const add = (...some) => parts.push(...some);

    const families = [["UserTask", "ServiceTask", "BusinessRuleTask", "CallActivity"], ["ExclusiveGateway", "ParallelGateway", "InclusiveGateway"]];
    const family = families.find((one) => one.includes(type));
    if (family) {
      add(labelled(w.kind, (id) => {
        const control = el("select", { id });
        for (const one of family) control.append(el("option", { value: one }, w.types[one]));
        control.value = type;
        control.addEventListener("change", () => selection.select(bpmnReplace.replaceElement(target, { type: `bpmn:${control.value}` })));
        return control;
      }));
    }
    const process = type === "Process" ? object : type === "Participant" ? object.processRef : null;
    if (type === "Participant" && process) {
      add(text(w.process_zh, process.name, (name) => inModdle(process, { name }), { lang: "zh" }),
        text(w.process_en, process.get("tongban:label_en"), (value) => inModdle(process, { "tongban:label_en": value }), { lang: "en" }));
    }
    if (type !== "SequenceFlow" || target.source) add(text(type === "Participant" ? w.pool_zh : w.name_zh, object.name, (name) => put({ name }), { lang: "zh" }));
    if (type !== "TextAnnotation") add(ours("label_en", w.name_en, { lang: "en" }));

    if (type === "UserTask") userTask();
    if (type === "ServiceTask") add(choose("operation", w.operation, say.operations, { none: w.choose }));
    if (type === "BusinessRuleTask") {
      add(choose("decision", w.table, say.tables, { none: w.choose }), ours("result", w.result, { mono: true, hint: w.result_hint }));
    }
    if (type === "CallActivity") {
      add(pick(w.called, object.calledElement, say.processes, (calledElement) => put({ calledElement }), { none: w.choose }));
    }
    if (/Gateway$/.test(type)) wayOut();
    if (type === "SequenceFlow") condition();
    if (/^(BoundaryEvent|IntermediateCatchEvent)$/.test(type)) timer();
    if (/^(UserTask|ServiceTask|BusinessRuleTask|SubProcess|CallActivity|IntermediateCatchEvent|EndEvent)$/.test(type)) {
      add(ours("state", w.state, { mono: true, hint: w.state_hint }));
    }
    if (type === "EndEvent") {
      const ends = (object.eventDefinitions || []).length > 0;
      add(tick(w.terminate, ends, (wanted) => selection.select(bpmnReplace.replaceElement(target, {
        type: "bpmn:EndEvent", ...(wanted ? { eventDefinitionType: "bpmn:TerminateEventDefinition" } : {}),
      }))));
    }
    if (/^(UserTask|SubProcess|CallActivity)$/.test(type)) repetition();
    if (process) moves(process);
    if (type === "UserTask") moves(object);
    if (!/^(Process|Participant|Collaboration)$/.test(type)) {
      add(text(w.id, object.id, (id) => id && id !== object.id && !elementRegistry.get(id) && put({ id }),
        { mono: true, hint: w.id_hint, pattern: /^[A-Za-z_][A-Za-z0-9_]*$/ }));
    }
    return parts;

    function userTask() {
      const [, how = "", duty = "", unit = ""] = /^(duty|party|var):([^@]*)(?:@(.*))?$/.exec(get("holder") || "") || [];
      const hold = (kind, what, where) => put({ "tongban:holder": kind === "duty" ? `duty:${what}@${where || "unit"}` : `${kind}:${what}` });
      const inside = [pick(w.holder, how, [["duty", w.by_duty], ["party", w.by_party], ["var", w.by_var]],
        (kind) => hold(kind || "duty", kind === "party" ? "applicant" : "", "unit"), how ? {} : { none: w.choose })];
      if (how === "duty") {
        inside.push(pick(w.duty, duty, say.duties, (what) => hold("duty", what || "", unit), duty ? {} : { none: w.choose }),
          text(w.unit, unit || "unit", (where) => hold("duty", duty, where), { mono: true, hint: w.unit_hint }));
      } else if (how) inside.push(text(w.variable, duty, (what) => hold(how, what || "", ""), { mono: true }));
      add(group(w.who, ...inside, choose("separate_from", w.separate_from,
        elementRegistry.filter((one) => one.type === "bpmn:UserTask" && one !== target).map((one) => [one.id, one.businessObject.name || one.id]),
        { none: w.nobody, hint: w.separate_hint })));
      add(ours("limit", w.limit, { mono: true, hint: w.limit_hint }));
      add(choose("form", w.form, say.forms, { none: w.no_form, hint: w.form_hint }));
      outcomes();
    }

    function outcomes() {
      const inside = object.extensionElements;
      const all = (inside?.values || []).filter((one) => one.$type === "tongban:Outcome");
      const others = (inside?.values || []).filter((one) => one.$type !== "tongban:Outcome");
      const keep = (list) => {
        const holder = inside || bpmnFactory.create("bpmn:ExtensionElements", { values: [] });
        for (const one of list) one.$parent = holder;
        if (inside) inModdle(inside, { values: [...others, ...list] });
        else { holder.values = list; holder.$parent = object; put({ extensionElements: holder }); }
      };
      const rows = all.map((one, place) => {
        const write = (name) => (value) => inModdle(one, { [name]: value });
        const move = (by) => { const list = [...all]; list.splice(place + by, 0, list.splice(place, 1)[0]); keep(list); };
        return el("details", { class: "mp-o", open: all.length === 1 },
          el("summary", {}, one.label_zh || one.key || w.outcome),
          text(w.label_zh, one.label_zh, write("label_zh"), { lang: "zh" }),
          text(w.label_en, one.label_en, write("label_en"), { lang: "en" }),
          text(w.key, one.key, write("key"), { mono: true, hint: w.key_hint.replace("{}", object.id), pattern: /^[A-Za-z0-9_]+$/ }),
          pick(w.style, one.style, w.styles, write("style"), { none: w.plain }),
          pick(w.opinion, one.opinion, w.opinions, write("opinion"), { none: w.optional }),
          pick(w.form, one.form, say.forms, write("form"), { none: w.no_form }),
          text(w.when, one.when, write("when"), { mono: true, long: true, hint: w.when_hint }),
          el("p", { class: "row" },
            place > 0 ? el("button", { type: "button", class: "btn small", onclick: () => move(-1) }, w.up) : null,
            all.length > 1 ? el("button", { type: "button", class: "btn small", onclick: () => keep(all.filter((other) => other !== one)) }, w.remove) : null));
      });
      add(group(w.outcomes, ...rows, el("button", {
        type: "button", class: "btn small",
        onclick: () => keep([...all, bpmnFactory.create("tongban:Outcome", { key: `outcome_${all.length + 1}`, label_zh: w.outcome })]),
      }, w.add_outcome)));
    }

    function wayOut() {
      if (type === "ParallelGateway" || target.outgoing.length < 2) return;
      add(pick(w.default, object.default?.id, target.outgoing.map((flow) => [flow.id, flow.businessObject.name || flow.target.businessObject.name || flow.id]),
        (id) => put({ default: id ? elementRegistry.get(id).businessObject : undefined }), { none: w.no_default, hint: w.default_hint }));
    }

    function condition() {
      if (!/ExclusiveGateway|InclusiveGateway/.test(target.source?.type || "") || target.source.outgoing.length < 2) return;
      if (target.source.businessObject.default === object) { add(el("p", { class: "mp-h" }, w.is_default)); return; }
      add(text(w.condition, object.conditionExpression?.body, (body) => put({
        conditionExpression: body ? bpmnFactory.create("bpmn:FormalExpression", { body }) : undefined,
      }), { mono: true, long: true, hint: w.condition_hint }));
    }

    function timer() {
      add(ours("limit", w.length, { mono: true, hint: w.limit_hint }), ours("since", w.since, { mono: true, hint: w.since_hint }));
      if (type === "BoundaryEvent") add(tick(w.interrupts, object.cancelActivity !== false, (cancelActivity) => put({ cancelActivity })));
    }

    function repetition() {
      const loop = object.loopCharacteristics;
      const isOurs = loop?.$type === "bpmn:MultiInstanceLoopCharacteristics";
      const kinds = [["parallel", w.all_at_once], ["sequential", w.one_by_one]];
      const inside = [pick(w.repeat, isOurs ? (loop.isSequential ? "sequential" : "parallel") : "", kinds, (how) => {
        if (!how) return put({ loopCharacteristics: undefined });
        if (isOurs) return inModdle(loop, { isSequential: how === "sequential" });
        const made = bpmnFactory.create("bpmn:MultiInstanceLoopCharacteristics", { isSequential: how === "sequential" });
        made.$parent = object;
        return put({ loopCharacteristics: made });
      }, { none: w.once })];
      if (isOurs) {
        const one = (name, word, more) => text(word, loop.get(`tongban:${name}`), (value) => inModdle(loop, { [`tongban:${name}`]: value }), { mono: true, ...more });
        inside.push(one("collection", w.collection, { hint: w.collection_hint }), one("element", w.element), one("complete", w.complete, { hint: w.complete_hint }), one("counts", w.counts, { hint: w.counts_hint }));
      }
      add(group(w.repetition, ...inside));
    }

    function moves(of) {
      const now = of.get("tongban:moves");
      const chosen = (now || "").split(" ").filter(Boolean);
      const write = (list) => modeling.updateModdleProperties(target, of, { "tongban:moves": list });
      const inside = [pick(w.moves, now === undefined ? "" : now === "none" ? "none" : "some",
        [["some", w.moves_some], ["none", w.moves_none]], (how) => write(how === "some" ? say.moves.map(([key]) => key).join(" ") : how), { none: w.moves_all })];
      if (now !== undefined && now !== "none") {
        for (const [key, word] of say.moves) {
          inside.push(tick(word, chosen.includes(key), (wanted) => write(say.moves.map(([one]) => one).filter((one) => (one === key ? wanted : chosen.includes(one))).join(" ") || "none")));
        }
      }
      add(group(w.office_moves, ...inside));
    }
  }

  window.TongbanModeler.panel = { draw, el };
})();
