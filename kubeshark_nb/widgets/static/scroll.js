// Where rows stand in a scrolled area that may be taller than a browser allows. Pure arithmetic.

const TALLEST = 8000000; // px; browsers cut elements somewhere above this

/** The geometry of `total` rows of `rowHeight` px seen through a window of `height` px. */
export function geometry(total, rowHeight, height) {
  const full = total * rowHeight;
  const spacer = Math.min(full, TALLEST);
  return { total, rowHeight, height, spacer, scaled: full > TALLEST, most: Math.max(0, spacer - height), rows: height / rowHeight };
}

/** The (fractional) row at the top edge when the area is scrolled to `scrollTop`. */
export function firstRow(view, scrollTop) {
  if (!view.scaled) return scrollTop / view.rowHeight;
  return (Math.min(scrollTop, view.most) / view.most) * (view.total - view.rows);
}

/** The scroll position that brings (fractional) row `first` to the top edge. */
export function scrollFor(view, first) {
  const wanted = Math.max(0, Math.min(first, view.total - view.rows));
  return view.scaled ? (wanted / (view.total - view.rows)) * view.most : wanted * view.rowHeight;
}

/** The first row to show so that `index` is wholly visible, given that `first` is shown now. */
export function reveal(view, first, index) {
  if (index < first) return index;
  return index + 1 > first + view.rows ? index + 1 - view.rows : first;
}
