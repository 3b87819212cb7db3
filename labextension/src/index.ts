import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { completion } from './completion';
import { highlighting } from './highlighting';
import { hover } from './hover';
import { light } from './light';
import { queryColours } from './query_colours';
import { sidebar } from './sidebar';
import { squiggles } from './squiggles';
import { companion } from './tokens';

/** Every plugin of the extension. Each works without the others, and the widgets work without all of them. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  highlighting,
  queryColours,
  completion,
  hover,
  companion,
  squiggles,
  light,
  sidebar
];

export default plugins;
