import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { EditorExtensionRegistry, IEditorExtensionRegistry, IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { linter } from '@codemirror/lint';
import type { Diagnostic } from '@codemirror/lint';
import type { Text } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Parser } from '@lezer/common';
import type { Companion } from './companion';
import { queriesIn, startsScript } from './queries';
import type { IQuery } from './queries';
import { filtersOf, problemsOf } from './script_check';
import { ICompanion } from './tokens';

const DELAY = 400; // ms without a keystroke

interface IRemark {
  line: number;
  column: number;
  text: string;
  severity: 'error' | 'info';
}

/** The body of a script cell, and where it starts. */
function bodyOf(document: Text): IQuery | null {
  const from = startsScript(document) && document.lines > 1 ? document.line(2).from : 0;
  return from ? { from, text: document.sliceString(from) } : null;
}

function shifted({ from, to, severity, message }: Diagnostic, by: number): Diagnostic {
  return { from: from + by, to: to + by, severity, message, source: 'Kubeshark' };
}

/** What the parser in the page finds: the syntax of a script, what is newer than ES5, unknown helpers and hooks. */
function checkScript(parser: Parser): (view: EditorView) => Diagnostic[] {
  return view => {
    const body = bodyOf(view.state.doc);
    const typing = view.hasFocus ? view.state.selection.main.head : -1; // a name that is not finished is no mistake yet
    const found = body ? problemsOf(parser.parse(body.text), body.text).map(one => shifted(one, body.from)) : [];
    return found.filter(one => one.severity === 'error' || one.to !== typing);
  };
}

function allQueries(document: Text, parser: Parser): IQuery[] {
  const body = bodyOf(document);
  const filters = body ? filtersOf(parser.parse(body.text), body.text) : [];
  return body ? filters.map(query => ({ ...query, from: query.from + body.from })) : queriesIn(document);
}

function placed(query: IQuery, remark: IRemark, end: number): Diagnostic {
  const lines = query.text.split('\n').slice(0, remark.line - 1);
  const at = query.from + lines.reduce((sum, line) => sum + line.length + 1, 0) + remark.column - 1;
  const word = /^(\w+|\S)/.exec(query.text.slice(at - query.from))?.[0].length ?? 0;
  const from = word ? at : Math.max(query.from, query.from + query.text.trimEnd().length - 1);
  return { from, to: Math.min(end, from + Math.max(1, word)), severity: remark.severity, message: remark.text, source: 'KFL' };
}

/** What the kernel says of queries: it has the two languages. Nothing while it has not loaded our magics. */
function checkQueries(companion: Companion, parser: Parser): (view: EditorView) => Promise<Diagnostic[]> {
  return async view => {
    const queries = allQueries(view.state.doc, parser);
    if (!queries.length || !companion.connected) {
      return [];
    }
    const answer = await companion.ask('check', { queries: queries.map(query => query.text) }).catch(() => []);
    const remarks = answer as IRemark[][];
    return remarks.flatMap((some, at) => some.map(one => placed(queries[at], one, view.state.doc.length)));
  };
}

/** Squiggles under what is wrong in scripts and queries, a moment after the last keystroke. */
export const squiggles: JupyterFrontEndPlugin<void> = {
  id: 'kubeshark-nb:squiggles',
  description: 'Marks mistakes in %%kubeshark_script cells and in queries.',
  autoStart: true,
  requires: [IEditorExtensionRegistry, IEditorLanguageRegistry, ICompanion],
  activate: async (
    _app: JupyterFrontEnd,
    extensions: IEditorExtensionRegistry,
    languages: IEditorLanguageRegistry,
    companion: Companion
  ) => {
    const parser = (await languages.getLanguage('JavaScript'))?.support?.language.parser;
    if (!parser) {
      return;
    }
    const checks = [linter(checkScript(parser), { delay: DELAY }), linter(checkQueries(companion, parser), { delay: DELAY })];
    extensions.addExtension({
      name: 'kubeshark-nb:squiggles',
      factory: ({ inline }) =>
        inline === false ? null : EditorExtensionRegistry.createImmutableExtension(checks)
    });
  }
};
