/**
 * Extensions beyond their form: whether they are known, may stand where they stand, and are as their definitions say.
 * Source: https://hl7.org/fhir/R4/extensibility.html, https://hl7.org/fhir/R4/defining-extensions.html#context
 */
import { isObject, type CompiledExtension, type JsonObject, type Session } from './check.ts';
import type { Template } from './findings.ts';
import { isFilledList } from './form.ts';
import { insideExtension, siteOf, type Site } from './site.ts';

const unknown: Readonly<Record<'information' | 'warning' | 'error', Template>> = {
  information: { code: 'extension-unknown', details: {}, severity: 'information' },
  warning: { code: 'extension-unknown', details: {}, severity: 'warning' },
  error: { code: 'extension-unknown', details: {}, severity: 'error' },
};
/** A modifier changes the meaning of what it is in: who does not know it may not go on as if it were not there. */
const unknownModifier: typeof unknown = {
  information: { code: 'extension-unknown-modifier', details: {}, severity: 'information' },
  warning: { code: 'extension-unknown-modifier', details: {}, severity: 'warning' },
  error: { code: 'extension-unknown-modifier', details: {}, severity: 'error' },
};
const relativeUrl: Template = { code: 'extension-url', details: {}, severity: 'error' };
const versionedUrl: Template = { code: 'extension-url-version', details: {}, severity: 'error' };
const nowhere = siteOf([], []);

export function checkExtensions(list: unknown, holder: JsonObject, site: Site | undefined, modifier: boolean, session: Session): void {
  if (!isFilledList(list, session)) return;
  const cell = session.library.type('Extension');
  const inside = insideExtension(site ?? nowhere);
  for (let index = 0; index < list.length; index++) {
    const from = session.n;
    const extension: unknown = list[index];
    const { extensionUrl } = session;
    if (isObject(extension)) session.extensionUrl = typeof extension['url'] === 'string' ? extension['url'] : undefined;
    cell?.run(extension, session, inside);
    session.extensionUrl = extensionUrl;
    if (isObject(extension)) checkKnown(extension, holder, site ?? nowhere, modifier, session);
    if (session.n === from) continue;
    session.at(from, `[${index}]`);
    if (session.n >= session.limit) return;
  }
}

function checkKnown(extension: JsonObject, holder: JsonObject, site: Site, modifier: boolean, session: Session): void {
  const { url } = extension;
  if (typeof url !== 'string' || url === '') return;
  if (!url.includes(':')) {
    // A part of a complex extension, whose definition says what it is.
    if (!site.names.has('Extension')) session.addAt(relativeUrl, '.url');
    return;
  }
  if (url.includes('|')) session.addAt(versionedUrl, '.url');
  const known = session.library.extension(session.meantByUrl(url));
  if (known === undefined) {
    if (modifier) session.add(unknownModifier[session.options.unknownModifier ?? 'error']);
    else session.add(unknown[session.options.unknownExtension ?? 'information']);
    return;
  }
  known.cell.run(extension, session);
  if (known.modifier !== modifier) session.add(misplaced(known, 'extension-modifier', { place: known.modifier ? 'modifierExtension' : 'extension' }));
  if (!known.allows(site, holder, session)) session.add(misplaced(known, 'extension-context', { extension: known.canonical }));
}

function misplaced(known: CompiledExtension, code: 'extension-modifier' | 'extension-context', details: Readonly<Record<string, string>>): Template {
  return { code, details, severity: 'error', profile: known.canonical };
}
