/** Statements, their templates, and the statements in them (CDA R2, 4.3.6: entry, entryRelationship, component). */
import type { Element } from '../xml/element.ts';

/** Elements that are clinical statements. */
const statements: ReadonlySet<string> = new Set(['observation', 'act', 'organizer', 'procedure', 'substanceAdministration', 'supply', 'encounter', 'observationMedia', 'regionOfInterest']);

/** The roots of an element's templateIds. */
export function templatesOf(element: Element): string[] {
  const roots: string[] = [];
  for (const child of element.children) {
    const root = child.name === 'templateId' ? child.get('root') : undefined;
    if (root !== undefined) roots.push(root);
  }
  return roots;
}

export function hasTemplate(element: Element, ...roots: readonly string[]): boolean {
  return element.children.some((child) => child.name === 'templateId' && roots.includes(child.get('root') ?? ''));
}

/** The statement that an entry, entryRelationship or component holds. */
export function statementIn(holder: Element): Element | undefined {
  return holder.children.find((child) => statements.has(child.name));
}

/** The statements in a statement, those that are taken aside. */
export function nestedStatements(statement: Element): Element[] {
  const found: Element[] = [];
  for (const child of statement.children) {
    const nested = child.name === 'entryRelationship' || child.name === 'component' ? statementIn(child) : undefined;
    if (nested !== undefined) found.push(nested);
  }
  return found;
}

/** The nested statements of a template, which the caller takes. */
export function takeNested(statement: Element, ...roots: readonly string[]): Element[] {
  return nestedStatements(statement).filter((nested) => {
    if (nested.taken || !hasTemplate(nested, ...roots)) return false;
    nested.taken = true;
    return true;
  });
}
