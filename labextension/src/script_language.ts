import { Language, LanguageSupport, defineLanguageFacet } from '@codemirror/language';
import { NodeSet, NodeType, Parser, Tree, parseMixed } from '@lezer/common';
import type { Input, PartialParse, TreeFragment } from '@lezer/common';
import { styleTags, tags } from '@lezer/highlight';

const top = NodeType.define({ id: 0, name: 'Cell', top: true });
const magic = NodeType.define({ id: 1, name: 'Magic' });
const body = NodeType.define({ id: 2, name: 'Script' });
const nodes = new NodeSet([top, magic, body]).extend(styleTags({ Magic: tags.meta }));
const [cellType, magicType, bodyType] = nodes.types;

/** Splits a cell into its magic line and its body; JavaScript is mounted on the body by `parseMixed`. */
class CellParser extends Parser {
  createParse(
    input: Input,
    _fragments: readonly TreeFragment[],
    ranges: readonly { from: number; to: number }[]
  ): PartialParse {
    const end = ranges.length ? ranges[ranges.length - 1].to : input.length;
    return {
      parsedPos: 0,
      stoppedAt: null,
      stopAt: () => undefined,
      advance: () => split(input.read(0, end))
    };
  }
}

function split(text: string): Tree {
  const line = text.indexOf('\n');
  const at = line < 0 ? text.length : line;
  const rest = text.length - at;
  const children = [new Tree(magicType, [], [], at), ...(rest > 0 ? [new Tree(bodyType, [], [], rest)] : [])];
  return new Tree(cellType, children, rest > 0 ? [0, at] : [0], text.length);
}

class MixedParser extends Parser {
  private readonly wrap;

  constructor(
    private readonly inner: Parser,
    script: Parser
  ) {
    super();
    this.wrap = parseMixed(node => (node.type === bodyType ? { parser: script } : null));
  }

  createParse(
    input: Input,
    fragments: readonly TreeFragment[],
    ranges: readonly { from: number; to: number }[]
  ): PartialParse {
    return this.wrap(this.inner.createParse(input, fragments, ranges), input, fragments, ranges);
  }
}

/** The language of a `%%kubeshark_script` cell: a magic line, then whatever `script` parses. */
export function scriptLanguage(script: Language): LanguageSupport {
  const data = defineLanguageFacet({ commentTokens: { line: '//', block: { open: '/*', close: '*/' } } });
  return new LanguageSupport(new Language(data, new MixedParser(new CellParser(), script.parser), [], 'kubeshark'));
}
