import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { highlighting } from './highlighting';
import { hover } from './hover';

/** Every plugin of the extension. Each works without the others, and the widgets work without all of them. */
const plugins: JupyterFrontEndPlugin<void>[] = [highlighting, hover];

export default plugins;
