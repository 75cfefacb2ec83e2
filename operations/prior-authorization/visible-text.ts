/** Whether a text says something to a reader: what prints nothing is no name and no reason. */

// After compatibility forms are resolved. Hangul fillers are letters that print nothing.
const letter = /(?!\p{Default_Ignorable_Code_Point})\p{L}/u;
const letterOrDigit = /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u;
const visible = /(?!\p{Default_Ignorable_Code_Point})[^\p{C}\p{Z}]/u;

const holds = (pattern: RegExp, text: string | undefined): text is string => text !== undefined && pattern.test(text.normalize('NFKC'));

export const hasLetter = (text: string | undefined): text is string => holds(letter, text);
export const hasLetterOrDigit = (text: string | undefined): text is string => holds(letterOrDigit, text);
export const isVisible = (text: string | undefined): text is string => holds(visible, text);
