/** Builds one multi-row statement: rows come in as one array a column and are unnested; index rows join them by number. */
import { typeNumber } from '../resources.mjs';

/** Collects parameters; `add(array, type)` gives the text of an unnest argument. */
export class Statement {
  constructor() {
    this.values = [];
    this.parts = [];
  }
  add(list, type) {
    this.values.push(list);
    return `$${this.values.length}::${type}[]`;
  }
  /** `unnest` of a list of objects by `{column: [type, (row) => value]}`. */
  unnest(rows, columns) {
    return `unnest(${Object.values(columns).map(([type, of]) => this.add(rows.map(of), type)).join(', ')})`;
  }
  with(name, text) {
    this.parts.push(`${name} as (${text})`);
  }
  finish(text) {
    return { text: this.parts.length === 0 ? text : `with ${this.parts.join(',\n')}\n${text}`, values: this.values };
  }
}

export const keyColumns = {
  tenant: ['smallint', (r) => r.tenant],
  shard: ['smallint', (r) => r.shard],
  type: ['smallint', (r) => typeNumber(r.type)],
  id: ['text', (r) => r.id],
  patient: ['text', (r) => r.patient],
  last_updated: ['timestamptz', (r) => r.lastUpdated],
  content: ['text', (r) => r.content],
};
export const time = (milliseconds) => new Date(milliseconds).toISOString();
export const bigints = (keys) => `{${keys.join(',')}}`;
/** Values of all rows with the number of their row, counted from 1. */
export const numbered = (rows, kind) => rows.flatMap((row, n) => row[kind].map((value) => ({ n: n + 1, row, ...value })));

/** What every layout has beside its own tables; nothing searches it. */
export const history = `create table resource_history (
  tenant smallint not null, shard smallint not null, type smallint not null, id text not null collate "C", version integer not null,
  last_updated timestamptz not null, content text not null, primary key (tenant, type, id, version, shard));`;
