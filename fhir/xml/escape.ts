/** Text and attribute values as XML 1.0 writes them (https://www.w3.org/TR/xml/#syntax, #AVNormalize). */

// oxlint-disable-next-line no-control-regex -- what XML 1.0 cannot hold in any form
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const special = /[&<>"\t\n\r]/;

const inText: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
// A reader makes a space of white space in an attribute that is not escaped.
const inAttribute: Readonly<Record<string, string>> = { ...inText, '"': '&quot;', '\t': '&#9;', '\n': '&#10;' };

/** Characters that XML has no way to write become U+FFFD. */
export function escapeText(text: string): string {
  const possible = text.replace(impossible, '\ufffd');
  return special.test(possible) ? possible.replace(/[&<>\r]/g, (character) => inText[character]!) : possible;
}

/** For a value between double quotes. */
export function escapeAttribute(text: string): string {
  const possible = text.replace(impossible, '\ufffd');
  return special.test(possible) ? possible.replace(/[&<>"\t\n\r]/g, (character) => inAttribute[character]!) : possible;
}
