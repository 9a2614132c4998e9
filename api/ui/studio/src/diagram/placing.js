/** Where a new step goes that nobody placed by hand: behind a step or into a flow, where it covers nothing. */
const GAP = 50;

/** Puts the shape behind the element; what stands there already moves to the right. */
export function append(modeler, element, shape) {
  const end = element.x + element.width;
  if (covered(modeler, element, { x: end + GAP, y: element.y + element.height / 2 - shape.height / 2, width: shape.width, height: shape.height })) {
    makeRoom(modeler, element, end + GAP / 2, shape.width + GAP);
  }
  return modeler.get('autoPlace').append(element, shape);
}

/** Puts the shape into the flow, half way; what comes behind makes room. */
export function insert(modeler, flow, shape) {
  const [from, to] = [flow.source, flow.target];
  const begin = from.x + from.width, room = to.x - begin, wanted = shape.width + 2 * GAP;
  if (room > 0 && room < wanted) makeRoom(modeler, flow, begin + room / 2, wanted - room);
  return modeler.get('modeling').createShape(shape, middle(flow.waypoints), flow);
}

function middle(points) {
  const lengths = points.slice(1).map((one, at) => Math.hypot(one.x - points[at].x, one.y - points[at].y));
  let left = lengths.reduce((sum, one) => sum + one, 0) / 2;
  for (const [at, length] of lengths.entries()) {
    if (left <= length && length) {
      const [a, b] = [points[at], points[at + 1]];
      return { x: Math.round(a.x + (b.x - a.x) * left / length), y: Math.round(a.y + (b.y - a.y) * left / length) };
    }
    left -= length;
  }
  return points[0];
}

/** Whether the place holds another step, not only the lane or sub-process around it. */
function covered(modeler, element, box) {
  const around = new Set();
  for (let one = element.parent; one; one = one.parent) around.add(one);
  return modeler.get('elementRegistry').filter((one) => one.waypoints === undefined && one.type !== 'label' && one !== element && !around.has(one)
    && !/Lane$|Participant$/.test(one.type) && one.x < box.x + box.width && box.x < one.x + one.width && one.y < box.y + box.height && box.y < one.y + one.height).length > 0;
}

/** Moves everything right of a line to the right, as the space tool does. */
function makeRoom(modeler, element, start, by) {
  const space = modeler.get('spaceTool'), delta = { x: Math.ceil(by / 10) * 10, y: 0 };
  const root = modeler.get('canvas').findRoot(element);
  const every = modeler.get('elementRegistry').filter((one) => one !== root && modeler.get('canvas').findRoot(one) === root);
  const { movingShapes, resizingShapes } = space.calculateAdjustments(every, 'x', delta.x, start);
  space.makeSpace(movingShapes, resizingShapes, delta, 'e', start);
}
