/** The name nearest to `wanted` among `names`, `''` when none is near. */
export function nearest(wanted: string, names: Iterable<string>): string {
  const most = Math.max(2, Math.floor(wanted.length / 4));
  let best = { name: '', far: most + 1 };
  for (const name of names) {
    const far = distance(wanted.toLowerCase(), name.toLowerCase());
    best = far < best.far ? { name, far } : best;
  }
  return best.name;
}

/** How many letters must be added, taken away or changed to make `b` of `a`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
