/** Languages that displays are wanted in: BCP 47 tags with weights, as Accept-Language has them (RFC 9110, section 12.5.4). */

export interface WantedLanguages {
  /** As they are told to clients and in messages. */
  readonly text: string;
  /** From the most wanted on; each before what it falls back to; those with weight 0 are not among them. */
  readonly tags: readonly string[];
  /** False: where none of them is found there is no display (`*; q=0`). */
  readonly anyOther: boolean;
}

const tag = /^(\*|[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)$/;

/** Longer lists are for nobody. */
const mostTags = 50;

/** Undefined for what is no list of languages; an empty list says nothing. */
export function readLanguages(text: string): WantedLanguages | undefined {
  const entries = text.split(',').map((entry) => {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { name, weight: weight === undefined ? 1 : Number(weight), weighted: weight };
  });
  if (entries.length > mostTags || entries.some(({ name, weight }) => !tag.test(name) || !(weight >= 0 && weight <= 1))) return undefined;
  const unwanted = new Set(entries.filter(({ weight }) => weight === 0).map(({ name }) => name.toLowerCase()));
  const weighted = entries.some((entry) => entry.weighted !== undefined);
  return {
    text: weighted ? entries.map((entry) => entry.weighted === undefined ? entry.name : `${entry.name}; q=${entry.weighted}`).join(', ') : text,
    tags: [...new Set(entries.filter(({ name, weight }) => name !== '*' && weight > 0).toSorted((a, b) => b.weight - a.weight).flatMap(({ name }) => withWider(name)))].filter((name) => !unwanted.has(name.toLowerCase())),
    anyOther: !entries.some(({ name, weight }) => name === '*' && weight === 0),
  };
}

/** A tag and those that it falls back to, without its last parts (https://www.rfc-editor.org/rfc/rfc4647#section-3.4). */
function withWider(name: string): readonly string[] {
  const parts = name.split('-');
  // A single letter begins what follows it, and means nothing alone.
  return parts.map((_, dropped) => parts.slice(0, parts.length - dropped)).filter((left) => left.length === 1 || left.at(-1)!.length > 1).map((left) => left.join('-'));
}

/** Whether a text in one language serves who wants another: the same, or a regional form of it. */
export function serves(language: string, wanted: string): boolean {
  const [have, want] = [language.toLowerCase(), wanted.toLowerCase()];
  return have === want || have.startsWith(`${want}-`);
}
