/**
 * Settings of an element as they stand in the file: `spiffworkflow:properties`, attributes, child elements. Every writer makes
 * one command of the canvas, so that 撤销 takes back each change, and never alters what it does not name.
 */
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

export { getBusinessObject, is };

/** The holder of settings: of a pool its process, else the element itself. */
export function holderOf(element) {
  const object = getBusinessObject(element);
  return is(object, 'bpmn:Participant') && object.processRef ? object.processRef : object;
}

/** The event definitions of an event, in the order of the file. */
export function definitionsOf(element) { return getBusinessObject(element).get?.('eventDefinitions') ?? []; }

export function definitionOf(element, type) {
  return is(element, 'bpmn:Event') ? definitionsOf(element).find((one) => is(one, type)) : undefined;
}

function extensionsOf(object) { return object.extensionElements?.values ?? []; }

function propertiesOf(object) { return extensionsOf(object).filter((one) => is(one, 'spiffworkflow:Properties')); }

/** The text of one of our settings; "" where it is not set. */
export function setting(element, name) {
  for (const list of propertiesOf(holderOf(element))) {
    const found = (list.values ?? []).find((one) => one.name === name);
    if (found) return found.value ?? '';
  }
  return '';
}

/** Names of all settings that the element carries, also those that the engine does not know. */
export function settingNames(element) {
  return propertiesOf(holderOf(element)).flatMap((list) => (list.values ?? []).map((one) => one.name));
}

/** Several changes as one step to undo. */
export function batching(modeler) {
  const stack = modeler.get('commandStack');
  function Together() {}
  Together.prototype.preExecute = ({ act }) => act();
  stack.registerHandler('studio.together', Together);
  return (act) => stack.execute('studio.together', { act });
}

/** Writers, made over the services of one canvas. */
export function writers(modeler) {
  const modeling = modeler.get('modeling');
  const moddle = modeler.get('moddle');
  const make = (type, values, parent) => {
    const made = moddle.create(type, values);
    made.$parent = parent;
    return made;
  };

  const together = batching(modeler);
  const update = (element, object, values) => modeling.updateModdleProperties(element, object, values);

  /** Replace the extension elements of an object; an empty list takes the container away. */
  function extensions(element, object, values) {
    if (!values.length && object.extensionElements) return update(element, object, { extensionElements: undefined });
    const container = make('bpmn:ExtensionElements', { values }, object);
    for (const one of values) one.$parent = container;
    return update(element, object, { extensionElements: container });
  }

  return {
    make,
    update,
    extensions,

    /** Set one or several of our settings; "" takes one away. */
    settings(element, given) {
      const object = holderOf(element);
      const others = extensionsOf(object).filter((one) => !is(one, 'spiffworkflow:Properties'));
      const [first] = propertiesOf(object);
      const before = propertiesOf(object).flatMap((list) => list.values ?? []);
      const kept = before.filter((one) => !(one.name in given) || given[one.name])
        .map((one) => make('spiffworkflow:Property', { name: one.name, value: given[one.name] || one.value, ...one.$attrs }));
      const added = Object.entries(given).filter(([name, value]) => value && !before.some((one) => one.name === name))
        .map(([name, value]) => make('spiffworkflow:Property', { name, value }));
      const values = [...kept, ...added];
      if (!values.length) return extensions(element, object, others);
      const list = make('spiffworkflow:Properties', { values, ...(first?.$attrs ?? {}) });
      for (const one of values) one.$parent = list;
      return extensions(element, object, [list, ...others]);
    },

    /** Attributes of the element itself: name, id, called element, flags. */
    attributes(element, values) {
      const object = holderOf(element);
      if (object === getBusinessObject(element)) return modeling.updateProperties(element, values);
      return update(element, object, values);
    },

    /** The FEEL of a child element (condition, script, loop ...); "" takes it away. */
    expression(element, object, name, text) {
      return update(element, object, { [name]: text ? make('bpmn:FormalExpression', { body: text }, object) : undefined });
    },

    documentation(element, text) {
      const object = holderOf(element);
      const rest = (object.documentation ?? []).slice(1);
      return update(element, object, { documentation: text ? [make('bpmn:Documentation', { text }, object), ...rest] : rest });
    },

    /** A root element (message, signal, error, escalation) by its name, made where there is none. */
    root(type, name, values) {
      const definitions = modeler.getDefinitions();
      const found = definitions.rootElements.find((one) => is(one, type) && one.name === name);
      if (found || !name) return found;
      const id = freeId(modeler, `${type.slice(5).toLowerCase()}_${/^[A-Za-z][\w-]*$/.test(name) ? name : 'new'}`);
      const made = make(type, { id, name, ...values }, definitions);
      return made;
    },

    /** Point a definition to a root element; both in one step of the canvas. */
    reference(element, definition, attribute, root) {
      const definitions = modeler.getDefinitions();
      together(() => {
        if (root && !definitions.rootElements.includes(root)) {
          update(element, definitions, { rootElements: [...definitions.rootElements, root] });
        }
        update(element, definition, { [attribute]: root });
      });
    },

    together,

    decision(element, id) {
      const object = getBusinessObject(element);
      const others = extensionsOf(object).filter((one) => !is(one, 'spiffworkflow:CalledDecisionId'));
      const named = id ? [make('spiffworkflow:CalledDecisionId', { calledDecisionId: id })] : [];
      return extensions(element, object, [...others, ...named]);
    },
  };
}

/** The decision that a business rule task names. */
export function decisionOf(element) {
  const found = extensionsOf(getBusinessObject(element)).find((one) => is(one, 'spiffworkflow:CalledDecisionId'));
  return found?.calledDecisionId?.trim() || setting(element, 'decision');
}

/** An id that nothing in the model has yet. */
export function freeId(modeler, wished) {
  const taken = (id) => Boolean(modeler.get('elementRegistry').get(id)) || modeler.get('moddle').ids.assigned(id);
  if (!taken(wished)) return wished;
  for (let number = 2; ; number += 1) if (!taken(`${wished}_${number}`)) return `${wished}_${number}`;
}
