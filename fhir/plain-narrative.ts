/**
 * The common case of a narrative, told quickly: a div of the usual elements with the usual attributes, as generators
 * write it. What is not recognised here is nothing bad yet; it goes to the parser (`narrative.ts`), which takes ten
 * times as long.
 */

/** Elements of txt-1 without those that load anything. */
const names = new Set('a abbr b big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var'.split(' '));

/** Characters without a meaning of their own, in a class: no quote, ampersand, bracket; nothing that is not seen. */
const ascii = String.raw`\t\n\r !#-%'-.0-;=-?A-Z\[^-~`;
const beyondAscii = String.raw`\u00a1-\u00ac\u00ae-\u167f\u1681-\u180d\u180f-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\ud7ff\ue000-\ufefe\uff00-\ufffd`;
const letters = `${ascii}/@${beyondAscii}`;
// A bracket that closes has a meaning in text only.
const value = `"[${letters}\\]]*"`;
const attribute = [
  'xmlns="http://www\\.w3\\.org/1999/xhtml"',
  `(?:class|id|title|alt|summary|abbr|name|lang|xml:lang|dir|align|valign|border|cellpadding|cellspacing|colspan|rowspan|width|height|scope|start)=${value}`,
  // An address within, one relative to here (it has no colon, so no scheme), a page, or where to write or call.
  `(?:href|cite)="(?:https?:|mailto:|tel:)?[!#-%'-9;=?-Z_a-z~]*"`,
  // Without what a style needs to be run or to load: an escape, a rule, a comment.
  `style="[${ascii}]*"`,
].join('|');

const namespace = 'xmlns="http://www.w3.org/1999/xhtml"';
const text = new RegExp(`[${letters}">\\u00a0]+|\\](?!\\]>)|&(?:amp|lt|gt|quot|apos|nbsp|copy|reg|deg|middot|ndash|mdash|#9|#10|#13|#160);`, 'y');
const open = new RegExp(`<([a-z][a-z0-9]{0,9})((?:[ \\t\\n\\r]+(?:${attribute}))*)[ \\t\\n\\r]*(/?)>`, 'y');
const close = /<\/([a-z][a-z0-9]{0,9})[ \t\n\r]*>/y;
const attributeName = /[ \t\n\r]([a-z:]+)="/g;
const activeStyle = /binding|behaviou?r|script|url|expression/i;
const deepest = 50;

/** Whether it is certain that nothing at all is wrong with a narrative. */
export function isPlainNarrative(xhtml: string): boolean {
  const within: string[] = [];
  let hasContent = false;
  let at = 0;
  while (at < xhtml.length) {
    text.lastIndex = at;
    const run = text.exec(xhtml);
    if (run !== null) {
      const isBlank = !/\S/.test(run[0]);
      if (within.length === 0 && !isBlank) return false;
      hasContent ||= !isBlank && run[0] !== '&nbsp;' && !run[0].startsWith('&#');
      at = text.lastIndex;
      continue;
    }
    close.lastIndex = at;
    const end = close.exec(xhtml);
    if (end !== null) {
      if (within.pop() !== end[1]) return false;
      at = close.lastIndex;
      if (within.length === 0) return hasContent && xhtml.slice(at).trim() === '';
      continue;
    }
    open.lastIndex = at;
    const start = open.exec(xhtml);
    if (start === null || !names.has(start[1]!) || (within.length === 0 && start[1] !== 'div') || within.length >= deepest || !areGood(start[2]!)) return false;
    if (within.length === 0 && !start[2]!.includes(namespace)) return false;
    if (start[3] === '') within.push(start[1]!);
    else if (within.length === 0) return false;
    at = open.lastIndex;
  }
  return false;
}

/** No attribute twice, which no pattern above sees, and no style of the older browsers. */
function areGood(attributes: string): boolean {
  if (attributes === '') return true;
  const seen = new Set<string>();
  for (const [, name] of ` ${attributes}`.matchAll(attributeName)) {
    if (seen.has(name!)) return false;
    seen.add(name!);
  }
  return !seen.has('style') || !activeStyle.test(attributes);
}
