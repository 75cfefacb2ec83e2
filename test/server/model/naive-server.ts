/**
 * A server that keeps lists of versions in memory and knows nothing else: what each interaction of the model test must
 * answer, by the plain text of https://hl7.org/fhir/R4/http.html.
 */

/** What a resource of the model says. */
export interface Content {
  /** Its identifier. */
  readonly key: number;
  readonly code: number;
  /** Days after the first of January; undefined where it has no date. */
  readonly day: number | undefined;
  readonly amount: number;
}

export type Write =
  | { readonly kind: 'create'; readonly content: Content; readonly unless?: number }
  | { readonly kind: 'update'; readonly id: number; readonly content: Content; readonly ifMatch?: number }
  | { readonly kind: 'update-by'; readonly key: number; readonly content: Content }
  | { readonly kind: 'delete'; readonly id: number; readonly ifMatch?: number }
  | { readonly kind: 'delete-by'; readonly key: number }
  | { readonly kind: 'patch'; readonly id: number; readonly amount: number; readonly ifMatch?: number }
  | { readonly kind: 'patch-by'; readonly key: number; readonly amount: number };

/** A version, or where there is no content a deletion, and the step of the run that made it. */
export interface Version {
  readonly content: Content | undefined;
  readonly step: number;
}

/** What must come of a write. */
export interface Result {
  readonly status: number;
  /** Where it was written or found; undefined when the server makes the id, or nothing was meant. */
  readonly id?: string;
  /** 0 where there is none. */
  readonly version: number;
}

export class NaiveServer {
  readonly resources: Map<string, readonly Version[]>;
  readonly #name: (id: number) => string;

  constructor(name: (id: number) => string, resources: ReadonlyMap<string, readonly Version[]> = new Map()) {
    this.#name = name;
    this.resources = new Map(resources);
  }

  copy(): NaiveServer {
    return new NaiveServer(this.#name, this.resources);
  }

  versions(id: string): readonly Version[] {
    return this.resources.get(id) ?? [];
  }

  /** The current contents, by id. */
  live(): [string, Content, Version][] {
    return [...this.resources].flatMap(([id, versions]) => {
      const last = versions.at(-1)!;
      return last.content === undefined ? [] : [[id, last.content, last]];
    });
  }

  matching(key: number): string[] {
    return this.live().filter(([, content]) => content.key === key).map(([id]) => id);
  }

  /** The ids that a write means, before it is carried out. */
  meant(write: Write): string[] {
    if ('id' in write) return [this.#name(write.id)];
    return write.kind === 'create' ? [] : this.matching(write.key);
  }

  /** Carries out a write whose server-made id is known: `made` where it creates one. Nothing is changed where it is refused. */
  apply(write: Write, step: number, made: string): Result {
    switch (write.kind) {
      case 'create': {
        const found = write.unless === undefined ? [] : this.matching(write.unless);
        if (found.length > 1) return refused(412);
        return found.length === 1 ? { status: 200, id: found[0]!, version: this.versions(found[0]!).length } : this.#write(made, write.content, step);
      }
      case 'update': return this.#isStale(this.#name(write.id), write.ifMatch) ? refused(412) : this.#write(this.#name(write.id), write.content, step);
      case 'update-by': {
        const found = this.matching(write.key);
        return found.length > 1 ? refused(412) : this.#write(found[0] ?? made, write.content, step);
      }
      case 'delete': return this.#isStale(this.#name(write.id), write.ifMatch) ? refused(412) : this.#delete(this.#name(write.id), step);
      case 'delete-by': {
        const found = this.matching(write.key);
        return found.length > 1 ? refused(412) : found.length === 0 ? { status: 204, version: 0 } : this.#delete(found[0]!, step);
      }
      case 'patch': return this.#patch(this.#name(write.id), write.amount, write.ifMatch, step);
      case 'patch-by': {
        const found = this.matching(write.key);
        return found.length > 1 ? refused(412) : found.length === 0 ? refused(404) : this.#patch(found[0]!, write.amount, undefined, step);
      }
    }
  }

  #isStale(id: string, ifMatch: number | undefined): boolean {
    const versions = this.versions(id);
    return ifMatch !== undefined && (versions.at(-1)?.content === undefined || versions.length !== ifMatch);
  }

  #write(id: string, content: Content, step: number): Result {
    const versions = this.versions(id);
    const live = versions.at(-1)?.content !== undefined;
    this.resources.set(id, [...versions, { content, step }]);
    return { status: live ? 200 : 201, id, version: versions.length + 1 };
  }

  #delete(id: string, step: number): Result {
    const versions = this.versions(id);
    if (versions.at(-1)?.content !== undefined) this.resources.set(id, [...versions, { content: undefined, step }]);
    return { status: 204, id, version: this.versions(id).length };
  }

  #patch(id: string, amount: number, ifMatch: number | undefined, step: number): Result {
    const versions = this.versions(id);
    const content = versions.at(-1)?.content;
    if (content === undefined) return refused(versions.length === 0 ? 404 : 410);
    if (this.#isStale(id, ifMatch)) return refused(412);
    return this.#write(id, { ...content, amount }, step);
  }
}

const refused = (status: number): Result => ({ status, version: 0 });
