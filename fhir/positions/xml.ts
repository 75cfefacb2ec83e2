/** Where elements stand in FHIR XML, by line and column of their start tags. */
import { parseXmlDocument, type XmlTag } from '../xml/parser.ts';
import { fhirNamespace } from '../xml/structure.ts';
import { isResourceType } from '../resource-types.ts';
import { type Position, Wanted } from './wanted.ts';

interface Frame {
  readonly wanted: Wanted | undefined;
  /** How often each name has come. */
  readonly counts: Map<string, number>;
}

/**
 * @param text XML that has been read without a mistake
 * @param expressions FHIRPaths from the resource on
 * @returns for each that the text has, the end of its start tag, which is where a parser knows of it
 */
export function xmlPositions(text: string, expressions: Iterable<string>): ReadonlyMap<string, Position> {
  const root = Wanted.of(expressions);
  const positions = new Map<string, Position>();
  if (!root.any) return positions;
  const open: Frame[] = [];
  parseXmlDocument(text, ({ place }) => {
    const note = (wanted: Wanted | undefined): void => {
      for (const path of wanted?.paths ?? []) if (!positions.has(path)) positions.set(path, place());
    };
    const enter = (wanted: Wanted | undefined): void => { open.push({ wanted, counts: new Map() }); };
    return {
      open: (tag) => {
        const parent = open.at(-1);
        // A resource inside an element adds no step of its own.
        if (parent === undefined || isResource(tag)) {
          if (parent === undefined) note(root);
          enter(parent === undefined ? root : parent.wanted);
          return;
        }
        const index = parent.counts.get(tag.local) ?? 0;
        parent.counts.set(tag.local, index + 1);
        const element = parent.wanted?.property(tag.local);
        if (index === 0) note(element);
        const item = element?.item(index);
        note(item);
        for (const name of Object.keys(tag.attributes)) note(element?.property(name) ?? item?.property(name));
        // What is told without an index is told of the only one.
        enter(item ?? element);
      },
      text: () => {},
      close: () => { open.pop(); },
    };
  });
  return positions;
}

function isResource({ uri, local }: XmlTag): boolean {
  return uri === fhirNamespace && isResourceType(local);
}
