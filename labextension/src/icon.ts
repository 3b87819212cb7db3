import { LabIcon } from '@jupyterlab/ui-components';

/** A shark's fin above the waves. */
export const fin = new LabIcon({
  name: 'kubeshark-nb:fin',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M3 17C7 15.500 11 8 11 3c6 2 9.500 7.500 10 14-1.500 0-2.500 1-4.500 1s-3-1-4.500-1-2.500 1-4.500 1S5 17 3 17z"/>
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M3 20c2 0 2.500 1 4.500 1s3-1 4.500-1 2.500 1 4.500 1 3-1 4.500-1v-1.300c-2 0-3 1-4.500 1s-2.500-1-4.500-1-3 1-4.500 1S5 18.700 3 18.700z"/>
</svg>`
});
