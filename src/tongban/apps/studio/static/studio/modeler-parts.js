// What the modeler offers: only elements that the engine runs. Our attributes as a moddle descriptor, the palette, the pad
// beside an element, names for what is new. The specification is docs/reference/process-definitions.md.
(() => {
  "use strict";

  const attributes = (names) => names.map((name) => ({ name, isAttr: true, type: "String" }));

  const descriptor = {
    name: "Tongban",
    uri: "https://tongban.example/bpmn",
    prefix: "tongban",
    xml: { tagAlias: "lowerCase" },
    types: [
      {
        name: "Named",
        extends: ["bpmn:FlowElement", "bpmn:Process", "bpmn:Participant", "bpmn:Lane"],
        properties: attributes(["label_en"]),
      },
      {
        name: "Step",
        extends: ["bpmn:FlowNode"],
        properties: attributes([
          "holder", "form", "limit", "since", "state", "separate_from", "decision", "result", "operation",
        ]),
      },
      { name: "Moving", extends: ["bpmn:Process", "bpmn:UserTask"], properties: attributes(["moves"]) },
      {
        name: "Repetition",
        extends: ["bpmn:MultiInstanceLoopCharacteristics"],
        properties: attributes(["collection", "element", "complete", "counts"]),
      },
      {
        name: "Outcome",
        superClass: ["Element"],
        properties: attributes(["key", "label_zh", "label_en", "style", "opinion", "form", "when"]),
      },
    ],
  };

  // type of BPMN, icon, word, beginning of the id, further properties of the shape
  const KINDS = {
    start: ["bpmn:StartEvent", "start-event-none", "start", {}],
    user: ["bpmn:UserTask", "user-task", "step", {}],
    service: ["bpmn:ServiceTask", "service-task", "act", {}],
    rule: ["bpmn:BusinessRuleTask", "business-rule-task", "rule", {}],
    call: ["bpmn:CallActivity", "call-activity", "call", {}],
    sub: ["bpmn:SubProcess", "subprocess-expanded", "part", { isExpanded: true }],
    exclusive: ["bpmn:ExclusiveGateway", "gateway-xor", "which", {}],
    parallel: ["bpmn:ParallelGateway", "gateway-parallel", "both", {}],
    inclusive: ["bpmn:InclusiveGateway", "gateway-or", "some", {}],
    timer: [
      "bpmn:IntermediateCatchEvent", "intermediate-event-catch-timer", "wait",
      { eventDefinitionType: "bpmn:TimerEventDefinition" },
    ],
    end: ["bpmn:EndEvent", "end-event-none", "end", {}],
  };

  /** The module for bpmn-js: palette and pad offer KINDS, in the words of the page. */
  function offer(words) {
    function Maker(elementFactory, bpmnFactory, elementRegistry, moddle) {
      const free = (beginning) => {
        for (let n = 1; ; n += 1) if (!elementRegistry.get(`${beginning}_${n}`)) return `${beginning}_${n}`;
      };
      this.shape = (kind) => {
        const [type, , beginning, more] = KINDS[kind];
        const id = free(beginning);
        const made = bpmnFactory.create(type, { id, name: ["exclusive", "parallel", "inclusive"].includes(kind) ? "" : words[kind] });
        moddle.ids.claim(id, made);
        if (kind === "user") {
          const outcome = bpmnFactory.create("tongban:Outcome", { key: "done", label_zh: "办好", label_en: "Done", style: "primary" });
          const inside = bpmnFactory.create("bpmn:ExtensionElements", { values: [outcome] });
          outcome.$parent = inside;
          inside.$parent = made;
          made.extensionElements = inside;
        }
        return elementFactory.createShape({ type, businessObject: made, ...more });
      };
    }
    Maker.$inject = ["elementFactory", "bpmnFactory", "elementRegistry", "moddle"];

    function Palette(palette, create, maker, handTool, lassoTool, spaceTool, globalConnect) {
      palette.registerProvider(this);
      const tool = (name, icon, used) => ({
        group: "tools", className: `bpmn-icon-${icon}`, title: words[name], action: { click: (event) => used(event) },
      });
      this.getPaletteEntries = () => {
        const entries = {
          hand: tool("hand", "hand-tool", (event) => handTool.activateHand(event)),
          lasso: tool("lasso", "lasso-tool", (event) => lassoTool.activateSelection(event)),
          space: tool("space", "space-tool", (event) => spaceTool.activateSelection(event)),
          connect: tool("connect", "connection-multi", (event) => globalConnect.start(event)),
          line: { group: "tools", separator: true },
        };
        for (const [kind, [, icon]] of Object.entries(KINDS)) {
          const begin = (event) => create.start(event, maker.shape(kind));
          entries[kind] = {
            group: "elements", className: `bpmn-icon-${icon}`, title: words[kind], action: { dragstart: begin, click: begin },
          };
        }
        return entries;
      };
    }
    Palette.$inject = ["palette", "create", "maker", "handTool", "lassoTool", "spaceTool", "globalConnect"];

    function Pad(contextPad, maker, autoPlace, create, connect, modeling) {
      contextPad.registerProvider(this);
      const remove = (elements) => ({
        group: "edit", className: "bpmn-icon-trash", title: words.remove, action: { click: () => modeling.removeElements(elements) },
      });
      this.getMultiElementContextPadEntries = (elements) => ({ remove: remove(elements) });
      this.getContextPadEntries = (element) => {
        const type = element.businessObject.$type;
        const entries = { remove: remove([element]) };
        const leads = element.type !== "label" && !element.waypoints && !/EndEvent|Participant|Lane|TextAnnotation/.test(type);
        if (!leads) return entries;
        for (const kind of ["user", "exclusive", "service", "timer", "end"]) {
          entries[`append-${kind}`] = {
            group: "model",
            className: `bpmn-icon-${KINDS[kind][1]}`,
            title: words.append.replace("{}", words[kind]),
            action: {
              click: (event, source) => autoPlace.append(source, maker.shape(kind)),
              dragstart: (event, source) => create.start(event, maker.shape(kind), { source }),
            },
          };
        }
        const begin = (event, source) => connect.start(event, source);
        entries.connect = {
          group: "connect", className: "bpmn-icon-connection-multi", title: words.connect, action: { click: begin, dragstart: begin },
        };
        return entries;
      };
    }
    Pad.$inject = ["contextPad", "maker", "autoPlace", "create", "connect", "modeling"];

    return {
      __init__: ["paletteProvider", "contextPadProvider"],
      maker: ["type", Maker],
      paletteProvider: ["type", Palette],
      contextPadProvider: ["type", Pad],
      translate: ["value", (text, values) => (words.bpmn[text] || text).replace(/{([^}]+)}/g, (all, name) => values?.[name] ?? all)],
    };
  }

  window.TongbanModeler = { descriptor, offer };
})();
