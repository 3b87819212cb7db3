// Where the nodes of a service map stand: callers left of what they call. Pure functions.

/** Node name -> column: 0 for those that nobody calls, else one right of the leftmost-possible caller; cycles are cut. */
export function ranks(edges) {
  const names = [...new Set(edges.flatMap((edge) => [edge.source, edge.target]))];
  const called = new Set(edges.filter((edge) => edge.source !== edge.target).map((edge) => edge.target));
  const found = new Map();
  const starts = names.filter((name) => !called.has(name));
  let wave = starts.length ? starts : names.slice(0, 1);
  wave.forEach((name) => found.set(name, 0));
  for (let rank = 1; found.size < names.length; rank += 1) {
    const next = edges.filter((edge) => wave.includes(edge.source) && !found.has(edge.target)).map((edge) => edge.target);
    wave = next.length ? [...new Set(next)] : [names.find((name) => !found.has(name))];
    wave.forEach((name) => found.set(name, next.length ? rank : 0));
  }
  return found;
}

/** Name -> { x, y } in a box of `width` x `height`; `box` is the size of a node. */
export function places(edges, width, box) {
  const rank = ranks(edges);
  const columns = [];
  rank.forEach((at, name) => (columns[at] ??= []).push(name));
  const filled = columns.filter(Boolean);
  const tallest = Math.max(1, ...filled.map((names) => names.length));
  const height = tallest * (box.height + box.gap) + box.gap;
  const step = filled.length > 1 ? (width - box.width - 2 * box.gap) / (filled.length - 1) : 0;
  const spots = new Map();
  filled.forEach((names, column) => {
    ordered(names, edges, spots).forEach((name, at) => {
      spots.set(name, { x: box.gap + column * step, y: ((at + 0.5) * height) / names.length - box.height / 2 });
    });
  });
  return { spots, height };
}

// Each column in the order of the mean height of its neighbours to the left, which leaves few crossings.
function ordered(names, edges, spots) {
  const mean = (name) => {
    const heights = edges.filter((edge) => edge.target === name && spots.has(edge.source)).map((edge) => spots.get(edge.source).y);
    return heights.length ? heights.reduce((sum, y) => sum + y, 0) / heights.length : 0;
  };
  return names.map((name) => [mean(name), name]).sort((a, b) => a[0] - b[0]).map(([, name]) => name);
}
