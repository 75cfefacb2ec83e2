/** The terminology that a tenant sees in the tables: its own, and what is installed for all. */
import type { CodeSystem, ConceptMap, ValueSet, ValueSetComposeIncludeConcept } from '@medplum/fhirtypes';
import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { Problem } from '../../fhir/problems.ts';
import { codeKey } from '../../terminology/concepts.ts';
import { isOfImport } from '../../terminology/imported-id.ts';
import { impliedInclude } from '../../terminology/ecl/implied-value-set.ts';
import { abstracted } from '../../terminology/operands.ts';
import type { Predicate } from '../../terminology/predicate.ts';
import { TerminologyRefusal } from '../../terminology/issues.ts';
import { latest } from '../../terminology/versions.ts';
import type { Answer, CodeSystemHead, ConceptDetails, Mapping, MappingQuestion, Neighbour, Question, Selected, Selection, StoredKey, TerminologySource, ValueSetHead } from '../../terminology/source.ts';
import type { Access } from '../context.ts';
import type { Queryable, Statement } from '../database.ts';
import { catalogOf, StaleTerminology, type Catalog } from './catalog.ts';
import { failureCode } from '../failures.ts';
import { allDetails, columns, conceptOf, type ConceptRow } from './concept-rows.ts';
import { lexeme, stored } from './code-system-rows.ts';
import { hasImportedId } from './imported.ts';
import { ancestorsSql } from './hierarchy-sql.ts';
import { predicateSql } from './predicate-sql.ts';
import { isOwn, visible, visibleVersion } from './scope.ts';
import { mostInHead } from './value-set-rows.ts';

/** Concepts below a code that are looked at one by one. */
const mostWalked = 10_000;

/** A code that is asked about, and the codes that the conditions on it name. */
interface AskedCode {
  readonly key: string;
  readonly operands: readonly string[];
}

interface AskedRow extends ConceptRow {
  readonly terminology: string;
  /** From 1. */
  readonly place: number;
  /** Null where the condition names a code that is not there. */
  readonly truths: readonly (boolean | null)[];
}

/** How often a reading begins anew when terminology changes meanwhile. */
const attempts = 5;

/**
 * Reads terminology as it stands at one moment: where it changes while `read` is under way, `read` begins anew.
 * `read` may be called several times.
 * @throws {Problem} `overloaded` where it never stands still
 */
export async function withTerminology<T>(database: Queryable, access: Access, read: (source: TerminologySource) => Promise<T>): Promise<T> {
  const catalog = catalogOf(database, access.tenant);
  for (let attempt = 1; ; attempt += 1) {
    const source = new StoredSource(database, access, catalog);
    try {
      let result: T;
      try {
        result = await read(source);
      } catch (error) {
        if (error instanceof StaleTerminology) throw error;
        await source.confirm();
        throw error;
      }
      await source.confirm();
      return result;
    } catch (error) {
      if (!(error instanceof StaleTerminology)) throw error;
      if (attempt === attempts) throw new Problem('overloaded', {}, undefined, { cause: error });
    }
  }
}

class StoredSource implements TerminologySource {
  readonly #database: Queryable;
  readonly #access: Access;
  readonly #catalog: Catalog;
  readonly #generation: number;
  #confirmed = false;
  /** A statement has found nothing, and so has not told of which version that is: it may have been replaced by then. */
  #unversioned = false;

  constructor(database: Queryable, access: Access, catalog: Catalog) {
    this.#database = database;
    this.#access = access;
    this.#catalog = catalog;
    this.#generation = catalog.generation;
  }

  /** Makes sure that what was read from memory still holds. @throws {StaleTerminology} */
  async confirm(): Promise<void> {
    if (!this.#confirmed || this.#unversioned) await this.#read(sql`select ${visibleVersion(this.#access)} as terminology`, {});
  }

  async #read<R extends object>(query: Sql, options: Pick<Statement, 'limited'>): Promise<readonly R[]> {
    const rows = await this.#rows<R & { terminology: string }>(query, options);
    const [first] = rows;
    if (first === undefined) this.#unversioned = true;
    else this.#assertCurrent(first.terminology);
    return rows;
  }

  /** @throws {StaleTerminology} also when another reading has noticed the change first: what this one began with is of before it */
  #assertCurrent(version: string): void {
    this.#catalog.assertCurrent(version);
    if (this.#catalog.generation !== this.#generation) throw new StaleTerminology();
    this.#confirmed = true;
  }

  async #rows<R extends object>(query: Sql, options: Pick<Statement, 'limited'>): Promise<readonly R[]> {
    try {
      return (await this.#database.query<R>({ text: query.text, values: query.values.map(withoutNul), recurring: true, replicable: true, ...options })).rows;
    } catch (error) {
      // An expression that is none for PostgreSQL, though it is one for others.
      if (failureCode(error) !== '2201B') throw error;
      throw new TerminologyRefusal('filter-not-supported', { property: '', op: 'regex', valueSet: '', system: '' });
    }
  }

  kept<T>(name: string, make: () => Promise<T>): Promise<T> {
    return this.#catalog.keep(name, make);
  }

  codeSystems(url: string): Promise<readonly CodeSystemHead[]> {
    return this.#catalog.keep(`code systems ${url}`, () => this.#codeSystems(sql`s.url = ${url}`));
  }

  supplementsOf(url: string): Promise<readonly CodeSystemHead[]> {
    return this.#catalog.keep(`supplements ${url}`, () => this.#codeSystems(sql`s.supplements = ${url} or starts_with(s.supplements, ${`${url}|`})`));
  }

  async codeSystemById(id: string): Promise<CodeSystemHead | undefined> {
    return (await this.#catalog.keep(`code system ${id}`, () => this.#codeSystems(isOfImport('CodeSystem', id) ? hasImportedId(id) : sql`s.resource_id = ${id}`)))[0];
  }

  async #codeSystems(which: Sql): Promise<readonly CodeSystemHead[]> {
    const rows = await this.#read<{ tenant: number; system: number; url: string; version: string; content: string; case_sensitive: boolean; concept_count: number; nested: boolean; head: string; unclosed: boolean }>(sql`
      select v.terminology, s.*
      from (select ${visibleVersion(this.#access)} as terminology) v
      left join (
        select s.tenant, s.system, s.url, s.version, s.content, s.case_sensitive, s.concept_count, s.nested, s.head, s.changed_at, s.closed_up_to is not null as unclosed
        from code_system s where ${visible(this.#access, sql`s`)} and s.state = 'ready' and (${which})
      ) s on true
      order by s.changed_at desc, s.system desc`, {});
    return foremost(rows.filter(({ system }) => system !== null)).map((row) => ({
      key: { tenant: row.tenant, number: row.system, ...(row.unclosed && { unclosed: true }) }, url: row.url, version: row.version, content: row.content, caseSensitive: row.case_sensitive,
      conceptCount: row.concept_count, nested: row.nested, resource: JSON.parse(row.head) as CodeSystem,
    }));
  }

  async valueSets(url: string): Promise<readonly ValueSetHead[]> {
    const stated = await this.#catalog.keep(`value sets ${url}`, () => this.#valueSets(sql`s.url = ${url}`));
    return stated.length > 0 ? stated : this.#catalog.keep(`implied value sets ${url}`, () => this.#impliedValueSets(url));
  }

  async valueSetById(id: string): Promise<ValueSetHead | undefined> {
    return (await this.#catalog.keep(`value set ${id}`, () => this.#valueSets(sql`s.resource_id = ${id}`)))[0];
  }

  async #valueSets(which: Sql): Promise<readonly ValueSetHead[]> {
    const rows = await this.#read<{ tenant: number; value_set: number; url: string; version: string; head: string; long: number[] | null }>(sql`
      select v.terminology, s.*,
             (select array_agg(i.position) from value_set_include i where i.tenant = s.tenant and i.value_set = s.value_set and i.listed > ${mostInHead}::integer) as long
      from (select ${visibleVersion(this.#access)} as terminology) v
      left join (
        select s.tenant, s.value_set, s.url, s.version, s.head, s.changed_at from value_set s where ${visible(this.#access, sql`s`)} and (${which})
      ) s on true
      order by s.changed_at desc, s.value_set desc`, {});
    return foremost(rows.filter(({ value_set: number }) => number !== null)).map((row) => ({
      key: { tenant: row.tenant, number: row.value_set }, url: row.url, version: row.version, resource: JSON.parse(row.head) as ValueSet, long: row.long ?? [],
    }));
  }

  /** Value sets of all codes of a system, and those that SNOMED CT defines by their address (http://hl7.org/fhir/R4/snomedct.html#implicit). */
  async #impliedValueSets(url: string): Promise<readonly ValueSetHead[]> {
    const snomed = impliedInclude(url);
    if (snomed !== undefined) {
      // Which version is meant is told by the address alone.
      if ((await this.codeSystems(snomed.system!)).length === 0) return [];
      return [{ key: 'memory', implied: true, url, version: '', long: [], resource: { resourceType: 'ValueSet', url, status: 'active', compose: { include: [snomed] } } }];
    }
    const systems = await this.#codeSystems(sql`s.value_set = ${url}`);
    return systems.map((system) => ({
      key: 'memory', implied: true, url, version: system.version, long: [],
      resource: { resourceType: 'ValueSet', url, status: 'active', ...(system.version !== '' && { version: system.version }), compose: { include: [{ system: system.url }] } },
    }));
  }

  async longList({ key }: ValueSetHead, position: number): Promise<readonly ValueSetComposeIncludeConcept[] & ValueSetComposeIncludeConcept[]> {
    if (key === 'memory') return [];
    return this.#catalog.keep(`list ${key.tenant} ${key.number} ${position}`, async () => {
      const rows = await this.#read<{ code: string; display: string | null; extra: string | null }>(sql`
        select ${visibleVersion(this.#access)} as terminology, c.code, c.display, c.extra
        from value_set_concept c where ${visible(this.#access, sql`c`)} and c.tenant = ${key.tenant} and c.value_set = ${key.number} and c.include = ${position} order by c.position`, { limited: true });
      return rows.map(({ code, display, extra }) => ({ code, ...(display !== null && { display }), ...(extra !== null && JSON.parse(extra) as object) }));
    });
  }

  async ask(questions: readonly Question[]): Promise<readonly Answer[]> {
    return Promise.all(questions.map((question) => this.#askOne(question)));
  }

  async #askOne({ system, code, where, details = allDetails }: Question): Promise<Answer> {
    const { tenant, number } = system.key as StoredKey;
    // What is always or never true needs no asking.
    const open = where.filter(({ kind }) => kind !== 'all' && kind !== 'none');
    const general = abstracted(open);
    const name = `${tenant} ${number} ${details === allDetails ? '' : JSON.stringify(details)} ${general.shape}`;
    const row = await this.#catalog.together.ask(name, { key: codeKey(code, system.caseSensitive), operands: general.operands }, (asked) => this.#askSystem(system, asked, general.where, details));
    this.#assertCurrent(row.terminology);
    const found = row.concept !== null;
    let next = 0;
    return { concept: found ? conceptOf(row) : undefined, truths: where.map(({ kind }) => found && (kind === 'all' || (kind !== 'none' && row.truths[next++] === true))) };
  }

  /** Rows in the order of what is asked; without a concept where there is no such code. */
  async #askSystem(system: CodeSystemHead, asked: readonly AskedCode[], where: Question['where'], details: ConceptDetails): Promise<readonly AskedRow[]> {
    const key = system.key as StoredKey;
    const c = sql`c`;
    const columnsOf = (asked[0]?.operands ?? []).map((_, index) => raw(`o${index + 1}`));
    const operands = new Map(columnsOf.map((column, index) => [`$${index + 1}`, sql`q.${column}`]));
    const truths = where.length === 0 ? sql`'{}'::boolean[]` : sql`array[${join(where.map((one) => predicateSql(one, { key, row: c, fewLeft: true, operands })), ', ')}]`;
    const lists = [asked.map((one) => one.key), ...columnsOf.map((_, index) => asked.map((one) => one.operands[index]!))];
    const rows = await this.#rows<AskedRow>(sql`
      select v.terminology, q.place::integer as place, ${columns(details)}, ${truths} as truths
      from (select ${visibleVersion(this.#access)} as terminology) v
      cross join unnest(${join(lists.map((list) => sql`${list}::text[]`), ', ')}) with ordinality q (${join([sql`key`, ...columnsOf, sql`place`], ', ')})
      left join code_system_concept c on ${visible(this.#access, c)} and c.tenant = ${key.tenant}::smallint and c.system = ${key.number}::integer and c.key = q.key`, {});
    return rows.toSorted((a, b) => a.place - b.place);
  }

  async select(system: CodeSystemHead, { where, words, offset, limit, designations, properties }: Selection): Promise<Selected> {
    const key = system.key as StoredKey;
    const c = sql`c`;
    const here = sql`${visible(this.#access, c)} and c.tenant = ${key.tenant}::smallint and c.system = ${key.number}::integer`;
    const details = columns({ designations, properties });
    if (where.kind === 'all' && words.length === 0) {
      if (limit === 0) return { concepts: [], total: system.conceptCount };
      const rows = await this.#read<ConceptRow>(sql`
        select ${visibleVersion(this.#access)} as terminology, ${details} from code_system_concept c where ${here} order by c.concept limit ${limit} offset ${offset}`, { limited: true });
      return { concepts: rows.map(conceptOf), total: system.conceptCount };
    }
    const driver = await this.#smallPart(system, where);
    // Words of some length leave few concepts, of half a million. Along links each of them would be a walk.
    const fewLeft = key.unclosed !== true && (driver !== undefined || words.some((word) => word.length >= 3));
    const found = words.length === 0 ? empty : sql` and c.words @@ ${words.map((word) => `'${lexeme(key.number, word)}':*`).join(' & ')}::tsquery`;
    // Behind a fence each concept of the page is looked up: without statistics the planner goes through all of the system for each.
    const rows = await this.#read<ConceptRow & { total: number }>(sql`
      with matched as materialized (
        select c.concept from code_system_concept c where ${here}${found} and ${predicateSql(where, { key, row: c, fewLeft, ...(driver && { driver }) })}
      )
      select v.terminology, v.total, c.*
      from (select ${visibleVersion(this.#access)} as terminology, (select count(*)::integer from matched) as total) v
      left join lateral (
        select ${details}
        from (select m.concept from matched m order by m.concept limit ${limit} offset ${offset}) p
        cross join lateral (select c.* from code_system_concept c where ${here} and c.concept = p.concept offset 0) c
      ) c on true
      order by c.concept`, { limited: true });
    return { concepts: rows.filter(({ concept }) => concept !== null).map(conceptOf), total: rows[0]!.total };
  }

  /** A part of the condition that by itself leaves few concepts, if there is one: they are looked at one by one. */
  async #smallPart(system: CodeSystemHead, where: Predicate): Promise<Predicate | undefined> {
    if (where.kind === 'codes') return where;
    if (where.kind === 'and') {
      for (const one of where.of) {
        const small = await this.#smallPart(system, one);
        if (small !== undefined) return small;
      }
    }
    const key = system.key as StoredKey;
    if (where.kind !== 'below' || key.unclosed === true) return undefined;
    const count = await this.#catalog.keep(`below ${key.tenant} ${key.number} ${where.key}`, async () => {
      const [row] = await this.#read<{ count: number }>(sql`
        select ${visibleVersion(this.#access)} as terminology, (select count(*)::integer from (
          select from code_system_closure h
          where ${visible(this.#access, sql`h`)} and h.tenant = ${key.tenant}::smallint and h.system = ${key.number}::integer
            and h.ancestor = (select a.concept from code_system_concept a where a.tenant = ${key.tenant}::smallint and a.system = ${key.number}::integer and a.key = ${where.key})
          limit ${mostWalked + 1}::integer) walked) as count`, {});
      return row!.count;
    });
    return count <= mostWalked ? where : undefined;
  }

  async linksAmong(system: CodeSystemHead, concepts: readonly number[]): Promise<readonly (readonly [number, number])[]> {
    const key = system.key as StoredKey;
    const list = `{${concepts.join(',')}}`;
    const rows = await this.#read<{ parent: number; child: number }>(sql`
      select ${visibleVersion(this.#access)} as terminology, l.parent, l.child
      from code_system_link l
      where ${visible(this.#access, sql`l`)} and l.tenant = ${key.tenant}::smallint and l.system = ${key.number}::integer and l.child = any (${list}::integer[]) and l.parent = any (${list}::integer[])
      order by l.child, l.parent`, {});
    return rows.map(({ parent, child }) => [parent, child]);
  }

  async neighbours(system: CodeSystemHead, concept: number): Promise<{ readonly parents: readonly Neighbour[]; readonly children: readonly Neighbour[] }> {
    const key = system.key as StoredKey;
    const rows = await this.#read<{ below: boolean; code: string; display: string | null }>(sql`
      select ${visibleVersion(this.#access)} as terminology, n.below, c.code, c.display
      from (
        select l.child as concept, true as below from code_system_link l where ${visible(this.#access, sql`l`)} and l.tenant = ${key.tenant}::smallint and l.system = ${key.number}::integer and l.parent = ${concept}::integer
        union all
        select l.parent, false from code_system_link l where ${visible(this.#access, sql`l`)} and l.tenant = ${key.tenant}::smallint and l.system = ${key.number}::integer and l.child = ${concept}::integer
      ) n
      join code_system_concept c on c.tenant = ${key.tenant}::smallint and c.system = ${key.number}::integer and c.concept = n.concept
      order by c.concept limit 2000`, {});
    const of = (below: boolean): Neighbour[] => rows.filter((row) => row.below === below).map(({ code, display }) => ({ code, display: display ?? undefined }));
    return { parents: of(false), children: of(true) };
  }

  async subsumptionsAmong(system: CodeSystemHead, codes: readonly string[]): Promise<readonly (readonly [string, string])[]> {
    const key = system.key as StoredKey;
    const rows = await this.#read<{ ancestor: string; code: string }>(sql`
      with among as materialized (
        select c.concept, c.code from code_system_concept c
        where ${visible(this.#access, sql`c`)} and c.tenant = ${key.tenant}::smallint and c.system = ${key.number}::integer and c.key = any (${codes.map((code) => codeKey(code, system.caseSensitive))}::text[])
      )
      select ${visibleVersion(this.#access)} as terminology, a.code as ancestor, d.code
      from among d
      cross join lateral (${ancestorsSql(key, sql`d.concept`)}) h (ancestor)
      join among a on a.concept = h.ancestor and a.concept <> d.concept
      order by d.concept, a.concept`, { limited: true });
    return rows.map(({ ancestor, code }) => [ancestor, code]);
  }

  async conceptMaps(url: string): Promise<readonly ConceptMap[]> {
    return (await this.#maps(url)).map(({ resource }) => resource);
  }

  #maps(url: string): Promise<readonly MapHead[]> {
    return this.#catalog.keep(`concept maps ${url}`, async () => {
      const rows = await this.#read<{ tenant: number; version: string; url: string; head: string }>(sql`
        select ${visibleVersion(this.#access)} as terminology, m.tenant, m.url, m.version, m.head from concept_map m
        where ${visible(this.#access, sql`m`)} and m.url = ${url} order by m.changed_at desc, m.map desc`, {});
      return foremost(rows).map(({ head, ...row }) => ({ ...row, resource: JSON.parse(head) as ConceptMap }));
    });
  }

  async conceptMapById(id: string): Promise<{ readonly url: string; readonly version: string } | undefined> {
    const [row] = await this.#read<{ url: string; version: string }>(sql`
      select ${visibleVersion(this.#access)} as terminology, m.url, m.version from concept_map m where ${visible(this.#access, sql`m`)} and m.resource_id = ${id}`, {});
    return row && { url: row.url, version: row.version };
  }

  async mappings({ map, code, system, reverse }: MappingQuestion): Promise<readonly Mapping[]> {
    const [url, version] = map === undefined ? [] : map.split('|');
    const side = reverse ? sql`e.target_code = ${code}${system === undefined ? empty : sql` and e.target_system = ${system}`}` : sql`e.source_code = ${code}${system === undefined ? empty : sql` and e.source_system = ${system}`}`;
    const rows = await this.#read<MappingRow>(sql`
      select ${visibleVersion(this.#access)} as terminology, m.tenant, m.url, m.version, e.source_system, e.source_code, e.target_system, e.target_code, e.target_display, e.equivalence, e.comment, e.extra
      from concept_map_element e join concept_map m using (tenant, map)
      where ${visible(this.#access, sql`e`)} and ${side}${url === undefined ? empty : sql` and m.url = ${url}`}${version === undefined ? empty : sql` and m.version = ${version}`}
      order by m.changed_at desc, m.map desc, e.map_group, e.position limit 1000`, {});
    // Of each map one version speaks: that which is named or the latest, and of a tenant's own and a shared one its own. One scope may have several texts of it; HL7's tests do.
    const meant = new Map(await Promise.all([...new Set(rows.map((row) => row.url))].map(async (one) => {
      const maps = await this.#maps(one);
      return [one, version === undefined ? latest(maps, undefined) : maps.find((each) => each.version === version)] as const;
    })));
    return rows.filter((row) => meant.get(row.url)?.tenant === row.tenant && meant.get(row.url)?.version === row.version).map(mappingOf);
  }
}

/** PostgreSQL has no NUL in texts, so nothing that is stored has one. */
function withoutNul(value: unknown): unknown {
  if (typeof value === 'string') return stored(value);
  return Array.isArray(value) ? value.map(withoutNul) : value;
}

interface MapHead {
  readonly tenant: number;
  readonly url: string;
  readonly version: string;
  readonly resource: ConceptMap;
}

interface MappingRow {
  readonly tenant: number;
  readonly url: string;
  readonly version: string;
  readonly source_system: string;
  readonly source_code: string;
  readonly target_system: string;
  readonly target_code: string | null;
  readonly target_display: string | null;
  readonly equivalence: string;
  readonly comment: string | null;
  readonly extra: string | null;
}

function mappingOf(row: MappingRow): Mapping {
  return {
    map: { url: row.url, version: row.version }, sourceSystem: row.source_system, sourceCode: row.source_code, targetSystem: row.target_system,
    targetCode: row.target_code ?? undefined, targetDisplay: row.target_display ?? undefined, equivalence: row.equivalence, comment: row.comment ?? undefined,
    ...(row.extra !== null && JSON.parse(row.extra) as object),
  };
}

/** Of those with one url and version the tenant's own, and of these the newest, which comes first. */
function foremost<R extends { readonly tenant: number; readonly url: string; readonly version: string }>(rows: readonly R[]): readonly R[] {
  const found = new Map<string, R>();
  for (const row of rows) {
    const name = `${row.url}|${row.version}`;
    const known = found.get(name);
    if (known === undefined || (!isOwn(known.tenant) && isOwn(row.tenant))) found.set(name, row);
  }
  return [...found.values()];
}
