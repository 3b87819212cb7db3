// The names of hooks, helpers and fields live beside the kernel's completion; the extension shows the same ones.
import { copyFileSync } from 'node:fs';

copyFileSync(new URL('../kubeshark_nb/widgets/script_api.json', import.meta.url), new URL('src/script_api.json', import.meta.url));
