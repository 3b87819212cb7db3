import type { SyntaxNode, Tree } from '@lezer/common';
import { scriptApi } from './api';
import { nearest } from './near';
import type { IQuery } from './queries';

/** Something wrong with a text; places count from its start. */
export interface IProblem {
  from: number;
  to: number;
  severity: 'error' | 'warning' | 'info';
  message: string;
}

const MOST_ERRORS = 2; // one mistake makes several places look wrong
const PAIRS: Record<string, string> = { '{': '}', '(': ')', '[': ']' };
const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunction',
  'Property',
  'MethodDeclaration'
]);
/** What Kubeshark's engine (ES5) refuses, by node of the grammar. */
const NEWER: Record<string, string> = {
  let: 'let',
  const: 'const',
  ArrowFunction: 'an arrow function',
  ClassDeclaration: 'a class',
  ClassExpression: 'a class',
  TemplateString: 'a template literal',
  ObjectPattern: 'destructuring',
  ArrayPattern: 'destructuring',
  Spread: 'spread',
  AwaitExpression: 'await',
  YieldExpression: 'a generator',
  ForOfSpec: 'for…of',
  '?.': 'optional chaining',
  ImportDeclaration: 'import',
  ExportDeclaration: 'export'
};
const NAMES = scriptApi.filter(entry => entry.kind === 'helper').map(entry => entry.name);
const HOOKS = scriptApi.filter(entry => entry.kind === 'hook').map(entry => entry.name);
const SPACES = new Set(NAMES.filter(name => name.includes('.')).map(name => name.split('.')[0]));
const FILTERS = new Set(['kfl.match', 'kfl.validate']);

/** What is wrong with a script, in order. `tree` is its syntax tree. */
export function problemsOf(tree: Tree, text: string): IProblem[] {
  const nodes = nodesOf(tree);
  const defined = nodes.filter(node => node.name === 'VariableDefinition');
  const own = new Set(defined.map(node => text.slice(node.from, node.to)));
  const endless = nodes.filter(node => node.name === 'String' && !ends(node, text)).map(endlessText);
  const errors = [...endless, ...nodes.filter(node => node.type.isError).map(node => broken(node, text))];
  const returned = nodes.filter(node => node.name === 'ReturnStatement' && !inFunction(node)).map(illegalReturn);
  const newer = nodes.filter(node => node.name in NEWER && !node.type.isError).slice(0, 1);
  return [
    ...distinct(endless.length ? endless : errors).slice(0, MOST_ERRORS),
    ...returned,
    ...(errors.length ? [] : newer.map(tooNew)),
    ...nodes.flatMap(node => unknownHelper(node, text, own)),
    ...nodes.flatMap(node => unknownHook(node, text))
  ].sort((a, b) => a.from - b.from);
}

/** The queries that a script gives to `kfl.match` and `kfl.validate` as they stand. */
export function filtersOf(tree: Tree, text: string): IQuery[] {
  return nodesOf(tree).flatMap(node => {
    const called = node.name === 'CallExpression' && node.firstChild;
    const filters = called && FILTERS.has(text.slice(called.from, called.to));
    const first = filters && node.getChild('ArgList')?.getChild('String');
    const query = first ? text.slice(first.from + 1, first.to - 1) : '';
    return first && query && !query.includes('\\') ? [{ from: first.from + 1, text: query }] : [];
  });
}

function nodesOf(tree: Tree): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  tree.iterate({ enter: node => void found.push(node.node) });
  return found;
}

function distinct(problems: IProblem[]): IProblem[] {
  return problems.filter((one, at) => problems.findIndex(other => other.from === one.from) === at);
}

/** Whether a text's last quotation mark is there. */
function ends(node: SyntaxNode, text: string): boolean {
  return node.to - node.from > 1 && text[node.to - 1] === text[node.from];
}

function endlessText(node: SyntaxNode): IProblem {
  return error(node.from, node.to, 'this text has no end: a quotation mark is missing');
}

function broken(node: SyntaxNode, text: string): IProblem {
  const opened = node.from === node.to ? unclosed(node) : null;
  if (opened) {
    return error(opened.from, opened.to, `this ${opened.name} is never closed: a ${PAIRS[opened.name]} is missing`);
  }
  const found = text.slice(node.from, node.to).trim() || /^\s*(\w+|\S?)/.exec(text.slice(node.from))?.[1] || '';
  if (!found) {
    return error(Math.max(0, node.from - 1), node.from, 'the script ends too early');
  }
  const at = text.indexOf(found, node.from);
  return error(at, at + found.length, `unexpected ${found}`);
}

/** The opening bracket of the node around `error` that has no closing one. */
function unclosed(error: SyntaxNode): SyntaxNode | null {
  const around = error.parent;
  const opened = around?.firstChild ? bracketOf(around) : null;
  return opened && !around?.getChild(PAIRS[opened.name]) ? opened : null;
}

function bracketOf(node: SyntaxNode): SyntaxNode | null {
  return Object.keys(PAIRS).reduce<SyntaxNode | null>((found, bracket) => found ?? node.getChild(bracket), null);
}

function inFunction(node: SyntaxNode): boolean {
  for (let around = node.parent; around; around = around.parent) {
    if (FUNCTIONS.has(around.name)) {
      return true;
    }
  }
  return false;
}

function illegalReturn(node: SyntaxNode): IProblem {
  return error(node.from, node.from + 'return'.length, 'return stands outside of a function');
}

function tooNew(node: SyntaxNode): IProblem {
  const message = `${NEWER[node.name]} is newer than ES5: it runs here, but a cluster refuses this script`;
  return { from: node.from, to: Math.min(node.to, node.from + 20), severity: 'warning', message };
}

function unknownHelper(node: SyntaxNode, text: string, own: ReadonlySet<string>): IProblem[] {
  const whole = node.name === 'MemberExpression' && node.parent?.name !== 'MemberExpression';
  const name = whole ? text.slice(node.from, node.to) : '';
  const space = name.split('.')[0];
  if (!/^[\w.]*\w$/.test(name) || !SPACES.has(space) || own.has(space) || NAMES.some(known => akin(known, name))) {
    return [];
  }
  const near = nearest(name, NAMES);
  const message = `there is no ${name}${near ? `; did you mean ${near}?` : ''}`;
  return [{ from: node.from, to: node.to, severity: 'warning', message }];
}

/** Whether `name` is the helper `known`, something of it (`console.log.apply`), or on the way to it (`vendor.s3`). */
function akin(known: string, name: string): boolean {
  return name === known || name.startsWith(`${known}.`) || known.startsWith(`${name}.`);
}

function unknownHook(node: SyntaxNode, text: string): IProblem[] {
  const global = node.name === 'FunctionDeclaration' && node.parent?.name === 'Script';
  const defined = global ? node.getChild('VariableDefinition') : null;
  const name = defined ? text.slice(defined.from, defined.to) : '';
  const near = /^on[A-Z]/i.test(name) && !HOOKS.includes(name) ? nearest(name, HOOKS) : '';
  return defined && near
    ? [{ from: defined.from, to: defined.to, severity: 'warning', message: `nothing calls ${name}; did you mean ${near}?` }]
    : [];
}

function error(from: number, to: number, message: string): IProblem {
  return { from, to, severity: 'error', message };
}
