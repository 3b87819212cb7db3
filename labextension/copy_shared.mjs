// What the extension shares with the kernel's side: the names of the API, and the console and jobs of the widgets.
import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';

const here = path => new URL(path, import.meta.url);
const widgets = '../kubeshark_nb/widgets';

for (const name of ['script_api.json', 'kfl_api.json']) {
  copyFileSync(here(`${widgets}/${name}`), here(`src/${name}`));
}
rmSync(here('src/static'), { recursive: true, force: true });
mkdirSync(here('src/static'));
cpSync(here(`${widgets}/static/`), here('src/static/'), { recursive: true, filter: path => !path.endsWith('.css') });
copyFileSync(here(`${widgets}/static/kubeshark.css`), here('style/kubeshark.css'));
