// Where the nodes of a service map stand: callers left of what they call. Pure functions.

/** Edges that do not close a cycle: those that lead back to where a walk from the callers came from are left out. */
function forward(names, edges) {
  const targets = new Map(names.map((name) => [name, []]));
  edges.forEach((edge) => edge.source !== edge.target && targets.get(edge.source).push(edge.target));
  const called = new Set(edges.filter((edge) => edge.source !== edge.target).map((edge) => edge.target));
  const state = new Map(); // "open" while its walk goes on
  const kept = [];
  const walk = (name) => {
    state.set(name, "open");
    targets.get(name).forEach((target) => {
      if (state.get(target) === "open") return;
      kept.push({ source: name, target });
      if (!state.has(target)) walk(target);
    });
    state.set(name, "done");
  };
  [...names.filter((name) => !called.has(name)), ...names].forEach((name) => state.has(name) || walk(name));
  return kept;
}

/** Node name -> column: 0 for those that nobody calls, else right of all its callers; cycles are cut. */
export function ranks(edges) {
  const names = [...new Set(edges.flatMap((edge) => [edge.source, edge.target]))];
  const kept = forward(names, edges);
  const found = new Map(names.map((name) => [name, 0]));
  for (let moved = true; moved; ) {
    moved = false;
    kept.forEach(({ source, target }) => {
      if (found.get(target) > found.get(source)) return;
      found.set(target, found.get(source) + 1);
      moved = true;
    });
  }
  return found;
}

/** `spots`: name -> { x, y }, and the `width` (at least that given) and `height` they take; `box`: a node's size, gap, step. */
export function places(edges, width, box) {
  const rank = ranks(edges);
  const columns = [];
  rank.forEach((at, name) => (columns[at] ??= []).push(name));
  const filled = columns.filter(Boolean);
  const tallest = Math.max(1, ...filled.map((names) => names.length));
  const height = tallest * (box.height + box.gap) + box.gap;
  const step = filled.length > 1 ? Math.max(box.step, (width - box.width - 2 * box.gap) / (filled.length - 1)) : 0;
  const spots = new Map();
  filled.forEach((names, column) => {
    ordered(names, edges, spots).forEach((name, at) => {
      spots.set(name, { x: box.gap + column * step, y: ((at + 0.5) * height) / names.length - box.height / 2 });
    });
  });
  return { spots, height, width: Math.max(width, (filled.length - 1) * step + box.width + 2 * box.gap) };
}

// Each column in the order of the mean height of its neighbours to the left, which leaves few crossings.
function ordered(names, edges, spots) {
  const mean = (name) => {
    const heights = edges.filter((edge) => edge.target === name && spots.has(edge.source)).map((edge) => spots.get(edge.source).y);
    return heights.length ? heights.reduce((sum, y) => sum + y, 0) / heights.length : 0;
  };
  return names.map((name) => [mean(name), name]).sort((a, b) => a[0] - b[0]).map(([, name]) => name);
}

/** The curve of an edge between two spots: four points of a cubic. `bend` keeps edges of one pair apart. */
export function curvePoints(from, to, bend, box) {
  const back = to.x <= from.x;
  const start = { x: from.x + (back ? 0 : box.width), y: from.y + box.height / 2 + bend };
  const stop = { x: to.x + (back ? box.width : 0), y: to.y + box.height / 2 + bend };
  const reach = Math.max(40, Math.abs(stop.x - start.x) / 2) * (back ? -1 : 1);
  return [start, { x: start.x + reach, y: start.y }, { x: stop.x - reach, y: stop.y }, stop];
}

function pointAt([a, b, c, d], t) {
  const mix = (axis) => (1 - t) ** 3 * a[axis] + 3 * (1 - t) ** 2 * t * b[axis] + 3 * (1 - t) * t ** 2 * c[axis] + t ** 3 * d[axis];
  return { x: mix("x"), y: mix("y") };
}

const ALONG = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78];

function overlap(a, b) {
  return Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height;
}

/**
 * Where labels stand: for each curve the first place along it, from the middle outwards, where a label of `size`
 * touches none of the `taken` boxes ({ x, y: the middle, width, height }) nor an earlier label; null where there is none.
 */
export function labelSpots(curves, size, taken) {
  const boxes = [...taken];
  return curves.map((curve) => {
    const spot = ALONG.map((t) => ({ ...pointAt(curve, t), ...size })).find((candidate) => !boxes.some((box) => overlap(candidate, box)));
    if (spot) boxes.push(spot);
    return spot ?? null;
  });
}
