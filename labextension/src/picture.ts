import type { IEntry } from './api';

function element(tag: string, className: string, ...children: (string | Node)[]): HTMLElement {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/** Text in which `back quotes` are code; links lead nowhere here, and show as their words. */
function prose(text: string): HTMLElement {
  const parts = text
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .split('`').map((part, at) => (at % 2 ? element('code', '', part) : part));
  return element('p', '', ...parts);
}

function parameters(entry: IEntry): HTMLElement {
  const rows = (entry.parameters ?? []).map(({ name, type, text }) => {
    const cells = [element('td', 'jp-KubesharkHelp-name', name), element('td', 'jp-KubesharkHelp-type', type)];
    return element('tr', '', ...cells, element('td', '', prose(text)));
  });
  return element('table', '', ...rows);
}

/** Help on one name, for a tooltip or the completer's side panel. */
export function picture(entry: IEntry): HTMLElement {
  const sentences = [entry.returns && `Returns ${entry.returns}.`, entry.throws && `Throws ${entry.throws}.`];
  return element(
    'div',
    'jp-KubesharkHelp',
    element(
      'div',
      'jp-KubesharkHelp-head',
      element('code', '', entry.signature ?? entry.name),
      element('span', 'jp-KubesharkHelp-type', entry.type ?? entry.kind)
    ),
    prose(entry.text),
    ...(entry.parameters ? [parameters(entry)] : []),
    ...[...sentences, ...(entry.notes ?? [])].flatMap(text => (text ? [prose(text)] : [])),
    ...(entry.example ? [element('pre', '', entry.example.join('\n'))] : [])
  );
}
